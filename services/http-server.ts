import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Problem, parameterProblem, problem } from '../model/contract/problem.ts';
import { limits } from '../model/limits.ts';
import { problemAnswer } from './answer.ts';
import type { Counters } from './counters.ts';
import { wireAnswer } from './exchange.ts';
import { createServer } from './node-http.ts';

/** A worker's server: the same for every app, so that only apps are compared. */
interface HttpServer {
  /** Resolves with the port when connections are taken. */
  listen(host: string, port: number): Promise<number>;
  /**
   * Answers everything that was accepted, then closes every connection. When that is more than the worker does within
   * the drain limit, the limit ends the process, and what is left goes unanswered.
   */
  drain(): Promise<void>;
}

/** The server of a worker, in front of its app; `worker`: its name, unless it is hidden. */
export function createHttpServer(worker: string | undefined, counters: Counters, app: RequestListener): HttpServer {
  const inProgress = new Set<ServerResponse>();
  let connections = 0;
  let draining = false;
  let lastActivity = performance.now();

  const server = createServer(
    {
      headersTimeout: limits.worker.header * 1000,
      requestTimeout: limits.worker.request * 1000,
      keepAliveTimeout: limits.worker.keepAlive * 1000,
      connectionsCheckingInterval: limits.worker.check * 1000,
      maxHeaderSize: limits.worker.headerSize,
      // Its absence is answered below, like every other problem.
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => {
      begin(response);
      if (request.headers.host === undefined && request.httpVersion === '1.1') {
        refuse(response, parameterProblem('Host', 'A request needs a Host header.'));
      } else app(request, response);
    },
  );
  // Not in Node's types: who has said all and still listens is answered, by tasks as by a blocked thread.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.maxRequestsPerSocket = 0;
  server.maxHeadersCount = 100;
  server.on('connection', () => {
    connections += 1;
    lastActivity = performance.now();
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    begin(response);
    refuse(response, problem(417, 'The only expectation that is met is 100-continue.'));
  });
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    endWith(socket, problem(405, 'This is not a proxy.', { allow: 'GET, HEAD, POST' }));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // What was asked before on this connection is answered first; what waits for the body that broke off never will be.
    const before = [...inProgress].findLast(
      ({ req }) => req.socket === socket && (req.complete || !req.readableFlowing),
    );
    const answer = () => endWith(socket, problemOf(error));
    if (before === undefined) answer();
    else before.prependOnceListener('finish', answer);
  });

  function begin(response: ServerResponse): void {
    inProgress.add(response);
    counters.set('inProgress', inProgress.size);
    if (draining) response.setHeader('connection', 'close');
    response.once('close', () => {
      inProgress.delete(response);
      counters.set('inProgress', inProgress.size);
      if (response.writableFinished) counters.add('completed', 1);
      lastActivity = performance.now();
    });
  }

  function refuse(response: ServerResponse, refusal: Problem): void {
    const { status, headers, body } = wireAnswer(problemAnswer(refusal), worker, 0, 0);
    response.writeHead(status, headers).end(body);
  }

  function endWith(socket: Socket, refusal: Problem): void {
    if (!socket.writable) {
      socket.destroySoon();
      return;
    }
    const { status, headers, body } = wireAnswer(problemAnswer(refusal), worker, 0, 0);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${refusal.problem.title}\r\n${lines.join('')}connection: close\r\n\r\n`);
    socket.end(body);
  }

  async function drain(): Promise<void> {
    draining = true;
    for (const response of inProgress) if (!response.headersSent) response.setHeader('connection', 'close');
    // Connections that the system has accepted for us are taken, one a turn of the loop, before the port is closed.
    for (let taken = -1; taken !== connections; ) {
      taken = connections;
      await setImmediate();
      await setImmediate();
    }
    // http.Server's own close() would also cut connections whose next request has arrived but is not read yet.
    NetServer.prototype.close.call(server);
    const quiet = limits.worker.quiet * 1000;
    lastActivity = performance.now();
    while (inProgress.size > 0 || performance.now() - lastActivity < quiet) await setTimeout(quiet / 4);
    server.closeAllConnections();
  }

  return { drain, listen: (host, port) => listen(server, host, port) };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: limits.worker.backlog }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function problemOf(error: NodeJS.ErrnoException): Problem {
  if (error.code === 'HPE_HEADER_OVERFLOW') return problem(431, 'The head of the request is too large.');
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem(408, 'The request did not arrive in time.');
  return problem(400, 'This is not an HTTP request.');
}
