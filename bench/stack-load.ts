import { connect } from 'node:net';
import Table from 'cli-table3';
import { request } from 'undici';
import { readCpuTime } from '../lab/probe/processes.ts';
import { driveWithK6, type LaunchK6 } from '../lab/run/generator.ts';
import type { LocalStack } from '../lab/runtimes/local/stack.ts';
import { requestFor } from '../model/contract/contract.ts';
import type { PerSecond, Seconds } from '../model/quantities.ts';
import { listEndpoints } from '../model/stack-plan.ts';
import { geometricInterval, type Interval, pairedRatio } from '../model/statistics.ts';

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
interface Generator {
  /** Where it sends its part of a load. */
  readonly target: string;
  readonly launch: LaunchK6;
}

/** CPU time by who takes it. */
interface Cpu {
  /** Absent where there is no nginx. */
  readonly nginx?: Seconds;
  readonly workers: Seconds;
}

/** The load that a way's CPU time is measured under. */
interface OpenLoad {
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
  const endpoints = listEndpoints(planned);
  const workers = () => readCpuTime(endpoint.pids());
  const direct = endpoints.map(address => ({ target: `http://${address}`, launch }));
  return {
    nginx: {
      name: `${deployment.topology} through nginx`,
      url,
      generators: endpoints.map(() => ({ target: url, launch })),
      cpu: () => ({ nginx: readCpuTime([pids.nginx]), workers: workers() }),
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
export function describeWay(
  where: string,
  { url, pid, processes }: { readonly url: string; readonly pid: number; readonly processes: number },
  launch: LaunchK6,
): Way {
  const generators = Array.from({ length: processes }, () => ({ target: url, launch }));
  return { name: `bare server in ${where}`, url, generators, cpu: () => ({ workers: readCpuTime([pid]) }) };
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

interface ClosedLoad {
  readonly url: string;
  /** Of what is asked; its answer is a JSON object without others inside. */
  readonly path: string;
  /** Each with a connection, and with no time to think. */
  readonly users: number;
  readonly time: Seconds;
  readonly signal: AbortSignal;
}

const CLOSING_BRACE = '}'.charCodeAt(0);

/**
 * The throughput of a closed load. Its users are bare sockets, which take so little CPU beside what they ask that it is
 * not they who are the limit.
 */
export async function measureThroughput({ url, path, users, time, signal }: ClosedLoad): Promise<PerSecond> {
  const { hostname, port, host } = new URL(url);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const start = performance.now();
  const end = start + time * 1000;
  let answered = 0;
  const user = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let isNew = true;
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`${url} closed a connection`)));
      socket.on('data', bytes => {
        if (isNew && !bytes.toString('latin1').startsWith('HTTP/1.1 200 ')) socket.destroy(new Error(String(bytes)));
        isNew = bytes.at(-1) === CLOSING_BRACE;
        if (!isNew) return;
        answered += 1;
        if (performance.now() < end && !signal.aborted) socket.write(request);
        else {
          resolve();
          socket.destroy();
        }
      });
      socket.write(request);
    });
  await Promise.all(Array.from({ length: users }, user));
  signal.throwIfAborted();
  return (answered / (performance.now() - start)) * 1000;
}

/** What a bar's ratio was found to be. */
interface RatioCheck {
  readonly sentence: string;
  /** Whether the whole interval is on the right side. */
  readonly holds: boolean;
}

type Connections = 'kept' | 'fresh';

const frame = { style: { head: [], border: [] } };

/** What the blocks gave, one figure a block, and what it amounts to. */
export class Figures {
  readonly #cpu = new Map<string, Cpu[]>();
  readonly #throughput: Record<Connections, PerSecond[]> = { kept: [], fresh: [] };

  addCpu(way: Way, arrivalRate: PerSecond, cpu: Cpu): void {
    this.#cpu.set(keyFor(way, arrivalRate), [...this.#cpuOf(way, arrivalRate), cpu]);
  }

  addThroughput(connections: Connections, throughput: PerSecond): void {
    this.#throughput[connections].push(throughput);
  }

