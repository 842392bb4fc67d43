import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { z } from 'zod';
import { addresses, CLIENT_HEADER, type Login } from '../../protocol.ts';
import { Refusal } from '../parts.ts';
import { type Changed, type ChangeHandler, changeHandlers } from './change-handlers.ts';
import type { UserSession } from './user-session.ts';

/** Logs a browser in; it changes nothing that others see, and needs no token but the user's. */
export const LOGIN = `POST ${addresses.login}` as const;

/** Every route that takes a body, by method and path. */
export const changingRoutes: readonly string[] = [...Object.keys(changeHandlers), LOGIN];

const login: z.ZodType<Login> = z.strictObject({ token: z.string().max(1000) });

/** Adds the routes that change something, from their table; after that no other can be added. */
export function addChanges(app: FastifyInstance, parts: Changed & { readonly session?: UserSession }): void {
  app.addHook('onRoute', ({ method, path }) => {
    for (const one of [method].flat()) {
      if (one === 'GET' || one === 'HEAD' || changingRoutes.includes(`${one} ${path}`)) continue;
      throw new Error(`${one} ${path} is not in the table of the routes that change something`);
    }
  });
  for (const [route, handler] of Object.entries(changeHandlers)) {
    addRoute(app, route, 'change', async (body, headers) => {
      await makeChange(handler as ChangeHandler<unknown>, parts, body, headers);
      return undefined;
    });
  }
  addRoute(app, LOGIN, 'login', async (body, { origin = '' }) => {
    const { token } = parsed(login, body);
    return parts.session?.cookieFor(token, origin.startsWith('https:'));
  });
}

/** Answers 204 when it is done, with the cookie that comes of it. */
function addRoute(
  app: FastifyInstance,
  route: string,
  admission: 'change' | 'login',
  handle: (body: unknown, headers: IncomingHttpHeaders) => Promise<string | undefined>,
): void {
  const [method = '', url = ''] = route.split(' ');
  app.route({
    method: method as HTTPMethods,
    url,
    config: { admission },
    handler: async ({ body, headers }, reply) => {
      const cookie = await handle(body, headers);
      if (cookie !== undefined) reply.header('set-cookie', cookie);
      return reply.code(204).send();
    },
  });
}

async function makeChange(
  handler: ChangeHandler<unknown>,
  changed: Changed,
  body: unknown,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const asked = parsed(handler.body, body);
  const client = headers[CLIENT_HEADER];
  if (typeof client !== 'string' || !/^[\w-]{8,64}$/.test(client)) {
    throw new Refusal(400, `${CLIENT_HEADER} names no client: it is the one of the hello.`);
  }
  if (handler === changeHandlers['POST /api/drive']) changed.drivers.take(client);
  else changed.drivers.touch(client);
  changed.director.touch();
  await handler.make(changed, asked);
}

function parsed<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  const [first] = error.issues;
  throw new Refusal(400, `${first?.path.join('.') || 'The body'} is wrong: ${first?.message}.`);
}
