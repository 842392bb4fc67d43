import { Resolver } from 'node:dns';
import { connect, type LookupFunction, type Socket } from 'node:net';

/** Of an answer. */
const LONGEST = 256 * 1024;
const RESOLVE_LIMIT_MS = 400;
/** Of errors: a name server, or a host, that took too long. */
const LATE: ReadonlySet<string> = new Set(['ETIMEOUT', 'ETIMEDOUT']);
const HEAD_END = '\r\n\r\n';

/**
 * What became of a question. `'gone'`: nothing listens there, as the connection was refused or reset or the host has no
 * address. `'unknown'`: no answer in time, or none in JSON, which says nothing of the process.
 */
export type Answered = { readonly body: unknown } | 'gone' | 'unknown';

interface Asked {
  readonly path: string;
  readonly since: number;
  readonly then: (answered: Answered) => void;
}

/**
 * Asks one control thread over a connection that is kept, one question at a time. It speaks the little HTTP that this
 * takes by itself: Node's client costs more than twice the CPU time an answer, undici's up to twice, and some twenty
 * answers a second are a good part of what the dashboard may take (bench/dashboard-control.ts).
 */
export class ControlClient {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  /** Whether the connection has answered before. */
  #proven = false;
  #asked: Asked | undefined;
  #text = '';

  /** `base`: `http://hybrid:10001` */
  constructor(base: string) {
    const { hostname, port } = new URL(base);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** Whether a question waits for its answer. */
  get waiting(): boolean {
    return this.#asked !== undefined;
  }

  /** `now`: in seconds since 1970, as `giveUp` has it. */
  ask(path: string, now: number, then: (answered: Answered) => void): void {
    this.#asked = { path, since: now, then };
    this.#send(path);
  }

  /** Gives up a question that was asked before `moment`; without a timer for each. */
  giveUp(moment: number): void {
    if (this.#asked !== undefined && this.#asked.since <= moment) this.#end('unknown');
  }

  /** Gives up whatever was asked, and closes the connection. */
  close(): void {
    this.#asked = undefined;
    this.#hangUp();
  }

  #send(path: string): void {
    this.#socket ??= this.#connect();
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: ${this.#host}:${this.#port}${HEAD_END}`);
  }

  #connect(): Socket {
    // Without a family Node asks for addresses of both kinds.
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true, family: 4, lookup });
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => this.#take(socket, piece));
    let code: string | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on('close', () => this.#lose(socket, code));
    return socket;
  }

  #take(socket: Socket, piece: string): void {
    if (socket !== this.#socket) return;
    this.#text += piece;
    const head = this.#text.indexOf(HEAD_END);
    if (this.#asked === undefined) this.#hangUp();
    else if (head >= 0) this.#takeAnswer(head);
    else if (this.#text.length > LONGEST) this.#end('unknown');
  }

  #takeAnswer(head: number): void {
    const length = Number(/^content-length: (\d+)/im.exec(this.#text.slice(0, head))?.[1] ?? Number.NaN);
    const body = this.#text.slice(head + HEAD_END.length);
    if (!(length <= LONGEST)) this.#end('unknown');
    else if (body.length >= length) this.#answer(body);
  }

  #answer(body: string): void {
    const good = this.#text.startsWith('HTTP/1.1 200 ');
    this.#text = '';
    this.#proven = true;
    this.#settle(good ? answerIn(body) : 'unknown');
  }

  #lose(socket: Socket, code: string | undefined): void {
    if (socket !== this.#socket) return;
    const again = this.#proven;
    this.#hangUp();
    if (this.#asked === undefined) return;
    // A connection that was kept for too long says nothing of the process behind it.
    if (again) this.#send(this.#asked.path);
    else this.#end(code !== undefined && LATE.has(code) ? 'unknown' : 'gone');
  }

  /** The connection may still owe an answer. */
  #end(answered: Answered): void {
    this.#hangUp();
    this.#settle(answered);
  }

  #settle(answered: Answered): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.then(answered);
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#proven = false;
    this.#text = '';
    socket?.destroy();
  }
}

function answerIn(text: string): Answered {
  try {
    return { body: JSON.parse(text) };
  } catch {
    return 'unknown';
  }
}

const resolver = new Resolver({ timeout: RESOLVE_LIMIT_MS, tries: 1 });

/** Not the system's own, which holds a thread for up to 10 s where a container's name is not there. */
const lookup: LookupFunction = (host, _options, then) => {
  resolver.resolve4(host, (error, [address] = []) => {
    if (address === undefined) then(error ?? new Error(`${host} has no address`), '', 4);
    else then(null, address, 4);
  });
};
