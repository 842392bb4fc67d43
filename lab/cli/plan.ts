import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { deploymentNear } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { type Cell, cellName, isLimited } from '../../model/experiment.ts';
import { canBeSimulated } from '../../model/parallelism.ts';
import { fitModel } from '../plan/fit.ts';
import { type FittedModel, isMeasured } from '../plan/fitted-model.ts';
import { decidePlan, type Plan } from '../plan/plan.ts';
import { listCandidates, type Question } from '../plan/question.ts';
import type { Recommendation } from '../plan/recommendation.ts';
import { scoreRun } from '../plan/score.ts';
import { type AskedSweep, canBeSwept, type Sweep, type SweptQuantity, sweep } from '../plan/sweep.ts';
import { suppose } from '../plan/what-if.ts';
import { type PlanAnswer, planText } from '../report/plan/plan-text.ts';
import { findNearest, listPlanWarnings } from '../report/plan/plan-words.ts';
import { requireMeasured, requireToldCells, requireTrials, requireTrusted } from '../report/plan/refusals.ts';
import { renderScore } from '../report/score-text.ts';
import { readScore, writeScore } from '../run/run-folder.ts';
import { readTrials, type TrialsRecord } from '../run/trials-file.ts';
import { type CommandContext, findRun } from './context.ts';
import {
  type PlanOptions,
  parseQuestion,
  parseSweep,
  parseWhatIf,
  parseWorkload,
  quantileOptions,
  readPrices,
} from './plan-options.ts';

/** `loadline plan`: what to run for a load, predicted from a run. */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .description('what to run for a load: deployments that meet an objective, predicted from a run')
    .argument('[run]', 'a folder, a trials.jsonl, or a name in runs/', 'latest')
    .option('--arrival-rate <rate>', 'current load in requests per second, for example 1200');
  for (const name of quantileOptions) {
    command.option(`--${name} <duration>`, `the objective: largest ${name} latency, for example 250ms`);
  }
  command
    .option(
      '--objective <objective>',
      'the same for any quantile, for example p97.5=250ms (default: the objective of the run)',
    )
    .option(
      '--workload <workload>',
      'a workload of the run, one that ships, or work,ms=40 (default: the first of the run)',
    )
    .option('--cpus <number>', 'CPUs of one machine (default: as measured)')
    .option('--database-connections <number>', 'connections that Postgres allows in all (default: no limit)')
    .option('--memory <memory>', 'memory of one machine, for example 4G (default: no limit)')
    .option('--growth <factor>', 'multiplies the arrival rate, for example 2', '1')
    .option('--headroom <fraction>', 'part of the capacity to keep free, for example 0.3', '0')
    .option('--prices <file>', 'YAML file with machine, gigabyte, databaseConnection: cheapest first')
    .option('--topology <names>', 'only these topologies: hybrid,sync')
    .option(
      '--generator <where>',
      'whether the load comes from the same machine: here, as measured, or elsewhere',
      'here',
    )
    .option('--what-if <change>', 'what changes with database-wait=2x, cpus=16, …; can be repeated', collect)
    .option('--sweep <range>', 'a table and a plot over processes=1..16, arrival-rate=500,1000, …')
    .option('--extrapolate', 'answer even far beyond the measurements')
    .option('--score', 'print the errors of the model where it was not fitted, instead of a plan')
    .option('--json', 'print JSON')
    .action((named: string, options: PlanOptions) =>
      options.score ? score(named, options, context) : answer(named, options, context),
    );
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function answer(named: string, options: PlanOptions, context: CommandContext): void {
  // Reading a run takes a while, so mistakes are reported first; topologies are known only by the run.
  const changes = parseWhatIf(options.whatIf);
  const askedSweep = options.sweep === undefined ? undefined : parseSweep(options.sweep);
  const prices = options.prices === undefined ? undefined : readPrices(options.prices);
  const { topology: _, ...rest } = options;
  parseQuestion(rest, { objective: { quantile: 0.99, responseTime: 1, errorFraction: 0 }, cpus: 1, topologies: [] });
  const { folder, trials } = findRun(named, context.root);
  const run = readTrials(trials);
  requireToldCells(run.experiment);
  const model = fitModel(run);
  requireTrials(model);
  const kept = readScore(folder, statSync(trials).size, model.measured.trials);
  const fitted: FittedModel = { ...model, ...(kept && { score: kept }) };
  const workload = parseWorkload(options.workload, fitted.workloads);
  const question: Question = { ...parseQuestion(options, fitted), workload, ...(prices && { prices }) };
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
      ...warnUnfinished(run),
      ...warnLeftOut(run),
      ...warnWorkload(options, fitted, question),
      ...listPlanWarnings(plan),
    ],
    ...(changes.length > 0 && { whatIf: tryChanges(fitted, question, best, { changes, extrapolate }) }),
    ...(askedSweep && { sweep: runSweep(fitted, plan, { ...askedSweep, extrapolate }) }),
  };
  context.print(
    options.json ? JSON.stringify(found) : planText(found, { width: limitWidth(process.stdout.columns), run: named }),
  );
  requireAnswered(fitted, found);
  if (best === undefined) {
    throw new LoadlineError(
      'objective-unmet',
      'Nothing meets the objective. Ask with more CPUs, memory or connections, a longer response time, or a lower load.',
    );
  }
}

