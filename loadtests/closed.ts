/**
 * A closed load: so many users, each of whom sends a request, waits for the answer, thinks, and sends the next.
 *
 * A slow service slows its users down, so a closed load cannot overload it for long: that is what tells it from
 * `open.ts`. As there, the virtual users are sources, each of which carries its share of the users as tasks. Think
 * times are exponential, and everybody begins by thinking, so that the users do not march in step.
 */
import { now } from './lib/clock.ts';
import { exponential, type Random, randomOf } from './lib/random.ts';
import { closedSettings } from './lib/settings.ts';
import { type LoadModel, Source, sourceOptions } from './lib/source.ts';
import { textOf } from './lib/summary.ts';

const settings = closedSettings(__ENV);
const end = settings.warmUp + settings.steadyState;

export const options = sourceOptions(settings, end);

export default async function closedLoad(): Promise<void> {
  const source = new Source(settings);
  const outcome = await source.run(new ClosedLoad(source));
  const load = `closed load, ${settings.users} users who think for ${settings.thinkTime} s`;
  if (settings.orders === undefined) console.log(textOf(settings, load, outcome));
}

class ClosedLoad implements LoadModel {
  readonly #source: Source;
  readonly #random: Random;
  readonly #thinking = new Map<ReturnType<typeof setTimeout>, () => void>();
  #stopped = false;

  constructor(source: Source) {
    this.#source = source;
    this.#random = randomOf(settings.seed, source.number, 'think-times');
  }

  async run(): Promise<void> {
    const users = Math.floor((settings.users + settings.sources - this.#source.number) / settings.sources);
    await Promise.all(Array.from({ length: users }, () => this.#user()));
  }

  stop(): void {
    this.#stopped = true;
    for (const [timer, wake] of this.#thinking) {
      clearTimeout(timer);
      wake();
    }
  }

  async #user(): Promise<void> {
    let next = this.#thinkTime();
    while (!this.#stopped) {
      await this.#thinkUntil(Math.min(next, end));
      if (this.#stopped || next >= end) return;
      next = (await this.#source.send(next)) + this.#thinkTime();
    }
  }

  #thinkTime(): number {
    return exponential(this.#random) * settings.thinkTime;
  }

  #thinkUntil(time: number): Promise<void> {
    return new Promise(wake => {
      const timer = setTimeout(
        () => {
          this.#thinking.delete(timer);
          wake();
        },
        Math.max(0, time - now()) * 1000,
      );
      this.#thinking.set(timer, wake);
    });
  }
}
