import { request } from 'undici';
import { cpuOf } from '../lab/probe/processes.ts';
import { driveWithK6, type LaunchK6 } from '../lab/run/generator.ts';

import type { LocalStack } from '../lab/runtimes/local/stack.ts';
import { requestFor } from '../model/contract/contract.ts';
import type { PerSecond, Seconds } from '../model/quantities.ts';
import { endpointsOf } from '../model/stack-plan.ts';
import type { BareServer } from './bare-servers.ts';

/** What every way is asked. */
export const ITEM = requestFor('item', { id: 7 });

/** A way of running the service. */
export interface Way {
  readonly name: string;
  /** Where this program reaches it. */
  readonly url: string;
  /** As many as it has workers, since what sends a load shows in what answering it takes. */
  readonly generators: readonly Generator[];
  /** Since the start. */
  readonly cpu: () => Cpu;
}

/** A k6 with a single source. */
export interface Generator {
  /** Where it sends its part of a load. */
  readonly target: string;
  readonly launch: LaunchK6;
}

/** CPU time by who takes it. */
export interface Cpu {
  /** Absent where there is no nginx. */
  readonly nginx?: Seconds;
  readonly workers: Seconds;
}

/** The load that a way's CPU time is measured under. */
export interface OpenLoad {
  readonly arrivalRate: PerSecond;
  readonly time: Seconds;
  readonly seed: number;
}

/** The stack's workers through its nginx, and without. */
export function waysThrough(
  { endpoints: [endpoint], pids }: LocalStack,
  launch: LaunchK6,
): { readonly nginx: Way; readonly direct: Way } {
  if (endpoint === undefined) throw new Error('nothing is deployed');
  const { deployment, url, planned } = endpoint;
  const endpoints = endpointsOf(planned);
  const workers = () => cpuOf(endpoint.pids());
  const direct = endpoints.map(address => ({ target: `http://${address}`, launch }));
  return {
    nginx: {
      name: `${deployment.topology} through nginx`,
      url,
      generators: endpoints.map(() => ({ target: url, launch })),
      cpu: () => ({ nginx: cpuOf([pids.nginx]), workers: workers() }),
    },
    direct: {
      name: 'the same workers without nginx',
      url: direct[0]?.target ?? '',
      generators: direct,
      cpu: () => ({ workers: workers() }),
    },
  };
}

/** A bare server, whose first process counts too: it takes the connections. */
export function wayOf(where: string, { url, pid, processes }: BareServer, launch: LaunchK6): Way {
  const generators = Array.from({ length: processes }, () => ({ target: url, launch }));
  return { name: `bare server in ${where}`, url, generators, cpu: () => ({ workers: cpuOf([pid]) }) };
}

/** CPU seconds per request under an open load, every request of which must be answered. */
export async function cpuPerRequest(way: Way, load: OpenLoad, signal: AbortSignal): Promise<Cpu> {
  const { generators } = way;
  const before = way.cpu();
  const outcomes = await Promise.all(
    generators.map(({ target, launch }, index) =>
      driveWithK6(
        {
          target,
          requests: [{ weight: 1, ...ITEM }],
          load: { model: 'open', arrivalRate: load.arrivalRate / generators.length },
          phases: { warmUp: 0, steadyState: load.time, timeLimit: 5 },
          objective: 0.25,
          seed: load.seed * generators.length + index,
          sources: 1,
        },
        { launch, signal, onReport: () => 'go-on' },
      ),
    ),
  );
  const after = way.cpu();
  const sent = outcomes.reduce((sum, outcome) => sum + outcome.sent, 0);
  const succeeded = outcomes.reduce((sum, outcome) => sum + outcome.succeeded, 0);
  if (succeeded < sent) throw new Error(`${way.name} did not answer ${sent - succeeded} of ${sent} requests`);
  const workers = (after.workers - before.workers) / sent;
  if (after.nginx === undefined || before.nginx === undefined) return { workers };
  return { workers, nginx: (after.nginx - before.nginx) / sent };
}

/** What a server may say of itself; nginx's and Node's manners towards a connection are not the contract's. */
const OWN_HEADERS = ['date', 'server', 'connection', 'keep-alive', 'transfer-encoding'];
/** In every answer, and always another. */
const OWN_VALUES = ['x-worker', 'server-timing'];

/** Throws unless all answer alike: who answers less does not do the same for less. */
export async function requireSameAnswers(ways: readonly Way[], signal: AbortSignal): Promise<void> {
  const answers = new Map<string, string>();
  for (const { name, url } of ways) {
    const { statusCode, headers, body } = await request(`${url}${ITEM.path}`, { signal });
    const shared = Object.entries(headers)
      .filter(([header]) => !OWN_HEADERS.includes(header))
      .map(([header, value]) => (OWN_VALUES.includes(header) ? header : `${header}: ${value}`));
    answers.set(JSON.stringify([statusCode, shared.sort(), await body.text()]), name);
  }
  if (answers.size === 1) return;
  const seen = [...answers].map(([answer, name]) => `${name}: ${answer}`);
  throw new Error(`these are to answer alike and do not:\n${seen.join('\n')}`);
}
