import Table from 'cli-table3';
import type { PerSecond } from '../model/quantities.ts';
import { geometricInterval, type Interval, pairedRatio } from '../model/statistics.ts';
import type { Cpu, Way } from './ways.ts';

/** What a bar's ratio was found to be. */
export interface RatioCheck {
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
    this.#cpu.set(keyOf(way, arrivalRate), [...this.#cpuOf(way, arrivalRate), cpu]);
  }

  addThroughput(connections: Connections, throughput: PerSecond): void {
    this.#throughput[connections].push(throughput);
  }

  /** CPU time per request, and its ratio to that of the workers without nginx at the same rate. */
  cpuTable(ways: readonly Way[], direct: Way, arrivalRates: readonly PerSecond[]): string {
    const head = ['CPU per request (µs)', '1/s', 'nginx', '95 %', 'workers', '95 %', '÷ without nginx', '95 %'];
    const table = new Table({ head, ...frame });
    for (const arrivalRate of arrivalRates) {
      const directTotals = this.#cpuOf(direct, arrivalRate).map(totalOf);
      for (const way of ways) {
        const taken = this.#cpuOf(way, arrivalRate);
        const nginx = taken.flatMap(cpu => cpu.nginx ?? []);
        const ratio = ratioByBlock(taken.map(totalOf), directTotals);
        table.push([
          way.name,
          arrivalRate,
          ...(nginx.length === 0 ? ['', ''] : inMicroseconds(nginx)),
          ...inMicroseconds(taken.map(({ workers }) => workers)),
          ...(way === direct ? ['1', ''] : cellsOf(ratio, 2)),
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
      ['connections are kept', ...cellsOf(geometricInterval(kept), 0), ...cellsOf(ratioByBlock(kept, fresh), 2)],
      ['a fresh one for each request', ...cellsOf(geometricInterval(fresh), 0), '1', ''],
    );
    return `${table.toString()}\n`;
  }

  checkWorkers(worker: Way, bare: Way, arrivalRate: PerSecond): RatioCheck {
    const [ofWorker, ofBare] = [worker, bare].map(way => this.#cpuOf(way, arrivalRate).map(totalOf));
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
    return this.#cpu.get(keyOf(way, arrivalRate)) ?? [];
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
export function cellsOf({ estimate, low, high }: Interval, digits: number): string[] {
  return [estimate.toFixed(digits), `${low.toFixed(digits)} to ${high.toFixed(digits)}`];
}

/** Of what two ways gave in the same blocks. */
export function ratioByBlock(of: readonly number[] = [], to: readonly number[] = []): Interval {
  return pairedRatio(new Map(of.entries()), new Map(to.entries()));
}

function totalOf({ nginx = 0, workers }: Cpu): number {
  return nginx + workers;
}

function inMicroseconds(seconds: readonly number[]): string[] {
  return cellsOf(geometricInterval(seconds.map(value => value * 1e6)), 0);
}

function keyOf({ name }: Way, arrivalRate: PerSecond): string {
  return `${name} at ${arrivalRate}/s`;
}
