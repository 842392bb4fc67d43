import type { TopologyName } from '../../../model/topology.ts';
import type { DeploymentId, LiveWorkload, Rest, Settings } from '../../protocol.ts';
import type { Director } from '../director.ts';
import type { Observation } from '../observation/observation.ts';
import type { Window } from '../observation/window-count.ts';
import type { Counts } from './counts.ts';
import { RequestsInProgress } from './in-progress.ts';
import type { Burst, Loads, Phase, WarmUp } from './loads.ts';
import { readingOf, type TopologyReading } from './reading.ts';
import { type StackSizes, TourFailure } from './step.ts';
import { Waiting } from './waiting.ts';
import type { WaitingClock } from './waiting-clock.ts';

/** Seconds until nginx has written, and the server read, what has happened. */
const SETTLE = 0.35;
/** Seconds of nothing, to see what other programs do. */
const LOOK = 0.3;
/** Seconds, of load before what counts. */
const WARM_UP = 0.75;
const WARM_UP_USERS = 4;
/** Seconds for which something may keep the tour waiting. */
const PATIENCE = { start: 4, rest: 20, burst: 20, heavy: 9, log: 1.5 } as const;
/** Of the requests may fail, and the figures still stand. */
const FAILURES = 0.01;

export interface LiveLoadsOptions {
  readonly director: Director;
  readonly observation: Observation;
  readonly clock: WaitingClock;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** What the step needs. */
  readonly topologies: readonly TopologyName[];
  readonly sizes: Pick<StackSizes, 'id'>;
  /** What stands on the stage when all is over, with nothing sent. */
  readonly atRest: Settings;
  /** Called with what is measured now, many times a second. */
  readonly onTick: (measured: readonly DeploymentId[]) => void;
}

/** A load as it is sent, whatever of it counts. */
type LoadToSend = Pick<Phase, 'workload' | 'load'>;

/** The loads of one step, on the live stack. `end` undoes everything, whatever happened before it. */
export class LiveLoads implements Loads {
  readonly #options: LiveLoadsOptions;
  readonly #waiting: Waiting;
  readonly #inProgress: RequestsInProgress;
  /** Of the whole step, by topology: from idle to idle everything that is sent is counted, by nginx and by k6. */
  readonly #whole = new Map<TopologyName, Window>();
  readonly #windows = new Set<Window>();
  readonly #limited = new Set<DeploymentId>();
  #chosen: string | undefined;
  #measured: readonly DeploymentId[] = [];

  constructor(options: LiveLoadsOptions) {
    const { clock, signal, observation } = options;
    this.#options = options;
    this.#waiting = new Waiting(clock, signal, () => this.#look());
    this.#inProgress = new RequestsInProgress(observation, this.#waiting, clock);
  }

