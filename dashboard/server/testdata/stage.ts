import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import type { LiveBurst, LiveOrders } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Mark, Second } from '../../protocol.ts';
import { createDirector } from '../director.ts';
import type { Director, LiveStack } from '../parts.ts';

/** A stack of these deployments, or topologies, on a machine of two CPUs; nothing of it is there. A topology's name is its id. */
export function stackOf(...deployments: readonly (DeploymentId | Deployment)[]): LiveStack {
  return {
    deployments: deployments.map((one, index) => ({
      ...(typeof one === 'string'
        ? { id: one, deployment: deploymentOf(one, 2) }
        : { id: deploymentName(one), deployment: one }),
      target: `http://127.0.0.1:${9001 + index}`,
      nginxPort: 9001 + index,
      controls: [],
    })),
    requestLog: '/nowhere/live.log',
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
  };
}

type Seen = Partial<Record<DeploymentId, Partial<DeploymentSecond>>>;

/** A director of a stack to which nothing happens by itself, and what it did to it. */
export class Stage {
  /** Seconds since 1970; they pass when they are let pass. */
  time = 1000;
  /** Whether k6 is there. */
  connected = true;
  /** The orders in force. */
  orders: Omit<LiveOrders, 'number' | 'bursts'> | undefined;
  /** How often there were other orders. */
  ordered = 0;
  /** How often the state became another one. */
  changes = 0;
  readonly bursts: Omit<LiveBurst, 'number'>[] = [];
  /** Each intervention in words. */
  readonly done: string[] = [];
  readonly marks: Mark[] = [];
  readonly director: Director;
  /** Gives back the database that was taken away. */
  databaseIsBack: () => void = () => {};

  /** With so many pages that watch. */
  constructor(deployments: readonly (DeploymentId | Deployment)[] = ['sync', 'hybrid'], pages = 1) {
    this.director = createDirector({
      stack: stackOf(...deployments),
      cpus: 2,
      generator: this.#generator(),
      interventions: {
        limitConnections: async (id, connections) => this.#do(`${id} has ${connections ?? 'its own'}`),
        endWorker: async (_, worker) => this.#do(`${worker} is ended`),
        takeDatabaseAway: async seconds => {
          this.#do(`the database is away for ${seconds} s`);
          const { promise: back, resolve } = Promise.withResolvers<void>();
          this.databaseIsBack = resolve;
          return { back };
        },
      },
      clock: () => this.time,
    });
    this.director.onMark = mark => void this.marks.push(mark);
    this.director.onChange = () => {
      this.changes += 1;
    };
    if (pages > 0) this.director.watched(pages, true);
  }

  /** Lets seconds pass, with that seen in each of them. */
  pass(seconds: number, seen: Seen = {}): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.time += 1;
      this.director.seen(secondOf(this.time, seen));
    }
  }

  #generator() {
    const stage = this;
    return {
      get connected() {
        return stage.connected;
      },
      obey(orders: Omit<LiveOrders, 'number' | 'bursts'>) {
        stage.orders = orders;
        stage.ordered += 1;
      },
      burst: (burst: Omit<LiveBurst, 'number'>) => void stage.bursts.push(burst),
    };
  }

  #do(what: string): void {
    this.done.push(what);
  }
}

/** A second in which that was seen. */
export function secondOf(time: number, seen: Seen = {}): Second {
  const deployments = Object.entries(seen).map(([name, of]) => [name, { ...quiet, ...of }] as const);
  return { time, deployments: Object.fromEntries(deployments), cpu: 0 };
}

const quiet: DeploymentSecond = {
  offeredLoad: 0,
  throughput: 0,
  failed: 0,
  inProgress: 0,
  utilisation: { workers: 0, databaseConnections: 0, cpu: 0 },
  memory: 0,
};
