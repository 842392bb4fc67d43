import { isDeepStrictEqual } from 'node:util';
import { cpuBetween, hostCpus, hostTime, type MachineTime } from '../../../lab/probe/machine.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { LiveReport } from '../../../model/wire.ts';
import type { Frame, Mark, Second, TopologySecond, Totals, WorkerState } from '../../protocol.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { GeneratorDesk } from '../generator/generator-desk.ts';
import type { Observation, Stack, Window } from '../parts.ts';
import { ControlThreads } from './control-threads.ts';
import { Dots } from './dots.ts';
import { requestIn } from './logged-request.ts';
import { ObservedTopology } from './observed-topology.ts';
import { RequestLog } from './request-log.ts';
import { RequestTotals } from './request-totals.ts';
import { TargetChanges } from './target-changes.ts';
import { secondEnd } from './topology-seconds.ts';

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
 * topology is looked at, too, while a window of it is open. `frame` and `second` are called some five times and once a
 * second; what nobody takes is forgotten in time.
 */
export function createObservation(
  stack: Pick<Stack, 'deployments' | 'requestLog'>,
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
  readonly #topologies: ReadonlyMap<string, ObservedTopology>;
  readonly #byPort: ReadonlyMap<number, ObservedTopology>;
  readonly #dots = new Dots();
  readonly #changes = new TargetChanges();
  readonly #totals = new RequestTotals();
  readonly #log: RequestLog;
  readonly #controls: ControlThreads;
  readonly #logTimer: NodeJS.Timeout;
  #controlTimer: NodeJS.Timeout | undefined;
  #chosen: readonly TopologyName[] = [];
  #looked: ReadonlySet<TopologyName> = new Set();
  #generatorStarted: number | undefined;
  #generator: 'not-heard-of' | 'there' | 'lost' = 'not-heard-of';
  #secondBegan: number;
  #machineBefore: MachineTime;
  #workersTold: Frame['workers'];
  #framesSinceWorkers = 0;

  constructor(
    { deployments, requestLog }: Pick<Stack, 'deployments' | 'requestLog'>,
    desk: GeneratorDesk,
    { say, clock = systemClock, machine = hostTime }: ObservationOptions,
  ) {
    this.#desk = desk;
    this.#clock = clock;
    this.#machine = machine;
    this.#machineBefore = machine();
    this.#secondBegan = secondEnd(clock());
    const shared = { onMark: (mark: Mark) => this.onMark(mark), hostCpus: hostCpus(), machine };
    const observed = deployments.map(deployment => new ObservedTopology(deployment, shared));
    this.#topologies = new Map(observed.map(one => [one.topology, one]));
    this.#byPort = new Map(observed.map((one, index) => [deployments[index]?.nginxPort ?? 0, one]));
    this.#log = new RequestLog(requestLog, { onLine: line => this.#take(line), say });
    this.#controls = new ControlThreads(
      deployments,
      {
        counted: (topology, process, counters, at) => this.#topologies.get(topology)?.counted(process, counters, at),
        used: (topology, process, resources, at) => this.#topologies.get(topology)?.used(process, resources, at),
        gone: (topology, process, at) => this.#topologies.get(topology)?.gone(process, at),
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
    for (const topology of this.#looked) {
      const states = this.#topologies.get(topology)?.workers;
      if (states !== undefined) workers[topology] = states;
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
    const topologies: Record<string, TopologySecond> = {};
    for (const observed of this.#topologies.values()) {
      const second = observed.second(begin, end);
      if (this.#looked.has(observed.topology)) topologies[observed.topology] = second;
    }
    return { time: end, topologies, cpu: cpuBetween(before, machine).busy };
  }

  totals(): Totals {
    return this.#totals.totals;
  }

  look(topologies: readonly TopologyName[]): void {
    this.#chosen = topologies;
    this.#ask();
  }

  open(topology: TopologyName): Window {
    const observed = this.#topologies.get(topology);
    if (observed === undefined) throw new RangeError(`${topology} is not in this stack`);
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
    const measured = new Set<TopologyName>();
    for (const { topology, measured: isMeasured } of this.#topologies.values()) if (isMeasured) measured.add(topology);
    const looked = new Set([...this.#chosen, ...measured].filter(topology => this.#topologies.has(topology)));
    for (const topology of this.#looked) if (!looked.has(topology)) this.#topologies.get(topology)?.forget();
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
      for (const observed of this.#topologies.values()) observed.generatorLost();
      this.onMark({ time: this.#clock(), kind: 'generator-lost' });
    }
  }

  #take(line: string): void {
    const request = requestIn(line);
    if (request === undefined) return;
    const observed = this.#byPort.get(request.port);
    if (observed === undefined) return;
    observed.logged(request);
    this.#totals.answered(observed.topology, request.endedAt);
    if (request.dot === undefined) return;
    this.#dots.logged(request.dot, { ...request, worker: observed.placeOf(request.worker) }, this.#clock());
  }

  #hear(report: LiveReport): void {
    const now = this.#clock();
    if (this.#generatorStarted !== undefined && this.#generatorStarted !== report.started) this.#dots.restart(now);
    this.#generatorStarted = report.started;
    this.#totals.reported(report);
    for (const change of this.#changes.in(report)) this.#topologies.get(change.target)?.reported(change);
    for (const { name, dots, endedDots } of report.targets) {
      const topology = this.#topologies.get(name)?.topology;
      if (topology === undefined) continue;
      for (const [dot, sentAt] of dots) this.#dots.sent(topology, dot, sentAt, now);
      for (const [dot, endedAt, error] of endedDots) this.#dots.ended(dot, endedAt, error, now);
    }
  }
}
