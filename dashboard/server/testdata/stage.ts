import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import type { LiveBurst, LiveOrders } from '../../../model/wire.ts';
import type { DeploymentId, DeploymentSecond, Mark, Second } from '../../protocol.ts';
import type { LiveStack } from '../config.ts';
import { StackDirector } from '../director.ts';

/** A stack of these deployments, or topologies, on two CPUs. Nothing of it runs. A topology's name is its id. */
export function stackWith(...deployments: readonly (DeploymentId | Deployment)[]): LiveStack {
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

/** A director of a stack that does not run, and what it did. */
export class Stage {
  /** Seconds since 1970. */
  time = 1000;
  /** Whether k6 reports. */
  connected = true;
  orders: Omit<LiveOrders, 'number' | 'bursts'> | undefined;
  ordered = 0;
  changes = 0;
  readonly bursts: Omit<LiveBurst, 'number'>[] = [];
  /** Each intervention in words. */
  readonly done: string[] = [];
  readonly marks: Mark[] = [];
  readonly director: StackDirector;
  databaseIsBack: () => void = () => {};

  /** With so many open pages. */
  constructor(deployments: readonly (DeploymentId | Deployment)[] = ['sync', 'hybrid'], pages = 1) {
    const stage = this;
    this.director = new StackDirector({
      deployments: stackWith(...deployments).deployments,
      cpus: 2,
      generator: {
        get connected() {
          return stage.connected;
        },
        obey(orders) {
          stage.orders = orders;
          stage.ordered += 1;
        },
        burst: burst => void stage.bursts.push(burst),
      },
      interventions: {
        limitConnections: async (id, connections) => void this.done.push(`${id} has ${connections}`),
        endWorker: async (_, worker) => void this.done.push(`${worker} is ended`),
        takeDatabaseAway: async seconds => {
          this.done.push(`the database is away for ${seconds} s`);
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

  /** Lets seconds pass, with this seen in each of them. */
  pass(seconds: number, seen: Seen = {}): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.time += 1;
      this.director.seen(secondWith(this.time, seen));
    }
  }
}

/** A second in which this was seen. */
export function secondWith(time: number, seen: Seen = {}): Second {
  const deployments = Object.entries(seen).map(([name, of]) => [name, { ...quiet, ...of }] as const);
  return { time, deployments: Object.fromEntries(deployments), cpu: 0 };
}

const quiet: DeploymentSecond = {
  ...{ offeredLoad: 0, throughput: 0, failed: 0, inProgress: 0, memory: 0 },
  utilisation: { workers: 0, databaseConnections: 0, cpu: 0 },
};
