import type { IncomingMessage } from 'node:http';
import { isProblem, type Problem, parameterProblem, tooLarge } from '../model/contract/problem.ts';
import { limits } from '../model/limits.ts';
import { isAbandoned } from './abandonment.ts';
import { type Answer, problemAnswer } from './answer.ts';
import type { RequestTiming } from './database/operation.ts';
import type { ServiceRequest } from './handlers.ts';
import { type Resolved, resolve } from './resolve.ts';

/** An answer as it goes over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request and its answer, the same in every app: what is asked, how long it takes, how the answer looks. */
export class Exchange {
  /** What the request asks for, or what is wrong with it. */
  readonly asked: Resolved | Problem;
  readonly timing: RequestTiming = { database: 0 };
  readonly #worker: string | undefined;
  readonly #request: IncomingMessage;
  readonly #start = performance.now();

  constructor(worker: string | undefined, request: IncomingMessage) {
    const { method = '', url = '', headers } = request;
    this.#worker = worker;
    this.#request = request;
    this.asked = resolve(method, url, headers);
  }

  /** What the route's handler is given, once the body has been read; or what is wrong. */
  withBody(body: string | Problem): ServiceRequest | Problem {
    if (isProblem(this.asked)) return this.asked;
    return typeof body === 'string' ? { ...this.asked, body } : body;
  }

  /** Closes the connection if no client waits for the answer any more; whether it did. Nothing is sent after that. */
  dropIfAbandoned(): boolean {
    if (!isAbandoned(this.#request)) return false;
    this.#request.socket.destroy();
    return true;
  }

  /** The answer in bytes, with the headers that every answer has: how long the database and the handler took, in ms. */
  wire(answer: Answer): WireAnswer {
    const handler = performance.now() - this.#start;
    return wireAnswer(answer, this.#worker, this.timing.database * 1000, handler);
  }

  wireProblem(problem: Problem): WireAnswer {
    return this.wire(problemAnswer(problem));
  }
}

/** The answer in bytes: the one place that knows the headers and their order; times in milliseconds; no `worker`: hidden. */
export function wireAnswer(
  answer: Answer,
  worker: string | undefined,
  databaseMs: number,
  handlerMs: number,
): WireAnswer {
  const body = Buffer.from(answer.body);
  const headers = {
    'content-type': answer.mediaType,
    'content-length': String(body.length),
    'cache-control': 'no-store',
    ...(worker !== undefined && {
      'x-worker': worker,
      'server-timing': `db;dur=${databaseMs.toFixed(3)}, app;dur=${handlerMs.toFixed(3)}`,
    }),
    ...answer.headers,
  };
  return { status: answer.status, headers, body };
}

/** The text of a request's body, or what is wrong with it; never fails, also when the client goes away. */
export function readBody(request: IncomingMessage): Promise<string | Problem> {
  return new Promise(settle => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What is over the limit is read and dropped: closing with unread bytes would reset the connection, answer and all.
      if (size <= limits.worker.bodySize) chunks.push(chunk);
      else settle(tooLarge(limits.worker.bodySize));
    });
    request.on('end', () => settle(textOf(Buffer.concat(chunks))));
    request.on('error', () => settle(parameterProblem('body', 'The body ended too early.')));
    request.on('close', () => settle(parameterProblem('body', 'The body ended too early.')));
  });
}

function textOf(bytes: Buffer): string | Problem {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return parameterProblem('body', 'The body must be UTF-8.');
  }
}
