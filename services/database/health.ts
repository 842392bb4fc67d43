import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type DatabaseState, databaseStates } from '../../model/wire.ts';
import { stateAfterRefusal } from './failure.ts';
import { type FindAddresses, findAddresses, socketWith } from './name-lookup.ts';

/** What those who want a connection are told. */
type DecidedState = Exclude<DatabaseState, 'suspect'>;

const SUSPECT = 0;
const OK = 1;

/** Seconds without an answer after which a worker has its database suspected; a probe then decides. */
export const SUSPECT_AFTER = 0.25;
/** Seconds between two looks of a worker at the health while it waits for an answer. */
export const LOOK_EVERY = 0.05;

const PROBE_LIMIT_MS = 350;
const PROBE_GAP_MS = 200;
/** Seconds to wait for a decision: it is due after one gap and one probe, and who waits for longer has no watcher. */
export const DECISION_LIMIT = 0.7;
/** Seconds for which an address that answered is trusted with a new connection's password: its network has this stack's own containers alone. */
const ADDRESS_TRUSTED = 1;
/** Seconds without a refused connection after which the next one is another outage. */
const FULL_AGAIN_AFTER = 10;

/** Places in the memory: Int32 cells by number, the rest by byte. */
const STATE = 0;
const MOVES = 1;
const LENGTH = 2;
const ANSWERED_AT_BYTE = 16;
const ADDRESS_BYTE = 24;
/** An IPv6 address with its zone. */
const LONGEST_ADDRESS = 64;

/**
 * Whether the database is there, and at which address, in memory that all threads of a process share. Workers may suspect
 * it, and know that it is away or full when it says so itself; otherwise the one watcher on the control thread probes it
 * and decides for all of them. Fresh memory says `suspect`.
 */
