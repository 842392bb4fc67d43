import { type Deployment, workersOf } from '../../services/deployment.ts';
import { topologyOf } from '../../services/topologies.ts';
import type { Component } from '../experiment/trial-result.ts';
import type { Fraction, Seconds } from '../experiment/units.ts';
import { Cores } from './cores.ts';
import { Demands } from './demands.ts';
import type { EventHeap } from './event-heap.ts';
import type { Random } from './random.ts';
import { type Request, stages } from './request.ts';
import { meanStatements, type Requirements } from './requirements.ts';
import type { ServiceModel } from './service-model.ts';
import type { Span } from './span.ts';
import { Thread, Worker } from './worker.ts';

/** What a simulated service is made of. */
export interface ServiceParts {
  readonly deployment: Deployment;
  readonly model: ServiceModel;
  readonly requirements: readonly Requirements[];
  readonly cpus: number;
  /** How many times as long as in the model everything takes. */
  readonly slowness: Fraction;
  readonly arrivalRate: number;
  /** What is counted is counted over this time. */
  readonly steadyState: Span;
}

/** Who sends the requests. */
export interface Caller {
  /** A request is about to leave; `false`: it was given up before that. */
  sendOff(request: Request, now: Seconds): boolean;
  /** A request has ended, and can be used again; it was given up before that, or was not. */
  ended(request: Request, now: Seconds): void;
}

/**
 * A deployment behind nginx, in front of a database, with the generator on the same cores. A request's way: k6 sends
 * it, nginx passes it on to the worker that has fewest, the worker begins it, asks the database, which computes and
 * waits, and finishes it; nginx passes the answer back, k6 receives it. A blocking worker does nothing else until then.
 */
export class Service {
  readonly workers: readonly Worker[];
  readonly cpu: Record<Component, Seconds> = { nginx: 0, workers: 0, postgres: 0, k6: 0 };
  readonly switches = { voluntary: 0, involuntary: 0 };
  /** Backends at work. */
  activeBackends = 0;
  served = 0;
  readonly demands: Demands;
  readonly #parts: ServiceParts;
  readonly #blocking: boolean;
  readonly #nginx: readonly Thread[];
  readonly #cores: Cores;
  readonly #heap: EventHeap;
  readonly #random: Random;
  readonly #caller: Caller;
  /** Where the search for the worker with fewest requests begins. */
  #turn = 0;

  constructor(parts: ServiceParts, heap: EventHeap, random: Random, caller: Caller) {
    const { deployment, cpus, model, requirements, arrivalRate } = parts;
    this.#parts = parts;
    this.#heap = heap;
    this.#random = random;
    this.#caller = caller;
    this.#cores = new Cores(cpus, heap);
    this.#blocking = topologyOf(deployment.topology).blocking;
    this.workers = workersOf(deployment).map(slot => new Worker(slot));
    this.#nginx = Array.from({ length: cpus }, () => new Thread());
    this.demands = new Demands(model, arrivalRate, {
      blocking: this.#blocking,
      cpus,
      workers: this.workers.length,
      statements: meanStatements(requirements),
    });
  }

  /** A request sets out. */
  take(request: Request, now: Seconds): void {
    request.stage = stages.sending;
    this.#compute(request, this.demands.k6 / 2, now);
  }

  /** An event of the heap: the end of a slice on a core, or of a wait in the database. */
  happen(request: Request, now: Seconds): void {
    if (request.stage === stages.waiting) {
      this.#finish(request, now);
      return;
    }
    this.#count(request, now);
    if (this.#cores.endSlice(request, now)) this.#computed(request, now);
    else this.switches.involuntary++;
  }

  #count(request: Request, now: Seconds): void {
    const ran = this.#parts.steadyState.overlap(request.since, now);
    switch (request.stage) {
      case stages.sending:
      case stages.receiving:
        this.cpu.k6 += ran;
        break;
      case stages.passedOn:
      case stages.passedBack:
        this.cpu.nginx += ran;
        break;
      case stages.querying:
        this.cpu.postgres += ran;
        break;
      default:
        this.cpu.workers += ran;
    }
  }

