/**
 * The service's contract: routes, parameters and their limits, response shapes and problems, parsed once for every app.
 * Pure, and free of Node's modules: k6 and the lab import it too.
 */

/** A route by its name. */
export type RouteName = 'plain' | 'cpu' | 'wait' | 'item' | 'items' | 'orders' | 'work';

/** Whole numbers by name: `{ ms: 20 }`. */
export type RequestParameters = Readonly<Record<string, number>>;

/** A whole-number parameter and its limits, both included. */
export interface ParameterRule {
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
