import { isDeepStrictEqual } from 'node:util';
import { cpuBetween, hostCpus, hostTime, type MachineTime } from '../../../lab/probe/machine.ts';
import type { LiveReport } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Frame, Mark, Second, Totals, WorkerState } from '../../protocol.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { GeneratorDesk } from '../generator/generator-desk.ts';
import type { LiveStack, Observation, Window } from '../parts.ts';
import { ControlThreads } from './control-threads.ts';
import { secondEnd } from './deployment-seconds.ts';
import { Dots } from './dots.ts';
import { requestIn } from './logged-request.ts';
import { ObservedDeployment } from './observed-deployment.ts';
import { RequestLog } from './request-log.ts';
import { RequestTotals } from './request-totals.ts';
import { TargetChanges } from './target-changes.ts';

const LOG_EVERY_MS = 100;
const CONTROL_TICK_MS = 50;
/** Frames after which the workers are told though they are as before: somebody may have come meanwhile. */
const FRAMES_PER_WORKERS = 5;

export interface ObservationOptions {
  /** Told what keeps the observation from seeing anything, once. */
  readonly say: (line: string) => void;
  readonly clock?: Clock;
  /** CPU time of the host. */
  readonly machine?: () => MachineTime;
}

/** An observation that looks by itself, until it is closed. */
export interface RunningObservation extends Observation {
  close(): void;
}

/**
 * Begins to observe a stack: k6 by its reports to `desk`, nginx by its log, the workers by their control threads. A
 * deployment is looked at, too, while a window of it is open. `frame` and `second` are called some five times and once a
 * second; what nobody takes is forgotten in time.
 */
export function createObservation(
  stack: Pick<LiveStack, 'deployments' | 'requestLog'>,
  desk: GeneratorDesk,
  options: ObservationOptions,
): RunningObservation {
  return new StackObservation(stack, desk, options);
}

class StackObservation implements RunningObservation {
  onMark: (mark: Mark) => void = () => undefined;
  readonly #desk: GeneratorDesk;
  readonly #clock: Clock;
  readonly #machine: () => MachineTime;
  readonly #deployments: ReadonlyMap<string, ObservedDeployment>;
  readonly #byPort: ReadonlyMap<number, ObservedDeployment>;
  readonly #dots = new Dots();
  readonly #changes = new TargetChanges();
  readonly #totals = new RequestTotals();
  readonly #log: RequestLog;
  readonly #controls: ControlThreads;
  readonly #logTimer: NodeJS.Timeout;
  #controlTimer: NodeJS.Timeout | undefined;
  #chosen: readonly DeploymentId[] = [];
  #looked: ReadonlySet<DeploymentId> = new Set();
  #generatorStarted: number | undefined;
  #generator: 'not-heard-of' | 'there' | 'lost' = 'not-heard-of';
  #secondBegan: number;
  #machineBefore: MachineTime;
  #workersTold: Frame['workers'];
  #framesSinceWorkers = 0;

  constructor(
    { deployments, requestLog }: Pick<LiveStack, 'deployments' | 'requestLog'>,
    desk: GeneratorDesk,
    { say, clock = systemClock, machine = hostTime }: ObservationOptions,
  ) {
    this.#desk = desk;
    this.#clock = clock;
    this.#machine = machine;
    this.#machineBefore = machine();
    this.#secondBegan = secondEnd(clock());
    const shared = { onMark: (mark: Mark) => this.onMark(mark), hostCpus: hostCpus(), machine };
    const observed = deployments.map(deployment => new ObservedDeployment(deployment, shared));
    this.#deployments = new Map(observed.map(one => [one.id, one]));
    this.#byPort = new Map(observed.map((one, index) => [deployments[index]?.nginxPort ?? 0, one]));
    this.#log = new RequestLog(requestLog, { onLine: line => this.#take(line), say });
    this.#controls = new ControlThreads(
      deployments,
      {
        counted: (id, process, counters, at) => this.#deployments.get(id)?.counted(process, counters, at),
        used: (id, process, resources, at) => this.#deployments.get(id)?.used(process, resources, at),
        gone: (id, process, at) => this.#deployments.get(id)?.gone(process, at),
      },
      clock,
    );
    desk.listen(report => this.#hear(report));
    this.#log.look();
    this.#logTimer = setInterval(() => this.#look(), LOG_EVERY_MS);
  }

