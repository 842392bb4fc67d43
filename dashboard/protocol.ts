/**
 * What the dashboard's server and its page say to each other. Pure, and free of Node's and the browser's own types:
 * both sides import it. Moments are in seconds since 1970 unless their name says otherwise.
 */
import type { FigureUnit, TourAnswer } from '../lab/claims/demonstration.ts';
import type { RequestParameters, RouteName } from '../model/contract/contract.ts';
import { type Deployment, deploymentLabel, workersOf } from '../model/deployment.ts';
import { MOST_LIVE_CONNECTIONS } from '../model/limits.ts';

/** How long after it happened the stage shows what happened, in seconds: by then most completions are known. */
export const REPLAY_DELAY = 1;
/** Seconds between two frames. */
export const FRAME_EVERY = 0.2;
/** Seconds that the charts show, and that a page is told of when it begins to listen. */
export const HISTORY = 120;
/** Of the response time, in seconds. */
export const OBJECTIVE = 0.25;

/** What may be asked for at most. */
export const settingLimits = {
  /** Arrivals per second at each deployment. */
  arrivalRate: 1000,
  /** Arrivals per second at all deployments on the stage. */
  totalArrivalRate: 2000,
  /** Users at each deployment. */
  users: 500,
  /** Seconds. */
  thinkTime: 10,
  /** Requests of one burst at each deployment. */
  burst: 1000,
  /** Seconds of work, computing and waiting, that a second's requests ask of each deployment; less of most: `work.ts`. */
  work: 40,
  /** Database connections of one deployment. */
  databaseConnections: MOST_LIVE_CONNECTIONS,
  /** Seconds without a touch of the driver after which the load stops. */
  untouched: 600,
  /** Dots that each deployment sends in a second at most. */
  dotsPerSecond: 120,
} as const;

/** Names a deployment everywhere: `hybrid-2x1-40`. */
export type DeploymentId = string;

/** A deployment that is there to be shown. */
export interface StagedDeployment {
  readonly id: DeploymentId;
  /** Its name for readers: `hybrid`; beside another size of its topology `hybrid 2×1, 40 connections`. */
  readonly label: string;
  readonly deployment: Deployment;
  /** As they name themselves, in the order of `workersOf`. */
  readonly workers: readonly string[];
}

/** The stage with these deployments. */
export function stageOf(entries: readonly Pick<StagedDeployment, 'id' | 'deployment'>[]): StagedDeployment[] {
  const all = entries.map(({ deployment }) => deployment);
  return entries.map(({ id, deployment }) => ({
    id,
    label: deploymentLabel(deployment, all),
    deployment,
    workers: workersOf(deployment).map(({ name }) => name),
  }));
}

export type LiveLoad =
  | { readonly model: 'open'; readonly arrivalRate: number }
  | { readonly model: 'closed'; readonly users: number; readonly thinkTime: number };

/** What each request asks for. */
export interface LiveWorkload {
  readonly route: RouteName;
  readonly parameters: RequestParameters;
}

/** What the driver chooses; it stands in the page's URL. */
export interface Settings {
  /** On the stage, in the order of `Hello.stage`. */
  readonly deployments: readonly DeploymentId[];
  readonly workload: LiveWorkload;
  readonly load: LiveLoad;
  /** Whether the load is sent. */
  readonly running: boolean;
}

/** Why no load is sent. `untouched`: nobody touched anything for too long; `unwatched`: no page is open. */
export type Rest = 'paused' | 'untouched' | 'unwatched' | 'no-generator';

/** What is the same for everybody who watches; sent whole whenever it changes. */
export interface State {
  readonly settings: Settings;
  /** Absent while the load is sent. */
  readonly rest?: Rest;
  /** The tag of the client that drives; absent: nobody does, and the first touch will. */
  readonly driver?: string;
  /** A dot on the stage stands for so many requests. */
  readonly requestsPerDot: number;
  /** Database connections of each deployment where they are not those of its deployment. */
  readonly databaseConnections: Readonly<Record<DeploymentId, number>>;
  /** While the database is away: when it is to come back; past, where Postgres keeps it waiting. */
  readonly databaseBackAt?: number;
  readonly tour?: TourState;
  /** The services that have more than one container; absent where none has. */
  readonly scaled?: readonly ScaledService[];
}

/** A service that was started with `--scale`. */
export interface ScaledService {
  readonly service: string;
  /** What that means, in sentences. */
  readonly told: string;
  /** What to type instead. */
  readonly command: string;
}

