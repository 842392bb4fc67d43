import { existsSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { join } from 'node:path';
import { fastifyStatic } from '@fastify/static';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, type HTTPMethods } from 'fastify';
import { z } from 'zod';
import { type RouteName, routes } from '../../../model/contract/contract.ts';
import {
  addresses,
  type ChangeRoute,
  type Changes,
  type LoginRequest,
  type Totals,
  tourSteps,
} from '../../protocol.ts';
import type { Director } from '../director.ts';
import type { Tour } from '../page-feed.ts';
import { problemJson, problemPage, problemPolicy, Refusal } from '../refusal.ts';
import type { EventStream } from './event-stream.ts';
import { type Admission, type Guard, reportPolicy, securityHeaders } from './guard.ts';
import { listRuns, readRunFile } from './runs.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: `page` for GET, `change` for all else. */
    admission?: Admission;
  }
}

interface AppParts {
  readonly guard: Guard;
  readonly director: Director;
  readonly tour: Tour;
  readonly events: EventStream;
  readonly totals: () => Totals;
  /** The folder of the runs of `compare`. */
  readonly runs?: string;
  /** The folder of the built page. */
  readonly page: string;
  /** Called with errors of the dashboard itself. */
  readonly onError: (error: unknown) => void;
}

/** Bytes. */
const LARGEST_BODY = 4096;
/** Seconds; nginx closes idle connections earlier. */
const KEEP_ALIVE = 75;
const REQUEST_LIMIT = 10;
/** Seconds for which "Hold the CPU" computes. */
const HOLD = 2;

/** The server of the page. */
export function createPageServer(parts: AppParts): FastifyInstance {
  const { guard, events, totals, runs } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY,
    keepAliveTimeout: KEEP_ALIVE * 1000,
    requestTimeout: REQUEST_LIMIT * 1000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => refuse(request, reply.headers(securityHeaders), error, parts),
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async ({ method, headers, routeOptions }, reply) => {
    reply.headers(securityHeaders).header('cache-control', 'no-store');
    guard.admit(routeOptions.config.admission ?? (method === 'GET' ? 'page' : 'change'), headers);
  });
  app.setErrorHandler((error, request, reply) => refuse(request, reply, error, parts));
  app.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new Refusal(404, 'There is nothing at this address.'), parts),
  );

  const read = { config: { admission: 'read' } } as const;
  app.get('/livez', async () => ({ live: true }));
  app.get(addresses.totals, read, async () => totals());
  app.get(addresses.runs, read, async () => (runs === undefined ? [] : listRuns(runs)));
  app.get<{ Querystring: { again?: string } }>(addresses.events, read, ({ query }, reply) => {
    events.open(reply.raw, securityHeaders, query.again === undefined);
    reply.hijack();
  });
  app.post(addresses.session, { config: { admission: 'login' } }, async ({ body, headers }, reply) => {
    const { token } = parse(login, body);
    if (token === undefined) guard.requireLogin(headers);
    else reply.header('set-cookie', guard.logIn(token, headers));
    return reply.code(204).send();
  });
  for (const [route, handler] of Object.entries(changes)) {
    const { body, make } = handler as ChangeHandler<unknown>;
    const [method, url = ''] = route.split(' ');
    app.route({
      method: method as HTTPMethods,
      url,
      handler: async (request, reply) => {
        const asked = parse(body, request.body);
        parts.director.touch();
        await make(parts, asked);
        return reply.code(204).send();
      },
    });
  }
  addRunFiles(app, runs);
  addPage(app, parts.page);
  return app;
}

interface ChangeHandler<Body> {
  readonly body: z.ZodType<Body>;
  make(parts: AppParts, body: Body): void | Promise<void>;
}

const login: z.ZodType<LoginRequest> = z.strictObject({ token: z.string().max(1000).exactOptional() });
const nothing = z.strictObject({});
const id = z.string().min(1).max(100);
const deployments = z.array(id).min(1).max(30);
const settings = z.strictObject({
  deployments,
  workload: z.strictObject({
    route: z.enum(Object.keys(routes) as RouteName[]),
    parameters: z.record(z.string().max(20), z.number()),
  }),
  load: z.discriminatedUnion('model', [
    z.strictObject({ model: z.literal('open'), arrivalRate: z.number() }),
    z.strictObject({ model: z.literal('closed'), users: z.number(), thinkTime: z.number() }),
  ]),
  running: z.boolean(),
});