  frame(): Frame {
    const now = this.#clock();
    const workers: Record<string, readonly WorkerState[]> = {};
    for (const id of this.#looked) {
      const states = this.#deployments.get(id)?.workers;
      if (states !== undefined) workers[id] = states;
    }
    this.#framesSinceWorkers += 1;
    const asBefore = isDeepStrictEqual(workers, this.#workersTold);
    if (asBefore && this.#framesSinceWorkers < FRAMES_PER_WORKERS) return { now, ...this.#dots.take(now) };
    this.#workersTold = workers;
    this.#framesSinceWorkers = 0;
    return { now, ...this.#dots.take(now), workers };
  }

  second(): Second {
    const [begin, end] = [this.#secondBegan, Math.max(this.#secondBegan, secondEnd(this.#clock()))];
    const [before, machine] = [this.#machineBefore, this.#machine()];
    this.#secondBegan = end;
    this.#machineBefore = machine;
    const deployments: Record<string, DeploymentSecond> = {};
    for (const observed of this.#deployments.values()) {
      const second = observed.second(begin, end);
      if (this.#looked.has(observed.id)) deployments[observed.id] = second;
    }
    return { time: end, deployments, cpu: cpuBetween(before, machine).busy };
  }

  totals(): Totals {
    return this.#totals.totals;
  }

  look(deployments: readonly DeploymentId[]): void {
    this.#chosen = deployments;
    this.#ask();
  }

  open(id: DeploymentId): Window {
    const observed = this.#deployments.get(id);
    if (observed === undefined) throw new RangeError(`${id} is not in this stack`);
    const window = observed.open(this.#clock, () => this.#ask());
    this.#ask();
    return window;
  }

  close(): void {
    clearInterval(this.#logTimer);
    this.#stopAsking();
    this.#controls.close();
    this.#log.close();
  }

  #stopAsking(): void {
    clearInterval(this.#controlTimer);
    this.#controlTimer = undefined;
  }

  /** Has those asked that somebody looks at, and nobody else. */
  #ask(): void {
    const measured = new Set<DeploymentId>();
    for (const { id, measured: isMeasured } of this.#deployments.values()) if (isMeasured) measured.add(id);
    const looked = new Set([...this.#chosen, ...measured].filter(id => this.#deployments.has(id)));
    for (const id of this.#looked) if (!looked.has(id)) this.#deployments.get(id)?.forget();
    this.#looked = looked;
    this.#controls.look(looked, measured);
    if (looked.size > 0) this.#controlTimer ??= setInterval(() => this.#controls.tick(), CONTROL_TICK_MS);
    else this.#stopAsking();
  }

  #look(): void {
    this.#log.look();
    if (this.#desk.connected) {
      if (this.#generator === 'lost') this.onMark({ time: this.#clock(), kind: 'generator-back' });
      this.#generator = 'there';
    } else if (this.#generator === 'there') {
      this.#generator = 'lost';
      for (const observed of this.#deployments.values()) observed.generatorLost();
      this.onMark({ time: this.#clock(), kind: 'generator-lost' });
    }
  }

  #take(line: string): void {
    const request = requestIn(line);
    if (request === undefined) return;
    const observed = this.#byPort.get(request.port);
    if (observed === undefined) return;
    observed.logged(request);
    this.#totals.answered(observed.id, request.endedAt);
    if (request.dot === undefined) return;
    this.#dots.logged(request.dot, { ...request, worker: observed.placeOf(request.worker) }, this.#clock());
  }

  #hear(report: LiveReport): void {
    const now = this.#clock();
    if (this.#generatorStarted !== undefined && this.#generatorStarted !== report.started) this.#dots.restart(now);
    this.#generatorStarted = report.started;
    this.#totals.reported(report);
    for (const change of this.#changes.in(report)) this.#deployments.get(change.target)?.reported(change);
    for (const { name, dots, endedDots } of report.targets) {
      const id = this.#deployments.get(name)?.id;
      if (id === undefined) continue;
      for (const [dot, sentAt] of dots) this.#dots.sent(id, dot, sentAt, now);
      for (const [dot, endedAt, error] of endedDots) this.#dots.ended(dot, endedAt, error, now);
    }
  }
}
