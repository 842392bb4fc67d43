import { isDeepStrictEqual } from 'node:util';
import { cpuBetween, hostCpus, hostTime, type MachineTime } from '../../../lab/probe/machine.ts';
import type { LiveReport } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Frame, Mark, Second, Totals, WorkerState } from '../../protocol.ts';
import type { LiveStack } from '../config.ts';
import type { GeneratorDesk } from '../generator-desk.ts';
import { ControlThreads } from './control-threads.ts';
import { secondEnd } from './deployment-seconds.ts';
import { Dots } from './dots.ts';
import { GeneratorCounts } from './generator-counts.ts';
import { ObservedDeployment } from './observed-deployment.ts';
import { parseLoggedRequest, RequestLog } from './request-log.ts';
import type { Window } from './window-count.ts';

const LOG_EVERY_MS = 100;
const CONTROL_TICK_MS = 50;
/** Frames after which unchanged workers are told again, for pages that came meanwhile. */
const FRAMES_PER_WORKERS = 5;

interface ObservationOptions {
  /** Called once with what keeps the observation from seeing anything. */
  readonly say: (line: string) => void;
  /** Seconds since 1970. */
  readonly clock: () => number;
  /** CPU time of the host. */
  readonly machine?: () => MachineTime;
}

/** What the feed and the tour see of a stack. */
export type Observation = Omit<StackObservation, 'close'>;

/**
 * Observes a stack until it is closed: k6 by its reports, nginx by its log, the workers by their control threads. Workers
 * are observed where a page looks, or a window is open. Call `frame` five times and `second` once a second.
 */
export class StackObservation {
  /** Called with each mark. */
  onMark: (mark: Mark) => void = () => {};
  readonly #desk: GeneratorDesk;
  readonly #clock: () => number;
  readonly #machine: () => MachineTime;
  readonly #deployments: ReadonlyMap<DeploymentId, ObservedDeployment>;
  readonly #byPort: ReadonlyMap<number, ObservedDeployment>;
  readonly #dots = new Dots();
  readonly #generator = new GeneratorCounts();
  readonly #log: RequestLog;
  readonly #controls: ControlThreads;
  readonly #logTimer: NodeJS.Timeout;
  #controlTimer: NodeJS.Timeout | undefined;
  /** What a page looks at. */
  #chosen: readonly DeploymentId[] = [];
  /** The same, and what is measured. */
  #looked: readonly ObservedDeployment[] = [];
  #generatorStarted: number | undefined;
  #generatorState: 'unknown' | 'connected' | 'lost' = 'unknown';
  #secondBegan: number;
  #machineBefore: MachineTime;
  #workersTold: Frame['workers'];
  #framesSinceWorkers = 0;

