import { ControlClient } from '../../../lab/probe/control-client.ts';
import type { TopologyName } from '../../../model/topology.ts';
import {
  isProcessCounters,
  isProcessResources,
  type ProcessCounters,
  type ProcessResources,
} from '../../../model/wire.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { StackDeployment } from '../parts.ts';

/** Seconds between two questions for what workers count: as a rule, and while a window is open. */
const COUNTERS_EVERY = 0.2;
const COUNTERS_OF_WINDOWS_EVERY = 0.05;
/** Seconds between two questions for CPU time and memory. */
const RESOURCES_EVERY = 1;
/** Seconds that an answer may take. */
const ANSWER_LIMIT = 1;
/** Questions a second to all processes together: beyond that each is asked less often. */
const QUESTIONS_PER_SECOND = 120;

/**
 * Called with each answer, and not where none comes in time: a machine that has too much to do says nothing of a
 * process. `process` is its place in its deployment, from 1, `at` in seconds since 1970.
 */
export interface ControlListener {
  counted(topology: TopologyName, process: number, counters: ProcessCounters, at: number): void;
  used(topology: TopologyName, process: number, resources: ProcessResources, at: number): void;
  /** Its connection was refused or reset: nobody is there. */
  gone(topology: TopologyName, process: number, at: number): void;
}

interface AskedProcess {
  readonly topology: TopologyName;
  readonly process: number;
  readonly client: ControlClient;
  countersAt: number;
  resourcesAt: number;
}

/** Asks the control threads of the topologies that are looked at, again and again. */
export class ControlThreads {
  readonly #deployments: readonly StackDeployment[];
  readonly #listener: ControlListener;
  readonly #clock: Clock;
  #processes: AskedProcess[] = [];
  #measured: ReadonlySet<TopologyName> = new Set();

  constructor(deployments: readonly StackDeployment[], listener: ControlListener, clock: Clock = systemClock) {
    this.#deployments = deployments;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** From now on only these are asked, and those of them that are measured more often. */
  look(topologies: ReadonlySet<TopologyName>, measured: ReadonlySet<TopologyName>): void {
    this.#measured = measured;
    for (const { client } of this.#processes.filter(({ topology }) => !topologies.has(topology))) client.close();
    const kept = this.#processes.filter(({ topology }) => topologies.has(topology));
    const begun = this.#deployments.filter(
      ({ deployment }) =>
        topologies.has(deployment.topology) && !kept.some(({ topology }) => topology === deployment.topology),
    );
    this.#processes = [...kept, ...begun.flatMap(processesOf)];
  }

  /** Asks whoever is due; to be called every 0.05 s. */
  tick(): void {
    const now = this.#clock();
    const least = this.#processes.length / QUESTIONS_PER_SECOND;
    for (const process of this.#processes) {
      process.client.giveUp(now - ANSWER_LIMIT);
      if (process.client.waiting) continue;
      const every = Math.max(this.#measured.has(process.topology) ? COUNTERS_OF_WINDOWS_EVERY : COUNTERS_EVERY, least);
      if (isDue(process.resourcesAt, RESOURCES_EVERY, now)) this.#askForResources(process, now);
      else if (isDue(process.countersAt, every, now)) this.#askForCounters(process, now);
    }
  }

  /** Whether a question waits for its answer. */
  get asking(): boolean {
    return this.#processes.some(({ client }) => client.waiting);
  }

  close(): void {
    this.look(new Set(), new Set());
  }

  #askForCounters(asked: AskedProcess, now: number): void {
    asked.countersAt = now;
    asked.client.ask('/counters', now, answered => {
      const { topology, process } = asked;
      const at = this.#clock();
      if (answered === 'gone') this.#listener.gone(topology, process, at);
      else if (answered !== 'unknown' && isProcessCounters(answered.body))
        this.#listener.counted(topology, process, answered.body, at);
    });
  }

  #askForResources(asked: AskedProcess, now: number): void {
    asked.resourcesAt = now;
    asked.client.ask('/resources', now, answered => {
      if (typeof answered === 'object' && isProcessResources(answered.body))
        this.#listener.used(asked.topology, asked.process, answered.body, this.#clock());
    });
  }
}

function processesOf({ deployment: { topology }, controls }: StackDeployment): AskedProcess[] {
  return controls.map((control, index) => ({
    topology,
    process: index + 1,
    client: new ControlClient(control),
    countersAt: Number.NEGATIVE_INFINITY,
    resourcesAt: Number.NEGATIVE_INFINITY,
  }));
}

/** Ticks are never quite on time: half of one too early is early enough. */
function isDue(last: number, every: number, now: number): boolean {
  return now - last >= every - 0.025;
}
