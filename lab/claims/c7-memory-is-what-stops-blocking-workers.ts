import { deploymentOf, deploymentWith } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import { type Measurement, type Resource, resources } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import { verdictOf } from '../search/verdict.ts';
import type { Claim, Decision, Evidence } from './claim.ts';
import { allOf, byBlock, completedOf, decided, figure, meanOver, ratioOf, unmeasured } from './evidence.ts';
import { openPart, waitOf } from './parts.ts';

/** Numbers of blocking workers, for a load that keeps ten requests in progress. */
const LADDER = [8, 16] as const;
const WAIT = waitOf(100);
const ARRIVAL_RATE = 100;
/** Enough for this load on any machine: more would only take memory. */
const LOOPS = 2;
const USED_UP = 0.9;
const NOT_FILLED =
  'The memory of the machine was not filled: what is decided is whether workers match the loops, and take more of it.';

const blockingKinds = ['threads', 'sync'] as const;
type BlockingKind = (typeof blockingKinds)[number];

/** More and more blocking workers, as threads and as processes, until they carry a load that the event loops carry. */
export const c7: Claim = {
  id: 'C7',
  claim: 'Blocking workers could match async if there were enough of them; memory is what stops it.',
  cells: () => [],
  parts({ experiment }) {
    const part = (name: string, cell: Cell) => openPart(name, cell, ARRIVAL_RATE, 6, { warmUp: 1.5 });
    return [
      part('hybrid', { deployment: deploymentOf('hybrid', Math.min(experiment.cpus, LOOPS)), workload: WAIT }),
      ...blockingKinds.flatMap(kind => LADDER.map(workers => part(partName(kind, workers), blocking(kind, workers)))),
    ];
  },
  judge(evidence) {
    const loops = byBlock(evidence, 'C7', 'hybrid', bytesPerRequest);
    const stops = blockingKinds.map(kind => {
      const stop = stopOf(kind, evidence);
      const bytes = byBlock(evidence, 'C7', partName(kind, stop.workers), bytesPerRequest);
      const ratio = ratioOf(bytes, loops);
      const decision = allOf([stop.decision, decided(ratio, { from: 1 })]);
      return { kind, stop, bytes: meanOver(bytes), ratio, decision };
    });
    const figures = [
      figure('hybrid, memory for each request in progress', 'bytes', meanOver(loops)),
      ...stops.flatMap(({ kind, stop, bytes, ratio }) => [
        figure(`${stop.workers} workers of ${kind}, memory for each request in progress`, 'bytes', bytes),
        figure(`${kind} ÷ hybrid, memory for each request in progress`, '', ratio),
      ]),
    ].filter(({ estimate }) => Number.isFinite(estimate));
    // What the loops do not carry themselves nobody can match.
    const line: Decision = carriesInMostBlocks('hybrid', evidence) ? 'supported' : 'unmeasured';
    const verdict = allOf([line, ...stops.map(({ decision }) => decision)]);
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C7', figures);
    const clauses = stops.map(
      ({ kind, stop, ratio }) =>
        `${kind} ${stop.because}, with ${withInterval(ratio)} times the memory of hybrid for each request in progress`,
    );
    const sentence = `At ${ARRIVAL_RATE}/s of 100 ms each ${clauses.join('; ')}.`;
    return { verdict, sentence, figures, instead: NOT_FILLED };
  },
};

interface Stop {
  readonly workers: number;
  readonly because: string;
  readonly decision: Decision;
}

/** The number of workers at which a kind of them matched the loops in most blocks, or what ended their growth. */
function stopOf(kind: BlockingKind, evidence: Evidence): Stop {
  const matching = LADDER.find(workers => carriesInMostBlocks(partName(kind, workers), evidence));
  if (matching !== undefined) {
    return { workers: matching, because: `match the loops with ${matching} workers`, decision: 'supported' };
  }
  const workers = LADDER.at(-1) ?? 0;
  const last = evidence.results.findLast(
    ({ trial }) => trial.claim?.id === 'C7' && trial.claim.part === partName(kind, workers),
  );
  if (last === undefined || last.state !== 'completed') {
    return { workers, because: `could not be measured with ${workers} workers`, decision: 'unmeasured' };
  }
  const used = usedUp(last.measurement);
  // What is used up before memory is the bottleneck that the claim denies.
  return used === undefined || used === 'workers'
    ? { workers, because: `do not match the loops with ${workers} workers yet`, decision: 'not shown' }
    : { workers, because: `are stopped at ${workers} workers by ${used}`, decision: 'refuted' };
}

function carriesInMostBlocks(part: string, { results, experiment }: Evidence): boolean {
  const trials = completedOf(results, 'C7', part);
  const carried = trials.filter(({ trial, measurement }) => verdictOf(trial, measurement, experiment.objective).met);
  return carried.length > trials.length / 2;
}

function usedUp({ utilisation }: Measurement): Resource | undefined {
  if (utilisation.cpu >= USED_UP) return 'cpu';
  return resources.find(resource => (utilisation[resource] ?? 0) >= USED_UP);
}

/** Memory of the workers ÷ requests in progress, by Little's law: N = X R. */
function bytesPerRequest({ memory, throughput, responseTimeFromSend }: Measurement): number {
  return memory.workers / (throughput * meanOf(responseTimeFromSend));
}

function blocking(kind: BlockingKind, workers: number): Cell {
  return { deployment: deploymentWith(kind, workers), workload: WAIT };
}

function partName(kind: BlockingKind, workers: number): string {
  return `${kind} ${workers}`;
}
