import { setTimeout as delay } from 'node:timers/promises';
import {
  addresses,
  type ChangeRoute,
  type Changes,
  type DeploymentId,
  type Frame,
  type Hello,
  type Mark,
  type Second,
  type State,
  type Totals,
} from '../protocol.ts';

/** Milliseconds that a server may take to start. */
const START_MS = 10_000;

interface Events {
  hello: Hello;
  frame: Frame;
  second: Second;
  state: State;
  mark: Mark;
}

/** A page without a browser: listens to a dashboard's events, and asks it for changes. */
export class Watcher implements AsyncDisposable {
  readonly url: string;
  /** Of everything that came, with what HTTP adds to the events left out. */
  bytes = 0;
  hello: Hello | undefined;
  state: State | undefined;
  readonly frames: Frame[] = [];
  readonly seconds: Second[] = [];
  readonly marks: Mark[] = [];
  readonly #closing = new AbortController();
  readonly #keep: boolean;
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  /** Listens to the dashboard at `url`; `keep`: with what it hears, not only the latest state. */
  static async listen(url: string, keep = true): Promise<Watcher> {
    const watcher = new Watcher(url, keep);
    await untilServed(url);
    const { body } = await fetch(url + addresses.events, { signal: watcher.#closing.signal });
    if (body === null) throw new Error(`${url}${addresses.events} answers without a body`);
    void watcher.#read(body).catch(() => undefined);
    await watcher.until(() => watcher.hello !== undefined);
    return watcher;
  }

  private constructor(url: string, keep: boolean) {
    this.url = url.replace(/\/$/, '');
    this.#keep = keep;
  }

  /** The first deployment of a topology; empty where there is none. */
  idOf(topology: string): DeploymentId {
    return this.hello?.stage.find(({ deployment }) => deployment.topology === topology)?.id ?? '';
  }

  /** Resolves as soon as `holds` does, which is asked at every event; rejects after so many seconds. */
  until(holds: () => boolean, seconds = 20): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`not within ${seconds} s: ${holds}`)), seconds * 1000);
      this.#waiting.push({
        holds,
        resolve: () => {
          clearTimeout(limit);
          resolve();
        },
      });
    });
  }

  /** Asks for a change; its status. */
  async change<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<number> {
    const [method = '', path = ''] = route.split(' ');
    return post(this.url, method, path, body);
  }

  async totals(): Promise<Totals> {
    return (await (await fetch(this.url + addresses.totals)).json()) as Totals;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body) {
      this.bytes += chunk.length;
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.#take(event);
    }
  }

  #take(text: string): void {
    const name = /^event: ?(.*)$/m.exec(text)?.[1];
    const json = /^data: ?(.*)$/m.exec(text)?.[1];
    if (name === undefined || json === undefined) return;
    const event = JSON.parse(json) as Events[keyof Events];
    if (name === 'hello') {
      this.hello = event as Hello;
      this.state = this.hello.state;
    } else if (name === 'state') this.state = event as State;
    else if (this.#keep && name === 'frame') this.frames.push(event as Frame);
    else if (this.#keep && name === 'second') this.seconds.push(event as Second);
    else if (this.#keep && name === 'mark') this.marks.push(event as Mark);
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (!holds()) return true;
      resolve();
      return false;
    });
  }
}

/** Waits until the dashboard answers, and not nginx in its place. */
async function untilServed(url: string): Promise<void> {
  const limit = performance.now() + START_MS;
  for (;;) {
    const status = await post(url, 'POST', addresses.session, {});
    if (status === 204) return;
    if (performance.now() > limit) throw new Error(`the dashboard at ${url} does not answer: ${status}`);
    await delay(50);
  }
}

/** Sends a body as a page would; the status of the answer. */
async function post(url: string, method: string, path: string, body: object): Promise<number> {
  const origin = url.replace(/\/$/, '');
  const headers = { 'content-type': 'application/json', origin };
  const response = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
  await response.arrayBuffer();
  return response.status;
}
