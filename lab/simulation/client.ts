import type { Phases } from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { InProgress } from '../../model/wire.ts';
import type { Request } from './request.ts';
import { Tally } from './tally.ts';

/** What is known of a simulated trial while it runs: counts since its begin. */
export interface SimulatedProgress {
  readonly time: Seconds;
  readonly sent: number;
  readonly inProgress: number;
  /** Scored arrivals that are over the objective's time by now. */
  readonly overObjective: number;
  readonly failed: number;
}

/** What the generator keeps of its requests: it scores those that are due in the steady state, however late they end. */
export class Client {
  readonly responseTime: Tally;
  readonly responseTimeFromSend: Tally;
  readonly scheduleLag: Tally;
  readonly samples: InProgress[] = [];
  scored = 0;
  sent = 0;
  succeeded = 0;
  neverSent = 0;
  neverAnswered = 0;
  completedInSteadyState = 0;
  /** When the oldest request is given up; infinite when none is in progress. */
  deadline: Seconds = Number.POSITIVE_INFINITY;
  readonly #objective: Seconds;
  readonly #phases: Phases;
  #steadyStateEnd: Seconds;
  #inProgress = 0;
  #overObjective = 0;
  #oldest: Request | undefined;
  #newest: Request | undefined;
  /** The oldest that is not known to be over the objective. */
  #inTime: Request | undefined;

  constructor(phases: Phases, objective: Seconds) {
    this.#phases = phases;
    this.#objective = objective;
    this.#steadyStateEnd = phases.warmUp + phases.steadyState;
    this.responseTime = new Tally(objective);
    this.responseTimeFromSend = new Tally(objective);
    this.scheduleLag = new Tally(objective);
  }

  /** A request whose `dueAt` has come. */
  due(request: Request): void {
    const { dueAt } = request;
    request.scored = dueAt >= this.#phases.warmUp && dueAt < this.#steadyStateEnd;
    request.late = false;
    request.givenUp = false;
    request.sentAt = Number.NaN;
    if (request.scored) this.scored++;
    request.newer = undefined;
    request.older = this.#newest;
    if (this.#newest === undefined) {
      this.#oldest = request;
      this.deadline = dueAt + this.#phases.timeLimit;
    } else this.#newest.newer = request;
    this.#newest = request;
    this.#inTime ??= request;
  }

  sendOff(request: Request, now: Seconds): void {
    request.sentAt = now;
    this.sent++;
    this.#inProgress++;
  }

  /** A request was answered. */
  answered(request: Request, now: Seconds): void {
    this.#forget(request);
    this.#inProgress--;
    this.succeeded++;
    if (now >= this.#phases.warmUp && now < this.#steadyStateEnd) this.completedInSteadyState++;
    if (!request.scored) return;
    const responseTime = now - request.dueAt;
    const bucket = this.responseTime.add(responseTime);
    const fromSend = request.answeredAt - request.sentAt;
    // Where the generator takes no time they are one.
    this.responseTimeFromSend.add(fromSend, fromSend === responseTime ? bucket : undefined);
    this.scheduleLag.add(responseTime - fromSend);
    if (responseTime > this.#objective && !request.late) this.#overObjective++;
  }

  /** Gives the oldest request up, whose deadline has come; it stays on its way until the service notices. */
  giveUp(): Request | undefined {
    const request = this.#oldest;
    if (request === undefined) return undefined;
    this.#forget(request);
    request.givenUp = true;
    if (Number.isNaN(request.sentAt)) this.neverSent++;
    else {
      this.#inProgress--;
      if (request.scored) {
        this.neverAnswered++;
        this.responseTime.add(this.#phases.timeLimit);
        this.responseTimeFromSend.add(this.#phases.timeLimit);
        this.scheduleLag.add(request.sentAt - request.dueAt);
      }
    }
    if (request.scored && !request.late) this.#overObjective++;
    return request;
  }

  /** Nothing more is sent, and what is answered from now on belongs to the drain. */
  stop(now: Seconds): void {
    this.#steadyStateEnd = Math.min(this.#steadyStateEnd, now);
  }

  /** Seconds of steady state that there were. */
  get steadyState(): Seconds {
    return Math.max(0, this.#steadyStateEnd - this.#phases.warmUp);
  }

  /** Notes how many requests are in progress, and tells how things stand. */
  look(now: Seconds): SimulatedProgress {
    this.samples.push({ time: now, requests: this.#inProgress });
    while (this.#inTime !== undefined && now - this.#inTime.dueAt > this.#objective) {
      this.#inTime.late = true;
      if (this.#inTime.scored) this.#overObjective++;
      this.#inTime = this.#inTime.newer;
    }
    return {
      time: now,
      sent: this.sent,
      inProgress: this.#inProgress,
      overObjective: this.#overObjective,
      failed: this.neverAnswered,
    };
  }

  #forget(request: Request): void {
    const { older, newer } = request;
    if (older === undefined) {
      this.#oldest = newer;
      this.deadline = newer === undefined ? Number.POSITIVE_INFINITY : newer.dueAt + this.#phases.timeLimit;
    } else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (this.#inTime === request) this.#inTime = newer;
  }
}
