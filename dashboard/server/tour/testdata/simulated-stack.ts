import { workOfRequest } from '../../../../model/contract/work.ts';
import { type Deployment, deploymentName, deploymentOf } from '../../../../model/deployment.ts';
import { isConcurrencyLimited, type TopologyName, topologyNames } from '../../../../model/topology.ts';
import type { DeploymentId, LiveWorkload, Settings } from '../../../protocol.ts';
import type { LiveStack } from '../../config.ts';
import type { Director } from '../../director.ts';
import type { Observation } from '../../observation/observation.ts';
import { Refusal } from '../../refusal.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { type Behaviour, SimulatedTopology } from './simulated-topology.ts';

const CPUS = 2;

/** What the page had chosen before anybody went on the tour. */
export const chosenBefore: Settings = {
  deployments: ['threads-1x8-8'],
  workload: { route: 'item', parameters: { id: 7 } },
  load: { model: 'open', arrivalRate: 20 },
  running: true,
};

/** A stack with a clock of its own, as a director and an observation show it to the tour. */
export class SimulatedStack {
  readonly clock = new SimulatedClock();
  readonly cpus = CPUS;
  readonly stack: Pick<LiveStack, 'deployments'>;
  /** By id. */
  readonly topologies = new Map<DeploymentId, SimulatedTopology>();
  readonly director: Director;
  readonly observation: Observation;
  /** What was done, in the order in which it was. */
  readonly log: string[] = [];
  rest: Director['state']['rest'];
  readonly #deployments: readonly Deployment[];
  #settings = chosenBefore;
  #connections: Record<DeploymentId, number> = {};

  constructor(
    names: readonly TopologyName[] = topologyNames,
    behaviours: Partial<Record<TopologyName, Partial<Behaviour>>> = {},
  ) {
    this.#deployments = names.map(name => deploymentOf(name, CPUS));
    this.stack = {
      deployments: this.#deployments.map(deployment => ({
        id: deploymentName(deployment),
        deployment,
        ...{ target: '', nginxPort: 0, controls: [] },
      })),
    };
    for (const deployment of this.#deployments) {
      const { topology, processes, threadsPerProcess } = deployment;
      const workers = processes * threadsPerProcess;
      const machine = topology === 'sync' ? 0.2 : 0.9;
      const usual = {
        servers: 1,
        serviceTime: 0.001,
        machine,
        idleMachine: 0.02,
        memory: 40e6 * workers,
        workers,
        unlogged: 0,
        fails: false,
      };
      this.topologies.set(
        deploymentName(deployment),
        new SimulatedTopology(this.clock, { ...usual, ...behaviours[topology] }),
      );
    }
    this.director = this.#direct();
    this.observation = this.#observe();
  }

  /** Whether anything is sent or in progress, or limited. */
  get isLoaded(): boolean {
    return this.#settings.running || [...this.topologies.values()].some(({ inProgress }) => inProgress > 0);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get connections(): Record<DeploymentId, number> {
    return this.#connections;
  }

  #direct(): Director {
    const state = () => ({
      settings: this.#settings,
      requestsPerDot: 1,
      databaseConnections: this.#connections,
      ...(this.rest !== undefined && { rest: this.rest }),
    });
    return {
      get state() {
        return state();
      },
      onChange: () => {},
      onMark: () => {},
      touch: () => {},
      watched: () => {},
      seen: () => {},
      choose: settings => this.#choose(settings),
      burst: (requests, names = this.#settings.deployments) => this.#burst(requests, names),
      holdCpu: (seconds, names = this.#settings.deployments) => {
        for (const name of names) this.#of(name).send(seconds);
      },
      limitConnections: async (id, databaseConnections) => {
        this.log.push(`${topologyIn(id)} ${databaseConnections ?? 'its own'}`);
        const { [id]: _, ...others } = this.#connections;
        this.#connections = databaseConnections === undefined ? others : { ...others, [id]: databaseConnections };
      },
      endWorker: async () => {},
      takeDatabaseAway: async () => {},
    };
  }

  #observe(): Observation {
    return {
      frame: () => ({ now: this.clock.now(), arrivals: [], completions: [] }),
      second: () => ({ time: this.clock.now(), deployments: {}, cpu: 0 }),
      totals: () => ({
        k6: Object.fromEntries([...this.topologies].map(([name, { totals }]) => [name, { ...totals }])),
        nginx: {},
      }),
      look: () => {},
      open: name => this.#of(name).open(),
      onMark: () => {},
    };
  }

  /** k6 hears of it a little later. */
  #choose(settings: Settings): void {
    const absent = settings.deployments.find(name => !this.topologies.has(name));
    if (absent !== undefined) throw new Refusal(400, `${absent} is not in this stack.`);
    this.#settings = settings;
    this.log.push(settings.running ? `sends to ${settings.deployments.map(topologyIn).join(' and ')}` : 'pauses');
    this.clock.after(0.25, () => {
      if (this.#settings === settings) this.#send();
    });
  }

  #send(): void {
    const { deployments, load, running } = this.#settings;
    for (const [name, topology] of this.topologies) {
      topology.rest();
      if (!running || this.rest !== undefined || !deployments.includes(name)) continue;
      this.#prepare(name);
      if (load.model === 'open') topology.arrivals(load.arrivalRate);
      else topology.users(load.users);
    }
  }

  #burst(requests: number, names: readonly DeploymentId[]): void {
    this.clock.after(0.25, () => {
      for (const name of names) {
        this.#prepare(name);
        for (let request = 0; request < requests; request++) this.#of(name).send();
      }
    });
  }

  /** How many requests it serves at once, and for how long, follows from what is asked. */
  #prepare(name: DeploymentId): void {
    const { behaviour } = this.#of(name);
    const { route } = this.#settings.workload;
    const own = this.#deployments.find(deployment => deploymentName(deployment) === name);
    const isLoop = own !== undefined && !isConcurrencyLimited(own.spec);
    behaviour.serviceTime = serviceTimeOf(this.#settings.workload);
    if (isLoop && route === 'wait') behaviour.servers = this.#connections[name] ?? own.databaseConnections;
    else behaviour.servers = route === 'cpu' ? Math.min(CPUS, behaviour.workers) : behaviour.workers;
  }

  #of(name: DeploymentId): SimulatedTopology {
    const topology = this.topologies.get(name);
    if (topology === undefined) throw new Refusal(404, `${name} is not in this stack.`);
    return topology;
  }
}

function serviceTimeOf(workload: LiveWorkload): number {
  const { computing, waiting } = workOfRequest(workload);
  return Math.max(0.001, waiting + computing);
}

/** The topology in an id: `sync-threads` of `sync-threads-2x8-16`. */
function topologyIn(id: DeploymentId): TopologyName {
  return id.replace(/-\d+x\d+-\d+$/, '');
}
