import { emptyHistogram, record } from '../../model/histogram.ts';
import type { ErrorKind, InProgress, SourceOutcome, SourceReport, StopCause } from '../../model/wire.ts';
import { isUnanswered } from './requests.ts';

/** When a source scores, in seconds since the load began. */
interface Scoring {
  readonly source: number;
  readonly warmUp: number;
  readonly steadyState: number;
  readonly timeLimit: number;
  /** Of the response time. */
  readonly objective: number;
}

/** A request that was sent; times in seconds since the load began. */
interface SentRequest {
  readonly intended: number;
  readonly sentAt: number;
  readonly scored: boolean;
}

/** What one source measures. It is told the time, and keeps no request that has ended. */
export class Scores {
  readonly #scoring: Scoring;
  readonly #errors: Record<ErrorKind, number> = {
    timeout: 0,
    connection: 0,
    'status-4xx': 0,
    'status-503': 0,
    'status-504': 0,
    'status-5xx': 0,
  };
  readonly #responseTime;
  readonly #responseTimeFromSend;
  readonly #scheduleLag;
  readonly #samples: InProgress[] = [];
  /** Of scored arrivals. */
  readonly #overObjective = new OverObjective();
  #steadyStateEnd: number;
  #firstIntended = Number.NaN;
  #scored = 0;
  #neverSent = 0;
  #sent = 0;
  #completed = 0;
  #completedInSteadyState = 0;
  #succeeded = 0;
  #outOfConnections = 0;
  /** Of requests that have ended. */
  #timeInProgress = 0;
  /** Integral of the requests in progress up to the last time that their number changed. */
  #requestSeconds = 0;
  #changedAt = 0;

  constructor(scoring: Scoring) {
    this.#scoring = scoring;
    this.#steadyStateEnd = scoring.warmUp + scoring.steadyState;
    this.#responseTime = emptyHistogram(scoring.objective);
    this.#responseTimeFromSend = emptyHistogram(scoring.objective);
    this.#scheduleLag = emptyHistogram(scoring.objective);
  }

  get inProgress(): number {
    return this.#sent - this.#completed;
  }

  sent(intended: number, sentAt: number): SentRequest {
    const request = { intended, sentAt, scored: this.#due(intended) };
    this.#change(sentAt);
    this.#sent++;
    if (request.scored) this.#overObjective.sent(request);
    return request;
  }

  /** An arrival that was due, and whose time limit had passed before it could be sent. */
  neverSent(intended: number): void {
    this.#neverSent++;
    if (this.#due(intended)) this.#overObjective.neverSent();
  }

  /** A request that could not be sent after all, because the generator had no connection left. */
  notSent(request: SentRequest, now: number): void {
    this.#change(now);
    this.#sent--;
    this.#neverSent++;
    this.#outOfConnections++;
    this.#overObjective.ended(request, true);
  }

  /**
   * A request has ended: with an answer, or given up. `fromSend`: seconds of its connection from beginning to last byte;
   * the rest, until the source was told, is the generator's own.
   */
  ended(request: SentRequest, endedAt: number, error?: ErrorKind, fromSend = endedAt - request.sentAt): void {
    const { intended, sentAt } = request;
    const { objective, timeLimit, warmUp } = this.#scoring;
    this.#change(endedAt);
    this.#completed++;
    this.#timeInProgress += endedAt - sentAt;
    if (error === undefined) this.#succeeded++;
    if (error === undefined && endedAt >= warmUp && endedAt < this.#steadyStateEnd) this.#completedInSteadyState++;
    if (!request.scored) return;

    const unanswered = isUnanswered(error);
    record(this.#responseTime, unanswered ? timeLimit : endedAt - intended);
    record(this.#responseTimeFromSend, unanswered ? timeLimit : fromSend);
    record(this.#scheduleLag, unanswered ? sentAt - intended : endedAt - intended - fromSend);
    if (error !== undefined) this.#errors[error]++;
    this.#overObjective.ended(request, error !== undefined || endedAt - intended > objective);
  }

  /** The load was stopped: later answers belong to the drain. */
  stopped(now: number): void {
    this.#steadyStateEnd = Math.min(this.#steadyStateEnd, now);
  }

  /** Notes how many requests are in progress. */
  sample(now: number): void {
    this.#samples.push({ time: now, requests: this.inProgress });
  }

  report(now: number): SourceReport {
    return {
      source: this.#scoring.source,
      time: now,
      sent: this.#sent,
      completed: this.#completed,
      inProgress: this.inProgress,
      overObjective: this.#overObjective.at(now, this.#scoring.objective),
      failed: this.#failed,
    };
  }

  outcome(now: number, stoppedBy?: StopCause): SourceOutcome {
    this.#change(now);
    const duration = Number.isNaN(this.#firstIntended) ? 0 : now - this.#firstIntended;
    return {
      source: this.#scoring.source,
      scored: this.#scored,
      neverSent: this.#neverSent,
      outOfConnections: this.#outOfConnections,
      neverAnswered: this.#errors.timeout,
      errors: this.#errors,
      steadyState: Math.max(0, this.#steadyStateEnd - this.#scoring.warmUp),
      completedInSteadyState: this.#completedInSteadyState,
      responseTime: this.#responseTime,
      responseTimeFromSend: this.#responseTimeFromSend,
      scheduleLag: this.#scheduleLag,
      inProgress: this.#samples,
      sent: this.#sent,
      succeeded: this.#succeeded,
      timeInProgress: this.#timeInProgress,
      meanInProgress: duration > 0 ? this.#requestSeconds / duration : 0,
      duration,
      ...(stoppedBy && { stoppedBy }),
    };
  }

  get #failed(): number {
    return Object.values(this.#errors).reduce((sum, count) => sum + count, 0);
  }

  /** To be called before the number of requests in progress changes. */
  #change(now: number): void {
    this.#requestSeconds += this.inProgress * (now - this.#changedAt);
    this.#changedAt = now;
  }

  /** Counts an arrival; whether it is scored. */
  #due(intended: number): boolean {
    if (Number.isNaN(this.#firstIntended)) this.#firstIntended = intended;
    const { warmUp, steadyState } = this.#scoring;
    const scored = intended >= warmUp && intended < warmUp + steadyState;
    if (scored) this.#scored++;
    return scored;
  }
}

/** A request that was sent, by the time at which it was due, in seconds since the load began. */
export interface WaitingRequest {
  readonly intended: number;
}

/** Counts the requests that are over the objective by now: answered later than it, failed, or waiting for longer. */
export class OverObjective {
  /** Requests in progress that are not over it yet, in the order of their intended sends. */
  readonly #inTime = new Set<WaitingRequest>();
  #over = 0;

  sent(request: WaitingRequest): void {
    this.#inTime.add(request);
  }

  neverSent(): void {
    this.#over++;
  }

  /** A request has ended; `over`: too late, or without success. It is counted once. */
  ended(request: WaitingRequest, over: boolean): void {
    if (this.#inTime.delete(request) && over) this.#over++;
  }

  /** How many are over an objective of so many seconds at the time `now`. */
  at(now: number, objective: number): number {
    for (const request of this.#inTime) {
      if (now - request.intended <= objective) break;
      this.#inTime.delete(request);
      this.#over++;
    }
    return this.#over;
  }
}
