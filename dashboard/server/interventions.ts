import type { Socket } from 'node:net';
import { evenShares, refusalOf, workersOf } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { type DeploymentId, settingLimits } from '../protocol.ts';
import { DatabaseOutage } from './database-outage.ts';
import { type Interventions, type LiveStack, Refusal, type StackDeployment } from './parts.ts';

/** Seconds within which a control thread answers, also on a busy machine. */
const ANSWER_LIMIT = 2;

/** What can be done to a stack, and what whoever owns it has to see to. */
export interface StackInterventions extends Interventions {
  /**
   * To be called when a process is there again, or may be as its deployment was not looked at: it began with a share of
   * its own, and gets that of the ceiling in force.
   */
  workerBack(id: DeploymentId): Promise<void>;
  /** Gives the database back, whoever took it away; to be called at the start, after one that was cut off, and at the end. */
  restore(): Promise<void>;
  /** Tries no longer to give back what Postgres does not take back. */
  close(): void;
}

/** The interventions in a stack, by way of its control threads and of its Postgres, through a socket from `openSocket`. */
export function createInterventions(
  { deployments, databaseUrl }: LiveStack,
  openSocket?: () => Socket,
): StackInterventions {
  const outage = new DatabaseOutage(databaseUrl, openSocket);
  const ceilings = new Map<DeploymentId, number>();
  const turns = new Map<DeploymentId, Promise<unknown>>();

  /** What is shared out in one deployment comes one after the other: the last one asked for is the one in force. */
  function inTurn(id: DeploymentId, act: () => Promise<void>): Promise<void> {
    const done = (turns.get(id) ?? Promise.resolve()).then(act);
    turns.set(
      id,
      done.catch(() => undefined),
    );
    return done;
  }

  function deploymentOf(id: DeploymentId): StackDeployment {
    const found = deployments.find(other => other.id === id);
    if (found === undefined) throw new Refusal(404, `${id} is not in this stack.`);
    return found;
  }

  /** Others may have a use for the connections that Postgres has. */
  async function requireRoom({ id: of, deployment: { topology } }: StackDeployment, wanted: number): Promise<void> {
    const others = deployments
      .filter(({ id }) => id !== of)
      .reduce((sum, { id, deployment }) => sum + (ceilings.get(id) ?? deployment.databaseConnections), 0);
    const room = (await outage.connectionsForWorkers()) - others;
    if (wanted > room) {
      const most = `Postgres has room for ${room} of ${topology} beside the ${others} of the others`;
      throw new Refusal(400, `${wanted} database connections are too many: ${most}.`);
    }
  }

  return {
    async limitConnections(id, databaseConnections) {
      const staged = deploymentOf(id);
      const { deployment } = staged;
      const own = deployment.databaseConnections;
      const ceiling = databaseConnections ?? own;
      const refusal = refusalOf({ ...deployment, databaseConnections: ceiling });
      if (refusal !== undefined) throw new Refusal(400, `${refusal}.`);
      if (ceiling > Math.max(own, settingLimits.databaseConnections)) {
        throw new Refusal(400, `${id} can have ${settingLimits.databaseConnections} database connections at most.`);
      }
      await inTurn(id, async () => {
        if (ceiling > own) await requireRoom(staged, ceiling);
        await share(staged, ceiling);
        if (ceiling === own) ceilings.delete(id);
        else ceilings.set(id, ceiling);
      });
    },

    async workerBack(id) {
      await inTurn(id, async () => {
        const ceiling = ceilings.get(id);
        if (ceiling !== undefined) await share(deploymentOf(id), ceiling);
      });
    },

    async endWorker(id, worker) {
      const { deployment, controls } = deploymentOf(id);
      const slot = workersOf(deployment).find(({ name }) => name === worker);
      const control = slot && controls[slot.process - 1];
      if (control === undefined) throw new Refusal(404, `${id} has no worker ${worker}.`);
      if ((await order(control, 'POST', '/exit')) === undefined) {
        throw new Refusal(409, `The process of ${worker} does not answer: PM2 may just be starting it again.`);
      }
    },

    takeDatabaseAway: seconds => outage.begin(seconds),

    restore: () => outage.end(),

    close: () => outage.close(),
  };
}

/**
 * Shares a ceiling out over the workers of a deployment and so over its processes. A process that is not there is left
 * to `workerBack`.
 */
async function share({ deployment, controls }: Pick<StackDeployment, 'deployment' | 'controls'>, ceiling: number) {
  const { threadsPerProcess } = deployment;
  const shares = evenShares(ceiling, deriveParallelism(deployment).workers);
  await Promise.all(
    controls.map(async (control, index) => {
      const ofProcess = shares.slice(index * threadsPerProcess, (index + 1) * threadsPerProcess);
      const databaseConnections = ofProcess.reduce((sum, connections) => sum + connections, 0);
      await order(control, 'PUT', '/database-connections', { databaseConnections });
    }),
  );
}

/** Gives a control thread an order; its answer, or nothing where nobody answers. */
async function order(control: string, method: 'PUT' | 'POST', path: string, body?: object): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(control + path, {
      method,
      signal: AbortSignal.timeout(ANSWER_LIMIT * 1000),
      ...(body && { body: JSON.stringify(body) }),
    });
  } catch {
    return undefined;
  }
  const said = (await answer.json().catch(() => ({}))) as { detail?: string };
  if (!answer.ok) throw new Refusal(400, said.detail ?? `${control}${path} answered ${answer.status}.`);
  return said;
}
