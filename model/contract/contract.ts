import type { Order, OrderLine } from './order.ts';

/**
 * The service's contract: routes, parameters and their limits, response shapes, once for every app.
 * Pure, and free of Node's modules: k6 and the lab import it too.
 */

/**
 * The header with which a proxy says that it never half-closes a connection to a worker: once it has closed one, no
 * client waits for the answer.
 */
export const CANCEL_ON_CLOSE = 'X-Cancel-On-Close';

/** A route by its name. */
export type RouteName = 'plain' | 'cpu' | 'wait' | 'item' | 'items' | 'orders' | 'work';

/** Whole numbers by name: `{ ms: 20 }`. */
export type RequestParameters = Readonly<Record<string, number>>;

/** A whole-number parameter and its limits, both included. */
interface ParameterRule {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly minimum: number;
  readonly maximum: number;
  /** What is taken when it is not given; absent: it must be given. */
  readonly default?: number;
}

export interface Route {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST';
  /** In the form that Express and Fastify both take: `/items/:id`. */
  readonly path: string;
  readonly parameters: readonly ParameterRule[];
}

/** Every route of the service. */
export const routes: Readonly<Record<RouteName, Route>> = {
  plain: { name: 'plain', method: 'GET', path: '/plain', parameters: [] },
  cpu: {
    name: 'cpu',
    method: 'GET',
    path: '/cpu',
    parameters: [{ name: 'units', in: 'query', minimum: 0, maximum: 40_000 }],
  },
  wait: {
    name: 'wait',
    method: 'GET',
    path: '/wait',
    parameters: [{ name: 'ms', in: 'query', minimum: 0, maximum: 5000 }],
  },
  item: {
    name: 'item',
    method: 'GET',
    path: '/items/:id',
    parameters: [{ name: 'id', in: 'path', minimum: 1, maximum: 10_000 }],
  },
  items: {
    name: 'items',
    method: 'GET',
    path: '/items',
    parameters: [{ name: 'limit', in: 'query', minimum: 1, maximum: 100, default: 20 }],
  },
  orders: { name: 'orders', method: 'POST', path: '/orders', parameters: [] },
  work: {
    name: 'work',
    method: 'GET',
    path: '/work',
    parameters: [
      { name: 'units', in: 'query', minimum: 0, maximum: 40_000, default: 0 },
      { name: 'ms', in: 'query', minimum: 0, maximum: 5000, default: 0 },
      { name: 'reads', in: 'query', minimum: 0, maximum: 100, default: 0 },
    ],
  },
};

/** An item as it is answered; its price in whole cents. */
export interface Item {
  readonly id: number;
  readonly name: string;
  readonly price: number;
  readonly stock: number;
}

/** An order as it is stored and answered; prices and total in whole cents. */
export interface PricedOrder {
  readonly id: number;
  readonly customer: string;
  readonly lines: readonly (OrderLine & { readonly price: number })[];
  readonly total: number;
}

/** The body of each route's answer when all is well. */
export interface ResponseBodies {
  readonly plain: { readonly ok: true };
  readonly cpu: { readonly units: number; readonly value: number };
  readonly wait: { readonly ms: number };
  readonly item: Item;
  readonly items: { readonly items: readonly Item[] };
  readonly orders: PricedOrder;
  readonly work: { readonly units: number; readonly value: number; readonly ms: number; readonly reads: number };
}

/** A request that asks for the route with these parameters; of `orders` it is one small order, always the same. */
export function requestFor(
  name: RouteName,
  parameters: RequestParameters,
): { method: 'GET' | 'POST'; path: string; body?: string } {
  const { method, path, parameters: rules } = routes[name];
  const given = rules.filter(rule => rule.name in parameters);
  const query = given.filter(rule => rule.in === 'query').map(rule => `${rule.name}=${parameters[rule.name]}`);
  const filled = path.replace(/:(\w+)/, (_, segment: string) => String(parameters[segment]));
  const target = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
  return method === 'POST' ? { method, path: target, body: JSON.stringify(smallOrder) } : { method, path: target };
}

const smallOrder: Order = {
  customer: 'Ada',
  lines: [
    { item: 7, quantity: 1 },
    { item: 42, quantity: 3 },
  ],
};
