import type { RequestParameters, RouteName } from '../../model/contract/contract.ts';
import type { Deployment } from '../../model/deployment.ts';
import type { ClaimId, Load } from '../../model/experiment.ts';
import type { Bytes, Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import type { TopologyName } from '../../model/topology.ts';
import texts from './claims.json' with { type: 'json' };
import { ABOUT_THE_SAME, placeInterval } from './lines.ts';

/** The texts of a claim. Those of its step on the tour have figures in braces. */
interface ClaimText {
  readonly statement: string;
  readonly title?: string;
  readonly look?: string;
  readonly question?: string;
  readonly guesses?: readonly string[];
  readonly why?: string;
  readonly figures?: Readonly<Record<string, FigureText>>;
}

interface FigureText {
  readonly unit: FigureUnit;
  readonly meaning: string;
}

export type FigureUnit = '' | '1/s' | 's' | 'bytes' | 'fraction' | 'requests';

export const claimTexts = texts as Readonly<Record<ClaimId, ClaimText>>;

/** A claim as a step of the tour: a live stack shows it in seconds, and decides nothing. */
export interface Demonstration {
  /** The topologies that the stack must have. */
  readonly needs: readonly TopologyName[];
  /** How long it takes to measure. */
  readonly duration: Seconds;
  /** Whether the figures mean nothing while other programs use the CPUs. */
  readonly comparesCpus?: boolean;
  readonly plan: (stack: StackSizes) => DemonstrationPlan;
}

/** The sizes and limits of a stack. */
export interface StackSizes {
  readonly cpus: number;
  /** The stack's deployment of a topology, or one of the usual size. */
  readonly deployment: (topology: TopologyName) => Deployment;
  readonly workers: (topology: TopologyName) => number;
  readonly most: { readonly users: number; readonly databaseConnections: number };
  readonly objective: Seconds;
}

/** A demonstration with the numbers of one stack. */
export interface DemonstrationPlan {
  /** The figures of its texts. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What every part sends unless it says otherwise. */
  readonly workload: LiveRequest;
  readonly load: SteadyLoad;
  readonly parts: readonly DemonstrationPart[];
  /** Gets the readings of all parts that are read, in their order. */
  judge(readings: readonly TopologyReading[]): DemonstrationOutcome;
}

interface LiveRequest {
  readonly route: RouteName;
  readonly parameters: RequestParameters;
}

type SteadyLoad = Exclude<Load, { readonly model: 'burst' }>;

export type DemonstrationPart =
  | LoadPart
  /** Limits the database connections until the end of the step. */
  | { readonly kind: 'limit'; readonly topology: TopologyName; readonly databaseConnections: number }
  /** Sends requests that do not count, and waits for their answers. */
  | (Partial<Pick<LoadPart, 'workload'>> & {
      readonly kind: 'warm-up';
      readonly topology: TopologyName;
      readonly users?: number;
      readonly seconds?: Seconds;
    })
  /** Sends requests at the same instant to an idle topology, and reads until the last answer. */
  | { readonly kind: 'burst'; readonly topology: TopologyName; readonly requests: number }
  /** Sends one request that computes for about so long beside the load, and reads until its answer. */
  | { readonly kind: 'hold-cpu'; readonly topology: TopologyName; readonly seconds: Seconds };

/** Loads these topologies at the same time and reads the steady state of each. The load goes on until the next part. */
interface LoadPart {
  readonly kind: 'load';
  readonly topologies: readonly TopologyName[];
  readonly workload?: LiveRequest;
  readonly load?: SteadyLoad;
  readonly warmUp?: Seconds;
  readonly steadyState: Seconds;
}

/** What one topology did during a part. Times are of successes, as nginx logged them. */
export interface TopologyReading {
  readonly topology: TopologyName;
  /** Of each half-second: batch means. */
  readonly throughputs: readonly PerSecond[];
  /** Sorted. */
  readonly responseTimes: readonly Seconds[];
  /** The mean time that a request waited for the database. */
  readonly databaseWait: Seconds;
  /** How busy all CPUs of the host were, and how many it has. */
  readonly machine: Fraction;
  readonly hostCpus: number;
  /** The mean number of CPUs that the topology's own processes used. */
  readonly cpus: number;
  readonly memory: Bytes;
  /** The most requests that each worker held at once. */
  readonly mostInProgress: readonly number[];
}

export interface DemonstrationOutcome {
  /** Values by topology, or one under `all`, by the figure's name. */
  readonly figures: Readonly<Record<string, Readonly<Record<TopologyName | 'all', number | Interval>>>>;
  readonly sentence: string;
  readonly answer: TourAnswer;
}

/** The place of the guess that the figures support; `undecided` if they cannot tell. */
export type TourAnswer = number | 'none' | 'undecided';

/** A text with its figures in place of their names in braces. */
export function fillText(text: string, figures: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const figure = figures[name];
    if (figure === undefined) throw new RangeError(`${name} is no figure of: ${text}`);
    return `${figure}`;
  });
}

/** Users with no think time, up to the stack's limit. */
export function closedLoad(users: number, { most }: StackSizes) {
  return { model: 'closed', users: Math.min(most.users, users), thinkTime: 0 } as const;
}

export function findReading(readings: readonly TopologyReading[], topology: TopologyName): TopologyReading {
  const found = readings.find(reading => reading.topology === topology);
  if (found === undefined) throw new RangeError(`${topology} was not read`);
  return found;
}

/** The answer for two things that are about the same or not, and how its sentence ends. */
export function answerSameness(ratio: Interval, below: number, above: number): [TourAnswer, string] {
  const place = placeInterval(ratio, ABOUT_THE_SAME);
  if (place === 'within') return [2, ', which is about the same'];
  if (place === 'unclear') return ['undecided', ': not decided here, the machine is too noisy'];
  return [place === 'below' ? below : above, ', which is not the same'];
}
