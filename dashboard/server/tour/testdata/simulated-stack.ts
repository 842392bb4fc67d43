import { workOfRequest } from '../../../../model/contract/work.ts';
import { type Deployment, deploymentName, deploymentOf } from '../../../../model/deployment.ts';
import { emptyHistogram, record } from '../../../../model/histogram.ts';
import { isConcurrencyLimited, type TopologyName, topologyNames } from '../../../../model/topology.ts';
import { type DeploymentId, OBJECTIVE, type Settings } from '../../../protocol.ts';
import type { LiveStack } from '../../config.ts';
import type { Director } from '../../director.ts';
import type { Observation } from '../../observation/observation.ts';
import type { Window, WindowReading } from '../../observation/window-count.ts';
import { Refusal } from '../../refusal.ts';
import type { WaitingClock } from '../waiting.ts';

const CPUS = 2;

/** The settings before the tour. */
export const chosenBefore: Settings = {
  deployments: ['threads-1x8-8'],
  workload: { route: 'item', parameters: { id: 7 } },
  load: { model: 'open', arrivalRate: 20 },
  running: true,
};

/** Deviations from a stack on which everything is as the claims say. */
export interface Behaviour {
  /** How busy the machine is without load, as a fraction. */
  readonly idleMachine: number;
  /** nginx loses one of so many requests; 0: none. */
  readonly unlogged: number;
  /** Whether all requests fail. */
  readonly fails: boolean;
}

/** Stands still until a wait, and then lets everything that is due happen in its order. */
class SimulatedClock implements WaitingClock {
  #now = 1000;
  #events: { readonly at: number; readonly happen: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(seconds: number, happen: () => void): void {
    this.#events.push({ at: this.#now + seconds, happen });
  }

  async wait(seconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const end = this.#now + seconds;
    for (let next = this.#takeNext(end); next !== undefined; next = this.#takeNext(end)) {
      this.#now = next.at;
      next.happen();
    }
    this.#now = end;
    // Other waits get their turn.
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }

  #takeNext(end: number) {
    const earliest = this.#events.reduce((at, event) => Math.min(at, event.at), Number.POSITIVE_INFINITY);
    if (earliest > end) return undefined;
    const index = this.#events.findIndex(({ at }) => at === earliest);
    return this.#events.splice(index, 1)[0];
  }
}

/** The requests of one deployment: so many servers with one queue. */
class SimulatedTopology {
  servers = 1;
  serviceTime = 0.001;
  readonly totals = { sent: 0, completed: 0 };
  readonly #clock: SimulatedClock;
  readonly #deployment: Deployment;
  readonly #behaviour: Behaviour;
  readonly #ended: { readonly endedAt: number; readonly responseTime: number }[] = [];
  #freeAt: number[] = [];
  #most = 0;
  /** The number of the load: an earlier one sends nothing more. */
  #load = 0;

  constructor(clock: SimulatedClock, deployment: Deployment, behaviour: Behaviour) {
    this.#clock = clock;
    this.#deployment = deployment;
    this.#behaviour = behaviour;
  }

  get inProgress(): number {
    return this.totals.sent - this.totals.completed;
  }

  rest(): void {
    this.#load += 1;
  }

  drive({ load, running }: Settings): void {
    this.rest();
    const number = this.#load;
    const isCurrent = () => number === this.#load;
    if (!running) return;
    if (load.model === 'closed') {
      const again = () => isCurrent() && this.send(this.serviceTime, again);
      for (let user = 0; user < load.users; user++) again();
    } else if (load.arrivalRate > 0) {
      const next = () => {
        if (!isCurrent()) return;
        this.send();
        this.#clock.after(1 / load.arrivalRate, next);
      };
      next();
    }
  }

  send(serviceTime = this.serviceTime, onEnd: () => void = () => {}): void {
    const sentAt = this.#clock.now();
    this.#freeAt = this.#freeAt.filter(at => at > sentAt).sort((a, b) => a - b);
    const busy = this.#freeAt.length - this.servers;
    const endedAt = (busy < 0 ? sentAt : (this.#freeAt[busy] ?? sentAt)) + serviceTime;
    this.#freeAt.push(endedAt);
    this.totals.sent += 1;
    this.#most = Math.max(this.#most, this.inProgress);
    this.#clock.after(endedAt - sentAt, () => {
      this.totals.completed += 1;
      this.#ended.push({ endedAt, responseTime: endedAt - sentAt });
      onEnd();
    });
  }

