import type { Socket } from 'node:net';
import { evenShares, listWorkers } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { DeploymentId } from '../protocol.ts';
import type { LiveStack, StackDeployment } from './config.ts';
import { DatabaseOutage, type Outage } from './database-outage.ts';
import { Refusal } from './refusal.ts';

/** Seconds within which a control thread answers, even on a busy machine. */
const ANSWER_LIMIT = 2;

/** Changes a running stack through its control threads and its Postgres. Methods reject with a `Refusal`. */
export class StackInterventions {
  readonly #deployments: ReadonlyMap<DeploymentId, StackDeployment>;
  readonly #outage: DatabaseOutage;
  /** Of the deployments that are limited or raised. */
  readonly #ceilings = new Map<DeploymentId, number>();
  /** Changes of one deployment's connections, one after the other. */
  readonly #turns = new Map<DeploymentId, Promise<unknown>>();

  constructor({ deployments, databaseUrl }: LiveStack, openSocket?: () => Socket) {
    this.#deployments = new Map(deployments.map(deployment => [deployment.id, deployment]));
    this.#outage = new DatabaseOutage(databaseUrl, openSocket);
  }

  /** Sets the ceiling of a deployment's database connections; `undefined`: its own number. */
  limitConnections(id: DeploymentId, databaseConnections?: number): Promise<void> {
    const staged = this.#find(id);
    const own = staged.deployment.databaseConnections;
    const ceiling = databaseConnections ?? own;
    return this.#inTurn(id, async () => {
      if (ceiling > own) await this.#requireRoom(staged, ceiling);
      await share(staged, ceiling);
      if (ceiling === own) this.#ceilings.delete(id);
      else this.#ceilings.set(id, ceiling);
    });
  }

  /** Repeats the ceiling: call it when a process is back, or may be, since it starts with its own number. */
  repeatLimit(id: DeploymentId): Promise<void> {
    return this.#inTurn(id, async () => {
      const ceiling = this.#ceilings.get(id);
      if (ceiling !== undefined) await share(this.#find(id), ceiling);
    });
  }

  /** Ends the worker's process with all of its workers; PM2 starts it again. */
  async endWorker(id: DeploymentId, worker: string): Promise<void> {
    const { deployment, controls } = this.#find(id);
    const slot = listWorkers(deployment).find(({ name }) => name === worker);
    const control = slot && controls[slot.process - 1];
    if (control !== undefined && (await order(control, 'POST', '/exit'))) return;
    throw new Refusal(409, `The process of ${worker} does not answer: PM2 may be starting it again.`);
  }

  takeDatabaseAway(seconds: number): Promise<Outage> {
    return this.#outage.begin(seconds);
  }

  /** Gives the database back; call it at the start, because an earlier dashboard may have been killed, and at the end. */
  restoreDatabase(): Promise<void> {
    return this.#outage.end();
  }

  close(): void {
    this.#outage.close();
  }

  #find(id: DeploymentId): StackDeployment {
    const found = this.#deployments.get(id);
    if (found === undefined) throw new Refusal(404, `${id} is not in this stack.`);
    return found;
  }

  #inTurn(id: DeploymentId, act: () => Promise<void>): Promise<void> {
    const done = (this.#turns.get(id) ?? Promise.resolve()).then(act);
    const settled = done.catch(() => undefined);
    this.#turns.set(id, settled);
    return done;
  }

  async #requireRoom({ id, deployment: { topology } }: StackDeployment, wanted: number): Promise<void> {
    let others = 0;
    for (const [other, { deployment }] of this.#deployments) {
      if (other !== id) others += this.#ceilings.get(other) ?? deployment.databaseConnections;
    }
    const room = (await this.#outage.connectionsForWorkers()) - others;
    if (wanted <= room) return;
    const most = `Postgres has room for ${room} of ${topology} beside the ${others} of the others`;
    throw new Refusal(400, `${wanted} database connections are too many: ${most}.`);
  }
}

/** Shares a ceiling out over the processes of a deployment; one that is away gets its share from `repeatLimit`. */
async function share({ deployment, controls }: StackDeployment, ceiling: number): Promise<void> {
  const { threadsPerProcess } = deployment;
  const shares = evenShares(ceiling, deriveParallelism(deployment).workers);
  await Promise.all(
    controls.map(async (control, index) => {
      const own = shares.slice(index * threadsPerProcess, (index + 1) * threadsPerProcess);
      const databaseConnections = own.reduce((sum, connections) => sum + connections, 0);
      await order(control, 'PUT', '/database-connections', { databaseConnections });
    }),
  );
}

/** Gives a control thread an order; whether it answered. */
async function order(control: string, method: 'PUT' | 'POST', path: string, body?: object): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_LIMIT * 1000);
  const request = { method, signal, ...(body && { body: JSON.stringify(body) }) };
  const answer = await fetch(control + path, request).catch(() => undefined);
  if (answer === undefined) return false;
  const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string };
  if (!answer.ok) throw new Refusal(400, detail ?? `${control}${path} answered ${answer.status}.`);
  return true;
}
