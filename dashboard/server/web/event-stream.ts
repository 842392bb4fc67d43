import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Frame, Hello, Mark, Second, State } from '../../protocol.ts';
import { Refusal } from '../refusal.ts';

const MOST_WATCHERS = 100;
/** Seconds after which a page that reads nothing is disconnected. */
const PATIENCE = 30;

interface Events {
  readonly frame: Frame;
  readonly second: Second;
  readonly state: State;
  readonly mark: Mark;
}

interface EventStreamOptions {
  /** The first event that a page gets. */
  hello(): Hello;
  /** Called when a page connects; `isNew`: for the first time since it was opened. */
  onCome(isNew: boolean): void;
  onLeave(): void;
}

/** Sends server-sent events to all pages; each event is serialised once. */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #watchers = new Set<Watcher>();

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  /** Connected pages. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Connects a page. Throws a `Refusal` when too many are connected. */
  open(response: ServerResponse, headers: OutgoingHttpHeaders, isNew: boolean): void {
    if (this.#watchers.size >= MOST_WATCHERS) {
      throw new Refusal(503, `${MOST_WATCHERS} pages are open already. Close one of them.`);
    }
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Keeps nginx from buffering.
      'x-accel-buffering': 'no',
    });
    const watcher = new Watcher(response, () => serialise('hello', this.#options.hello()));
    this.#watchers.add(watcher);
    response.once('close', () => {
      this.#watchers.delete(watcher);
      this.#options.onLeave();
    });
    this.#options.onCome(isNew);
    watcher.greet();
  }

  /** Sends an event to all pages that keep up. */
  send<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    if (this.#watchers.size === 0) return;
    const bytes = serialise(name, event);
    for (const watcher of this.#watchers) watcher.tell(bytes, name === 'frame');
  }

  /** Disconnects pages that read nothing; call it every second. */
  dropSilent(): void {
    for (const watcher of this.#watchers) watcher.dropIfSilent();
  }

  /** Disconnects all. */
  close(): void {
    for (const watcher of this.#watchers) watcher.drop();
  }
}

/** One page. While it reads too slowly it gets no more frames; then it is greeted again. */
class Watcher {
  readonly #response: ServerResponse;
  readonly #hello: () => Buffer;
  #silentSeconds = 0;
  /** A greeting with its history takes a slow line seconds; frames that are left out meanwhile do not matter. */
  #isGreeting = false;
  #missed = false;

  constructor(response: ServerResponse, hello: () => Buffer) {
    this.#response = response;
    this.#hello = hello;
    response.on('drain', () => {
      this.#silentSeconds = 0;
      this.#isGreeting = false;
      if (this.#missed) this.greet();
    });
    // `close` follows.
    response.on('error', () => response.destroy());
  }

  greet(): void {
    this.#missed = false;
    this.#isGreeting = !this.#response.write(this.#hello());
  }

  tell(bytes: Buffer, isFrame: boolean): void {
    if (!this.#response.writableNeedDrain || (this.#isGreeting && !isFrame)) this.#response.write(bytes);
    else if (!this.#isGreeting) this.#missed = true;
  }

  dropIfSilent(): void {
    if (this.#response.writableNeedDrain) this.#silentSeconds += 1;
    if (this.#silentSeconds > PATIENCE) this.drop();
  }

  drop(): void {
    this.#response.destroy();
  }
}

function serialise(name: string, event: object): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
}
