import type { LiveReport, LiveTargetReport } from '../../../model/wire.ts';
import type { DeploymentId, Totals } from '../../protocol.ts';

type Counts = Pick<LiveTargetReport, 'sent' | 'completed'>;

/** What k6 sent and what nginx answered to it, by deployment, since k6 started or, when that was before, since it was first heard of. */
export class RequestTotals {
  #started = Number.POSITIVE_INFINITY;
  /** What was over when k6 was first heard of: what it had in progress then is counted, since nginx answers it later. */
  #before: ReadonlyMap<string, number> = new Map();
  #counts: ReadonlyMap<string, Counts> = new Map();
  #answered = new Map<DeploymentId, number>();

  reported({ started, number, targets }: LiveReport): void {
    if (started !== this.#started) {
      this.#started = started;
      this.#answered.clear();
      this.#before = new Map(number === 1 ? [] : targets.map(({ name, completed }) => [name, completed]));
    }
    this.#counts = new Map(targets.map(({ name, sent, completed }) => [name, { sent, completed }]));
  }

  /** A request of k6 to this deployment was answered; moments in seconds since 1970. */
  answered(id: DeploymentId, endedAt: number): void {
    if (endedAt >= this.#started) this.#answered.set(id, (this.#answered.get(id) ?? 0) + 1);
  }

  get totals(): Totals {
    const k6: Record<DeploymentId, Counts> = {};
    for (const [id, counts] of this.#counts) {
      const before = this.#before.get(id) ?? 0;
      k6[id] = { sent: counts.sent - before, completed: counts.completed - before };
    }
    return { k6, nginx: Object.fromEntries(this.#answered) };
  }
}
