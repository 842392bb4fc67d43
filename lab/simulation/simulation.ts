import type { Trial } from '../../model/experiment.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { BurstResponse } from '../../model/wire.ts';
import { Client, type SimulatedProgress } from './client.ts';
import { Span } from './cores.ts';
import { EventHeap } from './event-heap.ts';
import { Random } from './random.ts';
import { type Request, RequestPool } from './request.ts';
import { type Caller, Service } from './service.ts';
import { deriveRequirements, type Requirements, type ServiceModel } from './service-model.ts';
import { WarmUp } from './warm-up.ts';

/** Seconds between samples. */
const TICK: Seconds = 0.25;

export interface SimulationOptions {
  /** Cores of the machine. */
  readonly cpus: number;
  /** The objective's response time: an edge of the histograms. */
  readonly objective: Seconds;
  /** How many times as long as in the model everything takes; 1 unless it is set. */
  readonly slowness?: Fraction;
  /** Called every quarter of a simulated second; `'stop'` ends the load. */
  readonly onProgress?: (progress: SimulatedProgress) => 'go-on' | 'stop';
  /** Called with every response time, scored or not, in order of the responses. */
  readonly onResponse?: (responseTime: Seconds) => void;
  /** How open arrivals come; Poisson unless it is set. */
  readonly arrivals?: 'poisson' | 'even';
}

/** A trial that is being simulated: the clock, the load, and samples of the system several times a second. */
export class Simulation implements Caller {
  readonly client: Client;
  readonly service: Service;
  readonly steadyState: Span;
  readonly responses: BurstResponse[] = [];
  readonly warmUp = new WarmUp();
  now: Seconds = 0;
  stoppedEarly = false;
  readonly #trial: Trial;
  readonly #options: SimulationOptions;
  readonly #requirements: readonly Requirements[];
  readonly #heap = new EventHeap();
  readonly #requests = new RequestPool();
  #number = 0;
  #nextArrival: Seconds = Number.POSITIVE_INFINITY;
  #nextTick: Seconds = 0;
  #end: Seconds;
  #seen = { sent: 0, served: 0 };
  readonly #arrivals: Random;
  readonly #kinds: Random;

  constructor(trial: Trial, model: ServiceModel, options: SimulationOptions) {
    const { load, phases, seed, cell } = trial;
    this.#trial = trial;
    this.#options = options;
    this.#end = phases.warmUp + phases.steadyState;
    this.steadyState = new Span(phases.warmUp, this.#end);
    this.client = new Client(phases, options.objective);
    this.#requirements = deriveRequirements(cell.workload, model);
    this.#arrivals = new Random(seed, 1);
    this.#kinds = new Random(seed, 2);
    const parts = {
      deployment: cell.deployment,
      model,
      requirements: this.#requirements,
      count: options.cpus,
      heap: this.#heap,
      random: new Random(seed, 3),
      slowness: options.slowness ?? 1,
      arrivalRate: load.model === 'open' ? load.arrivalRate : 0,
      steadyState: this.steadyState,
    };
    this.service = new Service(parts, this);
    this.#begin();
  }

  /** Runs until the load is over and the system has drained. */
  run(): void {
    const heap = this.#heap;
    for (;;) {
      const event = heap.earliest;
      const arrival = this.#nextArrival;
      const next = Math.min(event, arrival);
      if (next === Number.POSITIVE_INFINITY) break;
      if (this.client.deadline <= next && this.client.deadline <= this.#nextTick) this.#giveUp();
      else if (this.#nextTick <= next) this.#look();
      else if (event < arrival) this.#happen(event);
      else this.#arrive(arrival);
    }
    this.client.look(this.now);
  }

  sendOff(request: Request, now: Seconds): boolean {
    if (request.givenUp) {
      this.#requests.release(request);
      return false;
    }
    this.client.sendOff(request, now);
    return true;
  }

  ended(request: Request, now: Seconds): void {
    if (!request.givenUp) {
      this.client.answered(request, now);
      this.#options.onResponse?.(now - request.dueAt);
      this.warmUp.add(request.dueAt, now - request.dueAt);
      if (this.#trial.load.model === 'burst') {
        this.responses.push({ request: request.number, responseTime: now - request.dueAt });
      }
      this.#thinkAfter(request);
    }
    this.#requests.release(request);
  }

  #begin(): void {
    const { load } = this.#trial;
    switch (load.model) {
      case 'open':
        this.#arriveAfter(0, load.arrivalRate);
        break;
      case 'closed':
        for (let user = 0; user < load.users; user++) this.#think(user);
        break;
      case 'burst':
        for (let request = 0; request < load.requests; request++) this.#send(0, 0);
    }
  }

  #arrive(time: Seconds): void {
    this.now = time;
    this.#send(time, 0);
    const { load } = this.#trial;
    if (load.model === 'open') this.#arriveAfter(time, load.arrivalRate);
  }

  #arriveAfter(time: Seconds, arrivalRate: number): void {
    const gap = this.#options.arrivals === 'even' ? 1 : this.#arrivals.exponential();
    const next = time + gap / arrivalRate;
    this.#nextArrival = next < this.#end ? next : Number.POSITIVE_INFINITY;
  }

  #happen(time: Seconds): void {
    this.now = time;
    const event = this.#heap.pop();
    if (event >= 0) this.service.happen(this.#requests.at(event), time);
    else if (time < this.#end) this.#send(time, -1 - event);
  }

  #send(time: Seconds, user: number): void {
    const request = this.#requests.take();
    request.number = ++this.#number;
    request.user = user;
    request.dueAt = time;
    request.kind = this.#requirements.length === 1 ? 0 : this.#drawnKind();
    this.client.due(request);
    this.service.take(request, time);
  }

  #drawnKind(): number {
    const drawn = this.#kinds.next();
    const kind = this.#requirements.findIndex(({ cumulative }) => drawn < cumulative);
    return kind < 0 ? this.#requirements.length - 1 : kind;
  }

  #giveUp(): void {
    this.now = Math.max(this.now, this.client.deadline);
    const request = this.client.giveUp();
    if (request !== undefined) this.#thinkAfter(request);
  }

  #thinkAfter({ user }: Request): void {
    if (this.#trial.load.model === 'closed') this.#think(user);
  }

  #think(user: number): void {
    const { load } = this.#trial;
    if (load.model !== 'closed') return;
    const next = this.now + load.thinkTime * this.#arrivals.exponential();
    if (next < this.#end) this.#heap.push(next, -1 - user);
  }

  #look(): void {
    this.now = this.#nextTick;
    this.#nextTick += TICK;
    const { service, client, steadyState } = this;
    // At time 0 nothing was sent yet, which does not mean a smaller load.
    if (this.now > 0) service.follow(client.sent - this.#seen.sent, service.served - this.#seen.served, TICK);
    this.#seen = { sent: client.sent, served: service.served };
    if (steadyState.holds(this.now)) service.sample();
    const progress = client.look(this.now);
    if (this.stoppedEarly || this.#options.onProgress?.(progress) !== 'stop') return;
    this.stoppedEarly = true;
    this.#end = Math.min(this.#end, this.now);
    this.#nextArrival = Number.POSITIVE_INFINITY;
    steadyState.to = this.#end;
    client.stop(this.#end);
  }
}
