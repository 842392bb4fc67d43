import type { DemonstrationPart, DemonstrationPlan, TopologyReading } from '../../../lab/claims/demonstration.ts';
import type { TopologyName } from '../../../model/topology.ts';
import type { DeploymentId, Rest, Settings } from '../../protocol.ts';
import type { Director } from '../director.ts';
import type { Observation } from '../observation/observation.ts';
import type { Window, WindowReading } from '../observation/window-count.ts';
import { TourFailure, Waiting, type WaitingClock } from './waiting.ts';

/** Seconds until nginx has logged what happened and the server has read it. */
const SETTLE = 0.35;
/** Seconds of silence after which k6 has heard that it must stop: it asks four times a second. */
const QUIET = 0.45;
/** Seconds to see what other programs do while nothing is sent. */
const LOOK = 0.3;
/** Seconds of load before what counts, and the users of a warm-up. */
const WARM_UP = 0.75;
const WARM_UP_USERS = 4;
/** Seconds after which a wait fails. */
const PATIENCE = { start: 4, drain: 15, rest: 20, burst: 20, heavy: 9, log: 1.5 } as const;
/** The fraction of requests that may fail. */
const FAILURES = 0.01;
/** Seconds that one value of `throughputs` is the mean of. */
const BATCH = 0.5;

interface LiveDemonstrationOptions {
  readonly director: Director;
  readonly observation: Observation;
  readonly clock: WaitingClock;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly needs: readonly TopologyName[];
  readonly plan: DemonstrationPlan;
  readonly idOf: (topology: TopologyName) => DeploymentId | undefined;
  /** What is on the stage afterwards, with no load. */
  readonly atRest: Settings;
  /** Called many times a second with what is measured now. */
  readonly onTick: (measured: readonly DeploymentId[]) => void;
}

/** The requests of the whole step to one topology, counted twice. */
interface Counts {
  readonly topology: TopologyName;
  readonly nginx: number;
  readonly k6: number;
}

/** What was read, and the circumstances. */
export interface LiveReadings {
  readonly readings: readonly TopologyReading[];
  readonly counts: readonly Counts[];
  /** How busy other programs kept the CPUs before anything was sent, as a fraction of all. */
  readonly disturbance: number;
}

/** Executes the parts of a demonstration on the live stack. Whatever happens, it leaves nothing behind. */
export async function demonstrateLive(options: LiveDemonstrationOptions): Promise<LiveReadings> {
  const live = new LiveDemonstration(options);
  try {
    return await live.run();
  } finally {
    await live.end();
  }
}

class LiveDemonstration {
  readonly #options: LiveDemonstrationOptions;
  readonly #waiting: Waiting;
  readonly #windows = new Set<Window>();
  readonly #limited = new Set<DeploymentId>();
  #chosen: string | undefined;
  #measured: readonly DeploymentId[] = [];

  constructor(options: LiveDemonstrationOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.clock, options.signal, () => this.#look());
  }

