import { ControlClient } from '../../../lab/probe/control-client.ts';
import {
  isProcessCounters,
  isProcessResources,
  type ProcessCounters,
  type ProcessResources,
} from '../../../model/wire.ts';

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
 * A deployment with control threads, which gets their answers. `process` is a number from 1, `at` is in seconds since
 * 1970. A process that is too slow to answer is neither `counted` nor `gone`.
 */
export interface AskedDeployment {
  readonly controls: readonly string[];
  /** It is asked more often. */
  readonly isMeasured: boolean;
  counted(process: number, counters: ProcessCounters, at: number): void;
  used(process: number, resources: ProcessResources, at: number): void;
  /** It refused or reset the connection. */
  gone(process: number, at: number): void;
}

interface AskedProcess {
  readonly deployment: AskedDeployment;
  readonly process: number;
  readonly client: ControlClient;
  countersAt: number;
  resourcesAt: number;
}

/** Asks the control threads of deployments again and again. */
export class ControlThreads {
  readonly #clock: () => number;
  #processes: AskedProcess[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Asks only these deployments from now on. */
  look(deployments: readonly AskedDeployment[]): void {
    for (const { deployment, client } of this.#processes) if (!deployments.includes(deployment)) client.close();
    const kept = this.#processes.filter(({ deployment }) => deployments.includes(deployment));
    const added = deployments.filter(deployment => !kept.some(process => process.deployment === deployment));
    this.#processes = [...kept, ...added.flatMap(listProcesses)];
  }

  /** Asks what is due; call it every 0.05 s. */
  tick(): void {
    const now = this.#clock();
    const least = this.#processes.length / QUESTIONS_PER_SECOND;
    for (const process of this.#processes) {
      process.client.giveUp(now - ANSWER_LIMIT);
      if (process.client.waiting) continue;
      const every = process.deployment.isMeasured ? COUNTERS_OF_WINDOWS_EVERY : COUNTERS_EVERY;
      if (isDue(process.resourcesAt, RESOURCES_EVERY, now)) this.#askForResources(process, now);
      else if (isDue(process.countersAt, Math.max(every, least), now)) this.#askForCounters(process, now);
    }
  }

  /** Whether an answer is pending. */
  get asking(): boolean {
    return this.#processes.some(({ client }) => client.waiting);
  }

  #askForCounters(asked: AskedProcess, now: number): void {
    const { deployment, process, client } = asked;
    asked.countersAt = now;
    client.ask('/counters', now, answered => {
      if (answered === 'gone') deployment.gone(process, this.#clock());
      else if (answered !== 'unknown' && isProcessCounters(answered.body)) {
        deployment.counted(process, answered.body, this.#clock());
      }
    });
  }

  #askForResources(asked: AskedProcess, now: number): void {
    const { deployment, process, client } = asked;
    asked.resourcesAt = now;
    client.ask('/resources', now, answered => {
      if (typeof answered === 'object' && isProcessResources(answered.body)) {
        deployment.used(process, answered.body, this.#clock());
      }
    });
  }
}

function listProcesses(deployment: AskedDeployment): AskedProcess[] {
  return deployment.controls.map((control, index) => ({
    deployment,
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
