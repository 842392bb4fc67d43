import { ControlClient } from '../../../lab/probe/control-client.ts';
import {
  isProcessCounters,
  isProcessResources,
  type ProcessCounters,
  type ProcessResources,
} from '../../../model/wire.ts';
import type { DeploymentId } from '../../protocol.ts';
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
  counted(id: DeploymentId, process: number, counters: ProcessCounters, at: number): void;
  used(id: DeploymentId, process: number, resources: ProcessResources, at: number): void;
  /** Its connection was refused or reset: nobody is there. */
  gone(id: DeploymentId, process: number, at: number): void;
}

interface AskedProcess {
  readonly id: DeploymentId;
  readonly process: number;
  readonly client: ControlClient;
  countersAt: number;
  resourcesAt: number;
}

/** Asks the control threads of the deployments that are looked at, again and again. */
export class ControlThreads {
  readonly #deployments: readonly StackDeployment[];
  readonly #listener: ControlListener;
  readonly #clock: Clock;
  #processes: AskedProcess[] = [];
  #measured: ReadonlySet<DeploymentId> = new Set();

  constructor(deployments: readonly StackDeployment[], listener: ControlListener, clock: Clock = systemClock) {
    this.#deployments = deployments;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** From now on only these are asked, and those of them that are measured more often. */
  look(deployments: ReadonlySet<DeploymentId>, measured: ReadonlySet<DeploymentId>): void {
    this.#measured = measured;
    for (const { client } of this.#processes.filter(({ id }) => !deployments.has(id))) client.close();
    const kept = this.#processes.filter(({ id }) => deployments.has(id));
    const begun = this.#deployments.filter(({ id }) => deployments.has(id) && !kept.some(other => other.id === id));
    this.#processes = [...kept, ...begun.flatMap(processesOf)];
  }

  /** Asks whoever is due; to be called every 0.05 s. */
  tick(): void {
    const now = this.#clock();
    const least = this.#processes.length / QUESTIONS_PER_SECOND;
    for (const process of this.#processes) {
      process.client.giveUp(now - ANSWER_LIMIT);
      if (process.client.waiting) continue;
      const every = Math.max(this.#measured.has(process.id) ? COUNTERS_OF_WINDOWS_EVERY : COUNTERS_EVERY, least);
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
      const { id, process } = asked;
      const at = this.#clock();
      if (answered === 'gone') this.#listener.gone(id, process, at);
      else if (answered !== 'unknown' && isProcessCounters(answered.body))
        this.#listener.counted(id, process, answered.body, at);
    });
  }

  #askForResources(asked: AskedProcess, now: number): void {
    asked.resourcesAt = now;
    asked.client.ask('/resources', now, answered => {
      if (typeof answered === 'object' && isProcessResources(answered.body))
        this.#listener.used(asked.id, asked.process, answered.body, this.#clock());
    });
  }
}

function processesOf({ id, controls }: StackDeployment): AskedProcess[] {
  return controls.map((control, index) => ({
    id,
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