  async run(): Promise<LiveReadings> {
    const { needs, plan } = this.#options;
    await this.#stopAndDrain();
    const disturbance = await this.#waitForIdleWorkers();
    // From idle to idle nginx and k6 must count the same requests.
    const whole = needs.map(topology => ({ topology, window: this.#open(topology) }));
    const readings: TopologyReading[] = [];
    for (const part of plan.parts) readings.push(...(await this.#execute(part)));
    await this.#stopAndDrain();
    const counts: Counts[] = [];
    for (const { topology, window } of whole) {
      await this.#waitForLog(window);
      const { nginx, k6 } = window.read();
      counts.push({ topology, nginx: nginx.completed, k6: k6.completed });
    }
    return { readings, counts, disturbance };
  }

  /** Stops the load and gives back every limit. */
  async end(): Promise<void> {
    const { director, atRest } = this.#options;
    for (const window of this.#windows) window.close();
    // A viewer's own choice stays.
    if (this.#isOurs()) this.#choose(atRest);
    await Promise.all([...this.#limited].map(id => director.limitConnections(id, undefined)));
  }

  async #execute(part: DemonstrationPart): Promise<TopologyReading[]> {
    const { director, plan } = this.#options;
    switch (part.kind) {
      case 'limit': {
        const id = this.#id(part.topology);
        this.#limited.add(id);
        await director.limitConnections(id, part.databaseConnections);
        return [];
      }
      case 'warm-up': {
        const { topology, workload = plan.workload, users = WARM_UP_USERS, seconds = WARM_UP } = part;
        await this.#send([topology], { workload, load: { model: 'closed', users, thinkTime: 0 } });
        await this.#waiting.pause(seconds);
        await this.#stopAndDrain();
        return [];
      }
      case 'load':
        return this.#readLoad(part);
      case 'burst':
        return [await this.#readBurst(part.topology, part.requests)];
      case 'hold-cpu':
        return [await this.#readHeldCpu(part.topology, part.seconds)];
    }
  }

  async #readLoad(part: Extract<DemonstrationPart, { kind: 'load' }>): Promise<TopologyReading[]> {
    const { clock, plan } = this.#options;
    const { topologies, workload = plan.workload, load = plan.load, warmUp = WARM_UP, steadyState } = part;
    await this.#send(topologies, { workload, load });
    await this.#waiting.pause(warmUp);
    const others = Object.keys(this.#totals()).filter(id => !this.#measured.includes(id));
    const message = `Requests to ${others.join(', ')} are still in progress after ${PATIENCE.drain} s.`;
    await this.#waiting.until(() => this.#countInProgress(others) === 0, PATIENCE.drain, message);
    const from = clock.now();
    const windows = topologies.map(topology => ({ topology, window: this.#open(topology) }));
    await this.#waiting.pause(steadyState);
    const to = clock.now();
    await this.#waiting.pause(SETTLE);
    return windows.map(({ topology, window }) => this.#read(topology, window, from, to));
  }

  async #readBurst(topology: TopologyName, requests: number): Promise<TopologyReading> {
    const { director, clock, plan } = this.#options;
    const from = clock.now();
    this.#measured = [this.#id(topology)];
    const load = { model: 'open', arrivalRate: 0 } as const;
    this.#choose({ deployments: this.#measured, workload: plan.workload, load, running: true });
    const window = this.#open(topology);
    director.burst(requests, this.#measured);
    await this.#waiting.until(
      () => window.read().k6.completed >= requests,
      PATIENCE.burst,
      `${topology} has not answered ${requests} requests within ${PATIENCE.burst} s.`,
    );
    await this.#waitForLog(window);
    return this.#read(topology, window, from, clock.now());
  }

  async #readHeldCpu(topology: TopologyName, seconds: number): Promise<TopologyReading> {
    const { director, clock } = this.#options;
    this.#measured = [this.#id(topology)];
    const window = this.#open(topology);
    const from = clock.now();
    director.holdCpu(seconds, this.#measured);
    await this.#waiting.until(
      // How long it takes depends on the machine; no other request takes half as long.
      () => window.read().nginx.responseTime.max > seconds / 2,
      PATIENCE.heavy,
      `${topology} has not answered the request that computes within ${PATIENCE.heavy} s.`,
    );
    await this.#waiting.pause(SETTLE);
    return this.#read(topology, window, from, clock.now());
  }

  /** Sends a load and waits until k6 has begun with it. */
  async #send(topologies: readonly TopologyName[], load: Pick<Settings, 'workload' | 'load'>): Promise<void> {
    this.#measured = topologies.map(topology => this.#id(topology));
    const before = this.#totals();
    this.#choose({ ...load, deployments: this.#measured, running: true });
    await this.#waiting.until(
      () => this.#measured.every(id => (this.#totals()[id]?.sent ?? 0) > (before[id]?.sent ?? 0)),
      PATIENCE.start,
      `k6 has sent nothing for ${PATIENCE.start} s, though it was told to. Is it up?`,
    );
  }

  /** Stops the load and waits until every request is answered. */
  async #stopAndDrain(): Promise<void> {
    const { clock, director } = this.#options;
    this.#choose({ ...director.state.settings, running: false });
    const countSent = () => Object.values(this.#totals()).reduce((sum, { sent }) => sum + sent, 0);
    let [sent, since] = [countSent(), clock.now()];
    const isQuiet = () => {
      const latest = countSent();
      if (latest !== sent) since = clock.now();
      sent = latest;
      return clock.now() - since >= QUIET && this.#countInProgress(Object.keys(this.#totals())) === 0;
    };
    const message = `Requests are still in progress after ${PATIENCE.drain} s.`;
    await this.#waiting.until(isQuiet, PATIENCE.drain, message);
  }

  /** Waits until no worker holds a request, also of clients that have left, and returns how busy the CPUs are then. */
  async #waitForIdleWorkers(): Promise<number> {
    const { clock, needs } = this.#options;
    for (const end = clock.now() + PATIENCE.rest; ; ) {
      const windows = needs.map(topology => this.#open(topology));
      await this.#waiting.pause(LOOK);
      const readings = windows.map(window => window.read());
      for (const window of windows) this.#close(window);
      const held = readings.flatMap(({ mostInProgress }) => Object.values(mostInProgress));
      if (held.every(requests => requests === 0)) return readings[0]?.machine ?? 0;
      if (clock.now() < end) continue;
      throw new TourFailure(
        'Workers are still busy with earlier requests. Wait until they are idle, and show it again.',
      );
    }
  }

  /** Waits a little for log lines of requests that k6 saw end; the counts show those that never come. */
  async #waitForLog(window: Window): Promise<void> {
    await this.#waiting.holds(() => {
      const { nginx, k6 } = window.read();
      return nginx.completed >= k6.completed;
    }, PATIENCE.log);
  }

  #totals() {
    return this.#options.observation.totals().k6;
  }

  #countInProgress(ids: readonly DeploymentId[]): number {
    const totals = this.#totals();
    return ids.reduce((sum, id) => sum + (totals[id]?.sent ?? 0) - (totals[id]?.completed ?? 0), 0);
  }

  #choose(settings: Settings): void {
    const { director } = this.#options;
    director.choose(settings);
    this.#chosen = JSON.stringify(director.state.settings);
  }

  #isOurs(): boolean {
    return this.#chosen === undefined || this.#chosen === JSON.stringify(this.#options.director.state.settings);
  }

  #id(topology: TopologyName): DeploymentId {
    const id = this.#options.idOf(topology);
    if (id === undefined) throw new TourFailure(`${topology} is not in this stack.`);
    return id;
  }

  #open(topology: TopologyName): Window {
    const window = this.#options.observation.open(this.#id(topology));
    this.#windows.add(window);
    return window;
  }

  #close(window: Window): void {
    window.close();
    this.#windows.delete(window);
  }

