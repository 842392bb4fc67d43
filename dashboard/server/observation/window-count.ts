import { cpuBetween, type MachineTime } from '../../../lab/probe/machine.ts';
import { emptyHistogram, type Histogram, merged, record } from '../../../model/histogram.ts';
import { OBJECTIVE } from '../../protocol.ts';
import type { WindowReading } from '../parts.ts';
import { isSuccess } from './deployment-seconds.ts';
import type { Follower, ProcessInterval, WorkerInterval } from './follower.ts';
import type { LoggedRequest } from './logged-request.ts';
import type { TargetChange } from './target-changes.ts';
import type { UtilisationMeter } from './utilisation-meter.ts';

/** The latest that are kept one by one. */
const COMPLETIONS = 20_000;

export interface WindowOptions {
  /** Seconds since 1970. */
  readonly openedAt: number;
  readonly meter: UtilisationMeter;
  /** Bytes, of the deployment. */
  readonly memory: () => number;
  readonly hostCpus: number;
  /** CPU time of the host. */
  readonly machine: () => MachineTime;
}

/** What happens to one deployment from a moment on. */
export class WindowCount implements Follower {
  readonly #options: WindowOptions;
  readonly #machine: MachineTime;
  readonly #responseTime: Histogram = emptyHistogram(OBJECTIVE);
  readonly #mostInProgress: Record<string, number> = {};
  #nginx = { completed: 0, failed: 0, app: 0, databaseWait: 0 };
  #completions: { readonly endedAt: number; readonly responseTime: number }[] = [];
  #k6: WindowReading['k6'] = { sent: 0, completed: 0, failed: 0, responseTime: emptyHistogram(OBJECTIVE) };

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#machine = options.machine();
  }

  logged({ endedAt, status, responseTime, app, databaseWait }: LoggedRequest): void {
    if (endedAt < this.#options.openedAt) return;
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

  reported({ sent, completed, failed, responseTime }: TargetChange): void {
    this.#k6 = {
      sent: this.#k6.sent + sent,
      completed: this.#k6.completed + completed,
      failed: this.#k6.failed + failed,
      responseTime: merged([this.#k6.responseTime, responseTime], OBJECTIVE),
    };
  }

  worked(interval: WorkerInterval): void {
    this.#options.meter.worked(interval);
    const { worker, inProgress } = interval;
    this.#mostInProgress[worker] = Math.max(this.#mostInProgress[worker] ?? 0, inProgress);
  }

  used(interval: ProcessInterval): void {
    const { openedAt, meter } = this.#options;
    const since = Math.min(interval.endedAt - openedAt, interval.duration);
    if (since > 0) meter.used(interval, since / interval.duration);
  }

  read(now: number): WindowReading {
    const { openedAt, meter, memory, hostCpus, machine } = this.#options;
    const duration = now - openedAt;
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
