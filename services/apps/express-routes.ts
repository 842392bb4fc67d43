import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { routes } from '../../model/contract/contract.ts';
import { isProblem, notFound } from '../../model/contract/problem.ts';
import { errorAnswer } from '../answer.ts';
import { Exchange, readBody, type WireAnswer } from '../exchange.ts';
import type { App, AppContext, Serve } from './app.ts';

/** The contract's routes in Express, each request's work done by `serve`. */
export function expressRoutes({ worker, log }: Pick<AppContext<unknown>, 'worker' | 'log'>, serve: Serve): App {
  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', false);
  app.enable('strict routing').enable('case sensitive routing');

  app.use((request, response, next) => {
    const exchange = new Exchange(worker, request);
    response.locals.exchange = exchange;
    if (isProblem(exchange.asked)) send(response, exchange.wireProblem(exchange.asked));
    else next();
  });

  for (const { method, path } of Object.values(routes)) {
    app[method === 'POST' ? 'post' : 'get'](path, async (request, response) => {
      const exchange: Exchange = response.locals.exchange;
      try {
        const asked = exchange.withBody(method === 'POST' ? await readBody(request) : '');
        const wire = isProblem(asked) ? exchange.wireProblem(asked) : exchange.wire(await serve(asked, exchange));
        send(response, wire);
      } catch (error) {
        send(response, exchange.wire(errorAnswer(error, log)));
      }
    });
  }

  app.use((_request, response) => send(response, response.locals.exchange.wireProblem(notFound())));

  // Express hands over here what it cannot take an address from; the contract says what is wrong with it.
  const listener = app as (
    request: IncomingMessage,
    response: ServerResponse,
    failed: (error: unknown) => void,
  ) => void;
  return (request, response) =>
    listener(request, response, error => {
      const exchange = new Exchange(worker, request);
      const { asked } = exchange;
      send(response, isProblem(asked) ? exchange.wireProblem(asked) : exchange.wire(errorAnswer(error, log)));
    });
}

function send(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  // Not Express's own set(), which adds a charset to the media type.
  response.writeHead(status, headers).end(body);
}
