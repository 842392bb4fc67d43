/**
 * What the dashboard's server and its page tell each other. Pure: both sides import it. Times are in seconds since 1970
 * unless their name says otherwise.
 */
import type { FigureUnit, TourAnswer } from '../lab/claims/demonstration.ts';
import type { RequestParameters, RouteName } from '../model/contract/contract.ts';
import { type Deployment, deploymentLabel, listWorkers } from '../model/deployment.ts';
import { MOST_LIVE_CONNECTIONS } from '../model/limits.ts';

/** Seconds by which the stage lags behind: by then most completions are known. */
export const REPLAY_DELAY = 1;
/** Seconds between two frames. */
export const FRAME_EVERY = 0.2;
/** Seconds that the charts show, and that a page gets when it connects. */
export const HISTORY = 120;
/** Of the response time, in seconds. */
export const OBJECTIVE = 0.25;

/** Upper limits of what a page may ask for. */
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
  /** Seconds of work (computing and waiting) that each deployment gets in a second; lower for most, see `work.ts`. */
  work: 40,
  /** Database connections of one deployment. */
  databaseConnections: MOST_LIVE_CONNECTIONS,
  /** Seconds without a change by a page after which the load stops. */
  untouched: 600,
  /** Dots a second of each deployment. */
  dotsPerSecond: 120,
} as const;

/** Identifies a deployment everywhere: `hybrid-2x1-40`. */
export type DeploymentId = string;

/** A deployment that the page can show. */
export interface StagedDeployment {
  readonly id: DeploymentId;
  /** Its name for readers: `hybrid`, or `hybrid 2×1, 40 connections` where the stack has another size of it. */
  readonly label: string;
  readonly deployment: Deployment;
  /** Names in the order of `workersOf`. */
  readonly workers: readonly string[];
}

/** Describes the deployments of a stack for the page. */
export function arrangeStage(entries: readonly Pick<StagedDeployment, 'id' | 'deployment'>[]): StagedDeployment[] {
  const all = entries.map(({ deployment }) => deployment);
  return entries.map(({ id, deployment }) => ({
    id,
    label: deploymentLabel(deployment, all),
    deployment,
    workers: listWorkers(deployment).map(({ name }) => name),
  }));
}

export type LiveLoad =
  | { readonly model: 'open'; readonly arrivalRate: number }
  | { readonly model: 'closed'; readonly users: number; readonly thinkTime: number };

/** The request that the load sends. */
export interface LiveWorkload {
  readonly route: RouteName;
  readonly parameters: RequestParameters;
}

/** What the pages choose; it is also in the page's URL. */
export interface Settings {
  /** On the stage, in the order of `Hello.stage`. */
  readonly deployments: readonly DeploymentId[];
  readonly workload: LiveWorkload;
  readonly load: LiveLoad;
  /** Whether the load is sent. */
  readonly running: boolean;
}

/** Why no load is sent. `untouched`: no page changed anything for too long; `unwatched`: no page is open. */
export type Rest = 'paused' | 'untouched' | 'unwatched' | 'no-generator';

/** What all pages share; sent whole whenever it changes. */
export interface State {
  readonly settings: Settings;
  /** Absent while the load is sent. */
  readonly rest?: Rest;
  /** Requests for which one dot on the stage stands. */
  readonly requestsPerDot: number;
  /** Database connections of the deployments that are limited or raised. */
  readonly databaseConnections: Readonly<Record<DeploymentId, number>>;
  /** While the database is away: when it should be back. Postgres may take longer. */
  readonly databaseBackAt?: number;
  readonly tour?: TourState;
  /** Services that have more than one container. */
  readonly scaled?: readonly ScaledService[];
}

/** A service that was started with `--scale`. */
export interface ScaledService {
  readonly service: string;
  /** What that means, in sentences. */
  readonly told: string;
  /** The line to type instead. */
  readonly command: string;
}

/** The steps of the tour, named by the claims that they show. */
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

/** What a step measured. */
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

/** `hello`: the first event that a page gets, and again after it was too slow for some frames. */
export interface Hello {
  /** When the server started. */
  readonly started: number;
  readonly now: number;
  readonly stage: readonly StagedDeployment[];
  /** CPUs of the host, even where a container may use fewer: every fraction of "all CPUs" refers to these. */
  readonly cpus: number;
  readonly state: State;
  /** The last `HISTORY` seconds. */
  readonly seconds: readonly Second[];
  readonly marks: readonly Mark[];
}

/** `frame`: what became known since the frame before. */
export interface Frame {
  readonly now: number;
  readonly arrivals: readonly DotArrival[];
  readonly completions: readonly DotCompletion[];
  /** Workers of the deployments on the stage; absent while they did not change. */
  readonly workers?: Readonly<Record<DeploymentId, readonly WorkerState[]>>;
}

/** A dot was sent. */
export type DotArrival = readonly [id: DeploymentId, dot: number, sentAt: number];

/**
 * A dot was answered: the worker's index in `StagedDeployment.workers` (-1: none), when the worker began, its seconds of
 * waiting for the database, when the last byte was sent, and the status that the client saw (0: none).
 */
