import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import { percent } from '../../model/quantities.ts';
import { calibrated } from '../calibration/calibrated.ts';
import type { Calibration } from '../calibration/calibration.ts';
import { readCalibration } from '../calibration/calibration-file.ts';
import { claimCells } from '../claims/schedule.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { type AskedRun, readAskedRun } from '../run/asked-run.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { Runtime } from '../run/runtime.ts';
import { SCHEMA } from '../run/trials-line.ts';
import { requireLimitable } from '../runtimes/feasibility.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { chosenRuntime, type RuntimeOptions } from './chosen-runtime.ts';
import { type CompareOptions, changesOf, withPrecision } from './compare-options.ts';
import type { CommandContext } from './context.ts';

/** A run that can begin, or go on. */
export interface RunToMake extends Pick<AskedRun, 'experiment' | 'before' | 'service'> {
  readonly runtime: Runtime;
  /** What is known of the machine and the instrument. */
  readonly calibration?: Calibration;
}

/** A run of an experiment file; without a name of `quick`. A `service` is what a simulation simulates. */
export async function newRun(
  name: string | undefined,
  options: CompareOptions & Pick<RuntimeOptions, 'service'>,
  context: CommandContext,
): Promise<RunToMake> {
  if (options.quick && name !== undefined && name !== 'quick') {
    throw new LoadlineError('usage', `--quick is an experiment of its own: leave it out, or leave out ${name}.`);
  }
  const { text, file } = readExperiment(name ?? 'quick', context);
  const changes = changesOf(options);
  const runtime = await chosenRuntime(options, context);
  const parsed = parseExperiment(text, { file, cpus: runtime.availableCpus, ...changes });
  const calibration = readCalibration(context.root, runtime.name);
  const cells = [...parsed.cells, ...claimCells(parsed)];
  const asked = withPrecision(calibrated({ ...parsed, cells }, calibration), options);
  const experiment = withoutPrecision(asked, runtime, context);
  requireLimitable(
    cells.map(({ deployment }) => deployment),
    runtime,
  );
  return {
    ...{ runtime, experiment },
    ...(runtime instanceof SimulatedRuntime && { service: runtime.service }),
    ...(calibration && { calibration }),
  };
}

/** On a real machine every block takes its time: there the blocks of the file are all that is measured. */
function withoutPrecision(experiment: Experiment, runtime: Runtime, { say }: CommandContext): Experiment {
  const { precision, ...rest } = experiment;
  if (precision === undefined || runtime.name === 'simulated') return experiment;
  const { blocks, name } = rest;
  say(
    `The precision of ${percent(precision)} in ${name} is for what is simulated: here it is measured in ${blocks} ${blocks === 1 ? 'block' : 'blocks'}.`,
  );
  return rest;
}

/** A run that goes on as it began; more of its budget is all that can be asked of it. */
export async function resumedRun(
  name: string | undefined,
  folder: RunFolder,
  options: CompareOptions,
  context: CommandContext,
): Promise<RunToMake> {
  if (name !== undefined || options.quick) {
    throw new LoadlineError('usage', 'A run that is resumed knows its experiment: leave it out beside --resume.');
  }
  const asked = readAskedRun(folder);
  const { seed, only, budget } = changesOf(options);
  const refused = (what: string) => new LoadlineError('run-not-resumable', `${folder.path} ${what}`);
  const kept = asked.experiment;
  if (asked.before !== undefined && asked.before.schema !== SCHEMA) {
    throw refused('was begun by an older Loadline: measure anew. It can still be reported and planned from.');
  }
  if (seed !== undefined && seed !== kept.seed) {
    throw refused(`has the seed ${kept.seed}, not ${seed}: leave --seed out, or measure anew.`);
  }
  if (only !== undefined) throw refused('goes on with all that it began with: leave --only out, or measure anew.');
  if (budget !== undefined && budget < kept.budget) {
    throw refused(`has a budget of ${kept.budget} s already: --budget can only raise it.`);
  }
  if (options.precision !== undefined) {
    throw refused('goes on to the precision that it began with: leave --precision out, or measure anew.');
  }
  if (options.model !== undefined) {
    throw refused('goes on with the service that it began with: leave --model out, or measure anew.');
  }
  if (options.runtime !== undefined && options.runtime !== asked.runtime) {
    throw refused(`was begun with --runtime ${asked.runtime}: it cannot go on with ${options.runtime}.`);
  }
  const cpus = options.cpus ?? (asked.runtime === 'simulated' ? String(kept.cpus) : undefined);
  const { threads } = options;
  const runtime = await chosenRuntime(
    {
      runtime: asked.runtime,
      ...(cpus !== undefined && { cpus }),
      ...(threads !== undefined && { threads }),
      ...simulatedService(asked),
    },
    context,
  );
  if (runtime.availableCpus !== kept.cpus) {
    throw refused(`was begun on ${kept.cpus} CPUs, and here are ${runtime.availableCpus}: resume it there.`);
  }
  requireLimitable(
    kept.cells.map(({ deployment }) => deployment),
    runtime,
  );
  const experiment: Experiment = { ...kept, budget: budget ?? kept.budget };
  return { experiment, runtime, ...(asked.before && { before: asked.before }) };
}

/** The service that a simulated run began with. */
function simulatedService({ runtime, before, service }: AskedRun): { service?: ServiceModel } {
  if (runtime !== 'simulated') return {};
  const began = before === undefined ? service : (before.environment.model as ServiceModel);
  return began === undefined ? {} : { service: began };
}

/** The text of an experiment, and the file that it is in. */
function readExperiment(name: string, context: CommandContext): { text: string; file: string } {
  const shipped = join(context.root, 'experiments', `${name}.yaml`);
  const file = !name.includes('/') && existsSync(shipped) ? shipped : name;
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch (cause) {
    throw new LoadlineError(
      'experiment-unreadable',
      `There is no experiment ${name}: give a YAML file, or the name of one in experiments/, such as quick.`,
      { cause },
    );
  }
}
