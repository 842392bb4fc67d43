import type { RequestParameters, RouteName } from './contract/contract.ts';
import { containersSuffix, type Deployment, deploymentName, deploymentOf } from './deployment.ts';
import { canBeSimulated } from './parallelism.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from './quantities.ts';
import type { Topology } from './topology.ts';

/** What is asked of the service: requests, drawn at random by their weights. */
export interface Workload {
  readonly name: string;
  readonly requests: readonly WorkloadRequest[];
}

export interface WorkloadRequest {
  readonly weight: number;
  readonly route: RouteName;
  /** `{ ms: 20 }`; for `cpu` and `work` also `cpuSeconds`, which the lab turns into units on the machine it runs on. */
  readonly parameters: RequestParameters;
}

/** What must hold for a load to count as carried. */
export interface Objective {
  /** Of the response times, e.g. 0.99. */
  readonly quantile: Fraction;
  readonly responseTime: Seconds;
  readonly errorFraction: Fraction;
}

export interface Phases {
  readonly warmUp: Seconds;
  readonly steadyState: Seconds;
  /** How long an answer is waited for: after it a request is over the objective and given up. */
  readonly timeLimit: Seconds;
}

export type Load =
  | { readonly model: 'open'; readonly arrivalRate: PerSecond }
  | { readonly model: 'closed'; readonly users: number; readonly thinkTime: Seconds }
  | { readonly model: 'burst'; readonly requests: number };

/** A deployment with a workload: what a capacity belongs to. */
export interface Cell {
  readonly deployment: Deployment;
  readonly workload: Workload;
}

/** The statements of the article that Loadline can put to the test. */
export const claimIds = ['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C9', 'C10', 'C11', 'C12'] as const;
export type ClaimId = (typeof claimIds)[number];

/** One measurement to make. */
export interface Trial {
  /** `b2-p3`: block and position. */
  readonly id: string;
  /**
   * `light`: a short look at the service time; it never decides a capacity. `capacity`: a step of the search. `load`:
   * at a load that the experiment names. `claim`: for a claim only.
   */
  readonly purpose: 'light' | 'capacity' | 'load' | 'claim';
  /** Which claim it is made for, and what the claim calls it; only with the purpose `claim`. */
  readonly claim?: { readonly id: ClaimId; readonly part: string };
  readonly cell: Cell;
  readonly load: Load;
  readonly phases: Phases;
  readonly seed: number;
  readonly block: number;
  readonly position: number;
}

/** Everything that a comparison is asked to do; what depends on it and on results only can be made again from the file. */
export interface Experiment {
  readonly name: string;
  readonly seed: number;
  /** CPUs of the machine that it is for: the defaults of its deployments come from them. */
  readonly cpus: number;
  readonly objective: Objective;
  /** The topologies that there are to choose from: those of its deployments, and those that a plan may recommend. */
  readonly topologies: readonly Topology[];
  readonly cells: readonly Cell[];
  /** Seconds for all trials together. */
  readonly budget: Seconds;
  /**
   * How often everything is measured with its workers started anew. 1: one start for the whole run, and intervals come
   * from a model; from 4 on they come from the differences between blocks.
   */
  readonly blocks: number;
  /**
   * Blocks are added beyond those until the differences between them leave every capacity within this part of itself, or
   * there are 100; absent: none are.
   */
  readonly precision?: Fraction;
  /** Whether the capacity of each cell is searched for. */
  readonly capacity: boolean;
  /** Loads to measure on every cell in every block. */
  readonly loads: readonly Load[];
  /** Parts of its capacity at which each cell is measured several times, once that is found; absent: at none. */
  readonly partsOfCapacity?: readonly Fraction[];
  /** Names of cells that a plan's model is not fitted to but held against; absent: none. */
  readonly heldOut?: readonly string[];
  /** The least that every trial's phases last. */
  readonly phases: Pick<Phases, 'warmUp' | 'steadyState'>;
  /** `best`: of each topology's sizes only the one that carries most, beside the article's, is measured in all blocks. */
  readonly sizes: 'all' | 'best';
  /** What a size must do with to be the best: memory of the workers, in bytes, and database connections. */
  readonly limits: { readonly memory?: Bytes; readonly databaseConnections?: number };
  readonly claims: readonly ClaimId[];
  readonly noise: Noise;
  /** Found on this machine by `loadline calibrate`; absent: those of any machine. */
  readonly validity?: ValidityLimits;
}

/** From where on a trial says more of the generator or of the machine than of the deployment. */
export interface ValidityLimits {
  /** Of the objective's response time: the p99 of the schedule lag. */
  readonly scheduleLag: Fraction;
  /** Of the machine's CPU time: taken away by a hypervisor. */
  readonly steal: Fraction;
  /** Of all CPUs: used by none of the components. */
  readonly others: Fraction;
}

/** How far the speed of one and the same thing differs on a machine: standard deviations of its logarithm. */
export interface Noise {
  /** From one trial to the next. */
  readonly betweenTrials: Fraction;
  /** From one start of the workers to the next, beside that. */
  readonly betweenBlocks: Fraction;
  /** `calibrated`: found on this machine by `loadline calibrate`. */
  readonly source: 'assumed' | 'calibrated';
}

/** The cell in a few characters, unique in an experiment: `wait on hybrid-2x1-40`. */
export function cellName({ workload, deployment }: Cell): string {
  return `${workload.name} on ${deploymentName(deployment)}`;
}

/** Whether any container of the cell has limits. */
export function isLimited({ deployment }: Pick<Cell, 'deployment'>): boolean {
  return deployment.containers !== undefined;
}

/** Whether a model can be fitted to the cell: it has no limits of containers, and workers that it knows and that tell. */
export function isModelled(cell: Pick<Cell, 'deployment'>): boolean {
  return !isLimited(cell) && !cell.deployment.hidden && canBeSimulated(cell.deployment);
}

/** Whether the containers of two cells have the same limits: without that no ratio between them is fair. */
export function areLimitedAlike(one: Cell, other: Cell): boolean {
  return containersSuffix(one.deployment.containers) === containersSuffix(other.deployment.containers);
}

/** Whether the cell's deployment has its topology's default numbers: as many processes as CPUs, or the one that there can be. */
export function isArticleSize({ deployment }: Pick<Cell, 'deployment'>, { cpus }: Pick<Experiment, 'cpus'>): boolean {
  const { spec, hidden } = deployment;
  return deploymentName(deployment) === deploymentName(deploymentOf(spec, cpus, hidden && { hidden }));
}

/** Which block a trial is of, and of how many; `undefined` where there is one stack for the whole run. */
export function blockName(
  { block }: Pick<Trial, 'block'>,
  { blocks, precision }: Pick<Experiment, 'blocks' | 'precision'>,
): string | undefined {
  if (blocks === 1) return undefined;
  if (block === 0) return 'a first look';
  if (precision !== undefined) return `block ${block}`;
  return block <= blocks ? `block ${block} of ${blocks}` : `block ${block}, for claims`;
}
