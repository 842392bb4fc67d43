import { emptyHistogram, type Histogram, record } from '../../model/histogram.ts';
import type { LiveBurst, LiveReport, LiveTargetReport } from '../../model/wire.ts';
import { type Ending, isUnanswered } from './requests.ts';
import { OverObjective, type WaitingRequest } from './scores.ts';

/** Dots that may wait to be told; a request beyond them is no dot. */
const MOST_DOTS = 2000;

/** A request of a live load that is in progress; times in seconds since the load began. */
interface LiveRequest extends WaitingRequest {
  readonly sentAt: number;
  readonly dot: number | undefined;
}

/** What is told of one target: counts since the load began, and what happened since the last report. */
export class LiveTally {
  readonly name: string;
  readonly #nextDot: () => number;
  readonly #overObjective = new OverObjective();
  /** Edge of the histograms of the next report, in seconds. */
  #objective: number;
  #sent = 0;
  #completed = 0;
  #failed = 0;
  #neverSent = 0;
  #responseTime: Histogram;
  #scheduleLag: Histogram;
  #dots: [dot: number, sentAt: number][] = [];
  #endedDots: LiveTargetReport['endedDots'][number][] = [];

  constructor(name: string, objective: number, nextDot: () => number) {
    this.name = name;
    this.#nextDot = nextDot;
    this.#objective = objective;
    this.#responseTime = emptyHistogram(objective);
    this.#scheduleLag = emptyHistogram(objective);
  }

  get inProgress(): number {
    return this.#sent - this.#completed;
  }

  set objective(objective: number) {
    this.#objective = objective;
  }

  /** A request is sent; `asDotAt`: as a dot, at so many seconds since 1970. */
  sent(intended: number, sentAt: number, asDotAt?: number): LiveRequest {
    const request = { intended, sentAt, dot: asDotAt === undefined ? undefined : this.#dotAt(asDotAt) };
    this.#sent++;
    this.#overObjective.sent(request);
    return request;
  }

  /** An arrival that was due and could not be sent. */
  neverSent(): void {
    this.#neverSent++;
    this.#overObjective.neverSent();
  }

  /**
   * A request has ended, at `endedAt` since the load began and `since1970`; without an answer it counts as `timeLimit`.
   * Without a connection it counts as sent, as failed and as never sent.
   */
  ended(request: LiveRequest, ending: Ending, endedAt: number, since1970: number, timeLimit: number): void {
    const { intended, sentAt, dot } = request;
    const { error, fromSend = endedAt - sentAt } = ending;
    // It was told as sent, and a count that is told never goes back.
    const told = error === 'not-sent' ? 'connection' : error;
    if (error === 'not-sent') this.#neverSent++;
    if (dot !== undefined) this.#endedDots.push(told === undefined ? [dot, since1970] : [dot, since1970, told]);
    this.#overObjective.ended(request, error !== undefined || endedAt - intended > this.#objective);
    this.#completed++;
    if (told !== undefined) this.#failed++;
    const unanswered = isUnanswered(told);
    record(this.#responseTime, unanswered ? timeLimit : endedAt - intended);
    record(this.#scheduleLag, unanswered ? sentAt - intended : endedAt - intended - fromSend);
  }

  /** How many are over the objective by `now`, since the load began. */
  overObjectiveAt(now: number): number {
    return this.#overObjective.at(now, this.#objective);
  }

  /** What is told by now. */
  take(): LiveTargetReport {
    const part = {
      name: this.name,
      sent: this.#sent,
      completed: this.#completed,
      failed: this.#failed,
      neverSent: this.#neverSent,
      inProgress: this.inProgress,
      responseTime: this.#responseTime,
      scheduleLag: this.#scheduleLag,
      dots: this.#dots,
      endedDots: this.#endedDots,
    };
    this.#responseTime = emptyHistogram(this.#objective);
    this.#scheduleLag = emptyHistogram(this.#objective);
    this.#dots = [];
    this.#endedDots = [];
    return part;
  }

  #dotAt(sentAt: number): number | undefined {
    if (this.#dots.length >= MOST_DOTS) return undefined;
    const dot = this.#nextDot();
    this.#dots.push([dot, sentAt]);
    return dot;
  }
}

/** The reports of a live load: one that was not answered is told again as it was. */
export class LiveReports {
  readonly #origin: Pick<LiveReport, 'source' | 'started'>;
  #number = 0;
  #unanswered: LiveReport | undefined;

  constructor(origin: Pick<LiveReport, 'source' | 'started'>) {
    this.#origin = origin;
  }

  /** The report to tell at `time`, by a load that obeys the orders of this number. */
  next(time: number, obeys: number, tallies: readonly LiveTally[]): LiveReport {
    if (this.#unanswered) return this.#unanswered;
    const overObjective = tallies.reduce((sum, tally) => sum + tally.overObjectiveAt(time), 0);
    const targets = tallies.map(tally => tally.take());
    const total = (count: 'sent' | 'completed' | 'inProgress' | 'failed') =>
      targets.reduce((sum, target) => sum + target[count], 0);
    const counts = { sent: total('sent'), completed: total('completed'), inProgress: total('inProgress') };
    const number = ++this.#number;
    this.#unanswered = {
      ...this.#origin,
      number,
      time,
      obeys,
      ...counts,
      overObjective,
      failed: total('failed'),
      targets,
    };
    return this.#unanswered;
  }

  /** The report that was told last has been taken. */
  answered(): void {
    this.#unanswered = undefined;
  }
}

/** Picks the bursts that are still to be sent: each once by its number, as long as the generator runs. */
export class Bursts {
  #highest = 0;

  /** The bursts that have not been seen before, in the order of their numbers. */
  due(ordered: readonly LiveBurst[]): LiveBurst[] {
    const due = ordered.filter(({ number }) => number > this.#highest);
    this.#highest = Math.max(this.#highest, ...due.map(({ number }) => number));
    return due.sort((one, other) => one.number - other.number);
  }
}

/** Picks every n-th request of a row, the first one included. */
export class EveryNth {
  #passed = Number.POSITIVE_INFINITY;

  /** Whether the next one is picked, with so many for each that is. */
  picks(n: number): boolean {
    this.#passed++;
    if (this.#passed < n) return false;
    this.#passed = 0;
    return true;
  }
}

/**
 * Numbers for the dots of a generator that started so many seconds after 1970. A thousand are there for each of its
 * milliseconds, so no later start uses one again, and they stay whole numbers for centuries.
 */
export class DotNumbers {
  #next: number;

  constructor(started: number) {
    this.#next = Math.round(started * 1000) * 1000;
  }

  take(): number {
    return this.#next++;
  }
}
