import type { ErrorKind } from '../../../model/wire.ts';
import type { DeploymentId, DotArrival, DotCompletion } from '../../protocol.ts';

/** Seconds after which a dot is forgotten, and dots that are kept at most. */
const KEPT_FOR = 60;
const KEPT = 20_000;
/** Seconds that nginx's log may take to tell of a request that k6 has told the end of. */
const LOG_LATENESS = 2;
/** No worker, in a completion. */
const NO_WORKER = -1;

/** What a client sees of a request that failed; 0: no answer. */
const statusOf: Readonly<Record<ErrorKind, number>> = {
  timeout: 0,
  connection: 0,
  'status-4xx': 400,
  'status-503': 503,
  'status-504': 504,
  'status-5xx': 500,
};

/** What nginx's log tells of a dot's end; moments in seconds since 1970. */
export interface LoggedEnd {
  /** Its place among its deployment's workers; `undefined`: none answered. */
  readonly worker: number | undefined;
  readonly endedAt: number;
  readonly status: number;
  /** Seconds for which the worker was at work on it, and of these waited for the database. */
  readonly app: number;
  readonly databaseWait: number;
}

interface Dot {
  readonly knownSince: number;
  sentAt?: number;
  /** By nginx's log: waits to be told when k6 has not told of its arrival yet. */
  logged?: LoggedEnd;
  told: boolean;
  /** By k6. */
  ended?: { readonly at: number; readonly error: ErrorKind | undefined };
}

/**
 * Joins what k6 tells of the requests that are shown one by one with what nginx's log tells. An arrival is told before
 * its completion, or with it. When the log is silent about a request (it was never taken, or the line is lost), what k6
 * saw of its end is told instead. Moments in seconds since 1970; `now` is when something became known.
 */
export class Dots {
  /** In the order in which they became known. */
  readonly #dots = new Map<number, Dot>();
  /** Ended by k6's account, and not logged then; in the order of `since`. */
  #unlogged: { readonly number: number; readonly since: number }[] = [];
  #arrivals: DotArrival[] = [];
  #completions: DotCompletion[] = [];

  /** k6 has sent it. */
  sent(id: DeploymentId, number: number, sentAt: number, now: number): void {
    const dot = this.#dot(number, now);
    if (dot.sentAt !== undefined) return;
    dot.sentAt = sentAt;
    pushWithin(this.#arrivals, [id, number, rounded(sentAt)]);
    if (dot.logged !== undefined) this.#tellLogged(number, dot, dot.logged);
  }

  /** nginx has logged it. */
  logged(number: number, end: LoggedEnd, now: number): void {
    const dot = this.#dot(number, now);
    if (dot.told || dot.logged !== undefined) return;
    dot.logged = end;
    if (dot.sentAt !== undefined) this.#tellLogged(number, dot, end);
  }

  /** k6 has seen its end. */
  ended(number: number, at: number, error: ErrorKind | undefined, now: number): void {
    const dot = this.#dot(number, now);
    dot.ended = { at, error };
    if (dot.told) this.#dots.delete(number);
    else pushWithin(this.#unlogged, { number, since: now });
  }

  /** k6 was started anew: whatever it had in progress ended with it. */
  restart(now: number): void {
    for (const [number, dot] of this.#dots) this.#tellUnanswered(number, dot, now);
    this.#dots.clear();
    this.#unlogged = [];
  }

  /** What has become known since this was last called. */
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

  #dot(number: number, now: number): Dot {
    const known = this.#dots.get(number);
    if (known !== undefined) return known;
    const dot: Dot = { knownSince: now, told: false };
    this.#dots.set(number, dot);
    if (this.#dots.size > KEPT) {
      const [oldest] = this.#dots.keys();
      if (oldest !== undefined) this.#dots.delete(oldest);
    }
    return dot;
  }

  #tellLogged(number: number, dot: Dot, { worker, endedAt, status, app, databaseWait }: LoggedEnd): void {
    // k6's clock and nginx's have steps of a millisecond: nothing begins before it was sent.
    const begunAt = Math.min(Math.max(endedAt - app, dot.sentAt ?? 0), endedAt);
    const waited = Math.min(databaseWait, endedAt - begunAt);
    this.#tell(number, dot, [worker ?? NO_WORKER, rounded(begunAt), rounded(waited), rounded(endedAt), status]);
  }

  #tellEnded(number = Number.NaN): void {
    const dot = this.#dots.get(number);
    if (dot?.ended === undefined || dot.sentAt === undefined) return;
    const { at, error } = dot.ended;
    const status = error === undefined ? 200 : statusOf[error];
    this.#tell(number, dot, [NO_WORKER, rounded(at), 0, rounded(at), status]);
  }

  #tellUnanswered(number: number, dot: Dot, now: number): void {
    if (dot.sentAt !== undefined && !dot.told) this.#tell(number, dot, [NO_WORKER, rounded(now), 0, rounded(now), 0]);
  }

  #tell(number: number, dot: Dot, [worker, begunAt, databaseWait, endedAt, status]: Completion): void {
    dot.told = true;
    pushWithin(this.#completions, [number, worker, begunAt, databaseWait, endedAt, status]);
    // Both have told of its end: nothing more will come.
    if (dot.ended !== undefined) this.#dots.delete(number);
  }
}

type Completion = DotCompletion extends readonly [number, ...infer Rest] ? Rest : never;

/** Nobody may take what is told for a long time: the oldest goes first. */
function pushWithin<Item>(list: Item[], item: Item): void {
  list.push(item);
  // Half of it at once: it is not moved up with each one that comes.
  if (list.length > KEPT) list.splice(0, KEPT / 2);
}

/** To a tenth of a millisecond: the rest is noise, and goes over the wire. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e4) / 1e4;
}
