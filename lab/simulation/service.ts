import { type Deployment, listWorkers } from '../../model/deployment.ts';
import { deriveParallelism, requireSimulated } from '../../model/parallelism.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { Cores, type CoresOptions } from './cores.ts';
import { Dispatcher } from './dispatcher.ts';
import { type Request, stages } from './request.ts';
import {
  demandAt,
  growthAt,
  meanPerRequest,
  type Requirements,
  type ServiceModel,
  workerDemandOf,
} from './service-model.ts';
import { SampledMean, Thread, Worker } from './worker.ts';

/** The weight of the newest reading in the moving mean of the load. */
const NEWEST = 0.4;

/** What a simulated service is made of. */
interface ServiceParts extends CoresOptions {
  readonly deployment: Deployment;
  readonly model: ServiceModel;
  readonly requirements: readonly Requirements[];
  /** At the begin of the load. */
  readonly arrivalRate: PerSecond;
}

/** What sends the requests. */
export interface Caller {
  /** A request leaves; `false`: its client had given up. */
  sendOff(request: Request, now: Seconds): boolean;
  /** The request object may be reused, whether or not its client gave up. */
  ended(request: Request, now: Seconds): void;
}

/**
 * A deployment behind nginx, in front of a database, with the generator on the same cores. k6 sends a request, nginx passes
 * it on to a worker, which begins it, queries the database, where it computes and waits, and finishes it; nginx passes the
 * answer back and k6 receives it. A blocking worker does nothing else from begin to finish.
 */
export class Service {
  readonly workers: readonly Worker[];
  readonly cores: Cores;
  /** CPU seconds of a request, and of a statement, at the current load. */
  demands: Readonly<Record<'k6' | 'nginx' | 'postgres' | 'request' | 'statement', Seconds>>;
  readonly backends = new SampledMean();
  /** Answers that workers have handed over. */
  served = 0;
  readonly #parts: ServiceParts;
  readonly #limited: boolean;
  readonly #nginx: Dispatcher;
  /** k6's event loops; none: each request has its own. */
  readonly #sources: readonly Thread[];
  readonly #caller: Caller;
  #activeBackends = 0;
  /** The load, per second. */
  #sent: PerSecond;
  #served: PerSecond;

  constructor(parts: ServiceParts, caller: Caller) {
    const { deployment, count: cpus, model, arrivalRate } = parts;
    this.#parts = parts;
    this.#caller = caller;
    requireSimulated(deployment);
    const { slots, dispatch } = deriveParallelism(deployment);
    this.#limited = Number.isFinite(slots);
    this.cores = new Cores(parts);
    this.workers = listWorkers(deployment).map(slot => new Worker(slot));
    this.#nginx = new Dispatcher(model.nginxProcesses ?? cpus, this.workers, dispatch);
    this.#sources = Array.from({ length: model.sources ?? 0 }, () => new Thread());
    this.#sent = arrivalRate;
    this.#served = arrivalRate;
    this.demands = this.#demandsAtLoad();
  }

  /** Follows the load by the requests sent and served in the last seconds. */
  follow(sent: number, served: number, seconds: Seconds): void {
    this.#sent += NEWEST * (sent / seconds - this.#sent);
    this.#served += NEWEST * (served / seconds - this.#served);
    this.demands = this.#demandsAtLoad();
  }

