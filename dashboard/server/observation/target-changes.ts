import { emptyHistogram, type Histogram } from '../../../model/histogram.ts';
import type { LiveReport, LiveTargetReport } from '../../../model/wire.ts';
import { OBJECTIVE } from '../../protocol.ts';

/** What k6 did to one target between two of its reports. */
export interface TargetChange {
  readonly target: string;
  /** Seconds between the two. */
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

/** Tells from each report what has happened since the one before; reports count since their generator started. */
export class TargetChanges {
  #started: number | undefined;
  #time = 0;
  #counts = new Map<string, Counts>();

  /** The changes that a report tells of. The first report of a generator that started long ago only says where it is. */
  in(report: LiveReport): TargetChange[] {
    const started = report.started === this.#started;
    const known = started || report.number === 1;
    const duration = started ? report.time - this.#time : report.time;
    if (!started) this.#counts.clear();
    this.#started = report.started;
    this.#time = report.time;
    return report.targets.flatMap(target => {
      const { name, sent, completed, failed } = target;
      const before = this.#counts.get(name) ?? { sent: 0, completed: 0, failed: 0 };
      this.#counts.set(name, { sent, completed, failed });
      return known ? [changeOf(target, before, duration)] : [];
    });
  }
}

function changeOf(target: LiveTargetReport, before: Counts, duration: number): TargetChange {
  const { name, sent, completed, failed, inProgress, responseTime } = target;
  return {
    target: name,
    duration,
    sent: sent - before.sent,
    completed: completed - before.completed,
    failed: failed - before.failed,
    // Of another objective it cannot be added to the others.
    responseTime: responseTime.objective === OBJECTIVE ? responseTime : emptyHistogram(OBJECTIVE),
    inProgress,
  };
}
