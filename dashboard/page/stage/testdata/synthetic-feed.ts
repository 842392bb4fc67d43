import { signal } from '@preact/signals';
import { type Deployment, deploymentName, listWorkers } from '../../../../model/deployment.ts';
import { isConcurrencyLimited } from '../../../../model/topology.ts';
import {
  arrangeStage,
  type DotArrival,
  type DotCompletion,
  FRAME_EVERY,
  type Frame,
  type Hello,
  type Second,
  type State,
  type WorkerState,
} from '../../../protocol.ts';
import type { StageFeed } from '../stage-show.ts';

/** What a synthetic feed plays. */
interface Play {
  readonly deployments: readonly Deployment[];
  readonly cpus: number;
  /** Arrivals per second at each deployment, and users who send the next request at once. */
  readonly arrivalRate: number;
  readonly users: number;
  /** Seconds that a request computes, and then waits for the database. */
  readonly computing: number;
  readonly wait: number;
  readonly requestsPerDot: number;
  /** Requests at once, two seconds after the beginning. */
  readonly burst: number;
  /** Share of the requests that nginx refuses. */
  readonly refused: number;
  /** The tour measures all the while. */
  readonly measuring: boolean;
}

/** Seconds until a worker that was ended is back. */
const GONE = 3;
const STEP = 0.002;

interface Worker {
  readonly index: number;
  /** When each of its connections is free. */
  readonly freeAt: number[];
  served: { readonly begunAt: number; readonly endedAt: number }[];
  goneUntil: number;
}

/** A deployment whose workers serve requests as blocking workers or event loops do. */
class Pool {
  readonly id: string;
  readonly #blocking: boolean;
  readonly #workers: Worker[];
  readonly #play: Play;
  dueAt: number;
  pending: DotCompletion[] = [];
  counts = { throughput: 0, failed: 0 };

  constructor(deployment: Deployment, play: Play, now: number) {
    this.id = deploymentName(deployment);
    this.#blocking = isConcurrencyLimited(deployment.spec);
    this.#play = play;
    this.dueAt = now;
    this.#workers = listWorkers(deployment).map(({ databaseConnections }, index) => {
      return { index, freeAt: new Array(databaseConnections).fill(0), served: [], goneUntil: 0 };
    });
  }

  send(dot: number, now: number): void {
    const { computing, wait, refused } = this.#play;
    const alive = this.#workers.filter(({ goneUntil }) => goneUntil <= now);
    const [worker] = alive.sort((one, other) => Math.min(...one.freeAt) - Math.min(...other.freeAt));
    if (worker === undefined || Math.random() < refused) {
      this.pending.push([dot, -1, now, 0, now + STEP, 503]);
      return;
    }
    const { index, freeAt, served } = worker;
    const connection = freeAt.indexOf(Math.min(...freeAt));
    const free = Math.max(now, freeAt[connection] ?? 0);
    const [begunAt, endedAt] = [this.#blocking ? free : now, free + computing + wait];
    freeAt[connection] = endedAt;
    served.push({ begunAt, endedAt });
    this.pending.push([dot, index, begunAt, endedAt - begunAt - computing, endedAt, 200]);
  }

  end(index: number, now: number): void {
    const worker = this.#workers[index];
    if (worker === undefined) return;
    Object.assign(worker, { goneUntil: now + GONE, served: [], freeAt: worker.freeAt.map(() => now + GONE) });
    this.pending = this.pending.map(each => (each[1] === index ? [each[0], -1, now, 0, now, 502] : each));
  }

  /** Completions until `now`. */
  take(now: number): DotCompletion[] {
    const due = this.pending.filter(({ 4: endedAt }) => endedAt <= now);
    if (due.length > 0) this.pending = this.pending.filter(({ 4: endedAt }) => endedAt > now);
    for (const { 5: status } of due) this.counts[status === 200 ? 'throughput' : 'failed']++;
    return due;
  }

  look(now: number): WorkerState[] {
    return this.#workers.map(worker => {
      worker.served = worker.served.filter(({ endedAt }) => endedAt > now - FRAME_EVERY);
      const { served, freeAt, goneUntil } = worker;
      const alive = goneUntil <= now;
      const ended = served.filter(({ endedAt }) => endedAt <= now);
      return {
        alive,
        inProgress: served.filter(({ begunAt, endedAt }) => begunAt <= now && now < endedAt).length,
        connections: freeAt.length,
        connectionsInUse: alive ? freeAt.filter(free => free > now).length : 0,
        computing: Math.min(1, (ended.length * this.#play.computing) / FRAME_EVERY),
      };
    });
  }
}