  #read(topology: TopologyName, window: Window, from: number, to: number): TopologyReading {
    const read = window.read();
    this.#close(window);
    const { completed, failed } = read.nginx;
    if (completed === 0) throw new TourFailure(`${topology} has answered nothing, so nothing was measured.`);
    if (failed > FAILURES * completed) {
      throw new TourFailure(`${failed} of ${completed} requests to ${topology} failed. Show it again.`);
    }
    return readTopology(topology, read, from, to);
  }

  /** Fails as soon as a viewer changes the load or no load can be sent. */
  #look(): void {
    const { director, onTick } = this.#options;
    onTick(this.#measured);
    if (!this.#isOurs()) throw new TourFailure('A viewer changed the load while this was measured. Show it again.');
    const { rest, settings } = director.state;
    if (settings.running && rest !== undefined && rest !== 'paused') throw new TourFailure(restReasons[rest]);
  }
}

const restReasons: Record<Exclude<Rest, 'paused'>, string> = {
  untouched: 'No load is sent, because no viewer has touched anything for ten minutes. Show it again.',
  unwatched: 'No load is sent while no page is open. Open it, and show it again.',
  'no-generator': 'k6 does not ask for its orders, so no load can be sent. It restarts by itself: wait for it.',
};

/** The reading of a window that was opened at `from` and is read a little after `to`. */
export function readTopology(topology: TopologyName, read: WindowReading, from: number, to: number): TopologyReading {
  const { completed, completions, databaseWait } = read.nginx;
  const [first] = completions;
  // A window keeps only the latest completions: half-seconds that it knows in part do not count.
  const known = first !== undefined && completed > completions.length ? Math.max(from, first.endedAt) : from;
  const within = completions.filter(({ endedAt }) => endedAt >= from && endedAt < to);
  const batches = Math.floor((to - known) / BATCH + 1e-9);
  const counts = new Array<number>(batches).fill(0);
  for (const { endedAt } of within) {
    const batch = batches - Math.max(1, Math.ceil((to - endedAt) / BATCH - 1e-9));
    if (batch >= 0) counts[batch] = (counts[batch] ?? 0) + 1;
  }
  return {
    topology,
    throughputs: counts.map(count => count / BATCH),
    responseTimes: within.map(({ responseTime }) => responseTime).sort((a, b) => a - b),
    databaseWait: databaseWait / completed,
    ...{ machine: read.machine, hostCpus: read.hostCpus, cpus: read.cpuSeconds / read.duration },
    ...{ memory: read.memory, mostInProgress: Object.values(read.mostInProgress) },
  };
}