/** The guided tour's steps, by the claims that they show. */
export const tourSteps = ['C1', 'C2', 'C3', 'C4', 'C5', 'C7', 'C8', 'C9', 'C12'] as const;
export type TourStep = (typeof tourSteps)[number];

/** As the page numbers it, from 1. */
export function stepNumber(step: TourStep): number {
  return tourSteps.indexOf(step) + 1;
}

/** Where the tour is. Each viewer's guess stays on its page. */
export interface TourState {
  readonly step: TourStep;
  /** With the numbers of this stack. */
  readonly text: {
    readonly look: string;
    readonly question: string;
    readonly guesses: readonly string[];
    readonly why: string;
  };
  readonly phase: 'ready' | 'measuring' | 'measured';
  /** While measuring: 0 to 1, and what is being measured. */
  readonly progress?: number;
  readonly measuring?: readonly DeploymentId[];
  /** When measured. */
  readonly outcome?: TourOutcome;
  /** Why it could not be measured. */
  readonly failure?: string;
}

/** The measured end of a step. */
export interface TourOutcome {
  readonly figures: readonly TourFigure[];
  /** The requests of the step as nginx and as k6 counted them. */
  readonly counts: readonly TourFigure[];
  /** What the figures say. */
  readonly sentence: string;
  readonly answer: TourAnswer;
}

/** Values to compare. */
export interface TourFigure {
  readonly name: string;
  readonly meaning: string;
  readonly unit: FigureUnit;
  readonly values: readonly {
    /** Absent if the value belongs to all deployments. */
    readonly id?: DeploymentId;
    readonly value: number;
    /** The 95 % interval, if there is one. */
    readonly low?: number;
    readonly high?: number;
  }[];
}

/** `hello`: once, when a page begins to listen, and again when it had to be left out of some frames. */
export interface Hello {
  /** Its id, which nobody else is told: who has it is this client. */
  readonly client: string;
  /** By which `State.driver` names it. */
  readonly tag: string;
  readonly now: number;
  readonly stage: readonly StagedDeployment[];
  /** CPUs of the host, also where a container may use only some of them: every "of all CPUs" is of these. */
  readonly cpus: number;
  readonly state: State;
  /** The last minutes. */
  readonly seconds: readonly Second[];
  readonly marks: readonly Mark[];
}

/** `frame`: what has become known since the frame before. */
export interface Frame {
  readonly now: number;
  readonly arrivals: readonly DotArrival[];
  readonly completions: readonly DotCompletion[];
  /** Of the deployments on the stage; absent while they are as in the frame before. */
  readonly workers?: Readonly<Record<DeploymentId, readonly WorkerState[]>>;
}

/** A dot sets out. */
export type DotArrival = readonly [id: DeploymentId, dot: number, sentAt: number];

/**
 * A dot's request is answered: by which worker (its place in `StagedDeployment.workers`; -1: by none), when that worker
 * began with it and how long it waited for the database, in seconds, when its last byte went out, and the status that
 * its client saw (0: none).
 */
export type DotCompletion = readonly [
  dot: number,
  worker: number,
  begunAt: number,
  databaseWait: number,
  endedAt: number,
  status: number,
];

/** What a worker is seen to do, between two looks at its counters. */
export interface WorkerState {
  /** Requests that it has taken; those in its socket it cannot count. */
  readonly inProgress: number;
  readonly connectionsInUse: number;
  /** Database connections that it may have. */
  readonly connections: number;
  /** Fraction of the time for which its thread computed: neither idle nor blocked in a wait for the database. */
  readonly computing: number;
  readonly alive: boolean;
}

/** `second`: a point of every chart. */
export interface Second {
  /** Its end. */
  readonly time: number;
  readonly deployments: Readonly<Record<DeploymentId, DeploymentSecond>>;
  /** Fraction of all CPUs of the host that was busy, whoever used them. */
  readonly cpu: number;
}

export interface DeploymentSecond {
  /** Requests that k6 sent. */
  readonly offeredLoad: number;
  /** Successful completions that nginx counted. */
  readonly throughput: number;
  readonly failed: number;
  /** From the intended send, in seconds; absent where nothing completed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Sent by k6 and not answered yet. */
  readonly inProgress: number;
  readonly utilisation: {
    /** Busy fraction of the workers' threads; one that is blocked in a wait is busy. */
    readonly workers: number;
    /** Fraction of the deployment's database connections in use. */
    readonly databaseConnections: number;
    /** CPU time of the deployment's processes, as a fraction of all CPUs of the host. */
    readonly cpu: number;
  };
  /** Bytes, of the deployment's processes; pages that they share are counted once. */
  readonly memory: number;
}