/** Scores the model against the run, prints the errors, and keeps them for later answers. */
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
      `${run.experiment.name} has no cell to score a model on that was fitted to the others. To measure some: ./loadline compare holdout`,
    );
  }
  context.print(options.json ? JSON.stringify({ schema: 1, ...scored }) : renderScore(scored));
  // Printed first, so that a folder that cannot be written loses nothing.
  writeScore(folder, statSync(trials).size, { ...fitted, score: scored.summary });
}

/** Longer lines are hard to read, however wide the terminal. */
function limitWidth(columns = 80): number {
  return Math.max(72, Math.min(120, columns));
}

function warnUnfinished({ ended, cutOff }: TrialsRecord): string[] {
  if (ended && !cutOff) return [];
  const half = cutOff ? ' and its last line, cut in half, was left out' : '';
  return [`The run did not end${half}; more trials would make the plan more certain.`];
}

function warnLeftOut({ experiment }: TrialsRecord): string[] {
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

function warnWorkload({ workload }: PlanOptions, { workloads, run }: FittedModel, question: Question): string[] {
  if (workload !== undefined || workloads.length < 2) return [];
  const others = workloads.slice(1).map(({ name }) => name);
  return [
    `Answered for ${question.workload.name}, the first workload of ${run}; --workload also takes ${others.join(', ')}.`,
  ];
}

function tryChanges(...asked: Parameters<typeof suppose>): ReturnType<typeof suppose> {
  try {
    return suppose(...asked);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new LoadlineError('usage', `--what-if: ${cause.message}.`, { cause });
  }
}

/** Sweeps the first recommended deployment that has this size; without one, a deployment of the usual sizes. */
function runSweep(fitted: FittedModel, plan: Plan, asked: AskedSweep): Sweep {
  const { question, recommendations } = plan;
  const { quantity } = asked;
  const one =
    recommendations.find(({ deployment }) => canBeSwept(deployment.spec, quantity)) ??
    pickUsual(fitted, question, quantity);
  if (one === undefined) {
    const able = fitted.topologies.filter(topology => canBeSwept(topology, quantity)).map(({ name }) => name);
    throw new LoadlineError(
      'usage',
      `--sweep ${quantity}: only ${able.join(' and ')} can vary it; the run measured none of them, or --topology leaves them out.`,
    );
  }
  return sweep(fitted, question, one, asked);
}

function pickUsual(
  fitted: FittedModel,
  question: Question,
  quantity: SweptQuantity,
): Pick<Recommendation, 'deployment' | 'machines'> | undefined {
  const topology = listCandidates(fitted, question).find(one => canBeSwept(one, quantity) && isMeasured(fitted, one));
  if (topology === undefined) return undefined;
  const { cpus, databaseConnections } = question.machine;
  const asked = databaseConnections === undefined ? {} : { databaseConnections };
  return { deployment: deploymentNear(topology, cpus, asked), machines: 1 };
}

/** Throws where an answer was asked for and not given. */
function requireAnswered(fitted: FittedModel, { whatIf = [], sweep: found }: PlanAnswer): void {
  for (const one of whatIf) {
    if (one.state === 'too-far') requireTrusted(fitted, one.extrapolations, 'A --what-if');
  }
  const points = found?.points ?? [];
  const [first] = points;
  if (first?.state === 'too-far' && points.every(({ state }) => state === 'too-far')) {
    requireTrusted(fitted, first.extrapolations, 'The --sweep');
  }
}
