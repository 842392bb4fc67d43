import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { calibrationSummary } from '../calibration/calibration-text.ts';
import { filesOf } from '../report/files.ts';
import { type Report, reportOf } from '../report/report.ts';
import { tableOf } from '../report/table.ts';
import { writeAsked } from '../run/asked-run.ts';
import { type RunRecord, runExperiment } from '../run/run-experiment.ts';
import { createRunFolder, openRunFolder, type RunFolder } from '../run/run-folder.ts';
import { readTrials } from '../run/trials-file.ts';
import { newRun, type RunToMake, resumedRun } from './asked-for.ts';
import type { CompareOptions } from './compare-options.ts';
import type { CommandContext } from './context.ts';
import { lockMeasuring, lockRun } from './measuring-lock.ts';
import { ProgressView } from './progress.ts';

/** `loadline compare`: which of an experiment's deployments carries most, how much of it, and what stopped it. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('measure what each topology carries, and say what stopped it')
    .argument('[experiment]', 'a YAML file, or the name of one in experiments/; otherwise quick')
    .option('--quick', 'the experiment `quick`, which is the default too: six minutes')
    .option('--seed <number>', 'another order of trials and other arrivals')
    .option('--budget <duration>', 'such as 10m: for all trials together, in place of the experiment’s')
    .option('--only <words>', 'only these topologies, workloads or claims, with commas: hybrid,wait or C4')
    .option('--resume <run>', 'go on with a run that was cut off: its folder, its name in runs/, or latest')
    .option('--runs <folder>', 'where the folder of the run goes; otherwise runs/ of the checkout')
    .option(
      '--runtime <name>',
      'compose: in containers; local: as processes of this machine; simulated; otherwise compose if it can',
    )
    .option('--cpus <number>', 'CPUs of the machine that is simulated; otherwise as many as here')
    .option('--threads <number>', 'how many trials are simulated at once; otherwise as many as there are CPUs here')
    .option('--model <run>', 'simulate the service of this run; otherwise that of two shared cores')
    .option('--precision <percent>', 'such as 2%: simulate block after block until every capacity is known as well')
    .option('--json', 'print comparison.json instead of the table')
    .action(async (name: string | undefined, options: CompareOptions) => {
      const runs = options.runs ?? join(context.root, 'runs');
      if (options.resume === undefined) {
        const run = await newRun(name, options, context);
        await using _measuring = await lockMeasuring(context.root, run.runtime.name);
        const folder = createRunFolder(runs, run.experiment.name, new Date());
        await using _writing = await lockRun(folder.path);
        const { experiment, runtime, service } = run;
        writeAsked(folder, { experiment, runtime: runtime.name, ...(service && { service }) });
        await compare(run, folder, options, context);
      } else {
        const folder = openRunFolder(runs, options.resume);
        await using _writing = await lockRun(folder.path);
        const run = await resumedRun(name, folder, options, context);
        await using _measuring = await lockMeasuring(context.root, run.runtime.name);
        await compare(run, folder, options, context);
      }
    });
}

async function compare(
  { experiment, runtime, before, calibration }: RunToMake,
  folder: RunFolder,
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const view = new ProgressView(experiment, before?.results);
  let record: RunRecord;
  try {
    record = await runExperiment(experiment, runtime, folder.trials, {
      signal: context.signal,
      events: view,
      ...(before && { before }),
      ...(calibration && { calibration: calibrationSummary(calibration) }),
    });
  } catch (error) {
    view.clear();
    const isRefused = error instanceof LoadlineError && error.code === 'run-not-resumable';
    if (!isRefused && !folder.removeIfEmpty()) {
      writeWhatThereIs(folder);
      context.say(`What was measured until then is in ${folder.path}`);
      context.say(`To go on: ./loadline compare --resume ${folder.path}`);
    }
    throw error;
  }
  view.clear();
  const { comparison } = writeReport(folder);
  context.print(options.json ? JSON.stringify(comparison) : tableOf(comparison));
  context.say(`Everything measured is in ${folder.path}`);
  if (isNothingMeasured(record.results)) throw nothingMeasured(folder);
}

/** From the file, not from what is in memory: so `loadline report` makes the same bytes. */
function writeReport(folder: RunFolder): Report {
  const report = reportOf(readTrials(folder.trials));
  for (const [name, text] of Object.entries(filesOf(report))) folder.write(name, text);
  return report;
}

/** The comparison of a run that was cut off, from its file. */
function writeWhatThereIs(folder: RunFolder): void {
  try {
    if (readTrials(folder.trials).results.length > 0) writeReport(folder);
  } catch {
    // What ended the run is told; that its file cannot be read, or the folder not be written, follows from it.
  }
}

/** Whether no trial came to an end but light looks, which show no capacity, where there were others. */
export function isNothingMeasured(results: readonly TrialResult[]): boolean {
  const loaded = results.filter(({ trial }) => trial.purpose !== 'light');
  return (loaded.length > 0 ? loaded : results).every(({ state }) => state !== 'completed');
}

function nothingMeasured(folder: RunFolder): LoadlineError {
  return new LoadlineError('nothing-measured', `No load could be measured; ${folder.trials} says why for each trial.`);
}
