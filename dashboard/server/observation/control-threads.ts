import { ControlClient } from '../../../lab/probe/control-client.ts';
import {
  isProcessCounters,
  isProcessResources,
  type ProcessCounters,
  type ProcessResources,
} from '../../../model/wire.ts';
import type { DeploymentId } from '../../protocol.ts';
import type { StackDeployment } from '../config.ts';

/** Seconds between two readings of the counters: usually, and while a window is open. */
const COUNTERS_EVERY = 0.2;
const COUNTERS_OF_WINDOWS_EVERY = 0.05;
/** Seconds between two readings of CPU time and memory. */
const RESOURCES_EVERY = 1;
/** Seconds that an answer may take. */
const ANSWER_LIMIT = 1;
/** Questions a second to all processes together: many processes are asked less often. */
const QUESTIONS_PER_SECOND = 120;

/**
 * Gets the answers. `process` is its number in its deployment, from 1; `at` is in seconds since 1970. A process that is
 * too slow to answer has neither `counted` nor `gone`.
 */
export interface ControlListener {
  counted(id: DeploymentId, process: number, counters: ProcessCounters, at: number): void;
  used(id: DeploymentId, process: number, resources: ProcessResources, at: number): void;
  /** It refused or reset the connection. */
  gone(id: DeploymentId, process: number, at: number): void;
}

interface AskedProcess {
  readonly id: DeploymentId;
  readonly process: number;
  readonly client: ControlClient;
  countersAt: number;
  resourcesAt: number;
}

/** Asks the control threads of the observed deployments again and again. */
export class ControlThreads {
  readonly #deployments: readonly StackDeployment[];
  readonly #listener: ControlListener;
  readonly #clock: () => number;
  #processes: AskedProcess[] = [];
  #measured: ReadonlySet<DeploymentId> = new Set();

  constructor(deployments: readonly StackDeployment[], listener: ControlListener, clock: () => number) {
    this.#deployments = deployments;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** Asks only these deployments from now on; those that are measured more often. */
  look(deployments: ReadonlySet<DeploymentId>, measured: ReadonlySet<DeploymentId>): void {
    this.#measured = measured;
    for (const { client } of this.#processes.filter(({ id }) => !deployments.has(id))) client.close();
    const kept = this.#processes.filter(({ id }) => deployments.has(id));
    const added = this.#deployments.filter(({ id }) => deployments.has(id) && !kept.some(other => other.id === id));
    this.#processes = [...kept, ...added.flatMap(listProcesses)];
  }

  /** Asks what is due; call it every 0.05 s. */
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

  /** Whether an answer is pending. */
  get asking(): boolean {
    return this.#processes.some(({ client }) => client.waiting);
  }

  close(): void {
    this.look(new Set(), new Set());
  }

  #askForCounters(asked: AskedProcess, now: number): void {
    const { id, process, client } = asked;
    asked.countersAt = now;
    client.ask('/counters', now, answered => {
      if (answered === 'gone') this.#listener.gone(id, process, this.#clock());
      else if (answered !== 'unknown' && isProcessCounters(answered.body)) {
        this.#listener.counted(id, process, answered.body, this.#clock());
      }
    });
  }

  #askForResources(asked: AskedProcess, now: number): void {
    const { id, process, client } = asked;
    asked.resourcesAt = now;
    client.ask('/resources', now, answered => {
      if (typeof answered === 'object' && isProcessResources(answered.body)) {
        this.#listener.used(id, process, answered.body, this.#clock());
      }
    });
  }
}

function listProcesses({ id, controls }: StackDeployment): AskedProcess[] {
  return controls.map((control, index) => ({
    id,
    process: index + 1,
    client: new ControlClient(control),
    countersAt: Number.NEGATIVE_INFINITY,
    resourcesAt: Number.NEGATIVE_INFINITY,
  }));
}

/** Ticks are not exact: half a tick early is due. */
function isDue(last: number, every: number, now: number): boolean {
  return now - last >= every - 0.025;
}