  #demandsAtLoad(): Service['demands'] {
    const { model, count: cpus, requirements, deployment } = this.#parts;
    const workers = this.workers.length;
    const statements = meanPerRequest(requirements, one => one.statements);
    const worker = workerDemandOf(model, deployment.spec.app);
    const growth = growthAt(worker.growth, workers);
    const perWorker = this.#served / workers;
    return {
      k6: demandAt(model.k6, this.#sent / cpus),
      nginx: demandAt(model.nginx, this.#sent / (model.nginxProcesses ?? cpus)),
      postgres: demandAt(model.postgres, (this.#served * statements) / cpus),
      request: growth * demandAt(worker.request, perWorker),
      statement: growth * demandAt(worker.statement, perWorker * statements),
    };
  }

  take(request: Request, now: Seconds): void {
    request.stage = stages.sending;
    this.#enter(this.#sourceOf(request), request, now);
  }

  /** SampledMean the requests in progress at workers and at the database. */
  sample(): void {
    this.backends.add(this.#activeBackends);
    for (const { inProgress, held } of this.workers) inProgress.add(held);
  }

  /** An event of the heap: the end of a slice on a core, or of a wait in the database. */
  happen(request: Request, now: Seconds): void {
    if (request.stage === stages.waiting) this.#finish(request, now);
    else if (this.cores.endSlice(request, now)) this.#computed(request, now);
  }

  /** The request has computed all it had to at its stage. */
  #computed(request: Request, now: Seconds): void {
    switch (request.stage) {
      case stages.sending:
        this.#leave(this.#sourceOf(request), now);
        if (!this.#caller.sendOff(request, now)) break;
        request.stage = stages.passedOn;
        this.#enter(this.#nginx.threadOf(request), request, now);
        break;
      case stages.passedOn:
        this.#leave(this.#nginx.threadOf(request), now);
        request.stage = stages.begun;
        this.#enter(this.#nginx.assign(request).thread, request, now);
        break;
      case stages.begun:
        this.#query(request, now);
        break;
      case stages.querying:
        this.#wait(request, now);
        break;
      case stages.finishing:
        this.#disconnect(request, now);
        this.#handOver(request, now);
        break;
      case stages.passedBack:
        this.#leave(this.#nginx.threadOf(request), now);
        this.#nginx.answered(request);
        this.#receive(request, now);
        break;
      default:
        this.#leave(this.#sourceOf(request), now);
        this.#caller.ended(request, now);
    }
  }

  #query(request: Request, now: Seconds): void {
    if (this.#requirementsOf(request).statements === 0) {
      this.#handOver(request, now);
      return;
    }
    const worker = this.#workerOf(request);
    request.since = now;
    if (this.#limited) worker.thread.sleeps++;
    else this.#leave(worker.thread, now);
    if (worker.freeConnections > 0) this.#connect(worker, request, now);
    else worker.unconnected.push(request);
  }

  #connect(worker: Worker, request: Request, now: Seconds): void {
    worker.freeConnections--;
    worker.connectionWait += this.#parts.steadyState.overlap(request.since, now);
    request.connectedAt = now;
    request.stage = stages.querying;
    this.#activeBackends++;
    const seconds = this.demands.postgres * this.#requirementsOf(request).statements;
    if (this.cores.compute(request, now, seconds)) this.#wait(request, now);
  }

  #wait(request: Request, now: Seconds): void {
    const { wait } = this.#requirementsOf(request);
    if (wait === 0) {
      this.#finish(request, now);
      return;
    }
    const { model, random, slowness, heap } = this.#parts;
    const { least, most, distribution } = model.databaseWait;
    const asked = distribution === 'as-asked' ? wait : wait * random.exponential();
    const beyond = most === 0 ? 0 : least + (most - least) * random.next();
    request.stage = stages.waiting;
    heap.push(now + (asked + beyond) * slowness, request.slot);
  }

  #finish(request: Request, now: Seconds): void {
    this.#activeBackends--;
    request.stage = stages.finishing;
    if (this.#limited) this.#run(request, now);
    else this.#enter(this.#workerOf(request).thread, request, now);
  }

  #disconnect(request: Request, now: Seconds): void {
    const worker = this.#workerOf(request);
    worker.freeConnections++;
    worker.connectionsHeld += this.#parts.steadyState.overlap(request.connectedAt, now);
    const next = worker.unconnected.shift();
    if (next !== undefined) this.#connect(worker, next, now);
  }

  #handOver(request: Request, now: Seconds): void {
    const worker = this.#workerOf(request);
    this.served++;
    worker.held--;
    if (this.#parts.steadyState.holds(now)) worker.completed++;
    this.#leave(worker.thread, now);
    request.stage = stages.passedBack;
    this.#enter(this.#nginx.threadOf(request), request, now);
  }

  #receive(request: Request, now: Seconds): void {
    request.stage = stages.receiving;
    request.answeredAt = now;
    if (request.givenUp) this.#caller.ended(request, now);
    else this.#enter(this.#sourceOf(request), request, now);
  }

  #enter(thread: Thread | undefined, request: Request, now: Seconds): void {
    if (thread === undefined || thread.take(request, now)) this.#run(request, now);
  }

  #run(request: Request, now: Seconds): void {
    if (this.#computeOnThread(request, now)) this.#computed(request, now);
  }

  #computeOnThread(request: Request, now: Seconds): boolean {
    const { cores, demands } = this;
    if (request.stage === stages.passedOn || request.stage === stages.passedBack) {
      return cores.compute(request, now, demands.nginx / 2);
    }
    if (request.stage === stages.sending || request.stage === stages.receiving) {
      return cores.compute(request, now, demands.k6 / 2);
    }
    const { cpuSeconds, statements } = this.#requirementsOf(request);
    const mean = demands.request + demands.statement * statements;
    if (request.stage === stages.begun) {
      this.#workerOf(request).held++;
      return cores.compute(request, now, statements === 0 ? mean : mean / 2, cpuSeconds);
    }
    this.#workerOf(request).databaseWait += this.#parts.steadyState.overlap(request.connectedAt, now);
    return cores.compute(request, now, mean / 2);
  }

  /** Frees the thread for the next request, and drops those that have not begun and whose clients have given up. */
  #leave(thread: Thread | undefined, now: Seconds): void {
    if (thread === undefined) return;
    const { steadyState } = this.#parts;
    let next = thread.next(now, steadyState);
    while (next?.givenUp && next.stage === stages.begun) {
      this.#nginx.dropped(next);
      this.#caller.ended(next, now);
      next = thread.next(now, steadyState);
    }
    if (next !== undefined) this.#run(next, now);
  }

  #sourceOf({ number }: Request): Thread | undefined {
    return this.#sources[number % this.#sources.length];
  }

  #workerOf({ worker }: Request): Worker {
    return this.workers[worker] as Worker;
  }

  #requirementsOf({ kind }: Request): Requirements {
    return this.#parts.requirements[kind] as Requirements;
  }
}
