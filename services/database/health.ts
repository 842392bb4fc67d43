import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** `suspect`: somebody has reason to doubt it, and the next probe decides. */
export type HealthState = 'suspect' | 'ok' | 'away';

const states = ['suspect', 'ok', 'away'] as const satisfies readonly HealthState[];
const SUSPECT = 0;
const OK = 1;
const AWAY = 2;

/** Seconds without an answer after which a worker has its database suspected; a probe then decides. */
export const SUSPECT_AFTER = 0.25;
/** Seconds between two looks of a worker at the health while it waits for an answer. */
export const LOOK_EVERY = 0.05;

const PROBE_LIMIT_MS = 350;
const PROBE_GAP_MS = 200;
/** Seconds to wait for a verdict: it is due after one gap and one probe, and who waits for longer has no watcher. */
export const VERDICT_LIMIT = 0.7;

/**
 * Whether the database is there, in memory that all threads of a process share. Workers may suspect it, and know that it
 * is away when it says so itself; otherwise the one watcher on the control thread probes it and decides for all of them.
 * Fresh memory says `suspect`.
 */
export class DatabaseHealth {
  static readonly BYTES = Int32Array.BYTES_PER_ELEMENT;
  readonly #cell: Int32Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer) {
    this.#cell = new Int32Array(memory);
  }

  get state(): HealthState {
    return states[Atomics.load(this.#cell, 0)] ?? 'suspect';
  }

  /** Asks the watcher for a probe, unless the database is away or suspected already. */
  suspect(): void {
    if (Atomics.compareExchange(this.#cell, 0, OK, SUSPECT) === OK) Atomics.notify(this.#cell, 0);
  }

  /** Somebody was told by the server that it takes nobody: the database is away until the watcher's next probe. */
  turnedAway(): void {
    this.decide('away');
  }

  /** The watcher's verdict. */
  decide(verdict: 'ok' | 'away'): void {
    Atomics.store(this.#cell, 0, verdict === 'ok' ? OK : AWAY);
    Atomics.notify(this.#cell, 0);
  }

  /** Blocks the thread until the database is not suspected any more; without a watcher it counts as away. */
  awaitVerdictBlocking(): 'ok' | 'away' {
    Atomics.wait(this.#cell, 0, SUSPECT, VERDICT_LIMIT * 1000);
    return this.state === 'ok' ? 'ok' : 'away';
  }

  /** As `awaitVerdictBlocking`, as a task. */
  async awaitVerdict(): Promise<'ok' | 'away'> {
    await Atomics.waitAsync(this.#cell, 0, SUSPECT, VERDICT_LIMIT * 1000).value;
    return this.state === 'ok' ? 'ok' : 'away';
  }

  /** Resolves when the state is not `ok` (any more), or when `signal` aborts. */
  async awaitDoubt(signal: AbortSignal): Promise<void> {
    const wake = () => Atomics.notify(this.#cell, 0);
    signal.addEventListener('abort', wake);
    while (!signal.aborted && this.state === 'ok') await Atomics.waitAsync(this.#cell, 0, OK).value;
    signal.removeEventListener('abort', wake);
  }
}

/**
 * Decides whether the database is there, until `signal` aborts; runs on the control thread. While nobody doubts it
 * nothing is sent: a periodic probe would disturb what is being measured.
 */
export async function watchDatabase(health: DatabaseHealth, url: string, signal: AbortSignal): Promise<void> {
  const gap = () => delay(PROBE_GAP_MS, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    const there = await probe(url);
    health.decide(there ? 'ok' : 'away');
    await gap();
    await health.awaitDoubt(signal);
    // A server that turns everybody away answers a probe too: until the next one it counts as away.
    if (there && health.state === 'away') await gap();
  }
}

/** Eight bytes that ask Postgres whether it speaks TLS: the cheapest question that it answers before any login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Whether Postgres answers at this address: a server that is paused still accepts connections, so an answer counts. */
function probe(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432) });
  socket.on('connect', () => socket.write(SSL_REQUEST));
  socket.on('data', () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.on('close', () => resolve(false));
  // An answer that came while this thread was kept from running is read before the immediate.
  const timer = setTimeout(() => setImmediate(resolve, false), PROBE_LIMIT_MS);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}
