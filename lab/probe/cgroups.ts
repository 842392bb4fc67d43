import type { Bytes, Seconds } from '../../model/quantities.ts';
import { type ReadText, readText } from '../../services/cpus.ts';

/** What a container has used and holds, with every process in it. */
interface ContainerFigures {
  /** Since it was made. */
  readonly cpu: Seconds;
  /** Without the files in memory that were not used of late, which the kernel takes back when it needs the room. */
  readonly memory: Bytes;
  /** For which its limit kept it from running, since it was made; `null` where that cannot be read. */
  readonly throttled: Seconds | null;
}

/** Where the kernel tells of a container's control group, in the files of version 1 or 2. */
type Cgroup =
  | { readonly version: 1; readonly cpu: string; readonly memory: string; readonly limit?: string }
  | { readonly version: 2; readonly folder: string };

const ROOT = '/sys/fs/cgroup';

/**
 * The control group of the container `id`, whose first process has the number `pid` for its engine. `undefined` where
 * that number is another process's, as under an engine that runs in a virtual machine.
 */
export function cgroupOf(id: string, pid: number, read: ReadText = readText): Cgroup | undefined {
  const lines = (read(`/proc/${pid}/cgroup`) ?? '').trim().split('\n');
  const paths = new Map<string, string>();
  for (const line of lines) {
    // `8:memory:/docker/17ff…` or, in version 2 and beside version 1, `0::/system.slice/docker-17ff….scope`.
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path.includes(id)) for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  const [cpu, memory, limit, unified] = ['cpuacct', 'memory', 'cpu', ''].map(controller => paths.get(controller));
  if (cpu !== undefined && memory !== undefined) {
    return {
      version: 1,
      cpu: `${ROOT}/cpuacct${cpu}`,
      memory: `${ROOT}/memory${memory}`,
      ...(limit !== undefined && { limit: `${ROOT}/cpu${limit}` }),
    };
  }
  return unified === undefined ? undefined : { version: 2, folder: `${ROOT}${unified}` };
}

/** Reads the files of a control group; `undefined` when it has gone, or cannot be read here. */
export function readCgroup(cgroup: Cgroup, read: ReadText = readText): ContainerFigures | undefined {
  return cgroup.version === 1 ? readV1(cgroup, read) : readV2(cgroup, read);
}

/** Seconds for which the control group of this process was kept from running by its limit; `null` where that cannot be read. */
export function throttledHere(read: ReadText = readText): Seconds | null {
  return throttledIn(read('/sys/fs/cgroup/cpu.stat')) ?? throttledIn(read('/sys/fs/cgroup/cpu/cpu.stat'));
}

function readV1({ cpu, memory, limit }: Extract<Cgroup, { version: 1 }>, read: ReadText): ContainerFigures | undefined {
  const nanoseconds = wholeIn(read(`${cpu}/cpuacct.usage`));
  const held = wholeIn(read(`${memory}/memory.usage_in_bytes`));
  const unused = valueIn(read(`${memory}/memory.stat`), 'total_inactive_file');
  return parseFigures(nanoseconds / 1e9, held - unused, limit === undefined ? undefined : read(`${limit}/cpu.stat`));
}

function readV2({ folder }: Extract<Cgroup, { version: 2 }>, read: ReadText): ContainerFigures | undefined {
  const stat = read(`${folder}/cpu.stat`);
  const microseconds = valueIn(stat, 'usage_usec');
  const held = wholeIn(read(`${folder}/memory.current`));
  const unused = valueIn(read(`${folder}/memory.stat`), 'inactive_file');
  return parseFigures(microseconds / 1e6, held - unused, stat);
}

function parseFigures(cpu: Seconds, memory: Bytes, stat: string | undefined): ContainerFigures | undefined {
  if (!Number.isFinite(cpu) || !Number.isFinite(memory)) return undefined;
  return { cpu, memory: Math.max(0, memory), throttled: throttledIn(stat) };
}

function wholeIn(text: string | undefined): number {
  return text === undefined ? Number.NaN : Number.parseInt(text, 10);
}

function valueIn(text: string | undefined, name: string): number {
  const line = text?.split('\n').find(one => one.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length));
}

/**
 * Seconds for which a control group was kept from running because it had used up its limit, since it was made, from
 * the text of its `cpu.stat`; `null` where that tells nothing of it, as for a group that has no limit of its own.
 */
function throttledIn(stat: string | undefined): Seconds | null {
  // Microseconds under version 2, nanoseconds under version 1.
  const [, unit, time] = /^throttled_(usec|time) (\d+)$/m.exec(stat ?? '') ?? [];
  return time === undefined ? null : Number(time) / (unit === 'usec' ? 1e6 : 1e9);
}
