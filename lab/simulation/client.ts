import type { Phases } from '../../model/experiment.ts';
import { bucketOf, type Histogram } from '../../model/histogram.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { InProgress } from '../../model/wire.ts';
import type { Request } from './request.ts';

/** Counts of a simulated trial since it began. */
export interface SimulatedProgress {
  readonly time: Seconds;
  readonly sent: number;
  readonly inProgress: number;
  /** Scored arrivals that have taken longer than the objective so far. */
  readonly overObjective: number;
  readonly failed: number;
}

/** The generator's record of its requests. It scores those due in the steady state, however late they end. */
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
  /** When the oldest request times out; infinite when none is in progress. */
  deadline: Seconds = Number.POSITIVE_INFINITY;
  readonly #objective: Seconds;
  readonly #phases: Phases;
  #steadyStateEnd: Seconds;
  #inProgress = 0;
  #overObjective = 0;
  #oldest: Request | undefined;
  #newest: Request | undefined;
  /** The oldest not yet known to be over the objective. */
  #inTime: Request | undefined;

  constructor(phases: Phases, objective: Seconds) {
    this.#phases = phases;
    this.#objective = objective;
    this.#steadyStateEnd = phases.warmUp + phases.steadyState;
    this.responseTime = new Tally(objective);
    this.responseTimeFromSend = new Tally(objective);
    this.scheduleLag = new Tally(objective);
  }

  /** Starts the record of a request whose `dueAt` has come. */
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

  answered(request: Request, now: Seconds): void {
    this.#forget(request);
    this.#inProgress--;
    this.succeeded++;
    if (now >= this.#phases.warmUp && now < this.#steadyStateEnd) this.completedInSteadyState++;
    if (!request.scored) return;
    const responseTime = now - request.dueAt;
    const bucket = this.responseTime.add(responseTime);
    const fromSend = request.answeredAt - request.sentAt;
    // They are equal where the generator takes no time.
    this.responseTimeFromSend.add(fromSend, fromSend === responseTime ? bucket : undefined);
    this.scheduleLag.add(responseTime - fromSend);
    if (responseTime > this.#objective && !request.late) this.#overObjective++;
  }

  /** Gives up the oldest request at its deadline; it stays on its way until the service notices. */
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

  /** Ends the steady state: later answers belong to the drain. */
  stop(now: Seconds): void {
    this.#steadyStateEnd = Math.min(this.#steadyStateEnd, now);
  }

  /** Samples the requests in progress and gives the counts so far. */
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

/** Buckets on either side of the objective: from 1 µs to far beyond any time limit. */
const SIDE = 1200;

/** A histogram that is being filled, in a typed array for speed. */
class Tally {
  readonly #objective: Seconds;
  readonly #counts = new Int32Array(2 * SIDE);
  /** The bucket of 0, which a simulated generator often takes. */
  readonly #none: number;
  #count = 0;
  #sum = 0;
  #max = 0;

  constructor(objective: Seconds) {
    this.#objective = objective;
    this.#none = bucketOf(0, objective);
  }

  /** Adds a value and gives its bucket; a known bucket need not be looked up. */
  add(value: Seconds, bucket: number = value === 0 ? this.#none : bucketOf(value, this.#objective)): number {
    const index = bucket + SIDE;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
    return bucket;
  }

  histogram(): Histogram {
    const counts: Record<number, number> = {};
    for (const [index, times] of this.#counts.entries()) if (times > 0) counts[index - SIDE] = times;
    return { objective: this.#objective, counts, count: this.#count, sum: this.#sum, max: this.#max };
  }
}
