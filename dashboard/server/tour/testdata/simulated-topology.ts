import { emptyHistogram, type Histogram, record } from '../../../../model/histogram.ts';
import { OBJECTIVE } from '../../../protocol.ts';
import type { Window, WindowReading } from '../../observation/window-count.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** How a topology behaves. */
export interface Behaviour {
  /** So many requests are served at once, the rest wait in line. */
  servers: number;
  /** Seconds of each. */
  serviceTime: number;
  /** Of all CPUs, while it is at work and while nobody is. */
  machine: number;
  idleMachine: number;
  /** Bytes. */
  memory: number;
  workers: number;
  /** Of so many requests nginx loses one; 0: none. */
  unlogged: number;
  /** Whether all of them fail. */
  fails: boolean;
}

interface Ended {
  readonly endedAt: number;
  readonly responseTime: number;
}

/** A topology, its requests, and what is counted of them. */
export class SimulatedTopology {
  readonly behaviour: Behaviour;
  readonly totals = { sent: 0, completed: 0 };
  readonly #clock: SimulatedClock;
  readonly #ended: Ended[] = [];
  #freeAt: number[] = [];
  #most = 0;
  /** Of the load that is sent now: one that is over sends nothing more. */
  #load = 0;

  constructor(clock: SimulatedClock, behaviour: Behaviour) {
    this.#clock = clock;
    this.behaviour = behaviour;
  }

  get inProgress(): number {
    return this.totals.sent - this.totals.completed;
  }

  rest(): void {
    this.#load += 1;
  }

  arrivals(rate: number): void {
    this.rest();
    const load = this.#load;
    const next = () => {
      if (load !== this.#load) return;
      this.send();
      this.#clock.after(1 / rate, next);
    };
    if (rate > 0) next();
  }

  users(count: number): void {
    this.rest();
    const load = this.#load;
    const again = () => load === this.#load && this.send(this.behaviour.serviceTime, again);
    for (let user = 0; user < count; user++) again();
  }

  /** A request that takes so many seconds of a server. */
  send(serviceTime = this.behaviour.serviceTime, onEnd: () => void = () => {}): void {
    const sentAt = this.#clock.now();
    this.#freeAt = this.#freeAt.filter(at => at > sentAt).sort((a, b) => a - b);
    const busy = this.#freeAt.length - this.behaviour.servers;
    const begin = busy < 0 ? sentAt : (this.#freeAt[busy] ?? sentAt);
    const endedAt = begin + serviceTime;
    this.#freeAt.push(endedAt);
    this.totals.sent += 1;
    this.#most = Math.max(this.#most, this.inProgress);
    this.#clock.after(endedAt - sentAt, () => {
      this.totals.completed += 1;
      this.#ended.push({ endedAt, responseTime: endedAt - sentAt });
      onEnd();
    });
  }

  open(): Window {
    const openedAt = this.#clock.now();
    const before = { ...this.totals };
    const first = this.#ended.length;
    this.#most = this.inProgress;
    return { close: () => {}, read: () => this.#read(openedAt, before, this.#ended.slice(first)) };
  }

  #read(openedAt: number, before: { sent: number; completed: number }, ended: readonly Ended[]): WindowReading {
    const { behaviour } = this;
    const logged = ended.filter((_, index) => behaviour.unlogged === 0 || index % behaviour.unlogged !== 0);
    const duration = this.#clock.now() - openedAt;
    const completed = this.totals.completed - before.completed;
    return {
      duration,
      nginx: {
        completed: logged.length,
        failed: behaviour.fails ? logged.length : 0,
        responseTime: histogramOf(logged),
        completions: logged,
        app: logged.length * behaviour.serviceTime,
        databaseWait: logged.length * behaviour.serviceTime,
      },
      k6: {
        sent: this.totals.sent - before.sent,
        completed,
        failed: behaviour.fails ? completed : 0,
        responseTime: histogramOf(ended),
      },
      utilisation: { workers: 1, databaseConnections: 1, cpu: behaviour.machine },
      mostInProgress: Object.fromEntries(
        Array.from({ length: behaviour.workers }, (_, index) => [`w-${index}`, this.#most / behaviour.workers]),
      ),
      hostCpus: 2,
      machine: ended.length === 0 ? behaviour.idleMachine : behaviour.machine,
      // Two CPUs, of which everything else uses a tenth of one.
      cpuSeconds: duration * (2 * behaviour.machine - 0.1),
      memory: behaviour.memory,
    };
  }
}

function histogramOf(ended: readonly Ended[]): Histogram {
  const histogram = emptyHistogram(OBJECTIVE);
  for (const { responseTime } of ended) record(histogram, responseTime);
  return histogram;
}