  open(): Window {
    const openedAt = this.#clock.now();
    const before = { ...this.totals };
    const first = this.#ended.length;
    this.#most = this.inProgress;
    return { close: () => {}, read: () => this.#read(openedAt, before, first) };
  }

  #read(openedAt: number, before: { sent: number; completed: number }, first: number): WindowReading {
    const { unlogged, fails, idleMachine } = this.#behaviour;
    const { topology, processes, threadsPerProcess } = this.#deployment;
    const workers = processes * threadsPerProcess;
    const ended = this.#ended.slice(first);
    const completions = ended.filter((_, index) => unlogged === 0 || index % unlogged !== 0);
    const duration = this.#clock.now() - openedAt;
    const responseTime = emptyHistogram(OBJECTIVE);
    for (const one of completions) record(responseTime, one.responseTime);
    const [sent, completed] = [this.totals.sent - before.sent, this.totals.completed - before.completed];
    const machine = topology === 'sync' ? 0.2 : 0.9;
    const served = completions.length * this.serviceTime;
    return {
      nginx: {
        ...{ completed: completions.length, completions, responseTime, app: served, databaseWait: served },
        failed: fails ? completions.length : 0,
      },
      k6: { sent, completed, failed: fails ? completed : 0, responseTime },
      utilisation: { workers: 1, databaseConnections: 1, cpu: machine },
      mostInProgress: Object.fromEntries(
        Array.from({ length: workers }, (_, index) => [`w-${index}`, this.#most / workers]),
      ),
      ...{ duration, hostCpus: CPUS, machine: ended.length === 0 ? idleMachine : machine, memory: 40e6 * workers },
      // Everything else uses a tenth of a CPU.
      cpuSeconds: duration * (CPUS * machine - 0.1),
    };
  }
}

/** A stack with its own clock, as the tour's director and observation show it. */
export class SimulatedStack {
  readonly clock = new SimulatedClock();
  readonly cpus = CPUS;
  readonly stack: Pick<LiveStack, 'deployments'>;
  readonly director: Director;
  readonly observation: Observation;
  rest: Director['state']['rest'];
  settings = chosenBefore;
  connections: Record<DeploymentId, number> = {};
  readonly #topologies = new Map<DeploymentId, SimulatedTopology>();

  constructor(
    names: readonly TopologyName[] = topologyNames,
    behaviours: Readonly<Record<TopologyName, Partial<Behaviour>>> = {},
  ) {
    const deployments = names.map(name => deploymentOf(name, CPUS));
    this.stack = {
      deployments: deployments.map(deployment => ({
        ...{ id: deploymentName(deployment), deployment, target: '', nginxPort: 0, controls: [] },
      })),
    };
    for (const deployment of deployments) {
      const behaviour = { idleMachine: 0.02, unlogged: 0, fails: false, ...behaviours[deployment.topology] };
      this.#topologies.set(deploymentName(deployment), new SimulatedTopology(this.clock, deployment, behaviour));
    }
    this.director = this.#direct();
    this.observation = {
      frame: () => ({ now: this.clock.now(), arrivals: [], completions: [] }),
      second: () => ({ time: this.clock.now(), deployments: {}, cpu: 0 }),
      totals: () => ({
        k6: Object.fromEntries([...this.#topologies].map(([id, { totals }]) => [id, { ...totals }])),
        nginx: {},
      }),
      ...{ look: () => {}, onMark: () => {}, open: id => this.#of(id).open() },
    };
  }

  /** Whether anything is sent or in progress. */
  get isLoaded(): boolean {
    return this.settings.running || [...this.#topologies.values()].some(({ inProgress }) => inProgress > 0);
  }

  #direct(): Director {
    const readState = () => ({
      ...{ settings: this.settings, requestsPerDot: 1, databaseConnections: this.connections },
      ...(this.rest !== undefined && { rest: this.rest }),
    });
    return {
      get state() {
        return readState();
      },
      ...{ onChange: () => {}, onMark: () => {}, touch: () => {}, watched: () => {}, seen: () => {} },
      ...{ endWorker: async () => {}, takeDatabaseAway: async () => {} },
      choose: settings => {
        for (const id of settings.deployments) this.#of(id);
        this.settings = settings;
        // k6 hears of it a little later.
        this.clock.after(0.25, () => this.settings === settings && this.#send());
      },
      burst: (requests, ids = this.settings.deployments) =>
        this.clock.after(0.25, () => {
          for (const id of ids) for (let request = 0; request < requests; request++) this.#prepare(id).send();
        }),
      holdCpu: (seconds, ids = this.settings.deployments) => {
        for (const id of ids) this.#of(id).send(seconds);
      },
      limitConnections: async (id, databaseConnections) => {
        const { [id]: _, ...others } = this.connections;
        this.connections = databaseConnections === undefined ? others : { ...others, [id]: databaseConnections };
      },
    };
  }

  #send(): void {
    for (const [id, topology] of this.#topologies) {
      topology.rest();
      if (this.rest === undefined && this.settings.deployments.includes(id)) this.#prepare(id).drive(this.settings);
    }
  }

  /** Sets how many requests are served at once, and for how long, by what they ask for. */
  #prepare(id: DeploymentId): SimulatedTopology {
    const simulated = this.#of(id);
    const { workload } = this.settings;
    const { computing, waiting } = workOfRequest(workload);
    const deployment = this.stack.deployments.find(one => one.id === id)?.deployment ?? deploymentOf('sync', CPUS);
    const workers = deployment.processes * deployment.threadsPerProcess;
    const isLoop = !isConcurrencyLimited(deployment.spec);
    simulated.serviceTime = Math.max(0.001, waiting + computing);
    if (isLoop && workload.route === 'wait') {
      simulated.servers = this.connections[id] ?? deployment.databaseConnections;
    } else simulated.servers = workload.route === 'cpu' ? Math.min(CPUS, workers) : workers;
    return simulated;
  }

  #of(id: DeploymentId): SimulatedTopology {
    const found = this.#topologies.get(id);
    if (found === undefined) throw new Refusal(400, `${id} is not in this stack.`);
    return found;
  }
}
