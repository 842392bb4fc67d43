import { type RequestParameters, type Route, type RouteName, routes } from '../model/contract/contract.ts';
import { notFound, type Problem, parameterProblem, problem, tooLarge, wrongMethod } from '../model/contract/problem.ts';
import { limits } from '../model/limits.ts';

/** What a request asks for: a route, with every parameter of it. */
export interface Resolved {
  readonly route: RouteName;
  readonly parameters: RequestParameters;
  readonly idempotencyKey?: string;
}

/** Headers by lower-case name, as Node hands them over. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * What the request asks for, or what is wrong with it. Read from the raw request target, so that no two routers can
 * differ: paths are compared byte for byte, nothing is decoded.
 */
export function resolve(method: string, target: string, headers: RequestHeaders): Resolved | Problem {
  const [path = '', ...queries] = target.split('?');
  const query = queries.join('?');
  const matches = Object.values(routes).flatMap(route => {
    const segment = segmentOf(route, path);
    return segment === undefined ? [] : [{ route, segment }];
  });
  if (matches.length === 0) return notFound();
  const match = matches.find(({ route }) => route.method === method || (route.method === 'GET' && method === 'HEAD'));
  if (match === undefined) return wrongMethod(matches.map(({ route }) => allowOf(route)).join(', '));
  const { route, segment } = match;
  const refused = route.method === 'POST' ? bodyRefusal(headers) : undefined;
  if (refused !== undefined) return refused;
  const parameters = parametersOf(route, segment, query);
  if ('problem' in parameters) return parameters.problem;
  const key = route.method === 'POST' ? headers['idempotency-key'] : undefined;
  if (key === undefined) return { route: route.name, parameters: parameters.values };
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,64}$/.test(key)) {
    return parameterProblem('Idempotency-Key', 'Idempotency-Key must be 1 to 64 visible ASCII characters.');
  }
  return { route: route.name, parameters: parameters.values, idempotencyKey: key };
}

/** The text in the place of the route's `:parameter`, `''` when it has none; `undefined` when the path is another. */
function segmentOf(route: Route, path: string): string | undefined {
  const [prefix = '', parameter] = route.path.split(':');
  if (parameter === undefined) return path === route.path ? '' : undefined;
  const segment = path.slice(prefix.length);
  return path.startsWith(prefix) && segment !== '' && !segment.includes('/') ? segment : undefined;
}

function allowOf(route: Route): string {
  return route.method === 'GET' ? 'GET, HEAD' : route.method;
}

function bodyRefusal(headers: RequestHeaders): Problem | undefined {
  const mediaType = headers['content-type'];
  if (typeof mediaType !== 'string' || !/^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(mediaType)) {
    return problem(415, 'The body must be application/json, in UTF-8.');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && String(encoding).toLowerCase() !== 'identity') {
    return problem(415, 'The body must not be compressed.');
  }
  return Number(headers['content-length'] ?? 0) > limits.worker.bodySize ? tooLarge(limits.worker.bodySize) : undefined;
}

function parametersOf(
  { parameters: rules }: Route,
  segment: string,
  query: string,
): { values: RequestParameters } | { problem: Problem } {
  const given = new Map<string, string>();
  for (const pair of query === '' ? [] : query.split('&')) {
    const [name = '', ...value] = pair.split('=');
    // Cut, so that the answer to a huge name is small.
    const shown = name.slice(0, 64);
    if (!rules.some(rule => rule.in === 'query' && rule.name === name)) {
      return { problem: parameterProblem(shown, 'This address does not take this parameter.') };
    }
    if (given.has(name)) return { problem: parameterProblem(shown, `${name} may be given once only.`) };
    given.set(name, value.join('='));
  }
  const values: Record<string, number> = {};
  for (const { name, in: place, minimum, maximum, default: fallback } of rules) {
    const text = place === 'path' ? segment : given.get(name);
    const value = text === undefined ? fallback : /^(0|[1-9][0-9]{0,5})$/.test(text) ? Number(text) : undefined;
    if (value === undefined || value < minimum || value > maximum) {
      return { problem: parameterProblem(name, `${name} must be a whole number from ${minimum} to ${maximum}.`) };
    }
    values[name] = value;
  }
  return { values };
}
