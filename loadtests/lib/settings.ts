import type { WeightedRequest } from '../../model/wire.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every load has; durations in seconds. */
export interface LoadSettings {
  /** Base URL of what is loaded, without a slash at its end. */
  readonly target: string;
  readonly requests: readonly WeightedRequest[];
  readonly warmUp: number;
  readonly steadyState: number;
  readonly timeLimit: number;
  /** Of the response time: the edge of the histograms. */
  readonly objective: number;
  readonly sources: number;
  readonly seed: number;
  /** Where reports are posted and orders come from; absent: the load is not controlled. */
  readonly orders: string | undefined;
  /** Print the outcome as JSON. */
  readonly json: boolean;
}

interface OpenSettings extends LoadSettings {
  /** Arrivals per second over all sources. */
  readonly arrivalRate: number;
}

interface ClosedSettings extends LoadSettings {
  readonly users: number;
  /** Mean, in seconds. */
  readonly thinkTime: number;
}

interface BurstSettings extends LoadSettings {
  /** Requests that are sent at the same instant. */
  readonly burst: number;
}

/** A live load is told everything else by its orders. */
interface LiveSettings {
  /** Where reports are posted and orders come from. */
  readonly orders: string;
  /** Absent: another seed at each start. */
  readonly seed: number | undefined;
}

export function openSettings(environment: Environment): OpenSettings {
  return {
    ...loadSettings(environment),
    arrivalRate: parseNumberSetting(environment, 'ARRIVAL_RATE', 100, { minimum: 0 }),
  };
}

export function closedSettings(environment: Environment): ClosedSettings {
  return {
    ...loadSettings(environment),
    users: parseNumberSetting(environment, 'USERS', 10, { minimum: 1, whole: true }),
    thinkTime: parseNumberSetting(environment, 'THINK_TIME', 1, { minimum: 0 }),
  };
}

/** A burst has one source, no warm-up, and scores everything. */
export function burstSettings(environment: Environment): BurstSettings {
  const burst = parseNumberSetting(environment, 'BURST', 100, { minimum: 1, whole: true });
  return { ...loadSettings(environment), sources: 1, warmUp: 0, steadyState: Number.MAX_VALUE, burst };
}

export function liveSettings(environment: Environment): LiveSettings {
  const orders = environment.ORDERS ?? '';
  if (!/^https?:\/\/[^/?#\s]+/.test(orders)) {
    throw new Error(`ORDERS is ${quoted(orders)}: give the address to ask, such as http://127.0.0.1:3001/`);
  }
  const seed = environment.SEED ? parseNumberSetting(environment, 'SEED', 1, { whole: true }) : undefined;
  return { orders, seed };
}

/** The base URL in `TARGET`, without a slash at its end. */
export function readTarget(environment: Environment): string {
  const text = environment.TARGET ?? '';
  if (!/^https?:\/\/[^/?#\s]+\/?$/.test(text)) {
    throw new Error(`TARGET is ${quoted(text)}: give the base URL of what to load, such as http://127.0.0.1:8085`);
  }
  return text.replace(/\/$/, '');
}

function loadSettings(environment: Environment): LoadSettings {
  const objective = parseNumberSetting(environment, 'OBJECTIVE', 0.25, { above: 0 });
  const orders = environment.ORDERS || undefined;
  return {
    target: readTarget(environment),
    requests: parseRequests(environment),
    warmUp: parseNumberSetting(environment, 'WARM_UP', 1, { minimum: 0 }),
    steadyState: parseNumberSetting(environment, 'STEADY_STATE', 10, { above: 0 }),
    timeLimit: parseNumberSetting(environment, 'TIME_LIMIT', 10 * objective, { above: 0 }),
    objective,
    // Only a control adds up what several sources measured.
    sources: parseNumberSetting(environment, 'SOURCES', orders === undefined ? 1 : 2, { minimum: 1, whole: true }),
    seed: parseNumberSetting(environment, 'SEED', 1, { whole: true }),
    orders,
    json: environment.OUTPUT === 'json',
  };
}

/** k6's options for a load whose sources each run one iteration, in which they send for so many seconds. */
export function sourceOptions({ sources, timeLimit }: { sources: number; timeLimit: number }, sending: number) {
  return {
    scenarios: {
      load: {
        executor: 'per-vu-iterations',
        vus: sources,
        iterations: 1,
        maxDuration: `${Math.ceil(sending + timeLimit + 30)}s`,
      },
    },
    // How many idle connections k6 keeps; with fewer it opens new ones all the time.
    batch: 5000,
    batchPerHost: 5000,
    discardResponseBodies: true,
    systemTags: [],
    // A request that fails is counted, not logged.
    throw: true,
  };
}

interface SettingRange {
  readonly minimum?: number;
  readonly above?: number;
  readonly whole?: boolean;
}

function parseNumberSetting(environment: Environment, name: string, byDefault: number, limits: SettingRange): number {
  const text = environment[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  const { minimum = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY, whole = false } = limits;
  if (Number.isFinite(value) && value >= minimum && value > above && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  const from = limits.above !== undefined ? ` above ${above}` : limits.minimum !== undefined ? ` from ${minimum}` : '';
  throw new Error(`${name} is ${quoted(text)}: give ${kind}${from}`);
}

function parseRequests(environment: Environment): readonly WeightedRequest[] {
  const text = environment.REQUESTS || '[{ "weight": 1, "method": "GET", "path": "/plain" }]';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (Array.isArray(value) && value.length > 0 && value.every(isRequest)) return value;
  const example = '[{ "weight": 1, "method": "GET", "path": "/wait?ms=20" }]';
  throw new Error(`REQUESTS is ${quoted(text)}: give a JSON list of requests, such as ${example}`);
}

function isRequest(value: unknown): value is WeightedRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { weight, method, path, body } = value as Record<string, unknown>;
  return (
    typeof weight === 'number' &&
    weight > 0 &&
    (method === 'GET' || method === 'POST') &&
    typeof path === 'string' &&
    path.startsWith('/') &&
    (body === undefined || typeof body === 'string')
  );
}

function quoted(text: string): string {
  return text === '' ? 'not set' : `"${text}"`;
}
