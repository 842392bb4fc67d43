import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { forbidden, notFound, parameterProblem, wrongMethod } from '../model/contract/problem.ts';
import type { ProcessCounters, ProcessResources } from '../model/wire.ts';
import { type Answer, errorAnswer, json, problemAnswer } from './answer.ts';
import { readBody } from './exchange.ts';
import type { Log } from './log.ts';
import { createServer } from './node-http.ts';

/** What the control thread can be asked and told. */
export interface Controlled {
  counters(): ProcessCounters;
  /** Takes longer than `counters`, and is asked more rarely. */
  resources(): ProcessResources;
  drain(): void;
  /** Ends the process at once, whatever it is at. */
  exit(): void;
  /** Shares these connections out over the process's workers; says in a sentence why that cannot be. */
  shareConnections(databaseConnections: number): string | undefined;
}

type Answering = (
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
) => Answer | Promise<Answer>;

interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly answer: Answering;
}

/** What a control thread answers, by path. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  '/livez': { method: 'GET', answer: () => json(200, { live: true }) },
  '/readyz': {
    method: 'GET',
    answer: controlled => {
      const { ready, database } = controlled.counters();
      return json(ready ? 200 : 503, { ready, database });
    },
  },
  '/counters': { method: 'GET', answer: controlled => json(200, controlled.counters()) },
  '/resources': { method: 'GET', answer: controlled => json(200, controlled.resources()) },
  '/drain': {
    method: 'POST',
    answer: controlled => {
      controlled.drain();
      return json(202, { draining: true });
    },
  },
  '/exit': {
    method: 'POST',
    answer: (controlled, _request, response) => {
      response.once('close', () => controlled.exit());
      return json(202, { exiting: true });
    },
  },
  '/database-connections': { method: 'PUT', answer: changeConnections },
};

/** Headers that a browser adds to what a page of another's makes it send, and nobody else does. */
const browsersHeaders = ['origin', 'sec-fetch-site'];

/** The control thread's server: never asked by a client of the service, never in the way of a request. */
export function createControlServer(controlled: Controlled, log: Log): Server {
  return createServer((request, response) => {
    answerTo(controlled, request, response)
      .catch((error: unknown) => errorAnswer(error, log))
      .then(answer => send(response, answer));
  });
}

async function answerTo(controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<Answer> {
  if (browsersHeaders.some(name => request.headers[name] !== undefined)) {
    return problemAnswer(forbidden('A control thread is not for browsers.'));
  }
  const endpoint = Object.hasOwn(endpoints, request.url ?? '') ? endpoints[request.url ?? ''] : undefined;
  if (endpoint === undefined) return problemAnswer(notFound());
  const head = request.method === 'HEAD' && endpoint.method === 'GET';
  if (request.method !== endpoint.method && !head) return problemAnswer(wrongMethod(endpoint.method));
  return endpoint.answer(controlled, request, response);
}

async function changeConnections(controlled: Controlled, request: IncomingMessage): Promise<Answer> {
  const body = await readBody(request);
  if (typeof body !== 'string') return problemAnswer(body);
  const databaseConnections = connectionsIn(body);
  const refusal =
    databaseConnections === undefined
      ? 'The body must be { "databaseConnections": n } with a whole number from 1.'
      : controlled.shareConnections(databaseConnections);
  if (refusal !== undefined) return problemAnswer(parameterProblem('databaseConnections', refusal));
  return json(200, { databaseConnections });
}

function connectionsIn(body: string): number | undefined {
  try {
    const { databaseConnections } = JSON.parse(body);
    return Number.isSafeInteger(databaseConnections) && databaseConnections >= 1 ? databaseConnections : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, mediaType, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': mediaType, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}
