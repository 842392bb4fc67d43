import { signal } from '@preact/signals';
import { type Deployment, deploymentName } from '../../../../model/deployment.ts';
import {
  type DeploymentId,
  type DotArrival,
  type DotCompletion,
  FRAME_EVERY,
  type Frame,
  type Hello,
  type Second,
  type State,
  stageOf,
} from '../../../protocol.ts';
import type { StageFeed } from '../stage-show.ts';
import { SimulatedPool, type SimulatedWork } from './simulated-pool.ts';

/** What a synthetic feed plays. */
export interface Play {
  readonly deployments: readonly Deployment[];
  readonly cpus: number;
  /** Arrivals per second at each deployment, and users who ask again as soon as they are answered. */
  readonly arrivalRate: number;
  readonly users: number;
  readonly work: SimulatedWork;
  readonly requestsPerDot: number;
  /** Requests at once, two seconds after the beginning. */
  readonly burst: number;
  /** A share of requests that nginx refuses. */
  readonly refused: number;
  /** A worker of the first deployment ends every five seconds. */
  readonly ends: boolean;
  /** The tour measures all the while. */
  readonly measuring: boolean;
}

/** Seconds by which the server knows of a completion later than it happened. */
const TOLD_AFTER = 0.12;

/** A server that simulates its workers, in the browser: what the stage is developed with, and measured. */
export class SyntheticFeed implements StageFeed {
  readonly state: ReturnType<typeof signal<State | undefined>>;
  readonly second = signal<Second | undefined>(undefined);
  readonly #play: Play;
  readonly #pools: SimulatedPool[];
  readonly #hello: Hello;
  readonly #listeners = new Set<Parameters<StageFeed['subscribe']>[0]>();
  readonly #due = new Map<SimulatedPool, number>();
  readonly #users = new Map<number, SimulatedPool>();
  readonly #counts = new Map<SimulatedPool, { sent: number; completed: number; failed: number }>();
  #told: DotCompletion[] = [];
  #dot = 0;
  #now = Date.now() / 1000;
  #began = this.#now;
  #burst = false;
  #endings = 0;

  constructor(play: Play) {
    this.#play = play;
    this.#pools = play.deployments.map(deployment => new SimulatedPool(deployment));
    for (const pool of this.#pools) {
      this.#due.set(pool, this.#now);
      this.#counts.set(pool, { sent: 0, completed: 0, failed: 0 });
    }
    const state: State = {
      settings: {
        deployments: play.deployments.map(deploymentName),
        workload: { route: 'wait', parameters: { ms: 20 } },
        load: { model: 'open', arrivalRate: play.arrivalRate },
        running: true,
      },
      requestsPerDot: play.requestsPerDot,
      databaseConnections: {},
      ...(play.measuring && { tour: { step: 'C4', facts: {}, phase: 'measuring' } }),
    };
    this.state = signal<State | undefined>(state);
    this.#hello = {
      started: 1_799_999_000,
      now: this.#now,
      stage: stageOf(play.deployments.map(deployment => ({ id: deploymentName(deployment), deployment }))),
      cpus: play.cpus,
      state,
      seconds: [],
      marks: [],
    };
  }

  subscribe(listener: Parameters<StageFeed['subscribe']>[0]): () => void {
    this.#listeners.add(listener);
    listener.hello(this.#hello);
    return () => this.#listeners.delete(listener);
  }

  /** Plays on its own, as the server would. */
  start(): void {
    for (const pool of this.#pools)
      for (let user = 0; user < this.#play.users; user++) this.#send(pool, this.#now, true);
    setInterval(() => this.frame(Date.now() / 1000), FRAME_EVERY * 1000);
    setInterval(() => this.#tellSecond(), 1000);
  }

  /** Ends a worker, as the page may ask. */
  end(id: DeploymentId, worker: number): void {
    this.#pools.find(pool => pool.id === id)?.end(worker, this.#now);
  }

  /** Plays until `now`, and tells what happened. */
  frame(now: number): void {
    const arrivals = this.#arrivals;
    for (let time = this.#now; time < now; time += 0.002) this.#step(time);
    this.#now = now;
    const completions = this.#told.filter(([, , , , endedAt]) => endedAt <= now - TOLD_AFTER);
    this.#told = this.#told.filter(([, , , , endedAt]) => endedAt > now - TOLD_AFTER);
    const workers = Object.fromEntries(this.#pools.map(pool => [pool.id, pool.look(now, FRAME_EVERY)]));
    const frame: Frame = {
      now,
      arrivals: arrivals.splice(0).filter(([, dot]) => this.#isDot(dot)),
      completions: completions.filter(([dot]) => this.#isDot(dot)),
      workers,
    };
    for (const listener of this.#listeners) listener.frame(frame);
  }

  readonly #arrivals: DotArrival[] = [];

  #step(time: number): void {
    const { arrivalRate, refused, burst, ends } = this.#play;
    for (const pool of this.#pools) {
      for (let due = this.#due.get(pool) ?? time; arrivalRate > 0 && due <= time; due = this.#due.get(pool) ?? time) {
        this.#due.set(pool, due - Math.log(1 - Math.random()) / arrivalRate);
        if (Math.random() < refused) this.#refuse(pool, due);
        else this.#send(pool, due, false);
      }
      if (burst > 0 && !this.#burst && time - this.#began > 2) {
        for (let request = 0; request < burst; request++) this.#send(pool, time, false);
      }
      for (const completion of pool.answered(time)) {
        this.#told.push(completion);
        const counts = this.#counts.get(pool);
        if (counts !== undefined) counts[completion[5] === 200 ? 'completed' : 'failed']++;
        if (this.#users.delete(completion[0])) this.#send(pool, time, true);
      }
    }
    if (time - this.#began > 2) this.#burst = true;
    if (ends && time - this.#began > 5 * (this.#endings + 1)) {
      this.#endings++;
      this.#pools[0]?.end(this.#endings % 2, time);
    }
  }

  #send(pool: SimulatedPool, time: number, isUser: boolean): void {
    this.#dot++;
    if (isUser) this.#users.set(this.#dot, pool);
    const counts = this.#counts.get(pool);
    if (counts !== undefined) counts.sent++;
    this.#arrivals.push(pool.arrive(this.#dot, time, this.#play.work));
  }

  #refuse(pool: SimulatedPool, time: number): void {
    this.#dot++;
    this.#arrivals.push([pool.id, this.#dot, time]);
    this.#told.push([this.#dot, -1, time, 0, time + 0.001, 503]);
    const counts = this.#counts.get(pool);
    if (counts !== undefined) counts.failed++;
  }

  #isDot(dot: number): boolean {
    return dot % this.#play.requestsPerDot === 0;
  }

  #tellSecond(): void {
    const deployments: Record<string, Second['deployments'][string]> = {};
    for (const pool of this.#pools) {
      const { sent, completed, failed } = this.#counts.get(pool) ?? { sent: 0, completed: 0, failed: 0 };
      this.#counts.set(pool, { sent: 0, completed: 0, failed: 0 });
      deployments[pool.id] = {
        offeredLoad: sent,
        throughput: completed,
        failed,
        inProgress: pool.inProgress,
        utilisation: { workers: 0, databaseConnections: 0, cpu: 0 },
        memory: 1,
      };
    }
    this.second.value = { time: this.#now, deployments, cpu: 0.5 };
  }
}