const changes: { readonly [Route in ChangeRoute]: ChangeHandler<Changes[Route]> } = {
  'PUT /api/settings': { body: settings, make: ({ director }, chosen) => director.choose(chosen) },
  'POST /api/burst': {
    body: z.strictObject({ requests: z.number(), deployments: deployments.exactOptional() }),
    make: ({ director }, asked) => director.burst(asked.requests, asked.deployments),
  },
  'POST /api/hold-cpu': { body: nothing, make: ({ director }) => director.holdCpu(HOLD) },
  'PUT /api/database-connections': {
    body: z.strictObject({ id, databaseConnections: z.number().exactOptional() }),
    make: ({ director }, asked) => director.limitConnections(asked.id, asked.databaseConnections),
  },
  'POST /api/end-worker': {
    body: z.strictObject({ id, worker: z.string().max(100) }),
    make: ({ director }, asked) => director.endWorker(asked.id, asked.worker),
  },
  'POST /api/database-away': { body: nothing, make: ({ director }) => director.takeDatabaseAway() },
  'POST /api/tour/enter': {
    body: z.strictObject({ step: z.enum(tourSteps) }),
    make: ({ tour }, { step }) => tour.enter(step),
  },
  'POST /api/tour/measure': { body: nothing, make: ({ tour }) => tour.measure() },
  'POST /api/tour/leave': { body: nothing, make: ({ tour }) => tour.leave() },
};

function parse<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  const [first] = error.issues;
  throw new Refusal(400, `${first?.path.join('.') || 'The body'} is wrong: ${first?.message}.`);
}

function addRunFiles(app: FastifyInstance, runs: string | undefined): void {
  const file = async (run: string, name: string) => {
    const found = runs === undefined ? undefined : await readRunFile(runs, run, name);
    if (found !== undefined) return found;
    throw new Refusal(404, `This run has no ${name}. ./loadline report makes it.`);
  };
  app.get<{ Params: { run: string } }>(
    '/runs/:run/report.html',
    { config: { admission: 'report' } },
    async ({ params: { run } }, reply) => {
      reply.type('text/html; charset=utf-8').header('content-security-policy', reportPolicy);
      return reply.send(await file(run, 'report.html'));
    },
  );
  app.get<{ Params: { run: string } }>(
    '/runs/:run/model.json',
    { config: { admission: 'read' } },
    async ({ params: { run } }, reply) => reply.type('application/json').send(await file(run, 'model.json')),
  );
}

/** Files with a hash in their name never change; the page itself is asked for each time. */
function addPage(app: FastifyInstance, page: string): void {
  if (!existsSync(join(page, 'index.html'))) {
    app.get('/', async () => {
      throw new Refusal(503, 'The page is not built. ./loadline up builds it.');
    });
    return;
  }
  app.register(fastifyStatic, {
    root: page,
    preCompressed: true,
    cacheControl: false,
    decorateReply: false,
    setHeaders: (reply, path) => {
      const isHashed = path.startsWith(join(page, 'assets'));
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Answers a script with a problem in JSON, and a browser's navigation with a page. */
function refuse({ headers }: FastifyRequest, reply: FastifyReply, error: unknown, { onError }: AppParts): FastifyReply {
  const { status, message, words = {} } = refusalFor(error, onError);
  reply.code(status).header('cache-control', 'no-store');
  if (status === 503) reply.header('retry-after', '1');
  // Browsers tell the mode through TLS and to loopback alone.
  const { accept = '', 'sec-fetch-mode': mode } = headers;
  if (mode === undefined ? accept.includes('text/html') : mode === 'navigate') {
    const title = words.title ?? STATUS_CODES[status] ?? '';
    reply.type('text/html; charset=utf-8').header('content-security-policy', problemPolicy(words));
    return reply.send(problemPage(title, message, words));
  }
  // To a text Fastify would add a charset, which JSON does not have.
  return reply.type('application/problem+json').send(Buffer.from(problemJson(status, message, words)));
}

/** Fastify's own errors say how a request is wrong; any other error goes to the log alone. */
function refusalFor(
  error: unknown,
  onError: (error: unknown) => void,
): Pick<Refusal, 'status' | 'message'> & Partial<Refusal> {
  if (error instanceof Refusal) return error;
  const { statusCode: status = 500, message = '' } = error as { statusCode?: number; message?: string };
  if (status >= 400 && status < 500) return { status, message };
  onError(error);
  return { status: 500, message: 'The dashboard made a mistake; its log says which.' };
}
