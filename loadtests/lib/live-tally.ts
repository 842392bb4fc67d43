import { emptyHistogram, type Histogram, record } from '../../model/histogram.ts';
import type { LiveTargetReport } from '../../model/wire.ts';
import { type Ending, isUnanswered } from './ending.ts';
import { OverObjective, type Waiting } from './over-objective.ts';

/** Dots that may wait to be told; a request beyond them is sent as any other, and is no dot. */
const MOST_DOTS = 2000;

/** A request of a live load that is in progress; times in seconds since the load began. */
export interface LiveRequest extends Waiting {
  readonly sentAt: number;
  readonly dot: number | undefined;
}

/** What is to be told of one target: counts since the load began, and what happened since it was last taken. */
export class LiveTally {
  readonly name: string;
  readonly #nextDot: () => number;
  readonly #overObjective = new OverObjective();
  /** Edge of the histograms from the next part on, in seconds: a part that was begun keeps its own. */
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

  get failed(): number {
    return this.#failed;
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
   * A request has ended, at `endedAt` since the load began and `since1970`; what is unanswered counts as `timeLimit`.
   * One that found no connection counts as sent, as failed and as never sent.
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

  /** What is to be told by now; the next part begins. */
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
