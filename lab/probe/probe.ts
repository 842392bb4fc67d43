import { existsSync } from 'node:fs';
import { LoadlineError } from '../../model/errors.ts';
import type { Bytes, Seconds } from '../../model/quantities.ts';
import { isProcessCounters, type ProcessCounters } from '../../model/wire.ts';
import { cgroupOf, readCgroup, throttledHere } from './cgroups.ts';
import { type Answered, ControlClient } from './control-client.ts';
import { type MachineTime, machineTime } from './machine.ts';
import { type ContextSwitches, countContextSwitches, readCpuTime, readProcessMemory } from './processes.ts';
import type { SessionsByRole, SessionsReader } from './sessions.ts';

/** Reads what a stack does and uses. */
export interface Probe {
  sample(query: ProbeQuery): Promise<ProbeSample>;
  close(): Promise<void>;
}

/** Where something runs: in processes with all their descendants, or in a container, by its id and its first process. */
export type Place = { readonly pids: readonly number[] } | { readonly container: string; readonly pid: number };

/** What a probe is asked; what is absent is not read. */
export interface ProbeQuery {
  /** Addresses of control threads, such as `http://hybrid:10001`. */
  readonly controls?: readonly string[];
  /** CPU time of the machine. */
  readonly machine?: boolean;
  /** Places whose usage is wanted, by name. */
  readonly usage?: Readonly<Record<string, Place>>;
  /** With their memory, which takes longer to read. */
  readonly memory?: boolean;
  /** Where the workers run whose context switches are wanted. */
  readonly contextSwitches?: Place;
  /** The connections to the database. */
  readonly sessions?: boolean;
}

/** What a probe read; counts are since the start of what they count. */
export interface ProbeSample {
  /** Of a clock that only moves forward; CPU times were read then. */
  readonly time: Seconds;
  /** One for each control thread, in the order of the query. */
  readonly counters?: readonly ProcessCounters[];
  readonly machine?: MachineTime;
  /** For which a limit kept the control group of the probe itself from running; `null` where it cannot be read. */
  readonly throttled?: Seconds | null;
  /** Without places that have gone. */
  readonly usage?: Readonly<Record<string, Usage>>;
  /** `null` where they cannot be read. */
  readonly contextSwitches?: ContextSwitches | null;
  /** `null` where they cannot be counted. */
  readonly sessions?: SessionsByRole | null;
}

/** What processes or a container use. */
export interface Usage {
  readonly cpu: Seconds;
  /** Absent: it was not asked for, and is not told together with the CPU time. */
  readonly memory?: Bytes;
  /** Only of a container: for which its limit kept it from running; `null` where it cannot be read. */
  readonly throttled?: Seconds | null;
}

const ANSWER_LIMIT: Seconds = 2;

/** Reads the machine that it runs on, and control threads that can be reached from there. */
export class MachineProbe implements Probe {
  readonly #sessions: SessionsReader | undefined;
  /** The clients of control threads by address, each with its latest answer: a thread is asked one question at a time. */
  readonly #controls = new Map<string, { readonly client: ControlClient; answered: Promise<Answered> }>();

  /** `sessions`: absent where it knows no database. */
  constructor(sessions?: SessionsReader) {
    this.#sessions = sessions;
  }

  async sample({ controls, machine, usage, memory, contextSwitches, sessions }: ProbeQuery): Promise<ProbeSample> {
    // CPU time is read last: asking control threads takes some of it, and is over by then.
    const counters = controls && (await this.#countersAt(controls));
    return {
      time: performance.now() / 1000,
      ...(counters && { counters }),
      ...(usage && { usage: readUsages(usage, memory) }),
      ...(machine && { machine: machineTime(), throttled: throttledHere() }),
      ...(contextSwitches && { contextSwitches: readContextSwitches(contextSwitches) }),
      ...(sessions && { sessions: (await this.#sessions?.byRole()) ?? null }),
    };
  }

  async close(): Promise<void> {
    for (const { client } of this.#controls.values()) {
      // A query that waits for an answer fails.
      client.giveUp(Number.POSITIVE_INFINITY);
      client.close();
    }
    this.#controls.clear();
    await this.#sessions?.close();
  }

  async #countersAt(addresses: readonly string[]): Promise<ProcessCounters[]> {
    const answers = await Promise.all(addresses.map(address => this.#ask(address)));
    return answers.map((answered, index) => {
      if (typeof answered === 'object' && isProcessCounters(answered.body)) return answered.body;
      const what = answered === 'gone' ? 'refused the connection' : `told no counters within ${ANSWER_LIMIT} s`;
      throw new LoadlineError('workers-failed', `A control thread is silent: ${addresses[index]} ${what}.`);
    });
  }

  #ask(address: string): Promise<Answered> {
    const { client, answered } = this.#controls.get(address) ?? {
      client: new ControlClient(address),
      answered: Promise.resolve<Answered>('unknown'),
    };
    const next = answered.then(() => askForCounters(client));
    this.#controls.set(address, { client, answered: next });
    return next;
  }
}

function askForCounters(client: ControlClient): Promise<Answered> {
  return new Promise(resolve => {
    const limit = setTimeout(() => client.giveUp(Number.POSITIVE_INFINITY), ANSWER_LIMIT * 1000);
    client.ask('/counters', 0, answered => {
      clearTimeout(limit);
      resolve(answered);
    });
  });
}

function readUsages(places: Readonly<Record<string, Place>>, memory = false): Record<string, Usage> {
  const usages = Object.entries(places).map(([name, place]) => [name, readUsage(place, memory)] as const);
  return Object.fromEntries(usages.flatMap(([name, usage]) => (usage === undefined ? [] : [[name, usage]])));
}

/** `undefined` when it has gone, or cannot be read here. */
function readUsage(place: Place, memory: boolean): Usage | undefined {
  if ('pids' in place) {
    const { pids } = place;
    const isThere = pids.some(pid => existsSync(`/proc/${pid}`));
    return isThere ? { cpu: readCpuTime(pids), ...(memory && { memory: readProcessMemory(pids) }) } : undefined;
  }
  const cgroup = cgroupOf(place.container, place.pid);
  return cgroup && readCgroup(cgroup);
}

/** Of a container only where its processes can be seen from here. */
function readContextSwitches(place: Place): ContextSwitches | null {
  if ('pids' in place) return countContextSwitches(place.pids);
  return cgroupOf(place.container, place.pid) === undefined ? null : countContextSwitches([place.pid]);
}