  /** CPU time per request, and its ratio to that of the workers without nginx at the same rate. */
  cpuTable(ways: readonly Way[], direct: Way, arrivalRates: readonly PerSecond[]): string {
    const head = ['CPU per request (µs)', '1/s', 'nginx', '95 %', 'workers', '95 %', '÷ without nginx', '95 %'];
    const table = new Table({ head, ...frame });
    for (const arrivalRate of arrivalRates) {
      const directTotals = this.#cpuOf(direct, arrivalRate).map(sumCpu);
      for (const way of ways) {
        const taken = this.#cpuOf(way, arrivalRate);
        const nginx = taken.flatMap(cpu => cpu.nginx ?? []);
        const ratio = ratioByBlock(taken.map(sumCpu), directTotals);
        table.push([
          way.name,
          arrivalRate,
          ...(nginx.length === 0 ? ['', ''] : inMicroseconds(nginx)),
          ...inMicroseconds(taken.map(({ workers }) => workers)),
          ...(way === direct ? ['1', ''] : shownCells(ratio, 2)),
        ]);
      }
    }
    return `${table.toString()}\n`;
  }

  /** Throughput of a saturated stack with connections that nginx keeps, and with a fresh one for each request. */
  throughputTable(): string {
    const { kept, fresh } = this.#throughput;
    const head = ['from nginx to its workers', 'throughput (1/s)', '95 %', '÷ fresh', '95 %'];
    const table = new Table({ head, ...frame });
    table.push(
      ['connections are kept', ...shownCells(geometricInterval(kept), 0), ...shownCells(ratioByBlock(kept, fresh), 2)],
      ['a fresh one for each request', ...shownCells(geometricInterval(fresh), 0), '1', ''],
    );
    return `${table.toString()}\n`;
  }

  checkWorkers(worker: Way, bare: Way, arrivalRate: PerSecond): RatioCheck {
    const [ofWorker, ofBare] = [worker, bare].map(way => this.#cpuOf(way, arrivalRate).map(sumCpu));
    const what = `Fastify's worker ÷ ${bare.name}, at ${arrivalRate}/s`;
    return checkRatio(what, ratioByBlock(ofWorker, ofBare), 'at most', 1.25);
  }

  checkNginx(way: Way, arrivalRate: PerSecond): RatioCheck {
    const ratio = geometricInterval(this.#cpuOf(way, arrivalRate).map(({ nginx = 0, workers }) => nginx / workers));
    return checkRatio(`nginx ÷ the workers behind it, at ${arrivalRate}/s`, ratio, 'at most', 0.5);
  }

  checkKeepAlive(): RatioCheck {
    const { kept, fresh } = this.#throughput;
    return checkRatio('throughput with kept ÷ fresh connections', ratioByBlock(kept, fresh), 'at least', 2);
  }

  #cpuOf(way: Way, arrivalRate: PerSecond): Cpu[] {
    return this.#cpu.get(keyFor(way, arrivalRate)) ?? [];
  }
}

function checkRatio(
  what: string,
  { estimate, low, high }: Interval,
  side: 'at most' | 'at least',
  bar: number,
): RatioCheck {
  const [holds, missed] = side === 'at most' ? [high <= bar, low > bar] : [low >= bar, high < bar];
  const judged = holds ? 'holds' : missed ? 'missed' : 'not decided';
  const interval = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return { holds, sentence: `${what}: ${estimate.toFixed(2)} (${interval}), ${side} ${bar}: ${judged}` };
}

/** Two cells of a table: the estimate, and its interval. */
export function shownCells({ estimate, low, high }: Interval, digits: number): string[] {
  return [estimate.toFixed(digits), `${low.toFixed(digits)} to ${high.toFixed(digits)}`];
}

/** Of what two ways gave in the same blocks. */
export function ratioByBlock(of: readonly number[] = [], to: readonly number[] = []): Interval {
  return pairedRatio(new Map(of.entries()), new Map(to.entries()));
}

function sumCpu({ nginx = 0, workers }: Cpu): number {
  return nginx + workers;
}

function inMicroseconds(seconds: readonly number[]): string[] {
  return shownCells(geometricInterval(seconds.map(value => value * 1e6)), 0);
}

function keyFor({ name }: Way, arrivalRate: PerSecond): string {
  return `${name} at ${arrivalRate}/s`;
}
