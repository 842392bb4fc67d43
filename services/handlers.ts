import { createHash } from 'node:crypto';
import type { RequestParameters, ResponseBodies, RouteName } from '../model/contract/contract.ts';
import { parseOrder } from '../model/contract/order.ts';
import { isProblem, notFound, parameterProblem } from '../model/contract/problem.ts';
import { type Answer, json, problemAnswer } from './answer.ts';
import { cpuWork } from './cpu-work.ts';
import type { Operation } from './database/operation.ts';
import { readItem, readItems, storeOrder, wait } from './database/queries.ts';
import type { Resolved } from './resolve.ts';

/** What a handler is given: a request that was found to be right, with the text of its body. */
export interface ServiceRequest extends Resolved {
  readonly body: string;
}

/** A route's work: its answer at once, or an operation for the database; how that is waited for is the app's affair. */
type Handler = (request: ServiceRequest) => Answer | Operation<Answer>;

/** Each route's work, written once for every app. What needs no database takes no connection. */
export const handlers: Readonly<Record<RouteName, Handler>> = {
  plain: () => ok<'plain'>({ ok: true }),

  cpu({ parameters }) {
    const { units } = numbers(parameters, 'units');
    return ok<'cpu'>({ units, value: cpuWork(units) });
  },

  *wait({ parameters }) {
    const { ms } = numbers(parameters, 'ms');
    yield* wait(ms);
    return ok<'wait'>({ ms });
  },

  *item({ parameters }) {
    const { id } = numbers(parameters, 'id');
    const item = yield* readItem(id);
    return item === undefined ? problemAnswer(notFound('There is no such item.')) : ok<'item'>(item);
  },

  *items({ parameters }) {
    const { limit } = numbers(parameters, 'limit');
    return ok<'items'>({ items: yield* readItems(limit) });
  },

  orders({ body, idempotencyKey }) {
    const order = parseOrder(body);
    if (isProblem(order)) return problemAnswer(order);
    const fingerprint = createHash('sha256').update(JSON.stringify(order)).digest('hex');
    return ordering({ ...order, fingerprint, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
  },

  work({ parameters }) {
    const { units, reads, ms } = numbers(parameters, 'units', 'reads', 'ms');
    const answer = ok<'work'>({ units, value: cpuWork(units), ms, reads });
    return reads === 0 && ms === 0 ? answer : readingAndWaiting(reads, ms, answer);
  },
};

function* ordering(order: Parameters<typeof storeOrder>[0]): Operation<Answer> {
  const outcome = yield* storeOrder(order);
  if (outcome.state === 'key-reused') {
    return problemAnswer(parameterProblem('Idempotency-Key', 'This key was used for another order.', 422));
  }
  if (outcome.state === 'unknown-item') {
    return problemAnswer(parameterProblem(`lines[${outcome.line}].item`, 'There is no such item.', 422));
  }
  return json(201, outcome.order satisfies ResponseBodies['orders']);
}

function* readingAndWaiting(reads: number, ms: number, answer: Answer): Operation<Answer> {
  for (let read = 1; read <= reads; read += 1) yield* readItem(read);
  if (ms > 0) yield* wait(ms);
  return answer;
}

function ok<Name extends RouteName>(body: ResponseBodies[Name]): Answer {
  return json(200, body);
}

/** The parameters of these names; that all are there was seen to when the request was resolved. */
function numbers<Name extends string>(parameters: RequestParameters, ...names: Name[]): Record<Name, number> {
  return Object.fromEntries(names.map(name => [name, parameters[name] ?? 0])) as Record<Name, number>;
}
