/**
 * An open load: requests arrive at random, as those of many independent users do, whether or not the service keeps up.
 *
 * k6's own arrival-rate executors space requests evenly and drop them when no virtual user is free. Here the virtual
 * users are *sources* instead: each runs a single iteration, in which it draws exponential gaps and sends every
 * request when it is due, without waiting for the answers to earlier ones. Sources add up to one Poisson process.
 * Response time counts from the intended send, so that every request that arrives during a pause of the service sees it.
 */
import { PoissonArrivals } from '../model/poisson-arrivals.ts';
import { createRandom } from '../model/random.ts';
import { Arrivals } from './lib/arrivals.ts';
import { now } from './lib/k6.ts';
import { openSettings, sourceOptions } from './lib/settings.ts';
import { drive } from './lib/source.ts';

const settings = openSettings(__ENV);
const { arrivalRate, sources, seed, warmUp, steadyState } = settings;
const end = warmUp + steadyState;
export const options = sourceOptions(settings, end);

export default async function openLoad(): Promise<void> {
  const told = await drive(settings, `open load, ${arrivalRate} arrivals/s`, source => {
    const process = new PoissonArrivals(createRandom(seed, source.number, 'arrivals'), arrivalRate / sources);
    return new Arrivals(process, { now, send: intended => void source.send(intended), end });
  });
  if (told) console.log(told);
}
