/** The parts that the server is put together from, as they see each other; `main.ts` puts them together. */

import type { Deployment } from '../../model/deployment.ts';
import type { Histogram } from '../../model/histogram.ts';
import type { LiveBurst, LiveOrders, WeightedRequest } from '../../model/wire.ts';
import type { DeploymentId, Frame, Mark, Second, Settings, State, Totals, TourState, TourStep } from '../protocol.ts';

/** A deployment of the stack, as the server reaches it. */
export interface StackDeployment {
  readonly id: DeploymentId;
  readonly deployment: Deployment;
  /** Where k6 sends its load: `http://127.0.0.1:8085`. */
  readonly target: string;
  /** The port of nginx by which its log tells this deployment from the others. */
  readonly nginxPort: number;
  /** Base URLs of the control threads, one for each process: `http://hybrid:10001`. */
  readonly controls: readonly string[];
}

/** All that runs beside the dashboard. */
export interface LiveStack {
  readonly deployments: readonly StackDeployment[];
  /** nginx's log for the dashboard: it is read, and cut short when it has grown long. */
  readonly requestLog: string;
  readonly databaseUrl: string;
}

/** k6, as it is told what to send; it asks for its orders several times a second. */
export interface Generator {
  /** Whether it has asked within the last seconds. */
  readonly connected: boolean;
  /** From its next question on; numbers and bursts are the generator's own affair. */
  obey(orders: Omit<LiveOrders, 'number' | 'bursts'>): void;
  /** Sent once, as soon as it asks. */
  burst(burst: Omit<LiveBurst, 'number'>): void;
}

/** What is known of the stack while it works: from k6's reports, nginx's log and the control threads. */
export interface Observation {
  /** What has become known since it was last called. */
  frame(): Frame;
  /** Everything since it was last called, as a point of the charts. */
  second(): Second;
  totals(): Totals;
  /** Only these are looked at. */
  look(deployments: readonly DeploymentId[]): void;
  /** Begins to count what happens to one deployment, until it is closed. */
  open(id: DeploymentId): Window;
  /** Called with each mark, as it happens. */
  onMark: (mark: Mark) => void;
}

/** What happened to one deployment since the window was opened. */
export interface Window {
  read(): WindowReading;
  close(): void;
}

export interface WindowReading {
  /** Seconds since it was opened. */
  readonly duration: number;
  /** As nginx logged it: a request counts when its last byte has gone out. */
  readonly nginx: {
    readonly completed: number;
    /** Status 400 and above, and no status. */
    readonly failed: number;
    /** From nginx's first byte of the request to its last of the answer; of successes. */
    readonly responseTime: Histogram;
    /** Each successful completion: when, in seconds since 1970, and how long it took; the latest 20,000. */
    readonly completions: readonly { readonly endedAt: number; readonly responseTime: number }[];
    /** Seconds that the worker itself was busy with the requests, and waited for the database, in all. */
    readonly app: number;
    readonly databaseWait: number;
  };
  /** As k6 counted it. */
  readonly k6: {
    readonly sent: number;
    readonly completed: number;
    readonly failed: number;
    readonly responseTime: Histogram;
  };
  /** Means over the window, as in `DeploymentSecond`. */
  readonly utilisation: { readonly workers: number; readonly databaseConnections: number; readonly cpu: number };
  /** Most requests that a worker held at once, by worker: what the control threads counted, looked at several times a second. */
  readonly mostInProgress: Readonly<Record<string, number>>;
  /** Fraction of the host's CPUs that was busy, whoever used them; and how many the host has, whatever a container may use. */
  readonly machine: number;
  readonly hostCpus: number;
  /** CPU seconds of the deployment's own processes. */
  readonly cpuSeconds: number;
  /** Bytes, the latest. */
  readonly memory: number;
}

/** What can be done to the stack; each really does it. Rejects with a `Refusal` that says why it cannot be. */
export interface Interventions {
  /** Another ceiling for the deployment's database connections; `undefined`: its own again. */
  limitConnections(id: DeploymentId, databaseConnections: number | undefined): Promise<void>;
  /** The worker's process exits at once, with all of its workers; PM2 starts it again. */
  endWorker(id: DeploymentId, worker: string): Promise<void>;
  /** For so many seconds nobody can connect to the database, and who is connected is cut off. Resolves when it is away. */
  takeDatabaseAway(seconds: number): Promise<Outage>;
}

/** A database that is away. */
export interface Outage {
  /** Resolves when it is really back, however long that takes; rejects when nobody tries any more. */
  readonly back: Promise<void>;
}

/** Who decides what is sent and done, within the limits, for whoever drives: the page or the tour. */
export interface Director {
  readonly state: Omit<State, 'driver' | 'tour'>;
  /** Called whenever `state` has become another one. */
  onChange: () => void;
  /** Called with each mark of what was done, as it happens. */
  onMark: (mark: Mark) => void;
  /** Somebody who drives has touched something. */
  touch(): void;
  /** How many pages watch; `newcomer`: the latest of them has just come, and not come back. */
  watched(pages: number, newcomer?: boolean): void;
  /** What was seen in the last second: how many requests a dot stands for follows from it. */
  seen(second: Second): void;
  /** Throws a `Refusal` when it cannot be. */
  choose(settings: Settings): void;
  /** At each deployment on the stage, or at those named; `request` in place of the workload's own. */
  burst(requests: number, deployments?: readonly DeploymentId[], request?: WeightedRequest): void;
  /** One request that computes for about so many seconds (2 at most), at each deployment on the stage, or at those named. */
  holdCpu(seconds: number, deployments?: readonly DeploymentId[]): void;
  limitConnections(id: DeploymentId, databaseConnections: number | undefined): Promise<void>;
  endWorker(id: DeploymentId, worker: string): Promise<void>;
  takeDatabaseAway(): Promise<void>;
}

/** The guided tour: one for all who watch. */
export interface Tour {
  readonly state: TourState | undefined;
  /** Called whenever `state` has become another one. */
  onChange: () => void;
  /** Goes to a step and sets up its situation; what was before is kept for `leave`. */
  enter(step: TourStep): Promise<void>;
  /** Begins to measure; how it goes is in `state`. */
  measure(): void;
  /** Gives back what was before the tour. */
  leave(): Promise<void>;
}

/** What a refusal says besides its sentence. */
export interface RefusalWords {
  /** In place of the status's own name. */
  readonly title?: string;
  /** A line to type, which mends it. */
  readonly command?: string;
}

/** Something that was asked for and cannot be: what, and what to do instead. Answered with its status. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 429 | 503;

  readonly words: RefusalWords;

  constructor(status: Refusal['status'], message: string, words: RefusalWords = {}) {
    super(message);
    this.status = status;
    this.words = words;
  }
}
