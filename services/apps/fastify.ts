import type { IncomingMessage } from 'node:http';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { routes } from '../../model/contract/contract.ts';
import { isProblem, notFound } from '../../model/contract/problem.ts';
import { limits } from '../../model/limits.ts';
import { errorAnswer } from '../answer.ts';
import type { NonBlockingDatabase } from '../database/operation.ts';
import { Exchange, readBody, type WireAnswer } from '../exchange.ts';
import { type App, type AppContext, serveWith } from './app.ts';

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange;
  }
}

export { openNonBlockingDatabase as openDatabase } from '../database/non-blocking.ts';

/** The service in Fastify, each request a task that waits for the database without holding up the others. */
export async function createApp({ worker, database, log }: AppContext<NonBlockingDatabase>): Promise<App> {
  const serve = serveWith(database);
  const app = fastify({
    logger: false,
    bodyLimit: limits.worker.bodySize,
    // What Fastify itself cannot make sense of; the contract says what is wrong with it.
    frameworkErrors: (error, { raw }, reply) => {
      const exchange = new Exchange(worker, raw);
      send(
        reply,
        isProblem(exchange.asked) ? exchange.wireProblem(exchange.asked) : exchange.wire(errorAnswer(error, log)),
      );
    },
  });
  app.decorateRequest('exchange');

  app.addHook('onRequest', (request, reply, next) => {
    request.exchange = new Exchange(worker, request.raw);
    const { asked } = request.exchange;
    if (isProblem(asked)) send(reply, request.exchange.wireProblem(asked));
    else next();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) => readBody(payload));

  for (const { method, path } of Object.values(routes)) {
    app.route({
      method,
      url: path,
      handler: async ({ exchange, body }, reply) => {
        const asked = exchange.withBody((body as string | undefined) ?? '');
        if (isProblem(asked)) return send(reply, exchange.wireProblem(asked));
        return send(reply, exchange.wire(await serve(asked, exchange)));
      },
    });
  }

  app.setErrorHandler((error, { exchange }, reply) => send(reply, exchange.wire(errorAnswer(error, log))));
  app.setNotFoundHandler(({ exchange }, reply) => send(reply, exchange.wireProblem(notFound())));

  await app.ready();
  return app.routing;
}

function send(reply: FastifyReply, { status, headers, body }: WireAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