/** A server with simulated workers, in the browser. */
export class SyntheticFeed implements StageFeed {
  readonly state = signal<State | undefined>(undefined);
  readonly second = signal<Second | undefined>(undefined);
  readonly #play: Play;
  readonly #pools: Pool[];
  readonly #listeners = new Set<Parameters<StageFeed['subscribe']>[0]>();
  readonly #users = new Set<number>();
  readonly #began = Date.now() / 1000;
  #now = this.#began;
  #arrivals: DotArrival[] = [];
  #ended: DotCompletion[] = [];
  #dot = 0;
  #told = '';

  constructor(play: Play) {
    this.#play = play;
    this.#pools = play.deployments.map(deployment => new Pool(deployment, play, this.#now));
    this.state.value = {
      settings: { deployments: this.#pools.map(({ id }) => id) },
      requestsPerDot: play.requestsPerDot,
      ...(play.measuring && { tour: { step: 'C4', facts: {}, phase: 'measuring' } }),
    } as unknown as State;
  }

  subscribe(listener: Parameters<StageFeed['subscribe']>[0]): () => void {
    const { deployments, cpus } = this.#play;
    const stage = arrangeStage(deployments.map(deployment => ({ id: deploymentName(deployment), deployment })));
    this.#listeners.add(listener);
    listener.hello({ now: this.#now, stage, cpus } as Partial<Hello> as Hello);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    for (const pool of this.#pools) {
      for (let user = 0; user < this.#play.users; user++) this.#send(pool, this.#now, true);
    }
    setInterval(() => this.#tellFrame(Date.now() / 1000), FRAME_EVERY * 1000);
    setInterval(() => this.#tellSecond(), 1000);
  }

  /** Ends a worker, as the page may ask. */
  end(id: string, worker: number): void {
    this.#pools.find(pool => pool.id === id)?.end(worker, this.#now);
  }

  #tellFrame(now: number): void {
    for (; this.#now < now; this.#now += STEP) for (const pool of this.#pools) this.#step(pool, this.#now);
    const isShown = (dot: number): boolean => dot % this.#play.requestsPerDot === 0;
    const workers = Object.fromEntries(this.#pools.map(pool => [pool.id, pool.look(now)]));
    const frame: Frame = {
      now,
      arrivals: this.#arrivals.filter(([, dot]) => isShown(dot)),
      completions: this.#ended.filter(([dot]) => isShown(dot)),
      ...(JSON.stringify(workers) !== this.#told && { workers }),
    };
    this.#told = JSON.stringify(workers);
    [this.#arrivals, this.#ended] = [[], []];
    for (const listener of this.#listeners) listener.frame(frame);
  }

  #step(pool: Pool, time: number): void {
    const { arrivalRate, burst } = this.#play;
    for (; arrivalRate > 0 && pool.dueAt <= time; pool.dueAt -= Math.log(1 - Math.random()) / arrivalRate) {
      this.#send(pool, pool.dueAt, false);
    }
    const isBurst = time - this.#began >= 2 && time - STEP - this.#began < 2;
    for (let request = 0; isBurst && request < burst; request++) this.#send(pool, time, false);
    for (const completion of pool.take(time)) {
      this.#ended.push(completion);
      if (this.#users.delete(completion[0])) this.#send(pool, time, true);
    }
  }

  #send(pool: Pool, time: number, isUser: boolean): void {
    this.#dot++;
    if (isUser) this.#users.add(this.#dot);
    this.#arrivals.push([pool.id, this.#dot, time]);
    pool.send(this.#dot, time);
  }

  #tellSecond(): void {
    const deployments = Object.fromEntries(this.#pools.map(({ id, counts }) => [id, counts]));
    for (const pool of this.#pools) pool.counts = { throughput: 0, failed: 0 };
    this.second.value = { time: this.#now, cpu: 0.5, deployments: deployments as unknown as Second['deployments'] };
  }
}
