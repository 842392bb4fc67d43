import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { addresses, type Session, type Totals } from '../../protocol.ts';
import { Refusal } from '../parts.ts';
import type { Changed } from './change-handlers.ts';
import { addChanges } from './change-routes.ts';
import type { EventStream } from './event-stream.ts';
import type { Admission, Guard } from './guard.ts';
import { type WebProblem, webProblem } from './problem.ts';
import { isNavigation, refusalPage } from './refusal-page.ts';
import { listRuns, modelOf, reportOf } from './runs.ts';
import { refusalPolicy, reportPolicy, securityHeaders } from './security-headers.ts';
import type { UserSession } from './user-session.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: `page`. */
    admission?: Admission;
  }
}

/** What the app is made of. */
export interface AppParts extends Changed {
  readonly guard: Guard;
  readonly session?: UserSession;
  readonly events: EventStream;
  readonly totals: () => Totals;
  /** The folder of the runs of `compare`; absent: there is none. */
  readonly runs?: string;
  /** The folder of the built page. */
  readonly page: string;
  /** Told of mistakes of the dashboard's own. */
  readonly onError: (error: unknown) => void;
}

/** Bytes of a body. */
const LARGEST_BODY = 4096;
/** Seconds; longer than nginx keeps its side. */
const KEEP_ALIVE = 75;
const REQUEST = 10;

/** What browsers ask, apart from the port that it is asked on. */
export function createApp(parts: AppParts): FastifyInstance {
  const { guard, events, totals, runs } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    keepAliveTimeout: KEEP_ALIVE * 1000,
    requestTimeout: REQUEST * 1000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => refuse(request, reply.headers(securityHeaders), error, parts),
  });
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async ({ headers, routeOptions }, reply) => {
    reply.headers(securityHeaders).header('cache-control', 'no-store');
    guard.admit(routeOptions.config.admission ?? 'page', headers);
  });
  app.setErrorHandler((error, request, reply) => refuse(request, reply, error, parts));
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new Refusal(404, 'There is nothing at this address.'), parts),
  );

  addChanges(app, parts);

  app.get('/livez', async () => ({ live: true }));
  const read = { config: { admission: 'read' } } as const;
  app.get(addresses.session, read, async (): Promise<Session> => ({ token: guard.token }));
  app.get(addresses.totals, read, async () => totals());
  app.get(addresses.runs, read, async () => (runs === undefined ? [] : listRuns(runs)));
  app.get<{ Querystring: { client?: string } }>(addresses.events, read, (request, reply) => {
    const known = request.headers['last-event-id'] ?? request.query.client;
    events.open(reply.raw, securityHeaders, typeof known === 'string' ? known : undefined);
    reply.hijack();
  });
  app.get<{ Params: { run: string } }>(
    '/runs/:run/report.html',
    { config: { admission: 'report' } },
    async ({ params }, reply) => {
      const html = runs === undefined ? undefined : await reportOf(runs, params.run);
      if (html === undefined) throw new Refusal(404, 'This run has no report: ./loadline report makes it.');
      return reply.type('text/html; charset=utf-8').header('content-security-policy', reportPolicy(html)).send(html);
    },
  );
  app.get<{ Params: { run: string } }>('/runs/:run/model.json', read, async ({ params }, reply) => {
    const model = runs === undefined ? undefined : await modelOf(runs, params.run);
    if (model === undefined) throw new Refusal(404, 'This run has no model to plan with: ./loadline report makes it.');
    return reply.type('application/json').send(Buffer.from(model));
  });
  addPage(app, parts.page);
  return app;
}

/** The page itself: what has its hash in its name never changes. */
function addPage(app: FastifyInstance, page: string): void {
  if (!existsSync(join(page, 'index.html'))) {
    app.get('/', async () => {
      throw new Refusal(503, 'The page is not built: ./loadline up builds it.');
    });
    return;
  }
  app.register(fastifyStatic, {
    root: page,
    preCompressed: true,
    cacheControl: false,
    decorateReply: false,
    setHeaders: (reply, path) => {
      const lasting = path.startsWith(join(page, 'assets'));
      reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Answers a script with a problem in JSON, and a browser's navigation with a page. */
function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown, { onError }: AppParts): FastifyReply {
  const problem = problemOf(error, onError);
  const { status } = problem;
  reply.code(status).header('cache-control', 'no-store');
  if (status === 429 || status === 503) reply.header('retry-after', '1');
  if (isNavigation(request.headers)) {
    const { html, script } = refusalPage(problem, error);
    return reply.type('text/html; charset=utf-8').header('content-security-policy', refusalPolicy(script)).send(html);
  }
  // Of a text Fastify would add the charset, which JSON does not have.
  return reply.type('application/problem+json').send(Buffer.from(JSON.stringify(problem)));
}

/** Fastify's own errors say how a request is wrong; of any other nothing is told, and its cause is in the log. */
function problemOf(error: unknown, onError: (error: unknown) => void): WebProblem {
  if (error instanceof Refusal) return webProblem(error.status, error.message, error.words);
  const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
  if (statusCode >= 400 && statusCode < 500) return webProblem(statusCode, message);
  onError(error);
  return webProblem(500, 'The dashboard made a mistake; its log says which.');
}