export class DatabaseHealth {
  static readonly BYTES = ADDRESS_BYTE + LONGEST_ADDRESS;
  readonly #cells: Int32Array<SharedArrayBuffer>;
  /** When it last answered the watcher, in seconds of `process.hrtime`, which all threads share; for ever where it cannot move. */
  readonly #answeredAt: Float64Array;
  readonly #address: Buffer;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory, 0, ANSWERED_AT_BYTE / Int32Array.BYTES_PER_ELEMENT);
    this.#answeredAt = new Float64Array(memory, ANSWERED_AT_BYTE, 1);
    this.#address = Buffer.from(memory, ADDRESS_BYTE, LONGEST_ADDRESS);
  }

  get state(): DatabaseState {
    return databaseStates[Atomics.load(this.#cells, STATE)] ?? 'suspect';
  }

  /** Another number for each address; odd while the watcher writes one. */
  get moves(): number {
    return Atomics.load(this.#cells, MOVES);
  }

  /** Where the database answered last; empty: nowhere yet. */
  get address(): string {
    for (;;) {
      const before = this.moves;
      const text = this.#address.toString('latin1', 0, Atomics.load(this.#cells, LENGTH));
      if (before % 2 === 0 && before === this.moves) return text;
    }
  }

  /** Asks the watcher for a probe, unless the database is away or suspected already. */
  suspect(): void {
    if (Atomics.compareExchange(this.#cells, STATE, OK, SUSPECT) === OK) Atomics.notify(this.#cells, STATE);
  }

  /** The server refused a connection, with this SQLSTATE if any; what that says holds until the watcher's next probe. */
  refused(sqlState: string | undefined): void {
    const state = stateAfterRefusal(sqlState);
    if (state === undefined) this.suspect();
    else this.decide(state);
  }

  /** The watcher's decision: the database answers at this address, which may change unless it is `fixed`. */
  answersAt(address: string, fixed = false): void {
    this.#answeredAt[0] = fixed ? Number.POSITIVE_INFINITY : clock();
    if (address !== this.address) {
      Atomics.add(this.#cells, MOVES, 1);
      Atomics.store(this.#cells, LENGTH, this.#address.write(address, 'latin1'));
      Atomics.add(this.#cells, MOVES, 1);
    }
    this.decide('ok');
  }

  /** A decision for all threads. */
  decide(state: DecidedState): void {
    Atomics.store(this.#cells, STATE, databaseStates.indexOf(state));
    Atomics.notify(this.#cells, STATE);
  }

  /**
   * Whether a connection may be opened to `address`; blocks the thread while the database is suspected. Without a
   * watcher it counts as away.
   */
  awaitDecisionBlocking(): DecidedState {
    this.#doubtOldAddress();
    Atomics.wait(this.#cells, STATE, SUSPECT, DECISION_LIMIT * 1000);
    return this.#decided;
  }

  /** As `awaitDecisionBlocking`, as a task. */
  async awaitDecision(): Promise<DecidedState> {
    this.#doubtOldAddress();
    await Atomics.waitAsync(this.#cells, STATE, SUSPECT, DECISION_LIMIT * 1000).value;
    return this.#decided;
  }

  get #decided(): DecidedState {
    return this.state === 'suspect' ? 'away' : this.state;
  }

  /** Another container may have taken it, and would be given the password. */
  #doubtOldAddress(): void {
    if (clock() - (this.#answeredAt[0] ?? 0) > ADDRESS_TRUSTED) this.suspect();
  }

  /** Resolves when the state is not `ok` (any more), or when `signal` aborts. */
  async awaitDoubt(signal: AbortSignal): Promise<void> {
    const wake = () => Atomics.notify(this.#cells, STATE);
    signal.addEventListener('abort', wake);
    while (!signal.aborted && this.state === 'ok') await Atomics.waitAsync(this.#cells, STATE, OK).value;
    signal.removeEventListener('abort', wake);
  }
}

/** What a watch is given beside its database. */
export interface WatchOptions {
  /** Called once for each outage in which the database has too many connections. */
  readonly onFull?: () => void;
  /** Looks the database's name up. */
  readonly find?: FindAddresses;
}

/**
 * Decides whether the database is there, and where, until `signal` aborts; runs on the control thread. While nobody
 * doubts it nothing is sent: a periodic probe would disturb what is being measured.
 */
export async function watchDatabase(
  health: DatabaseHealth,
  url: string,
  signal: AbortSignal,
  { onFull, find = findAddresses }: WatchOptions = {},
): Promise<void> {
  const isFixed = isIP(hostOf(url)) !== 0;
  const gap = () => delay(PROBE_GAP_MS, undefined, { signal }).catch(() => undefined);
  let fullAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const address = await probe(url, health.address, find);
    if (address === undefined) health.decide('away');
    else health.answersAt(address, isFixed);
    await gap();
    await health.awaitDoubt(signal);
    const { state } = health;
    if (state === 'full') {
      if (clock() - fullAt > FULL_AGAIN_AFTER) onFull?.();
      fullAt = clock();
    }
    // A server that refuses connections answers a probe too: what it said holds until the next one.
    if (address !== undefined && (state === 'away' || state === 'full')) await gap();
  }
}

/** Eight bytes that ask Postgres whether it speaks TLS: the cheapest question that it answers before any login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * The address at which Postgres answers, if it does. The name is looked up each time, as a container that was replaced
 * has another address; meanwhile the last address is asked, so that on a slow machine neither waits for the other.
 */
async function probe(url: string, lastAddress: string, find: FindAddresses): Promise<string | undefined> {
  const over = new AbortController();
  const late = Promise.withResolvers<undefined>();
  // An answer that came while this thread was kept from running is read before the immediate.
  const timer = setTimeout(() => setImmediate(late.resolve, undefined), PROBE_LIMIT_MS);
  const port = Number(new URL(url).port || 5432);
  const lookAround = async () => {
    const last = lastAddress === '' ? undefined : answering(lastAddress, port, find, over.signal);
    const found = await addressesOf(hostOf(url), find);
    over.signal.throwIfAborted();
    const kept = found.some(({ address }) => address === lastAddress) ? await last : undefined;
    return kept ?? answering(hostOf(url), port, async () => found, over.signal);
  };
  return Promise.race([lookAround().catch(() => undefined), late.promise]).finally(() => {
    clearTimeout(timer);
    over.abort();
  });
}

async function addressesOf(host: string, find: FindAddresses): Promise<LookupAddress[]> {
  const family = isIP(host);
  return family === 0 ? find(host) : [{ address: host, family }];
}

/** The address of this host at which Postgres answers: a server that is paused still accepts connections, so an answer counts. */
function answering(host: string, port: number, find: FindAddresses, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = socketWith(find);
  signal.addEventListener('abort', () => socket.destroy());
  socket.on('connect', () => socket.write(SSL_REQUEST));
  socket.on('data', () => resolve(socket.remoteAddress));
  socket.on('error', () => resolve(undefined));
  socket.on('close', () => resolve(undefined));
  socket.connect(port, host);
  return promise;
}

/** The name or the address in a URL. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** Seconds of a clock that all threads of the process share. */
function clock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
