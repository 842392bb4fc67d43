import type { Seconds } from '../quantities.ts';
import { type RequestParameters, type RouteName, routes } from './contract.ts';

/** CPU time of one unit of CPU work, in seconds, about: the unit was chosen for it. */
export const SECONDS_PER_UNIT: Seconds = 50e-6;

/** What one request asks of the service. */
export interface Work {
  /** CPU time of its units, or its `cpuSeconds`. */
  readonly computing: Seconds;
  /** Time that it waits in the database, as asked for. */
  readonly waiting: Seconds;
  /** Statements that wait in the database. */
  readonly waits: number;
  /** Statements that read or write at once. */
  readonly reads: number;
}

/** Reads and writes of a route that are not a parameter. An order begins, claims its key, reads its items, is stored with its lines, and commits. */
const ownReads: Readonly<Partial<Record<RouteName, number>>> = { item: 1, items: 1, orders: 5 };

/** What a request for the route with these parameters asks of the service. */
export function workOfRequest(
  { route, parameters }: { readonly route: RouteName; readonly parameters: RequestParameters },
  secondsPerUnit: Seconds = SECONDS_PER_UNIT,
): Work {
  const asked = (name: string) =>
    parameters[name] ?? routes[route].parameters.find(rule => rule.name === name)?.default ?? 0;
  const waiting = asked('ms') / 1000;
  return {
    computing: parameters.cpuSeconds ?? asked('units') * secondsPerUnit,
    waiting,
    waits: route === 'wait' || waiting > 0 ? 1 : 0,
    reads: ownReads[route] ?? asked('reads'),
  };
}
