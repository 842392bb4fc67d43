import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { deploymentNear } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type Cell, cellName, isLimited } from '../../model/experiment.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import { fitModel } from '../plan/fit.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { isMeasured } from '../plan/fitted-model.ts';
import { decidePlan, type Plan } from '../plan/plan.ts';
import { candidatesOf, type Question } from '../plan/question.ts';
import type { Recommendation } from '../plan/recommendation.ts';
import { scoreRun } from '../plan/score.ts';
import { type AskedSweep, canBeSwept, type Sweep, type SweptQuantity, sweep } from '../plan/sweep.ts';
import { suppose } from '../plan/what-if.ts';
import { type PlanAnswer, planText } from '../report/plan/plan-text.ts';
import { findNearest, listPlanWarnings } from '../report/plan/plan-words.ts';
import { requireMeasured, requireToldCells, requireTrials, requireTrusted } from '../report/plan/refusals.ts';
import { scoreText } from '../report/score-text.ts';
import { readScore, writeScore } from '../run/score-file.ts';
import { readTrials, type TrialsRecord } from '../run/trials-file.ts';
import type { CommandContext } from './context.ts';
import { findRun } from './find-run.ts';
import { changesFrom, type PlanOptions, quantileOptions, questionFrom, sweepFrom } from './plan-options.ts';
import { readPrices } from './plan-prices.ts';
import { workloadFrom } from './plan-workload.ts';

/** `loadline plan`: what should be run for a load, from what a run measured. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .description('what to run for a load: deployments that meet an objective, from what a run measured')
    .argument('[run]', 'a folder, a trials.jsonl, or a name in runs/', 'latest')
    .option('--arrival-rate <requests>', 'a second, of today: 1200');
  for (const name of quantileOptions)
    command.option(`--${name} <duration>`, `the objective: ${name} at most 250ms, say`);
  command
    .option('--objective <objective>', 'with any quantile: p97.5=250ms (default: the run’s own)')
    .option('--workload <workload>', 'the run’s name of it, one that ships, or work,ms=40 (default: the run’s first)')
    .option('--cpus <number>', 'of one machine (default: as measured)')
    .option('--database-connections <number>', 'that Postgres gives away in all (default: no limit)')
    .option('--memory <memory>', 'of one machine: 4G (default: no limit)')
    .option('--growth <factor>', 'times the arrival rate: 2.0', '1')
    .option('--headroom <fraction>', 'of the capacity that shall stay free: 0.3', '0')
    .option('--prices <file>', 'YAML with machine, gigabyte, databaseConnection: least cost first')
    .option('--topology <names>', 'only these: hybrid,sync')
    .option('--generator <where>', 'the load comes from here, as measured, or elsewhere', 'here')
    .option('--what-if <change>', 'what changes with database-wait=2x, cpus=16 …; may be repeated', collected)
    .option('--sweep <range>', 'a table and a plot over processes=1..16, arrival-rate=500,1000 …')
    .option('--extrapolate', 'answer beyond what the measurements allow')
    .option('--score', 'how far the model is off where it has not looked, instead of a plan')
    .option('--json', 'for machines')
    .action((named: string, options: PlanOptions) =>
      options.score ? score(named, options, context) : answer(named, options, context),
    );
}

function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function answer(named: string, options: PlanOptions, context: CommandContext): void {
  // Mistakes are told before the run is read, which takes a while; only the run knows its topologies.
  const changes = changesFrom(options.whatIf);
  const askedSweep = options.sweep === undefined ? undefined : sweepFrom(options.sweep);
  const prices = options.prices === undefined ? undefined : readPrices(options.prices);
  const { topology: _, ...rest } = options;
  questionFrom(rest, { objective: { quantile: 0.99, responseTime: 1, errorFraction: 0 }, cpus: 1, topologies: [] });
  const { folder, trials } = findRun(named, context.root);
  const run = readTrials(trials);
  requireToldCells(run.experiment);
  const model = fitModel(run);
  requireTrials(model);
  const kept = readScore(folder, statSync(trials).size, model.measured.trials);
  const fitted: FittedModel = { ...model, ...(kept && { score: kept }) };
  const workload = workloadFrom(options.workload, fitted.workloads);
  const question: Question = { ...questionFrom(options, fitted), workload, ...(prices && { prices }) };
  const extrapolate = options.extrapolate ?? false;
  requireMeasured(fitted, question);
  const plan = decidePlan(fitted, question, { decide: 'simulation', extrapolate });
  if (!extrapolate) requireTrusted(fitted, plan.extrapolations, 'The answer');
  const [best] = plan.recommendations;
  const nearest = findNearest(plan);
  const found: PlanAnswer = {
    ...{ schema: 1, met: best !== undefined, plan },
    ...(best === undefined && nearest && { nearest }),
    warnings: [
      ...unfinished(run),
      ...leftOut(run),
      ...choiceOfWorkload(options, fitted, question),
      ...listPlanWarnings(plan),
    ],
    ...(changes.length > 0 && { whatIf: supposed(fitted, question, best, { changes, extrapolate }) }),
    ...(askedSweep && { sweep: swept(fitted, plan, { ...askedSweep, extrapolate }) }),
  };
  context.print(
    options.json ? JSON.stringify(found) : planText(found, { width: widthOf(process.stdout.columns), run: named }),
  );
  requireTold(fitted, found);
  if (best === undefined) {
    throw new LoadlineError(
      'objective-unmet',
      'Nothing meets the objective. Ask with more CPUs, memory or connections, a longer response time, or a lower load.',
    );
  }
}

/** Holds the model against the run, says how it did, and keeps that for the answers to come. */
function score(named: string, options: PlanOptions, context: CommandContext): void {
  const { folder, trials } = findRun(named, context.root);
  const run = readTrials(trials);
  requireToldCells(run.experiment);
  const fitted = fitModel(run);
  requireTrials(fitted);
  const scored = scoreRun(run);
  if (scored.figures.length === 0) {
    throw new LoadlineError(
      'measurement-missing',
      `${run.experiment.name} has no cell that a model fitted to its others could be held against. To measure some: ./loadline compare holdout`,
    );
  }
  context.print(options.json ? JSON.stringify({ schema: 1, ...scored }) : scoreText(scored));
  // What was found is told first: where the folder cannot be written it is not lost.
  writeScore(folder, statSync(trials).size, { ...fitted, score: scored.summary });
}

