/**
 * A closed load: each user sends a request, waits for the answer, thinks, and sends the next. Unlike the clients of an
 * open load, the users of a slow service slow down, so they cannot overload it for long. As in `open.ts` the virtual
 * users are sources; each carries its share of the users as tasks.
 */

import { randomOf } from '../model/random.ts';
import { now } from './lib/k6.ts';
import { closedSettings, sourceOptions } from './lib/settings.ts';
import { type LoadModel, Source } from './lib/source.ts';
import { textOf } from './lib/summary.ts';
import { Users } from './lib/users.ts';

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
  readonly #users: Users;
  #onEnd: (() => void) | undefined;

  constructor(source: Source) {
    this.#source = source;
    const random = randomOf(settings.seed, source.number, 'think-times');
    this.#users = new Users(random, intended => source.send(intended), now);
  }

  async run(): Promise<void> {
    const users = Math.floor((settings.users + settings.sources - this.#source.number) / settings.sources);
    this.#users.change(users, settings.thinkTime);
    const timer = setTimeout(() => this.stop(), (end - now()) * 1000);
    await new Promise<void>(resolve => {
      this.#onEnd = resolve;
    });
    clearTimeout(timer);
  }

  stop(): void {
    this.#users.change(0, settings.thinkTime);
    this.#onEnd?.();
  }
}
