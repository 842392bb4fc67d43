import type { LiveTargetReport } from '../../model/wire.ts';
import type { LiveDesk } from './live-desk.ts';

/** What a live load has told of one target in all. */
export interface Told {
  /** As the last report has it. */
  latest: LiveTargetReport | undefined;
  /** Values in the histograms of response times, and their sum in seconds. */
  responseTime: { count: number; sum: number };
  /** Numbers. */
  dots: number[];
  endedDots: LiveTargetReport['endedDots'][number][];
}

/** Adds up what comes to a desk, each report once, as whoever reads reports must. */
export class LiveLedger {
  readonly #told = new Map<string, Told>();
  #lastNumber = 0;

  constructor(desk: LiveDesk) {
    desk.onReport = report => {
      if (report.number === this.#lastNumber) return;
      this.#lastNumber = report.number;
      for (const target of report.targets) this.#add(target);
    };
  }

  of(target: string): Told {
    return this.#told.get(target) ?? { latest: undefined, responseTime: { count: 0, sum: 0 }, dots: [], endedDots: [] };
  }

  #add(target: LiveTargetReport): void {
    const told = this.of(target.name);
    this.#told.set(target.name, {
      latest: target,
      responseTime: {
        count: told.responseTime.count + target.responseTime.count,
        sum: told.responseTime.sum + target.responseTime.sum,
      },
      dots: [...told.dots, ...target.dots.map(([dot]) => dot)],
      endedDots: [...told.endedDots, ...target.endedDots],
    });
  }
}