/** Lines longer than that are hard to read, however wide the terminal. */
function widthOf(columns = 80): number {
  return Math.max(72, Math.min(120, columns));
}

function unfinished({ ended, cutOff }: TrialsRecord): string[] {
  if (ended && !cutOff) return [];
  const half = cutOff ? ', and its last line was cut in half and left out' : '';
  return [`The run has not come to its end${half}: there is less to go by than there could be.`];
}

function leftOut({ experiment }: TrialsRecord): string[] {
  const named = (cells: readonly Cell[]) => cells.map(cellName).join(', ');
  const limited = experiment.cells.filter(isLimited);
  const hidden = experiment.cells.filter(cell => cell.deployment.hidden);
  const unknown = experiment.cells.filter(cell => !canBeSimulated(cell.deployment));
  return [
    limited.length === 0
      ? []
      : `The model is not fitted to cells with limits of containers (${named(limited)}): it answers for deployments without limits.`,
    hidden.length === 0
      ? []
      : `The model is not fitted to hidden cells (${named(hidden)}): it needs what workers tell.`,
    unknown.length === 0
      ? []
      : `The model is not fitted to ${named(unknown)}: the simulation does not know how their workers serve.`,
  ].flat();
}

function choiceOfWorkload({ workload }: PlanOptions, { workloads, run }: FittedModel, question: Question): string[] {
  if (workload !== undefined || workloads.length < 2) return [];
  const others = workloads.slice(1).map(({ name }) => name);
  return [
    `Answered for ${question.workload.name}, the first workload of ${run}; --workload takes ${others.join(', ')} too.`,
  ];
}

function supposed(...asked: Parameters<typeof suppose>): ReturnType<typeof suppose> {
  try {
    return suppose(...asked);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new LoadlineError('usage', `--what-if: ${cause.message}.`, { cause });
  }
}

/** Of the first deployment that is recommended and leaves that choice; where nothing is, of one with the usual numbers. */
function swept(fitted: FittedModel, plan: Plan, asked: AskedSweep): Sweep {
  const { question, recommendations } = plan;
  const { quantity } = asked;
  const one =
    recommendations.find(({ deployment }) => canBeSwept(deployment.spec, quantity)) ??
    usual(fitted, question, quantity);
  if (one === undefined) {
    const able = fitted.topologies.filter(topology => canBeSwept(topology, quantity)).map(({ name }) => name);
    throw new LoadlineError(
      'usage',
      `--sweep ${quantity}: only ${able.join(', ')} have a choice of it, and none of them was both asked for and measured.`,
    );
  }
  return sweep(fitted, question, one, asked);
}

function usual(
  fitted: FittedModel,
  question: Question,
  quantity: SweptQuantity,
): Pick<Recommendation, 'deployment' | 'machines'> | undefined {
  const topology = candidatesOf(fitted, question).find(one => canBeSwept(one, quantity) && isMeasured(fitted, one));
  if (topology === undefined) return undefined;
  const { cpus, databaseConnections } = question.machine;
  const asked = databaseConnections === undefined ? {} : { databaseConnections };
  return { deployment: deploymentNear(topology, cpus, asked), machines: 1 };
}

/** An answer was asked for and not given: that is no success. */
function requireTold(fitted: FittedModel, { whatIf = [], sweep: found }: PlanAnswer): void {
  for (const one of whatIf) {
    if (one.state === 'too-far') requireTrusted(fitted, one.extrapolations, 'A --what-if');
  }
  const points = found?.points ?? [];
  const [first] = points;
  if (first?.state === 'too-far' && points.every(({ state }) => state === 'too-far')) {
    requireTrusted(fitted, first.extrapolations, 'The --sweep');
  }
}
