import { type Deployment, deploymentName, workersOf } from '../../../../model/deployment.ts';
import { isConcurrencyLimited } from '../../../../model/topology.ts';
import type { DeploymentId, DotArrival, DotCompletion, WorkerState } from '../../../protocol.ts';

/** What the requests of a simulated deployment do. */
export interface SimulatedWork {
  /** Seconds that a request computes, and then waits for the database. */
  readonly computing: number;
  readonly databaseWait: number;
}

interface SimulatedWorker {
  readonly connections: number;
  /** When its thread has nothing to do any more, and each of its connections. */
  threadFreeAt: number;
  readonly connectionFreeAt: number[];
  readonly held: { from: number; to: number }[];
  computed: { from: number; to: number }[];
  goneUntil: number;
}

interface DueAnswer {
  readonly at: number;
  readonly completion: DotCompletion;
}

/** Seconds until a worker that has ended is back. */
const GONE = 3;

/** A deployment whose workers take requests as blocking workers or event loops do; time is the caller's. */
export class SimulatedPool {
  readonly id: DeploymentId;
  readonly #blocking: boolean;
  readonly #workers: SimulatedWorker[];
  #answers: DueAnswer[] = [];
  /** No answer is due before. */
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(deployment: Deployment) {
    this.id = deploymentName(deployment);
    this.#blocking = isConcurrencyLimited(deployment.spec);
    this.#workers = workersOf(deployment).map(({ databaseConnections }) => ({
      connections: databaseConnections,
      threadFreeAt: 0,
      connectionFreeAt: new Array(databaseConnections).fill(0),
      held: [],
      computed: [],
      goneUntil: 0,
    }));
  }

  /** A request comes at `now`; what it gives is told to the page. */
  arrive(dot: number, now: number, { computing, databaseWait }: SimulatedWork): DotArrival {
    const alive = this.#workers.filter(({ goneUntil }) => goneUntil <= now);
    if (alive.length === 0) {
      this.#answer({ at: now, completion: [dot, -1, now, 0, now + 0.002, 502] });
      return [this.id, dot, now];
    }
    const worker = alive.reduce((best, each) => (this.#freeAt(each) < this.#freeAt(best) ? each : best));
    const index = this.#workers.indexOf(worker);
    const begunAt = Math.max(now, worker.threadFreeAt);
    const computedAt = begunAt + computing;
    if (computing > 0) worker.computed.push({ from: begunAt, to: computedAt });
    const connection = worker.connectionFreeAt.indexOf(Math.min(...worker.connectionFreeAt));
    const queried = Math.max(computedAt, worker.connectionFreeAt[connection] ?? 0);
    const endedAt = queried + databaseWait;
    if (databaseWait > 0) worker.connectionFreeAt[connection] = endedAt;
    worker.threadFreeAt = this.#blocking ? endedAt : computedAt + 0.0003;
    worker.held.push({ from: begunAt, to: endedAt });
    this.#answer({ at: endedAt, completion: [dot, index, begunAt, endedAt - computedAt, endedAt, 200] });
    return [this.id, dot, now];
  }

  /** A worker's process exits, and is back after a while. */
  end(worker: number, now: number): void {
    const ended = this.#workers[worker];
    if (ended === undefined) return;
    ended.goneUntil = now + GONE;
    ended.threadFreeAt = now + GONE;
    ended.connectionFreeAt.fill(0);
    ended.held.length = 0;
    this.#nextAt = now;
    this.#answers = this.#answers.map(answer =>
      answer.completion[1] === worker && answer.at > now
        ? { at: now, completion: [answer.completion[0], -1, now, 0, now, 502] }
        : answer,
    );
  }

  /** What has been answered by `now` and was not asked for yet. */
  answered(now: number): DotCompletion[] {
    if (now < this.#nextAt) return [];
    const due = this.#answers.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
    this.#answers = this.#answers.filter(({ at }) => at > now);
    this.#nextAt = this.#answers.reduce((next, { at }) => Math.min(next, at), Number.POSITIVE_INFINITY);
    return due.map(({ completion }) => completion);
  }

  /** How its workers are seen at `now`, looking back for so many seconds. */
  look(now: number, back: number): WorkerState[] {
    return this.#workers.map(worker => {
      worker.computed = worker.computed.filter(({ to }) => to > now - 2);
      const held = worker.held.filter(({ to }) => to > now);
      worker.held.splice(0, worker.held.length, ...held);
      const computed = worker.computed.reduce(
        (sum, { from, to }) => sum + Math.max(0, Math.min(to, now) - Math.max(from, now - back)),
        0,
      );
      return {
        inProgress: held.filter(({ from }) => from <= now).length,
        connections: worker.connections,
        connectionsInUse: worker.connectionFreeAt.filter(free => free > now).length,
        computing: Math.min(1, computed / back),
        alive: worker.goneUntil <= now,
      };
    });
  }

  /** Requests that have come and are not answered. */
  get inProgress(): number {
    return this.#answers.length;
  }

  #answer(answer: DueAnswer): void {
    this.#answers.push(answer);
    this.#nextAt = Math.min(this.#nextAt, answer.at);
  }

  #freeAt({ threadFreeAt, connectionFreeAt }: SimulatedWorker): number {
    return this.#blocking ? threadFreeAt : Math.max(threadFreeAt, Math.min(...connectionFreeAt));
  }
}
