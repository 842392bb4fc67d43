import { cpuBetween, type MachineTime } from '../../../lab/probe/machine.ts';
import { emptyHistogram, type Histogram, merged, record } from '../../../model/histogram.ts';
import { OBJECTIVE } from '../../protocol.ts';
import { isSuccess } from './deployment-seconds.ts';
import type { GeneratorInterval } from './generator-counts.ts';
import type { LoggedRequest } from './request-log.ts';
import type { ProcessInterval, UtilisationMeter, WorkerInterval } from './utilisation-meter.ts';

/** What happened to one deployment since a window was opened. */
export interface WindowReading {
  /** Seconds since then. */
  readonly duration: number;
  /** As nginx logged it, at the last byte of each answer. */
  readonly nginx: {
    readonly completed: number;
    /** Status 400 and above, and no status. */
    readonly failed: number;
    /** From the first byte of the request to the last of the answer; of successes. */
    readonly responseTime: Histogram;
    /** The latest 20,000 successes: when they ended, in seconds since 1970, and how long they took. */
    readonly completions: readonly { readonly endedAt: number; readonly responseTime: number }[];
    /** Seconds that the workers spent on the requests, and waited for the database, in all. */
    readonly app: number;
    readonly databaseWait: number;
  };
  /** As k6 counted it. */
  readonly k6: {
    readonly sent: number;
    readonly completed: number;
    readonly failed: number;
    readonly responseTime: Histogram;
  };
  /** Means, as in `DeploymentSecond`. */
  readonly utilisation: { readonly workers: number; readonly databaseConnections: number; readonly cpu: number };
  /** Most requests that each worker had at once, of several readings a second. */
  readonly mostInProgress: Readonly<Record<string, number>>;
  /** Busy fraction of the host's CPUs, by any program. */
  readonly machine: number;
  /** CPUs of the host, even where a container may use fewer. */
  readonly hostCpus: number;
  /** CPU seconds of the deployment's processes. */
  readonly cpuSeconds: number;
  /** The latest, in bytes. */
  readonly memory: number;
}

/** An open window on one deployment. */
export type Window = Pick<WindowCount, 'read' | 'close'>;

const COMPLETIONS = 20_000;

interface WindowOptions {
  readonly meter: UtilisationMeter;
  /** Of the deployment, in bytes. */
  readonly memory: () => number;
  readonly hostCpus: number;
  /** CPU time of the host. */
  readonly machine: () => MachineTime;
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly onClose: () => void;
}

/** Counts what happens to one deployment from a moment on. */
export class WindowCount {
  readonly #options: WindowOptions;
  readonly #openedAt: number;
  readonly #machine: MachineTime;
  readonly #responseTime: Histogram = emptyHistogram(OBJECTIVE);
  readonly #mostInProgress: Record<string, number> = {};
  readonly #nginx = { completed: 0, failed: 0, app: 0, databaseWait: 0 };
  #completions: WindowReading['nginx']['completions'][number][] = [];
  #k6: WindowReading['k6'] = { sent: 0, completed: 0, failed: 0, responseTime: emptyHistogram(OBJECTIVE) };

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#openedAt = options.clock();
    this.#machine = options.machine();
  }

  addRequest({ endedAt, status, responseTime, app, databaseWait }: LoggedRequest): void {
    if (endedAt < this.#openedAt) return;
    this.#nginx.completed += 1;
    this.#nginx.app += app;
    this.#nginx.databaseWait += databaseWait;
    if (!isSuccess(status)) {
      this.#nginx.failed += 1;
      return;
    }
    record(this.#responseTime, responseTime);
    this.#completions.push({ endedAt, responseTime });
    if (this.#completions.length >= 2 * COMPLETIONS) this.#completions = this.#completions.slice(-COMPLETIONS);
  }

  addGenerator({ sent, completed, failed, responseTime }: GeneratorInterval): void {
    this.#k6 = {
      sent: this.#k6.sent + sent,
      completed: this.#k6.completed + completed,
      failed: this.#k6.failed + failed,
      responseTime: merged([this.#k6.responseTime, responseTime], OBJECTIVE),
    };
  }

  addWorker(interval: WorkerInterval): void {
    this.#options.meter.addWorker(interval);
    const { worker, inProgress } = interval;
    this.#mostInProgress[worker] = Math.max(this.#mostInProgress[worker] ?? 0, inProgress);
  }

  addProcess(interval: ProcessInterval): void {
    const since = Math.min(interval.endedAt - this.#openedAt, interval.duration);
    if (since > 0) this.#options.meter.addProcess(interval, since / interval.duration);
  }

  close(): void {
    this.#options.onClose();
  }

  read(): WindowReading {
    const { meter, memory, hostCpus, machine, clock } = this.#options;
    const duration = clock() - this.#openedAt;
    return {
      duration,
      nginx: {
        ...this.#nginx,
        responseTime: merged([this.#responseTime], OBJECTIVE),
        completions: this.#completions.slice(-COMPLETIONS),
      },
      k6: this.#k6,
      utilisation: meter.utilisation,
      mostInProgress: { ...this.#mostInProgress },
      machine: cpuBetween(this.#machine, machine()).busy,
      hostCpus,
      cpuSeconds: meter.cpu * duration,
      memory: memory(),
    };
  }
}
