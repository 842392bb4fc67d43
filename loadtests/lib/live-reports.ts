import type { LiveReport } from '../../model/wire.ts';
import type { LiveTally } from './live-tally.ts';

/** What a live load tells: a report that was not answered is told again as it was, and what is new comes in the next. */
export class LiveReports {
  readonly #origin: Pick<LiveReport, 'source' | 'started'>;
  #number = 0;
  #unanswered: LiveReport | undefined;

  constructor(origin: Pick<LiveReport, 'source' | 'started'>) {
    this.#origin = origin;
  }

  /** The report to tell at the time `now`, by a load that obeys the orders of this number. */
  next(now: number, obeys: number, tallies: readonly LiveTally[]): LiveReport {
    this.#unanswered ??= this.#make(now, obeys, tallies);
    return this.#unanswered;
  }

  /** The report that was told last has been taken. */
  answered(): void {
    this.#unanswered = undefined;
  }

  #make(time: number, obeys: number, tallies: readonly LiveTally[]): LiveReport {
    const overObjective = tallies.reduce((sum, tally) => sum + tally.overObjectiveAt(time), 0);
    const targets = tallies.map(tally => tally.take());
    const total = (count: 'sent' | 'completed' | 'inProgress' | 'failed') =>
      targets.reduce((sum, target) => sum + target[count], 0);
    return {
      ...this.#origin,
      number: ++this.#number,
      time,
      obeys,
      sent: total('sent'),
      completed: total('completed'),
      inProgress: total('inProgress'),
      overObjective,
      failed: total('failed'),
      targets,
    };
  }
}
