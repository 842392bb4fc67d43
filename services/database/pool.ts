import { TooManyConnectionsError } from './operation.ts';

/** What a pool must know about its connections. */
interface PoolOptions<C> {
  /** The most connections that may be open; asked anew each time, since it may change. */
  readonly limit: () => number;
  /** Whether the server may have a connection to spare; while it has none, requests wait for those that are open. */
  readonly mayOpen: () => boolean;
  readonly open: () => Promise<C>;
  readonly isUsable: (connection: C) => boolean;
  readonly close: (connection: C) => void;
  /** Told how many connections are open or being opened. */
  readonly onOpenChange: (open: number) => void;
}

interface Waiter<C> {
  /** On performance.now()'s clock. */
  readonly since: number;
  readonly resolve: (connection: C) => void;
  readonly reject: (error: unknown) => void;
}

/** Connections for one user at a time each; who finds none free waits in turn, and is handed the next that is free. */
export class Pool<C> {
  readonly #options: PoolOptions<C>;
  readonly #idle: C[] = [];
  readonly #queue: Waiter<C>[] = [];
  #opening = 0;
  #inUse = 0;
  /** The server refused the last connection, as it has too many. */
  #isRefused = false;

  constructor(options: PoolOptions<C>) {
    this.#options = options;
  }

  /** A connection of one's own until it is released or discarded. */
  acquire(): Promise<C> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ since: performance.now(), resolve, reject });
      this.fit();
    });
  }

  /** Gives back a connection that is ready for the next user. */
  release(connection: C): void {
    this.#inUse -= 1;
    this.#idle.push(connection);
    this.fit();
  }

  /** Gives back a connection that nobody may use again. */
  discard(connection: C): void {
    this.#inUse -= 1;
    this.#options.close(connection);
    this.fit();
  }

  /** Rejects everyone who has waited for so many seconds. */
  rejectWaiting(error: Error, seconds = 0): void {
    const latest = performance.now() - seconds * 1000;
    const waitOn = this.#queue.findIndex(({ since }) => since > latest);
    for (const { reject } of this.#queue.splice(0, waitOn < 0 ? Infinity : waitOn)) reject(error);
  }

  /** Forgets connections that ended while nobody used them, and fits the rest to the limit. */
  tidy(): void {
    const { isUsable, close } = this.#options;
    for (const connection of this.#idle.splice(0)) {
      if (isUsable(connection)) this.#idle.push(connection);
      else close(connection);
    }
    this.fit();
  }

  /** Hands out what is idle, opens what is asked for, and closes what the limit no longer allows. */
  fit(): void {
    const { limit, mayOpen, isUsable, close } = this.#options;
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) break;
      if (!isUsable(connection) || this.#open >= limit()) {
        close(connection);
        continue;
      }
      const waiter = this.#queue.shift();
      if (waiter === undefined) {
        this.#idle.push(connection);
        break;
      }
      this.#inUse += 1;
      waiter.resolve(connection);
    }
    const atOnce = this.#isRefused ? 1 : Number.POSITIVE_INFINITY;
    while (
      this.#opening < Math.min(this.#queue.length, atOnce) &&
      this.#open < limit() &&
      (this.#held === 0 || mayOpen())
    ) {
      void this.#openOne();
    }
    this.#report();
  }

  async #openOne(): Promise<void> {
    this.#opening += 1;
    try {
      const connection = await this.#options.open();
      this.#opening -= 1;
      this.#isRefused = false;
      this.#idle.push(connection);
    } catch (error) {
      this.#opening -= 1;
      this.#isRefused = error instanceof TooManyConnectionsError;
      if (!this.#isRefused || this.#held === 0) this.#queue.shift()?.reject(error);
    }
    this.fit();
  }

  get #open(): number {
    return this.#held + this.#opening;
  }

  get #held(): number {
    return this.#idle.length + this.#inUse;
  }

  #report(): void {
    this.#options.onOpenChange(this.#open);
  }
}
