import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import {
  counted,
  type Fraction,
  parseDuration,
  parseNumber,
  parsePercent,
  percent,
  type Seconds,
} from '../../model/quantities.ts';
import type { Calibration } from '../calibration/calibration.ts';
import { calibrated, readCalibration } from '../calibration/calibration-file.ts';
import { claimCells } from '../claims/schedule.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { type AskedRun, type RunFolder, readAskedRun } from '../run/run-folder.ts';
import type { Runtime } from '../run/runtime.ts';
import { SCHEMA } from '../run/trials-file.ts';
import { requireLimitable } from '../runtimes/feasibility.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import { LEAST_BLOCKS } from '../search/capacity.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import type { CommandContext } from './context.ts';
import { chooseRuntime, type RuntimeOptions } from './runtime-choice.ts';

/** The options of `loadline compare`, as they were typed. */
export interface CompareOptions extends Omit<RuntimeOptions, 'service'> {
  readonly quick?: boolean;
  readonly seed?: string;
  readonly budget?: string;
  readonly only?: string;
  readonly resume?: string;
  readonly json?: boolean;
  readonly runs?: string;
  readonly precision?: string;
}

/** A run that can begin or go on. */
export interface RequestedRun extends Pick<AskedRun, 'experiment' | 'before' | 'service'> {
  readonly runtime: Runtime;
  readonly calibration?: Calibration;
}

/** Prepares a run of an experiment file; without a name, of `quick`. */
export async function prepareRun(
  name: string | undefined,
  options: CompareOptions & Pick<RuntimeOptions, 'service'>,
  context: CommandContext,
): Promise<RequestedRun> {
  if (options.quick && name !== undefined && name !== 'quick') {
    throw new LoadlineError('usage', `--quick is an experiment of its own: leave out --quick or ${name}.`);
  }
  const { text, file } = readExperiment(name ?? 'quick', context);
  const changes = parseChanges(options);
  const runtime = await chooseRuntime(options, context);
  const parsed = parseExperiment(text, { file, cpus: runtime.availableCpus, ...changes });
  const calibration = readCalibration(context.root, runtime.name);
  const cells = [...parsed.cells, ...claimCells(parsed)];
  const asked = withPrecision(calibrated({ ...parsed, cells }, calibration), options);
  requireLimitable(
    cells.map(({ deployment }) => deployment),
    runtime,
  );
  return {
    ...{ runtime, experiment: dropPrecision(asked, runtime, context) },
    ...(runtime instanceof SimulatedRuntime && { service: runtime.service }),
    ...(calibration && { calibration }),
  };
}

/** On a real machine blocks take time, so only those of the file are measured. */
function dropPrecision(experiment: Experiment, runtime: Runtime, { say }: CommandContext): Experiment {
  const { precision, ...rest } = experiment;
  if (precision === undefined || runtime.name === 'simulated') return experiment;
  const { blocks, name } = rest;
  say(
    `The precision of ${percent(precision)} in ${name} holds for simulations only. Here ${counted(blocks, 'block')} will be measured.`,
  );
  return rest;
}

/** Prepares a run to go on as it began; only its budget can be raised. */
export async function prepareResumedRun(
  name: string | undefined,
  folder: RunFolder,
  options: CompareOptions,
  context: CommandContext,
): Promise<RequestedRun> {
  if (name !== undefined || options.quick) {
    throw new LoadlineError('usage', '--resume takes the experiment from the run; do not name one.');
  }
  const asked = readAskedRun(folder);
  const { seed, only, budget } = parseChanges(options);
  const kept = asked.experiment;
  const refuse = (isRefused: boolean, why: string) => {
    if (isRefused) throw new LoadlineError('run-not-resumable', `${folder.path} ${why}`);
  };
  refuse(
    asked.before !== undefined && asked.before.schema !== SCHEMA,
    'was begun by an older Loadline. It can be reported and planned from, but not resumed: start a new run.',
  );
  refuse(
    seed !== undefined && seed !== kept.seed,
    `has the seed ${kept.seed}, not ${seed}: leave out --seed, or start a new run.`,
  );
  refuse(
    budget !== undefined && budget < kept.budget,
    `has a budget of ${kept.budget} s already; --budget can only raise it.`,
  );
  const fixed = { '--only': only, '--precision': options.precision, '--model': options.model };
  for (const [option, value] of Object.entries(fixed)) {
    refuse(value !== undefined, `goes on as it began: leave out ${option}, or start a new run.`);
  }
  refuse(
    options.runtime !== undefined && options.runtime !== asked.runtime,
    `was begun with --runtime ${asked.runtime} and cannot go on with ${options.runtime}.`,
  );
  const cpus = options.cpus ?? (asked.runtime === 'simulated' ? String(kept.cpus) : undefined);
  const { parallel } = options;
  const service = findSimulatedService(asked);
  const runtime = await chooseRuntime(
    {
      runtime: asked.runtime,
      ...(cpus !== undefined && { cpus }),
      ...(parallel !== undefined && { parallel }),
      ...(service && { service }),
    },
    context,
  );
  refuse(
    runtime.availableCpus !== kept.cpus,
    `was begun with ${kept.cpus} CPUs, not ${runtime.availableCpus}: ${options.cpus === undefined ? 'resume it on such a machine' : 'leave out --cpus'}.`,
  );
  requireLimitable(
    kept.cells.map(({ deployment }) => deployment),
    runtime,
  );
  const experiment: Experiment = { ...kept, budget: budget ?? kept.budget };
  return { experiment, runtime, ...(asked.before && { before: asked.before }) };
}

