import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { type Comparison, compareResults } from '../analysis/comparison.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { summaryOf } from '../report/summary.ts';
import { tableOf } from '../report/table.ts';
import { type RunRecord, runExperiment } from '../trial/run-experiment.ts';
import { createRunFolder, type RunFolder } from '../trial/run-folder.ts';
import type { Runtime } from '../trial/runtime.ts';
import { readTrials } from '../trial/trials-file.ts';
import { chosenRuntime } from './chosen-runtime.ts';
import type { CommandContext } from './context.ts';
import { ProgressView } from './progress.ts';

interface CompareOptions {
  readonly quick?: boolean;
  readonly seed?: string;
  readonly json?: boolean;
  readonly runs?: string;
  readonly runtime?: string;
  readonly cpus?: string;
}

/** `loadline compare`: which of an experiment's deployments carries most, how much of it, and what stopped it. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('measure what each topology carries, and say what stopped it')
    .argument('[experiment]', 'a YAML file, or the name of one in experiments/; otherwise quick')
    .option('--quick', 'the experiment `quick`, which is the default too: six minutes')
    .option('--seed <number>', 'another order of trials and other arrivals')
    .option('--runs <folder>', 'where the folder of the run goes; otherwise runs/ of the checkout')
    .option(
      '--runtime <name>',
      'compose: in containers; local: as processes of this machine; simulated; otherwise compose if it can',
    )
    .option('--cpus <number>', 'CPUs of the machine that is simulated; otherwise as many as here')
    .option('--json', 'print comparison.json instead of the table')
    .action(async (name: string | undefined, options: CompareOptions) => {
      if (options.quick && name !== undefined && name !== 'quick') {
        throw new LoadlineError('usage', `--quick is an experiment of its own: leave it out, or leave out ${name}.`);
      }
      const { text, file } = readExperiment(name ?? 'quick', context);
      const seed = seedOf(options);
      const runtime = await chosenRuntime(options, context);
      const experiment = parseExperiment(text, { file, cpus: runtime.availableCpus, ...seed });
      await compare(experiment, runtime, options, context);
    });
}

async function compare(
  experiment: Experiment,
  runtime: Runtime,
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const folder = createRunFolder(options.runs ?? join(context.root, 'runs'), experiment.name, new Date());
  const view = new ProgressView(experiment);
  let record: RunRecord;
  try {
    record = await runExperiment(experiment, runtime, folder.trials, { signal: context.signal, events: view });
  } catch (error) {
    view.clear();
    if (!folder.removeIfEmpty()) {
      writeWhatThereIs(folder);
      context.say(`What was measured until then is in ${folder.path}`);
    }
    throw error;
  }
  view.clear();
  const comparison = compareResults(record);
  write(comparison, folder);
  context.print(options.json ? JSON.stringify(comparison) : tableOf(comparison));
  context.say(`Everything measured is in ${folder.path}`);
  if (comparison.cells.every(({ trials }) => trials === 0)) throw nothingMeasured(folder);
}

function write(comparison: Comparison, folder: RunFolder): void {
  folder.write('comparison.json', `${JSON.stringify(comparison, null, 2)}\n`);
  folder.write('summary.md', summaryOf(comparison));
}

/** The comparison of a run that was cut off, from its file. */
function writeWhatThereIs(folder: RunFolder): void {
  try {
    const record = readTrials(folder.trials);
    if (record.results.length > 0) write(compareResults({ ...record, interrupted: true }), folder);
  } catch {
    // What ended the run is told; that its file cannot be read, or the folder not be written, follows from it.
  }
}

function nothingMeasured(folder: RunFolder): LoadlineError {
  return new LoadlineError('nothing-measured', `No trial could be completed; ${folder.trials} says why for each.`);
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

function seedOf({ seed }: CompareOptions): { seed?: number } {
  if (seed === undefined) return {};
  if (/^\d{1,9}$/.test(seed)) return { seed: Number(seed) };
  throw new LoadlineError('usage', `--seed is ${seed}, not a whole number of at most nine digits.`);
}