/** `mark`: something that happened at a moment. */
export interface Mark {
  readonly time: number;
  readonly kind:
    | 'worker-ended'
    | 'worker-back'
    | 'killed-for-memory'
    | 'refused'
    | 'given-up'
    | 'cpu-held'
    | 'database-away'
    | 'database-back'
    | 'connections-changed'
    | 'generator-lost'
    | 'generator-back';
  /** The deployment that it happened to. */
  readonly id?: DeploymentId;
  readonly worker?: string;
  /** How many, where it is a number: requests refused with 503 or given up, connections, seconds of the CPU, bytes of the memory limit. */
  readonly count?: number;
}

/** A run of `compare`. */
export interface RunSummary {
  readonly name: string;
  /** Whether the dashboard's user may read its files; what is below is empty where not. */
  readonly readable: boolean;
  readonly experiment: string;
  readonly runtime: string;
  readonly begun: string;
  /** The answer in a sentence for each workload. */
  readonly answers: readonly string[];
  /** Whether there is a report to open. */
  readonly report: boolean;
  /** Whether there is a model to plan with. */
  readonly model: boolean;
}

/** What k6 says that it sent and what nginx says that it answered, by deployment, since k6 started. */
export interface Totals {
  readonly k6: Readonly<Record<DeploymentId, { readonly sent: number; readonly completed: number }>>;
  readonly nginx: Readonly<Record<DeploymentId, number>>;
}

/** What a page gets at its start. */
export interface Session {
  /** For `authorization: Bearer …` on every request that changes something. */
  readonly token: string;
}

/** What a page reads with GET; what changes something stands in `Changes`. */
export const addresses = {
  /**
   * Server-Sent Events. Who listens again under the id of a `hello` (as an EventSource does by itself, or with
   * `?client=`) is the same client as before.
   */
  events: '/api/events',
  /** `Session`. Answers 401 where a user's token is wanted first (`POST /api/login`), 403 where the page cannot be used. */
  session: '/api/session',
  /** `RunSummary[]`, the latest first. */
  runs: '/api/runs',
  /** `Totals`. */
  totals: '/api/totals',
  /** With POST and `Login`: gives the browser its session, and needs no `authorization`. Answers 204, or a problem. */
  login: '/api/login',
} as const;

/** The address of a run's report. */
export function reportAddress(run: string): string {
  return `/runs/${encodeURIComponent(run)}/report.html`;
}

/** The address of what the planner has fitted to a run. */
export function modelAddress(run: string): string {
  return `/runs/${encodeURIComponent(run)}/model.json`;
}

/** What lets the dashboard's user, who is not the checkout's, read the runs in a folder, or one of them. */
export function readingAllowed(path: string): string {
  return `chmod -R a+rX ${path}`;
}

/** What somebody shows who wants a session. */
export interface Login {
  /** The user's. */
  readonly token: string;
}

/** Names this page, on every request that changes something. */
export const CLIENT_HEADER = 'x-loadline-client';

/** Where the browser has the page (`location.origin`), on the request for a session: a proxy may ask under another name. */
export const ORIGIN_HEADER = 'x-loadline-origin';

/** The bodies of the requests that change something, by route. All answer 204, or a problem (RFC 9457). */
export interface Changes {
  'PUT /api/settings': Settings;
  /** At each deployment on the stage, or at those named. */
  'POST /api/burst': { readonly requests: number; readonly deployments?: readonly DeploymentId[] };
  /** One request that computes for about two seconds, at each deployment on the stage. */
  'POST /api/hold-cpu': Record<never, never>;
  /** Absent: as the deployment has them. */
  'PUT /api/database-connections': { readonly id: DeploymentId; readonly databaseConnections?: number };
  'POST /api/end-worker': { readonly id: DeploymentId; readonly worker: string };
  'POST /api/database-away': Record<never, never>;
  /** Takes the wheel when nobody drives, or when who drives has left or touched nothing for two minutes. */
  'POST /api/drive': Record<never, never>;
  /** Goes to a step of the tour, and sets up its situation. */
  'POST /api/tour/enter': { readonly step: TourStep };
  /** Measures the step that the tour is at. */
  'POST /api/tour/measure': Record<never, never>;
  'POST /api/tour/leave': Record<never, never>;
}

export type ChangeRoute = keyof Changes;