  /** Computes for an exponential time with that mean, and for another one of a known length. */
  #compute(request: Request, mean: Seconds, now: Seconds, known: Seconds = 0): void {
    const seconds = mean === 0 ? known : known + mean * this.#random.exponential();
    if (seconds === 0) {
      this.#computed(request, now);
      return;
    }
    request.left = seconds * this.#parts.slowness;
    this.#cores.run(request, now);
  }

  /** What the request had to compute at its stage is done. */
  #computed(request: Request, now: Seconds): void {
    switch (request.stage) {
      case stages.sending:
        if (this.#caller.sendOff(request, now)) this.#pass(request, stages.passedOn, now);
        break;
      case stages.passedOn:
        this.#leave(this.#nginxOf(request), now);
        this.#dispatch(request, now);
        break;
      case stages.begun:
        this.#begun(request, now);
        break;
      case stages.querying:
        this.#wait(request, now);
        break;
      case stages.finishing:
        this.#finished(request, now);
        break;
      case stages.passedBack:
        this.#leave(this.#nginxOf(request), now);
        this.#workerOf(request).assigned--;
        if (request.givenUp) this.#caller.ended(request, now);
        else {
          request.stage = stages.receiving;
          this.#compute(request, this.demands.k6 / 2, now);
        }
        break;
      default:
        this.#caller.ended(request, now);
    }
  }

  #pass(request: Request, stage: number, now: Seconds): void {
    request.stage = stage;
    this.#enter(this.#nginxOf(request), request, now);
  }

  /** To the worker with fewest requests; of equal ones to each in turn. */
  #dispatch(request: Request, now: Seconds): void {
    const { workers } = this;
    let chosen = this.#turn;
    let fewest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < workers.length && fewest > 0; index++) {
      const candidate = (this.#turn + index) % workers.length;
      const { assigned } = workers[candidate] as Worker;
      if (assigned < fewest) {
        fewest = assigned;
        chosen = candidate;
      }
    }
    this.#turn = (chosen + 1) % workers.length;
    const worker = workers[chosen] as Worker;
    worker.assigned++;
    request.worker = chosen;
    request.stage = stages.begun;
    this.#enter(worker.thread, request, now);
  }

  #begun(request: Request, now: Seconds): void {
    const worker = this.#workerOf(request);
    if (this.#requirementsOf(request).statements === 0) {
      this.#complete(worker, request, now);
      return;
    }
    this.switches.voluntary++;
    if (!this.#blocking) this.#leave(worker.thread, now);
    request.since = now;
    if (worker.freeConnections > 0) this.#connect(worker, request, now);
    else worker.unconnected.push(request);
  }

  #connect(worker: Worker, request: Request, now: Seconds): void {
    worker.freeConnections--;
    worker.connectionWait += this.#parts.steadyState.overlap(request.since, now);
    request.connectedAt = now;
    request.stage = stages.querying;
    this.activeBackends++;
    this.#compute(request, this.demands.postgres * this.#requirementsOf(request).statements, now);
  }

  #wait(request: Request, now: Seconds): void {
    const { wait } = this.#requirementsOf(request);
    if (wait === 0) {
      this.#finish(request, now);
      return;
    }
    const { least, most, distribution } = this.#parts.model.databaseWait;
    const asked = distribution === 'as-asked' ? wait : wait * this.#random.exponential();
    const beyond = most === 0 ? 0 : least + (most - least) * this.#random.next();
    request.stage = stages.waiting;
    this.#heap.push(now + (asked + beyond) * this.#parts.slowness, request.slot);
  }

  /** The database has answered. */
  #finish(request: Request, now: Seconds): void {
    const { thread } = this.#workerOf(request);
    this.activeBackends--;
    request.stage = stages.finishing;
    if (this.#blocking) this.#run(request, now);
    else this.#enter(thread, request, now);
  }

  #finished(request: Request, now: Seconds): void {
    const worker = this.#workerOf(request);
    worker.freeConnections++;
    worker.connectionsHeld += this.#parts.steadyState.overlap(request.connectedAt, now);
    const next = worker.unconnected.shift();
    if (next !== undefined) this.#connect(worker, next, now);
    this.#complete(worker, request, now);
  }

  /** The worker has handed its answer over. */
  #complete(worker: Worker, request: Request, now: Seconds): void {
    this.served++;
    worker.held--;
    if (this.#parts.steadyState.holds(now)) worker.completed++;
    this.#leave(worker.thread, now);
    this.#pass(request, stages.passedBack, now);
  }

  #enter(thread: Thread, request: Request, now: Seconds): void {
    if (thread.isBusy) {
      thread.queue.push(request);
      return;
    }
    thread.isBusy = true;
    thread.busySince = now;
    this.#run(request, now);
  }

  /** The thread has its turn at the request. */
  #run(request: Request, now: Seconds): void {
    const { cpuSeconds, statements } = this.#requirementsOf(request);
    const { demands } = this;
    const worker = demands.request + demands.statement * statements;
    switch (request.stage) {
      case stages.begun:
        this.#workerOf(request).held++;
        this.#compute(request, statements === 0 ? worker : worker / 2, now, cpuSeconds);
        break;
      case stages.finishing:
        this.#workerOf(request).databaseWait += this.#parts.steadyState.overlap(request.connectedAt, now);
        this.#compute(request, worker / 2, now);
        break;
      default:
        this.#compute(request, demands.nginx / 2, now);
    }
  }

  /** The thread turns to what waits for it, but for requests that have not begun and are waited for no longer. */
  #leave(thread: Thread, now: Seconds): void {
    let next = thread.queue.shift();
    while (next?.givenUp && next.stage === stages.begun) {
      this.#workerOf(next).assigned--;
      this.#caller.ended(next, now);
      next = thread.queue.shift();
    }
    if (next !== undefined) {
      this.#run(next, now);
      return;
    }
    thread.isBusy = false;
    thread.busy += this.#parts.steadyState.overlap(thread.busySince, now);
  }

  #nginxOf({ number }: Request): Thread {
    return this.#nginx[number % this.#nginx.length] as Thread;
  }

  #workerOf({ worker }: Request): Worker {
    return this.workers[worker] as Worker;
  }

  #requirementsOf({ kind }: Request): Requirements {
    return this.#parts.requirements[kind] as Requirements;
  }
}
