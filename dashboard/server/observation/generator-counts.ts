import { emptyHistogram, type Histogram } from '../../../model/histogram.ts';
import type { LiveReport, LiveTargetReport } from '../../../model/wire.ts';
import { type DeploymentId, OBJECTIVE, type Totals } from '../../protocol.ts';

/** What k6 did to one deployment between two of its reports. */
export interface GeneratorInterval {
  readonly id: DeploymentId;
  /** Seconds. */
  readonly duration: number;
  readonly sent: number;
  readonly completed: number;
  readonly failed: number;
  /** From the intended send, of all that completed. */
  readonly responseTime: Histogram;
  /** Sent and not answered yet. */
  readonly inProgress: number;
}

type Counts = Pick<LiveTargetReport, 'sent' | 'completed' | 'failed'>;
const nothing: Counts = { sent: 0, completed: 0, failed: 0 };

/** Counts what k6 sent and what nginx answered, from the start of k6, or from its first known report. */
export class GeneratorCounts {
  #started = Number.POSITIVE_INFINITY;
  #time = 0;
  #latest = new Map<DeploymentId, Counts>();
  /** What had completed by the first known report; what was in progress then counts, because nginx answers it later. */
  #before = new Map<DeploymentId, number>();
  readonly #answered = new Map<DeploymentId, number>();

  /** Takes a report: the intervals since the one before. The first known report of a running k6 ends none. */
  take({ started, number, time, targets }: LiveReport): GeneratorInterval[] {
    const isSame = started === this.#started;
    const duration = isSame ? time - this.#time : time;
    const previous = isSame ? this.#latest : new Map<DeploymentId, Counts>();
    const isKnown = isSame || number === 1;
    if (!isSame) {
      this.#started = started;
      this.#answered.clear();
      this.#before = new Map(number === 1 ? [] : targets.map(({ name, completed }) => [name, completed]));
    }
    this.#time = time;
    this.#latest = new Map(targets.map(target => [target.name, target]));
    return isKnown ? targets.map(target => changeOf(target, previous.get(target.name) ?? nothing, duration)) : [];
  }

  /** nginx answered a request of k6; `endedAt` in seconds since 1970. */
  answered(id: DeploymentId, endedAt: number): void {
    if (endedAt >= this.#started) this.#answered.set(id, (this.#answered.get(id) ?? 0) + 1);
  }

  get totals(): Totals {
    const k6: Record<DeploymentId, Totals['k6'][string]> = {};
    for (const [id, { sent, completed }] of this.#latest) {
      const before = this.#before.get(id) ?? 0;
      k6[id] = { sent: sent - before, completed: completed - before };
    }
    return { k6, nginx: Object.fromEntries(this.#answered) };
  }
}

function changeOf(target: LiveTargetReport, before: Counts, duration: number): GeneratorInterval {
  const { name, sent, completed, failed, inProgress, responseTime } = target;
  return {
    id: name,
    duration,
    sent: sent - before.sent,
    completed: completed - before.completed,
    failed: failed - before.failed,
    // Histograms of another objective cannot be merged.
    responseTime: responseTime.objective === OBJECTIVE ? responseTime : emptyHistogram(OBJECTIVE),
    inProgress,
  };
}