  constructor(
    { deployments, requestLog }: Pick<LiveStack, 'deployments' | 'requestLog'>,
    desk: GeneratorDesk,
    { say, clock, machine = hostTime }: ObservationOptions,
  ) {
    this.#desk = desk;
    this.#clock = clock;
    this.#machine = machine;
    this.#machineBefore = machine();
    this.#secondBegan = secondEnd(clock());
    const shared = { onMark: (mark: Mark) => this.onMark(mark), hostCpus: hostCpus(), machine, clock };
    const observed = deployments.map(deployment => new ObservedDeployment(deployment, shared));
    this.#deployments = new Map(observed.map(one => [one.id, one]));
    this.#byPort = new Map(observed.map((one, index) => [deployments[index]?.nginxPort ?? 0, one]));
    this.#log = new RequestLog(requestLog, { onLine: line => this.#takeLine(line), say });
    this.#controls = new ControlThreads(clock);
    desk.listen(report => this.#takeReport(report));
    this.#log.look();
    this.#logTimer = setInterval(() => this.#look(), LOG_EVERY_MS);
  }

  /** What became known since the last call. */
  frame(): Frame {
    const now = this.#clock();
    const workers: Record<DeploymentId, readonly WorkerState[]> = {};
    for (const { id, workers: states } of this.#looked) if (states !== undefined) workers[id] = states;
    this.#framesSinceWorkers += 1;
    const isSame = isDeepStrictEqual(workers, this.#workersTold);
    if (isSame && this.#framesSinceWorkers < FRAMES_PER_WORKERS) return { now, ...this.#dots.take(now) };
    this.#workersTold = workers;
    this.#framesSinceWorkers = 0;
    return { now, ...this.#dots.take(now), workers };
  }

  /** Ends a second: the next point of the charts. */
  second(): Second {
    const [begin, end] = [this.#secondBegan, Math.max(this.#secondBegan, secondEnd(this.#clock()))];
    const [before, machine] = [this.#machineBefore, this.#machine()];
    this.#secondBegan = end;
    this.#machineBefore = machine;
    const deployments: Record<DeploymentId, DeploymentSecond> = {};
    for (const observed of this.#deployments.values()) {
      const second = observed.second(begin, end);
      if (this.#looked.includes(observed)) deployments[observed.id] = second;
    }
    return { time: end, deployments, cpu: cpuBetween(before, machine).busy };
  }

  totals(): Totals {
    return this.#generator.totals;
  }

  /** Observes the workers of these deployments from now on. */
  look(deployments: readonly DeploymentId[]): void {
    this.#chosen = deployments;
    this.#updateLooked();
  }

  /** Opens a window on one deployment. */
  open(id: DeploymentId): Window {
    const observed = this.#deployments.get(id);
    if (observed === undefined) throw new RangeError(`${id} is not in this stack`);
    const window = observed.open(() => this.#updateLooked());
    this.#updateLooked();
    return window;
  }

  close(): void {
    clearInterval(this.#logTimer);
    this.#stopAsking();
    this.#controls.look([]);
    this.#log.close();
  }

  #updateLooked(): void {
    const all = [...this.#deployments.values()];
    const looked = all.filter(({ id, isMeasured }) => isMeasured || this.#chosen.includes(id));
    for (const observed of this.#looked) if (!looked.includes(observed)) observed.forget();
    this.#looked = looked;
    this.#controls.look(looked);
    if (looked.length > 0) this.#controlTimer ??= setInterval(() => this.#controls.tick(), CONTROL_TICK_MS);
    else this.#stopAsking();
  }

  #stopAsking(): void {
    clearInterval(this.#controlTimer);
    this.#controlTimer = undefined;
  }

  #look(): void {
    this.#log.look();
    const before = this.#generatorState;
    if (this.#desk.connected) this.#generatorState = 'connected';
    else if (before === 'connected') this.#generatorState = 'lost';
    if (this.#generatorState === before || before === 'unknown') return;
    const isLost = this.#generatorState === 'lost';
    if (isLost) for (const observed of this.#deployments.values()) observed.loseGenerator();
    this.onMark({ time: this.#clock(), kind: isLost ? 'generator-lost' : 'generator-back' });
  }

  #takeLine(line: string): void {
    const request = parseLoggedRequest(line);
    if (request === undefined) return;
    const observed = this.#byPort.get(request.port);
    if (observed === undefined) return;
    observed.addRequest(request);
    this.#generator.answered(observed.id, request.endedAt);
    if (request.dot === undefined) return;
    this.#dots.logged(request.dot, { ...request, worker: observed.workerIndex(request.worker) }, this.#clock());
  }

  #takeReport(report: LiveReport): void {
    const now = this.#clock();
    if (this.#generatorStarted !== undefined && this.#generatorStarted !== report.started) this.#dots.restart(now);
    this.#generatorStarted = report.started;
    for (const interval of this.#generator.take(report)) this.#deployments.get(interval.id)?.addGenerator(interval);
    for (const { name, dots, endedDots } of report.targets) {
      if (!this.#deployments.has(name)) continue;
      for (const [dot, sentAt] of dots) this.#dots.sent(name, dot, sentAt, now);
      for (const [dot, endedAt, error] of endedDots) this.#dots.ended(dot, endedAt, error, now);
    }
  }
}
