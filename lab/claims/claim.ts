import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import {
  type Cell,
  type ClaimId,
  claimIds,
  type Experiment,
  type Trial,
  type Workload,
} from '../../model/experiment.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { type ByBlock, type Interval, meanInterval, pairedRatio } from '../../model/statistics.ts';
import type { TopologyName } from '../../model/topology.ts';
import { shippedWorkloads } from '../experiment/shipped-workloads.ts';
import { type Line, placeInterval } from './lines.ts';

/** Whether a statement holds: `not shown` if its interval crosses the line, `unmeasured` if there is no interval. */
export type Decision = 'supported' | 'refuted' | 'not shown' | 'unmeasured';

/** A number that a verdict rests on; the bounds have the confidence of all claims together. */
export interface Figure {
  readonly label: string;
  /** `''`: a plain number. */
  readonly unit: string;
  readonly estimate: number;
  readonly low?: number;
  readonly high?: number;
}

/** What the measurements say about a statement of the article. */
export interface ClaimVerdict extends Judgement {
  readonly id: ClaimId;
  /** The statement. */
  readonly claim: string;
}

export interface Judgement {
  readonly verdict: Decision;
  /** The reason, with its numbers. */
  readonly sentence: string;
  readonly figures: readonly Figure[];
  /** What was measured instead of what the claim asks, because the machine is too small for that. */
  readonly instead?: string;
}

/** A trial of a claim. `part` is its name, the same in every block. */
export type ClaimPart = Pick<Trial, 'cell' | 'load' | 'phases'> & { readonly part: string };

/** A statement of the article as an experiment with blocks. */
export interface Claim {
  /** Blocks for each one of the experiment; 1 if absent. A close result needs many. */
  readonly blocksEach?: number;
  /** The cells whose capacity must be known first. */
  readonly cells?: (machine: Machine) => Cell[];
  /** Measured once, before the blocks, which depend on it. */
  readonly look?: (evidence: Evidence) => ClaimPart[];
  /** Measured in every block; empty if what it depends on is missing. */
  readonly parts?: (evidence: Evidence) => ClaimPart[];
  readonly judge: (evidence: Evidence) => Finding;
}

/** The verdict follows from the decisions, of which all must hold: those of the figures with a line, and others. */
interface Finding extends Omit<Judgement, 'verdict' | 'figures'> {
  readonly figures: readonly (Figure & { readonly decision?: Decision })[];
  readonly decisions?: readonly Decision[];
  /** Whether the sentence says something also when the claim is unmeasured. */
  readonly partial?: boolean;
}

export type Machine = Pick<Experiment, 'cpus'>;

/** The confidence of each interval with which all twelve verdicts hold together with 95 % (Bonferroni). */
export const CLAIM_CONFIDENCE = 1 - 0.05 / claimIds.length;

/** The results of a run as one claim reads them. */
export class Evidence {
  readonly id: ClaimId;
  readonly experiment: Experiment;
  readonly results: readonly TrialResult[];

  constructor(id: ClaimId, experiment: Experiment, results: readonly TrialResult[]) {
    this.id = id;
    this.experiment = experiment;
    this.results = results;
  }

  /** The claim's own trials, or those of one part. */
  own(part?: string): TrialResult[] {
    return this.results.filter(
      ({ trial: { claim } }) => claim?.id === this.id && (part === undefined || claim.part === part),
    );
  }

  completed(part: string): Extract<TrialResult, { state: 'completed' }>[] {
    return this.own(part).filter(result => result.state === 'completed');
  }

  /** A value of a part in each block that completed it. */
  byBlock(part: string, read: (measurement: Measurement) => number): ByBlock {
    const values = this.completed(part).map(({ trial, measurement }) => [trial.block, read(measurement)] as const);
    return new Map(values.filter(([, value]) => Number.isFinite(value)));
  }

  mean(part: string, read: (measurement: Measurement) => number): Interval {
    return meanOverBlocks(this.byBlock(part, read));
  }
}

export function meanOverBlocks(values: ByBlock): Interval {
  return meanInterval([...values.values()], CLAIM_CONFIDENCE);
}

/** The ratio of two parts, paired by block. */
export function ratioByBlock(of: ByBlock, to: ByBlock): Interval {
  return pairedRatio(of, to, CLAIM_CONFIDENCE);
}

/** `of` less `to` in each block that has both. */
export function subtractByBlock(of: ByBlock, to: ByBlock): ByBlock {
  return new Map([...of].flatMap(([block, value]) => (to.has(block) ? [[block, value - (to.get(block) ?? 0)]] : [])));
}

/** Whether an interval lies within a line. */
export function decide(interval: Interval | undefined, line: Line): Decision {
  if (interval === undefined || !Number.isFinite(interval.low) || !Number.isFinite(interval.high)) return 'unmeasured';
  const place = placeInterval(interval, line);
  if (place === 'within') return 'supported';
  return place === 'unclear' ? 'not shown' : 'refuted';
}

/** The decision on a statement of which all parts must hold. */
export function decideAll(decisions: readonly Decision[]): Decision {
  const order: readonly Decision[] = ['refuted', 'unmeasured', 'not shown'];
  return order.find(decision => decisions.includes(decision)) ?? 'supported';
}

/** An interval as a figure; with a line it takes part in the verdict. */
export function figure(label: string, unit: string, interval: Interval, line?: Line): Finding['figures'][number] {
  const { estimate, low, high } = interval;
  const hasBounds = Number.isFinite(low) && Number.isFinite(high);
  return { label, unit, estimate, ...(hasBounds && { low, high }), ...(line && { decision: decide(interval, line) }) };
}

/** The cell of a topology in the article's own size, with a shipped workload: experiments can share its capacity. */
export function shippedCell(topology: TopologyName, name: keyof typeof shippedWorkloads, machine: Machine): Cell {
  return { deployment: perCpu(topology, machine), workload: shippedWorkload(name) };
}

export function shippedWorkload(name: keyof typeof shippedWorkloads): Workload {
  return { name, requests: shippedWorkloads[name] };
}

/** A workload of one wait in the database. */
export function waitWorkload(milliseconds: number): Workload {
  return { name: `wait-${milliseconds}`, requests: [{ weight: 1, route: 'wait', parameters: { ms: milliseconds } }] };
}

/** The article's own sizes: as many processes as CPUs. */
export function perCpu(topology: TopologyName, { cpus }: Machine): Deployment {
  return deploymentOf(topology, cpus);
}

/** A trial of a claim. Its load is an arrival rate unless it is another one. */
export function claimPart(
  part: string,
  cell: Cell,
  load: PerSecond | ClaimPart['load'],
  steadyState: Seconds,
  { warmUp = 1, timeLimit = 2.5 }: Partial<ClaimPart['phases']> = {},
): ClaimPart {
  const whole = typeof load === 'number' ? ({ model: 'open', arrivalRate: load } as const) : load;
  return { part, cell, load: whole, phases: { warmUp, steadyState, timeLimit } };
}
