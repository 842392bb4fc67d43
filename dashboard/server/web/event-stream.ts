import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Frame, Hello, Mark, Second, State } from '../../protocol.ts';
import { type Clock, systemClock } from '../clock.ts';
import { Refusal } from '../parts.ts';
import { Watcher } from './watcher.ts';

/** Who may watch at the same time. */
const MOST_WATCHERS = 100;
/** Seconds after which a watcher that does not read is cut off. */
const PATIENCE = 30;

/** The events that go to everybody. */
export interface Events {
  readonly frame: Frame;
  readonly second: Second;
  readonly state: State;
  readonly mark: Mark;
}

/** What the stream asks and tells whoever owns it. */
export interface EventStreamOwner {
  /** What a client is told first. */
  hello(client: string): Hello;
  /** `isNew`: it does not say that it was here before. */
  onCome(client: string, isNew: boolean): void;
  onLeave(client: string): void;
  readonly clock?: Clock;
}

/** What everybody who watches is told: each event is put into bytes once. */
export class EventStream {
  readonly #owner: EventStreamOwner;
  readonly #clock: Clock;
  readonly #watchers = new Map<string, Watcher>();

  constructor(owner: EventStreamOwner) {
    this.#owner = owner;
    this.#clock = owner.clock ?? systemClock;
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Begins to tell a client what happens; `known`: who it says that it was before. Throws a `Refusal` when too many watch. */
  open(response: ServerResponse, headers: OutgoingHttpHeaders, known?: string): void {
    const isNew = known === undefined || !/^[\w-]{8,64}$/.test(known);
    const client = isNew ? randomUUID() : known;
    const before = this.#watchers.get(client);
    if (before === undefined && this.#watchers.size >= MOST_WATCHERS) {
      throw new Refusal(503, `${MOST_WATCHERS} pages watch already: close one of them.`);
    }
    // It comes back before its old connection was seen to be gone.
    before?.cut();
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx hands on what it gets at once.
      'x-accel-buffering': 'no',
    });
    const hello = () => bytesOf('hello', this.#owner.hello(client), client);
    const watcher = new Watcher(response, hello, this.#clock);
    this.#watchers.set(client, watcher);
    response.once('close', () => this.#closed(client, watcher));
    this.#owner.onCome(client, isNew);
    watcher.greet();
  }

  /** Tells everybody who keeps up. */
  send<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    if (this.#watchers.size === 0) return;
    const bytes = bytesOf(name, event);
    for (const watcher of this.#watchers.values()) watcher.tell(bytes, name !== 'frame');
  }

  /** Cuts off who does not read; to be called every second or so. */
  settle(): void {
    const oldest = this.#clock() - PATIENCE;
    for (const watcher of this.#watchers.values()) if ((watcher.fullSince ?? oldest) < oldest) watcher.cut();
  }

  /** Ends all. */
  close(): void {
    for (const watcher of this.#watchers.values()) watcher.cut();
  }

  #closed(client: string, watcher: Watcher): void {
    if (this.#watchers.get(client) !== watcher) return;
    this.#watchers.delete(client);
    this.#owner.onLeave(client);
  }
}

/** With an id, a browser that connects again by itself says who it was. */
function bytesOf(name: string, event: object, id?: string): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
}
