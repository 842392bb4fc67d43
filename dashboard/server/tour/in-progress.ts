import type { DeploymentId } from '../../protocol.ts';
import type { Observation } from '../observation/observation.ts';
import type { Waiting } from './waiting.ts';
import type { WaitingClock } from './waiting-clock.ts';

/** Seconds of silence after which k6 has heard that it is to stop: it asks four times a second. */
const QUIET = 0.45;
/** Seconds for which requests that are in progress may keep the tour waiting. */
const DRAIN = 15;

/** Requests that k6 has sent and that are not answered yet. */
export class RequestsInProgress {
  readonly #observation: Pick<Observation, 'totals'>;
  readonly #waiting: Waiting;
  readonly #clock: WaitingClock;

  constructor(observation: Pick<Observation, 'totals'>, waiting: Waiting, clock: WaitingClock) {
    this.#observation = observation;
    this.#waiting = waiting;
    this.#clock = clock;
  }

  /** Requests sent to the deployment since k6 started. */
  sentTo(id: DeploymentId): number {
    return this.#observation.totals().k6[id]?.sent ?? 0;
  }

  /** Waits until all deployments but these have answered everything. */
  othersDrained(ids: readonly DeploymentId[]): Promise<void> {
    const others = this.#known.filter(id => !ids.includes(id));
    const otherwise = `Requests to ${others.join(', ')} are still in progress after ${DRAIN} s.`;
    return this.#waiting.until(() => this.#at(others) === 0, DRAIN, otherwise);
  }

  /** Waits until nothing is sent any more, and everything is answered. */
  async ended(): Promise<void> {
    let since = this.#clock.now();
    let sent = this.#allSent();
    const isQuiet = () => {
      const latest = this.#allSent();
      if (latest !== sent) since = this.#clock.now();
      sent = latest;
      return this.#clock.now() - since >= QUIET && this.#at(this.#known) === 0;
    };
    await this.#waiting.until(isQuiet, DRAIN, `Requests are still in progress after ${DRAIN} s.`);
  }

  /** Deployments that k6 has sent anything to. */
  get #known(): DeploymentId[] {
    return Object.keys(this.#observation.totals().k6);
  }

  #at(ids: readonly DeploymentId[]): number {
    const { k6 } = this.#observation.totals();
    return ids.reduce((sum, id) => sum + (k6[id]?.sent ?? 0) - (k6[id]?.completed ?? 0), 0);
  }

  #allSent(): number {
    return this.#known.reduce((sum, id) => sum + this.sentTo(id), 0);
  }
}