export type DotCompletion = readonly [
  dot: number,
  worker: number,
  begunAt: number,
  databaseWait: number,
  endedAt: number,
  status: number,
];

/** What a worker did between two readings of its counters. */
export interface WorkerState {
  /** Accepted requests; a worker cannot count those in its socket. */
  readonly inProgress: number;
  readonly connectionsInUse: number;
  /** Limit of its database connections. */
  readonly connections: number;
  /** Fraction of the time for which its thread computed: neither idle nor blocked on the database. */
  readonly computing: number;
  readonly alive: boolean;
}

/** `second`: a point of every chart. */
export interface Second {
  /** Its end. */
  readonly time: number;
  readonly deployments: Readonly<Record<DeploymentId, DeploymentSecond>>;
  /** Busy fraction of all CPUs of the host, by any program. */
  readonly cpu: number;
}

export interface DeploymentSecond {
  /** Requests that k6 sent. */
  readonly offeredLoad: number;
  /** Successful completions that nginx logged. */
  readonly throughput: number;
  readonly failed: number;
  /** From the intended send, in seconds; absent where nothing completed. */
  readonly p50?: number;
  readonly p99?: number;
  /** Sent by k6 and not answered yet. */
  readonly inProgress: number;
  readonly utilisation: {
    /** Busy fraction of the workers' threads; a thread that is blocked on the database is busy. */
    readonly workers: number;
    /** Fraction of the deployment's database connections in use. */
    readonly databaseConnections: number;
    /** CPU time of the deployment's processes, as a fraction of all CPUs of the host. */
    readonly cpu: number;
  };
  /** Bytes of the deployment's processes; shared pages count once. */
  readonly memory: number;
}

/** `mark`: an event on the charts. */
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
  readonly id?: DeploymentId;
  readonly worker?: string;
  /** Requests refused with 503 or given up, connections, seconds of CPU, or bytes of the memory limit. */
  readonly count?: number;
}

/** What a page is told, by the names of the server-sent events. */
export interface PageEvents {
  readonly hello: Hello;
  readonly frame: Frame;
  readonly second: Second;
  readonly state: State;
  readonly mark: Mark;
}

/** A run of `compare`. */
export interface RunSummary {
  readonly name: string;
  /** Whether the dashboard's user may read its files; the fields below are empty where not. */
  readonly readable: boolean;
  readonly experiment: string;
  readonly runtime: string;
  readonly begun: string;
  /** One sentence for each workload. */
  readonly answers: readonly string[];
  /** Whether it has a report to open. */
  readonly report: boolean;
  /** Whether it has a model to plan with. */
  readonly model: boolean;
}

/** Requests that k6 sent and nginx answered, by deployment, since k6 started. */
export interface Totals {
  readonly k6: Readonly<Record<DeploymentId, { readonly sent: number; readonly completed: number }>>;
  readonly nginx: Readonly<Record<DeploymentId, number>>;
}

/** Addresses other than those of `Changes`. */
export const addresses = {
  /** Server-sent events. A page that connects again adds `?again`. */
  events: '/api/events',
  /**
   * POST of a `LoginRequest`: whether this page may be used, and with a token the login. Answers 204; 401 where a token is
   * needed; 403 at an address that the server does not know, with the line to type.
   */
  session: '/api/session',
  /** `RunSummary[]`, the latest first. */
  runs: '/api/runs',
  /** `Totals`. */
  totals: '/api/totals',
} as const;

export interface LoginRequest {
  /** The token with which the dashboard was started. */
  readonly token?: string;
}

/** The address of a run's report. */
export function reportAddress(run: string): string {
  return `/runs/${encodeURIComponent(run)}/report.html`;
}

/** The address of the model that the planner fitted to a run. */
export function modelAddress(run: string): string {
  return `/runs/${encodeURIComponent(run)}/model.json`;
}

/** The command that lets the dashboard's user read the runs in a folder, or one of them. */
export function readingAllowed(path: string): string {
  return `chmod -R a+rX ${path}`;
}

/** Bodies of the requests that change something, by route. All answer 204, or a problem (RFC 9457). */
export interface Changes {
  'PUT /api/settings': Settings;
  /** At each deployment on the stage, or at those given. */
  'POST /api/burst': { readonly requests: number; readonly deployments?: readonly DeploymentId[] };
  /** One request that computes for about two seconds, at each deployment on the stage. */
  'POST /api/hold-cpu': Record<never, never>;
  /** Absent: the deployment's own number. */
  'PUT /api/database-connections': { readonly id: DeploymentId; readonly databaseConnections?: number };
  'POST /api/end-worker': { readonly id: DeploymentId; readonly worker: string };
  'POST /api/database-away': Record<never, never>;
  /** Goes to a step of the tour, and sets up its situation. */
  'POST /api/tour/enter': { readonly step: TourStep };
  /** Measures the current step. */
  'POST /api/tour/measure': Record<never, never>;
  'POST /api/tour/leave': Record<never, never>;
}

export type ChangeRoute = keyof Changes;
