import { type TopologyName, topologyNames } from '../../../model/topology.ts';
import type { Observation } from '../parts.ts';
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

  /** Requests sent to the topology since k6 started. */
  sentTo(topology: TopologyName): number {
    return this.#observation.totals().k6[topology]?.sent ?? 0;
  }

  /** Waits until these topologies have answered everything. */
  drained(topologies: readonly TopologyName[]): Promise<void> {
    const otherwise = `Requests to ${topologies.join(', ')} are still in progress after ${DRAIN} s.`;
    return this.#waiting.until(() => this.#at(topologies) === 0, DRAIN, otherwise);
  }

  /** Waits until nothing is sent any more, and everything is answered. */
  async ended(): Promise<void> {
    let since = this.#clock.now();
    let sent = this.#allSent();
    const isQuiet = () => {
      const latest = this.#allSent();
      if (latest !== sent) since = this.#clock.now();
      sent = latest;
      return this.#clock.now() - since >= QUIET && this.#at(topologyNames) === 0;
    };
    await this.#waiting.until(isQuiet, DRAIN, `Requests are still in progress after ${DRAIN} s.`);
  }

  #at(topologies: readonly TopologyName[]): number {
    const { k6 } = this.#observation.totals();
    return topologies.reduce((sum, name) => sum + (k6[name]?.sent ?? 0) - (k6[name]?.completed ?? 0), 0);
  }

  #allSent(): number {
    return topologyNames.reduce((sum, topology) => sum + this.sentTo(topology), 0);
  }
}
