import type { TopologyName } from '../../../model/topology.ts';
import type { WindowReading } from '../observation/window-count.ts';

/** Seconds that one value of `throughputs` is the mean of. */
export const BATCH = 0.5;
/** nginx's log has whole milliseconds. */
export const LOG_ROUNDING = 0.001;

/** What was read of one topology between two moments. Times are in seconds and of successes, as nginx logged them. */
export interface TopologyReading {
  readonly topology: TopologyName;
  /** Completions per second in each whole half-second: batch means. */
  readonly throughputs: readonly number[];
  /** Sorted. */
  readonly responseTimes: readonly number[];
  /** Means over the requests, as the workers told them: for how long one had it, and for how long it waited for the database. */
  readonly app: number;
  readonly databaseWait: number;
  readonly utilisation: WindowReading['utilisation'];
  /** Of all CPUs of the machine, whoever used them. */
  readonly machine: number;
  /** CPUs of the machine, of which a container may be allowed fewer. */
  readonly hostCpus: number;
  /** CPUs that the topology's own processes used, on the mean. */
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Most requests that each worker was seen to hold. */
  readonly mostInProgress: readonly number[];
}

/** What a window that was opened at `from` tells of the time until `to`, when it is read a little after that. */
export function readingOf(topology: TopologyName, read: WindowReading, from: number, to: number): TopologyReading {
  const { completed, completions, app, databaseWait } = read.nginx;
  const first = completions[0];
  // The window keeps the latest completions alone: half-seconds that it knows in part would be counted short.
  const known = first !== undefined && completed > completions.length ? Math.max(from, first.endedAt) : from;
  const within = completions.filter(({ endedAt }) => endedAt >= from && endedAt < to);
  const batches = Math.floor((to - known) / BATCH + 1e-9);
  const counts = new Array<number>(batches).fill(0);
  for (const { endedAt } of within) {
    const batch = batches - Math.max(1, Math.ceil((to - endedAt) / BATCH - 1e-9));
    if (batch >= 0) counts[batch] = (counts[batch] ?? 0) + 1;
  }
  return {
    topology,
    throughputs: counts.map(count => count / BATCH),
    responseTimes: within.map(({ responseTime }) => responseTime).sort((a, b) => a - b),
    app: app / completed,
    databaseWait: databaseWait / completed,
    utilisation: read.utilisation,
    machine: read.machine,
    hostCpus: read.hostCpus,
    cpus: read.cpuSeconds / read.duration,
    memory: read.memory,
    mostInProgress: Object.values(read.mostInProgress),
  };
}
