/**
 * An open load: requests arrive at random, as those of many independent users do, whether or not the service keeps up.
 *
 * k6's own arrival-rate executors space requests evenly and drop them when no virtual user is free. Here the virtual
 * users are *sources* instead: each runs a single iteration, in which it draws exponential gaps and sends every
 * request when it is due, without waiting for the answers to earlier ones. Sources add up to one Poisson process.
 * Response time counts from the intended send, so that a pause of the service is seen by all who arrived during it.
 */
import { now } from './lib/clock.ts';
import type { Orders } from './lib/orders.ts';
import { PoissonArrivals } from './lib/poisson-arrivals.ts';
import { randomOf } from './lib/random.ts';
import { openSettings } from './lib/settings.ts';
import { type LoadModel, Source, sourceOptions } from './lib/source.ts';
import { textOf } from './lib/summary.ts';

const settings = openSettings(__ENV);
const end = settings.warmUp + settings.steadyState;

export const options = sourceOptions(settings, end);

export default async function openLoad(): Promise<void> {
  const source = new Source(settings);
  const outcome = await source.run(new OpenLoad(source));
  if (settings.orders === undefined)
    console.log(textOf(settings, `open load, ${settings.arrivalRate} arrivals/s`, outcome));
}

class OpenLoad implements LoadModel {
  readonly #source: Source;
  readonly #arrivals: PoissonArrivals;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  #onEnd: (() => void) | undefined;

  constructor(source: Source) {
    this.#source = source;
    const random = randomOf(settings.seed, source.number, 'arrivals');
    this.#arrivals = new PoissonArrivals(random, settings.arrivalRate / settings.sources);
  }

  run(): Promise<void> {
    return new Promise(resolve => {
      this.#onEnd = resolve;
      this.#sendDue();
    });
  }

  obey(orders: Orders): void {
    this.#sendDue();
    this.#arrivals.changeRate(orders.arrivalRate / settings.sources, now());
    this.#sendDue();
  }

  stop(): void {
    this.#sendDue();
    this.#end();
  }

  /** Sends what is due by now, and comes back when the next arrival is. */
  #sendDue(): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    const time = now();
    while (this.#arrivals.due <= time && this.#arrivals.due < end) this.#source.send(this.#arrivals.take());
    if (time >= end) this.#end();
    else this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, Math.min(this.#arrivals.due, end) - now()) * 1000);
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#onEnd?.();
  }
}
