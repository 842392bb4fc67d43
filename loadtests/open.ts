/**
 * An open load: requests arrive at random, as those of many independent users do, whether or not the service keeps up.
 *
 * k6's own arrival-rate executors space requests evenly and drop them when no virtual user is free. Here the virtual
 * users are *sources* instead: each runs a single iteration, in which it draws exponential gaps and sends every
 * request when it is due, without waiting for the answers to earlier ones. Sources add up to one Poisson process.
 * Response time counts from the intended send, so that every request that arrives during a pause of the service sees it.
 */

import { PoissonArrivals } from '../model/poisson-arrivals.ts';
import { randomOf } from '../model/random.ts';
import { Arrivals } from './lib/arrivals.ts';
import { now } from './lib/k6.ts';
import { openSettings, sourceOptions } from './lib/settings.ts';
import { type LoadModel, Source } from './lib/source.ts';
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
  readonly #arrivals: Arrivals;

  constructor(source: Source) {
    const random = randomOf(settings.seed, source.number, 'arrivals');
    const process = new PoissonArrivals(random, settings.arrivalRate / settings.sources);
    this.#arrivals = new Arrivals(process, { now, send: intended => void source.send(intended), end });
  }

  run(): Promise<void> {
    return this.#arrivals.run();
  }

  stop(): void {
    this.#arrivals.stop();
  }
}
