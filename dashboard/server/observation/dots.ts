import type { ErrorKind } from '../../../model/wire.ts';
import type { DeploymentId, DotArrival, DotCompletion } from '../../protocol.ts';

/** Seconds after which a dot is forgotten, and the most dots that are kept. */
const KEPT_FOR = 60;
const MOST_KEPT = 20_000;
/** Seconds that nginx's log may lag behind k6. */
const LOG_LATENESS = 2;
/** In a completion: no worker answered. */
const NO_WORKER = -1;

/** The status that a client sees of a failed request; 0: none. */
const statusOf: Readonly<Record<ErrorKind, number>> = {
  timeout: 0,
  connection: 0,
  'status-4xx': 400,
  'status-503': 503,
  'status-504': 504,
  'status-5xx': 500,
};

/** The end of a dot in nginx's log. Times are in seconds since 1970. */
export interface LoggedEnd {
  /** Its index among the workers of its deployment; `undefined`: none answered. */
  readonly worker: number | undefined;
  readonly endedAt: number;
  readonly status: number;
  /** Seconds that the worker spent on it, and waited for the database. */
  readonly app: number;
  readonly databaseWait: number;
}

interface Dot {
  readonly knownSince: number;
  sentAt?: number;
  logged?: LoggedEnd;
  /** By k6. */
  ended?: { readonly at: number; readonly error: ErrorKind | undefined };
  /** Whether its completion was told. */
  isTold: boolean;
}

/**
 * Joins what k6 and nginx's log say of single requests. An arrival is told before its completion, or with it. What nginx
 * does not log is told as k6 saw it. Times are in seconds since 1970; `now` is when something became known.
 */
export class Dots {
  /** In the order in which they became known. */
  readonly #dots = new Map<number, Dot>();
  /** Ended by k6 and not logged then, in the order of `since`. */
  #unlogged: { readonly number: number; readonly since: number }[] = [];
  #arrivals: DotArrival[] = [];
  #completions: DotCompletion[] = [];

  /** k6 sent a dot. */
  sent(id: DeploymentId, number: number, sentAt: number, now: number): void {
    const dot = this.#find(number, now);
    if (dot.sentAt !== undefined) return;
    dot.sentAt = sentAt;
    this.#arrivals.push([id, number, round(sentAt)]);
    this.#tellLogged(number, dot);
  }

  /** nginx logged a dot. */
  logged(number: number, end: LoggedEnd, now: number): void {
    const dot = this.#find(number, now);
    if (dot.isTold || dot.logged !== undefined) return;
    dot.logged = end;
    this.#tellLogged(number, dot);
  }

  /** k6 saw the end of a dot. */
  ended(number: number, at: number, error: ErrorKind | undefined, now: number): void {
    const dot = this.#find(number, now);
    dot.ended = { at, error };
    if (dot.isTold) this.#dots.delete(number);
    else this.#unlogged.push({ number, since: now });
  }

  /** k6 was started again: what it had in progress ended with it. */
  restart(now: number): void {
    for (const [number, dot] of this.#dots) {
      if (dot.sentAt !== undefined && !dot.isTold) this.#tell(number, dot, NO_WORKER, now, 0, now, 0);
    }
    this.#dots.clear();
    this.#unlogged = [];
  }

  /** What became known since the last call. */
  take(now: number): { arrivals: DotArrival[]; completions: DotCompletion[] } {
    while ((this.#unlogged[0]?.since ?? now) < now - LOG_LATENESS) this.#tellEnded(this.#unlogged.shift()?.number);
    for (const [number, { knownSince }] of this.#dots) {
      if (knownSince >= now - KEPT_FOR) break;
      this.#dots.delete(number);
    }
    const taken = { arrivals: this.#arrivals, completions: this.#completions };
    this.#arrivals = [];
    this.#completions = [];
    return taken;
  }

  #find(number: number, now: number): Dot {
    const known = this.#dots.get(number);
    if (known !== undefined) return known;
    const dot: Dot = { knownSince: now, isTold: false };
    this.#dots.set(number, dot);
    const [oldest] = this.#dots.keys();
    if (this.#dots.size > MOST_KEPT && oldest !== undefined) this.#dots.delete(oldest);
    return dot;
  }

  #tellLogged(number: number, dot: Dot): void {
    if (dot.sentAt === undefined || dot.logged === undefined) return;
    const { worker = NO_WORKER, endedAt, status, app, databaseWait } = dot.logged;
    // The clocks of k6 and nginx have steps of a millisecond, but nothing begins before it was sent.
    const begunAt = Math.min(Math.max(endedAt - app, dot.sentAt), endedAt);
    this.#tell(number, dot, worker, begunAt, Math.min(databaseWait, endedAt - begunAt), endedAt, status);
  }

  #tellEnded(number = Number.NaN): void {
    const dot = this.#dots.get(number);
    if (dot?.ended === undefined || dot.sentAt === undefined) return;
    const { at, error } = dot.ended;
    this.#tell(number, dot, NO_WORKER, at, 0, at, error === undefined ? 200 : statusOf[error]);
  }

  #tell(
    number: number,
    dot: Dot,
    worker: number,
    begunAt: number,
    databaseWait: number,
    endedAt: number,
    status: number,
  ): void {
    dot.isTold = true;
    this.#completions.push([number, worker, round(begunAt), round(databaseWait), round(endedAt), status]);
    // k6 and nginx have both told its end.
    if (dot.ended !== undefined) this.#dots.delete(number);
  }
}

/** To a tenth of a millisecond: more digits are noise. */
function round(seconds: number): number {
  return Math.round(seconds * 1e4) / 1e4;
}
