import { type Deployment, deploymentOf, refusalOf } from '../../model/deployment.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import { isConcurrencyLimited, type Topology, type TopologyName } from '../../model/topology.ts';
import type { PlannedMachine } from './planned-machine.ts';

/** The most workers, and database connections, of one machine that are thought of where nothing limits them. */
const MOST_WORKERS = 1024;
const MOST_CONNECTIONS = 4096;

/**
 * The sizes of a topology in one dimension: blocking workers one by one, in one process or shared out over several, or
 * the connections of so many event loops.
 */
export interface SizeLine {
  readonly topology: TopologyName;
  readonly least: number;
  readonly most: number;
  /** Every size is a multiple of this. */
  readonly step: number;
  at(size: number): Deployment;
}

/**
 * The lines of sizes along which a topology can grow on this machine, those with the fewest processes first; none for
 * one that cannot be simulated.
 */
export function listSizeLines(spec: Topology, { cpus, databaseConnections }: PlannedMachine): SizeLine[] {
  if (!canBeSimulated(deploymentOf(spec, cpus))) return [];
  const { processes, threads } = spec.sizes;
  const limited = isConcurrencyLimited(spec);
  const workers = Math.min(MOST_WORKERS, databaseConnections ?? MOST_WORKERS);
  const connections = databaseConnections ?? MOST_CONNECTIONS;
  if (limited && threads === undefined) {
    return line(spec, 1, workers, 1, size => ({
      processes: size,
      threadsPerProcess: 1,
      databaseConnections: size,
    }));
  }
  if (limited) {
    // With one thread in each process, or one process, it would be another topology.
    const counts = processes === undefined ? [1] : upTo(Math.max(2, cpus)).slice(1);
    return counts.flatMap(several =>
      line(spec, 2 * several, workers, several, size => ({
        processes: several,
        threadsPerProcess: size / several,
        databaseConnections: size,
      })),
    );
  }
  const loops = processes === undefined ? [1] : upTo(cpus).slice(cpus > 1 ? 1 : 0);
  return loops.flatMap(several =>
    line(spec, several, connections, several, size => ({
      processes: several,
      threadsPerProcess: 1,
      databaseConnections: size,
    })),
  );
}

function line(
  spec: Topology,
  least: number,
  limit: number,
  step: number,
  numbers: (size: number) => Omit<Deployment, 'topology' | 'spec'>,
): SizeLine[] {
  const topology = spec.name;
  const most = Math.floor(limit / step) * step;
  const at = (size: number): Deployment => ({ topology, spec, ...numbers(size) });
  return most >= least && refusalOf(at(least)) === undefined ? [{ topology, least, most, step, at }] : [];
}

/** 1, 2, 3, 4, 6, 8, 12, 16, …: of many CPUs not every number. */
function upTo(cpus: number): number[] {
  const all = [1, 2, 3, ...[4, 8, 16, 32, 64, 128, 256].flatMap(power => [power, power * 1.5])];
  return [...new Set([...all.filter(number => number < cpus), cpus])];
}
