import { type DeploymentSecond, type LiveLoad, settingLimits } from '../protocol.ts';
import { requestsPerDot } from './requests-per-dot.ts';

/** Of a mean that forgets, the weight of the latest second. */
const LATEST = 0.3;
/** Seconds from a burst's order until all of it has been sent. */
const BURST = 2;
/** Of a request of a closed load before anything is known of it, in seconds. */
const SHORT = 0.01;

/** Of how many requests one is a dot: known beforehand for an open load, seen for a closed one. */
export class DotScale {
  #load: LiveLoad;
  #perSecond = 0;
  #inProgress = 0;
  #burst = { requests: 0, until: Number.NEGATIVE_INFINITY };
  #requestsPerDot = 1;

  constructor(load: LiveLoad) {
    this.#load = load;
    this.expect(load);
  }

  get requestsPerDot(): number {
    return this.#requestsPerDot;
  }

  /** Another load is sent from now on. */
  expect(load: LiveLoad): void {
    if (load.model === 'closed' && JSON.stringify(load) !== JSON.stringify(this.#load)) {
      this.#perSecond = Math.min(load.users / (load.thinkTime + SHORT), settingLimits.totalArrivalRate);
    }
    this.#load = load;
    this.#scale();
  }

  /** So many requests are sent at once, to one deployment or to each. */
  burst(requests: number, now: number): void {
    this.#burst = {
      requests: this.#burst.until > now ? this.#burst.requests + requests : requests,
      until: now + BURST,
    };
    this.#scale();
  }

  /** What was seen in the last second, at each deployment. */
  seen(deployments: readonly DeploymentSecond[], now: number): void {
    const most = (of: 'offeredLoad' | 'inProgress') => Math.max(0, ...deployments.map(one => one[of]));
    this.#perSecond += LATEST * (most('offeredLoad') - this.#perSecond);
    this.#inProgress = most('inProgress');
    if (this.#burst.until <= now) this.#burst = { requests: 0, until: Number.NEGATIVE_INFINITY };
    this.#scale();
  }

  #scale(): void {
    const steady = this.#load.model === 'open' ? this.#load.arrivalRate : this.#perSecond;
    this.#requestsPerDot = requestsPerDot(this.#requestsPerDot, {
      perSecond: steady + this.#burst.requests,
      inProgress: this.#inProgress,
    });
  }
}
