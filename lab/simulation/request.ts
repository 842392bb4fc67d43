import type { Seconds } from '../../model/quantities.ts';

/** Where a request is, in order; without a query it skips querying, waiting and finishing. */
export const stages = {
  ended: 0,
  sending: 1,
  passedOn: 2,
  begun: 3,
  querying: 4,
  waiting: 5,
  finishing: 6,
  passedBack: 7,
  receiving: 8,
} as const;

/** A request on its way; the object is reused when it has ended. */
export class Request {
  /** Its index in the pool. */
  readonly slot: number;
  stage = 0;
  /** Index of the workload's request. */
  kind = 0;
  worker = 0;
  /** From 1, in the order of sending. */
  number = 0;
  user = 0;
  scored = false;
  /** Counted as over the objective while it was in progress. */
  late = false;
  givenUp = false;
  /** The next in its queue. */
  next: Request | undefined = undefined;
  /** Neighbours among those whose clients wait, by due time. */
  older: Request | undefined = undefined;
  newer: Request | undefined = undefined;
  // NaN at first, so that the engine stores them as floating-point numbers from the beginning.
  dueAt: Seconds = Number.NaN;
  sentAt: Seconds = Number.NaN;
  /** CPU seconds that are left of its stage. */
  left: Seconds = Number.NaN;
  /** When it began to run on a core, or to wait for a connection, or got one. */
  since: Seconds = Number.NaN;
  connectedAt: Seconds = Number.NaN;
  /** When its answer reached the generator, which may still be busy. */
  answeredAt: Seconds = Number.NaN;

  constructor(slot: number) {
    this.slot = slot;
  }
}

/** Requests in the order in which they came; a request is in one queue at a time. */
export class RequestQueue {
  length = 0;
  #first: Request | undefined = undefined;
  #last: Request | undefined = undefined;

  push(request: Request): void {
    request.next = undefined;
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
    this.length++;
  }

  shift(): Request | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#first = first.next;
    if (this.#first === undefined) this.#last = undefined;
    this.length--;
    return first;
  }
}

/** As many requests as were ever in progress at once. */
export class RequestPool {
  readonly #all: Request[] = [];
  #idle: Request | undefined = undefined;

  at(slot: number): Request {
    return this.#all[slot] as Request;
  }

  take(): Request {
    const request = this.#idle ?? this.#add();
    this.#idle = request.next;
    return request;
  }

  release(request: Request): void {
    request.stage = stages.ended;
    request.next = this.#idle;
    this.#idle = request;
  }

  #add(): Request {
    const request = new Request(this.#all.length);
    this.#all.push(request);
    return request;
  }
}