  /** Waits until nothing is in progress, and begins to count. How busy the CPUs are with other things, as a fraction of all. */
  async begin(): Promise<number> {
    await this.#idle();
    const busy = await this.#atRest();
    for (const topology of this.#options.topologies) this.#whole.set(topology, this.#open(topology));
    return busy;
  }

  async warmUp(
    topologies: readonly TopologyName[],
    workload: LiveWorkload,
    { users = WARM_UP_USERS, seconds = WARM_UP }: WarmUp = {},
  ): Promise<void> {
    const load = { model: 'closed', users, thinkTime: 0 } as const;
    await this.#send(topologies, { workload, load }, seconds);
    await this.#idle();
  }

  async load(topology: TopologyName, phase: Phase): Promise<TopologyReading> {
    const [reading] = await this.loadTogether([topology], phase);
    if (reading === undefined) throw new RangeError('one topology has one reading');
    return reading;
  }

  async loadTogether(topologies: readonly TopologyName[], phase: Phase): Promise<readonly TopologyReading[]> {
    const { clock } = this.#options;
    await this.#send(topologies, phase, phase.warmUp ?? WARM_UP);
    await this.#inProgress.othersDrained(this.#ids(topologies));
    const from = clock.now();
    const windows = topologies.map(topology => ({ topology, window: this.#open(topology) }));
    await this.#waiting.pause(phase.steadyState);
    const to = clock.now();
    await this.#waiting.pause(SETTLE);
    return windows.map(({ topology, window }) => this.#read(topology, window, from, to));
  }

  /** What happens from before the burst until everything is answered and logged. */
  async burst({ topology, workload, requests }: Burst): Promise<TopologyReading> {
    const from = this.#options.clock.now();
    const ids = this.#ids([topology]);
    this.#measured = ids;
    this.#choose({ deployments: ids, workload, load: { model: 'open', arrivalRate: 0 }, running: true });
    const window = this.#open(topology);
    this.#options.director.burst(requests, ids);
    await this.#waiting.until(
      () => window.read().k6.completed >= requests,
      PATIENCE.burst,
      `${topology} has not answered ${requests} requests within ${PATIENCE.burst} s.`,
    );
    await this.#logged(window);
    return this.#read(topology, window, from, this.#options.clock.now());
  }

  async holdCpu(topology: TopologyName, seconds: number): Promise<TopologyReading> {
    const { director, clock } = this.#options;
    const ids = this.#ids([topology]);
    this.#measured = ids;
    const window = this.#open(topology);
    const from = clock.now();
    director.holdCpu(seconds, ids);
    await this.#waiting.until(
      // How long it takes depends on the machine; nothing else takes half of it alone.
      () => window.read().nginx.responseTime.max > seconds / 2,
      PATIENCE.heavy,
      `${topology} has not answered the request that computes within ${PATIENCE.heavy} s.`,
    );
    await this.#waiting.pause(SETTLE);
    return this.#read(topology, window, from, clock.now());
  }

  async limitConnections(topology: TopologyName, databaseConnections: number): Promise<void> {
    const id = this.#id(topology);
    this.#limited.add(id);
    await this.#options.director.limitConnections(id, databaseConnections);
  }

  /** Waits until all is answered; what nginx and what k6 counted since `begin`. */
  async counts(): Promise<Counts[]> {
    await this.#idle();
    const counts: Counts[] = [];
    for (const [topology, window] of this.#whole) {
      await this.#logged(window);
      const { nginx, k6 } = window.read();
      counts.push({ topology, nginx: nginx.completed, k6: k6.completed });
    }
    return counts;
  }

  /** Sends nothing more, gives back every limit, and counts no longer. */
  async end(): Promise<void> {
    for (const window of this.#windows) window.close();
    // Who has chosen something else meanwhile keeps it.
    const { director, atRest } = this.#options;
    if (this.#isOurs()) this.#choose(atRest);
    await Promise.all([...this.#limited].map(id => director.limitConnections(id, undefined)));
  }

  /** Sends a load, and waits for so many seconds from when k6 has begun with it. */
  async #send(topologies: readonly TopologyName[], load: LoadToSend, seconds: number): Promise<void> {
    const ids = this.#ids(topologies);
    this.#measured = ids;
    const before = new Map(ids.map(id => [id, this.#inProgress.sentTo(id)]));
    this.#choose({ deployments: ids, workload: load.workload, load: load.load, running: true });
    await this.#waiting.until(
      () => [...before].every(([id, sent]) => this.#inProgress.sentTo(id) > sent),
      PATIENCE.start,
      `k6 has sent nothing for ${PATIENCE.start} s, though it was told to. Is it up?`,
    );
    await this.#waiting.pause(seconds);
  }

  async #idle(): Promise<void> {
    this.#stop();
    await this.#inProgress.ended();
  }

  /** Waits until no worker holds anything: what a worker has begun is finished, though k6 has left. How busy the CPUs are then. */
  async #atRest(): Promise<number> {
    const { clock, topologies } = this.#options;
    for (const end = clock.now() + PATIENCE.rest; ; ) {
      const windows = topologies.map(topology => this.#open(topology));
      await this.#waiting.pause(LOOK);
      const readings = windows.map(window => window.read());
      for (const window of windows) this.#close(window);
      const held = readings.flatMap(({ mostInProgress }) => Object.values(mostInProgress));
      if (held.every(requests => requests === 0)) return readings[0]?.machine ?? 0;
      if (clock.now() < end) continue;
      throw new TourFailure('Workers still work off what came before. Wait until they are idle, and show it again.');
    }
  }

  #choose(settings: Settings): void {
    const { director } = this.#options;
    director.choose(settings);
    this.#chosen = JSON.stringify(director.state.settings);
  }

  #stop(): void {
    this.#choose({ ...this.#options.director.state.settings, running: false });
  }

  #isOurs(): boolean {
    return this.#chosen === undefined || this.#chosen === JSON.stringify(this.#options.director.state.settings);
  }

  #id(topology: TopologyName): DeploymentId {
    const id = this.#options.sizes.id(topology);
    if (id === undefined) throw new TourFailure(`${topology} is not in this stack.`);
    return id;
  }

  #ids(topologies: readonly TopologyName[]): DeploymentId[] {
    return topologies.map(topology => this.#id(topology));
  }

  #open(topology: TopologyName): Window {
    const window = this.#options.observation.open(this.#id(topology));
    this.#windows.add(window);
    return window;
  }

  #read(topology: TopologyName, window: Window, from: number, to: number): TopologyReading {
    const read = window.read();
    this.#close(window);
    const { completed, failed } = read.nginx;
    if (completed === 0) throw new TourFailure(`${topology} has answered nothing, so nothing was measured.`);
    if (failed > FAILURES * completed) {
      throw new TourFailure(`${failed} of ${completed} requests to ${topology} failed. Show it again.`);
    }
    return readingOf(topology, read, from, to);
  }

  #close(window: Window): void {
    window.close();
    this.#windows.delete(window);
  }

  /** Waits a little for lines of nginx's log of which k6 knows already; what never comes is a matter of the counts. */
  async #logged(window: Window): Promise<void> {
    const isThere = () => {
      const { nginx, k6 } = window.read();
      return nginx.completed >= k6.completed;
    };
    await this.#waiting.holds(isThere, PATIENCE.log);
  }

  /** Looks, many times a second, whether anything is in the way. */
  #look(): void {
    const { director, onTick } = this.#options;
    onTick(this.#measured);
    if (!this.#isOurs()) throw new TourFailure('Somebody chose something else while this was measured. Show it again.');
    const { rest, settings } = director.state;
    if (settings.running && rest !== undefined && rest !== 'paused') throw new TourFailure(whyAtRest[rest]);
  }
}

const whyAtRest: Record<Exclude<Rest, 'paused'>, string> = {
  untouched: 'No load is sent, because nobody has touched anything for ten minutes. Show it again.',
  unwatched: 'No load is sent while no page is open. Open it, and show it again.',
  'no-generator':
    'k6 does not ask for its orders, so that nothing can be sent: it is started again by itself, wait for it.',
};