function findSimulatedService({ runtime, before, service }: AskedRun): ServiceModel | undefined {
  if (runtime !== 'simulated') return undefined;
  return before === undefined ? service : (before.environment.model as ServiceModel | undefined);
}

function readExperiment(name: string, context: CommandContext): { text: string; file: string } {
  const shipped = join(context.root, 'experiments', `${name}.yaml`);
  const file = !name.includes('/') && existsSync(shipped) ? shipped : name;
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch (cause) {
    throw new LoadlineError(
      'experiment-unreadable',
      `There is no experiment ${name}. Give a YAML file, or the name of one in experiments/, such as quick.`,
      { cause },
    );
  }
}

/** Parses the options that replace something in an experiment. */
export function parseChanges({ seed, budget, only }: CompareOptions): {
  seed?: number;
  budget?: Seconds;
  only?: string[];
} {
  return {
    ...(seed !== undefined && { seed: parseSeed(seed) }),
    ...(budget !== undefined && { budget: parseBudget(budget) }),
    ...(only !== undefined && { only: parseWords(only) }),
  };
}

/** The longest that an experiment can last; a simulation may use all of it. */
const LONGEST: Seconds = 86_400;

/** Repeats a simulated experiment until it has the precision that the option or the file asks for. */
export function withPrecision(experiment: Experiment, { precision, budget, runtime }: CompareOptions): Experiment {
  const blocks = Math.max(LEAST_BLOCKS, experiment.blocks);
  if (precision === undefined) {
    return experiment.precision === undefined || runtime !== 'simulated' ? experiment : { ...experiment, blocks };
  }
  if (runtime !== 'simulated') {
    throw new LoadlineError('usage', '--precision needs --runtime simulated: --runtime simulated --precision 2%.');
  }
  if (!experiment.capacity) {
    throw new LoadlineError('usage', `--precision needs capacity: true in the experiment ${experiment.name}.`);
  }
  return {
    ...experiment,
    precision: parsePrecision(precision),
    blocks,
    budget: budget === undefined ? LONGEST : experiment.budget,
  };
}

function parsePrecision(text: string): Fraction {
  // A bare number is a percentage here.
  const fraction = parsePercent(text) ?? parsePercent(`${text}%`) ?? 0;
  if (fraction >= 0.001 && fraction <= 0.5) return fraction;
  throw new LoadlineError('usage', `--precision is ${text}; it must be from 0.1% to 50%, such as 2%.`);
}

/** Parses the seed of arrivals and of the order of trials. */
export function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new LoadlineError('usage', `--seed is ${text}; it must be a whole number of at most nine digits.`);
}

function parseBudget(text: string): Seconds {
  const seconds = parseDuration(text) ?? parseNumber(text) ?? 0;
  if (seconds >= 1 && seconds <= LONGEST) return seconds;
  throw new LoadlineError('usage', `--budget is ${text}; it must be from 1s to 24h, such as 10m, 90s or 1h.`);
}

function parseWords(text: string): string[] {
  const words = text.split(',').map(word => word.trim());
  if (words.every(word => word !== '')) return words;
  throw new LoadlineError('usage', `--only is "${text}"; it takes words separated by commas: --only hybrid,wait`);
}
