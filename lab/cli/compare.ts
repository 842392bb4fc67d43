import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import type { TrialResult } from '../../model/measurement.ts';
import { percent } from '../../model/quantities.ts';
import { calibrationSummary } from '../calibration/calibration-text.ts';
import { renderComparison } from '../report/comparison-text.ts';
import { renderFiles } from '../report/files.ts';
import { buildReport, type Report } from '../report/report.ts';
import { type RunRecord, runExperiment } from '../run/run-experiment.ts';
import { createRunFolder, openRunFolder, type RunFolder, writeAsked } from '../run/run-folder.ts';
import { readTrials } from '../run/trials-file.ts';
import { type CommandContext, lockMeasuring, lockRun } from './context.ts';
import { BUSY_LIMIT, watchCpuTime } from './machine-facts.ts';
import { ProgressView } from './progress.ts';
import { type CompareOptions, prepareResumedRun, prepareRun, type RequestedRun } from './requested-run.ts';

/** `loadline compare`: which of an experiment's deployments carries most, how much of it, and what stopped it. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('compare')
    .description('measure what each topology carries, and say what stopped it')
    .argument('[experiment]', 'a YAML file, or the name of one in experiments/ (default: quick)')
    .option('--quick', 'the experiment `quick`: six minutes')
    .option('--seed <number>', 'seed of the arrivals and of the order of trials')
    .option('--budget <duration>', 'time for all trials together, such as 10m')
    .option('--only <words>', 'only these topologies, workloads or claims: hybrid,wait or C4')
    .option('--resume <run>', 'go on with a run that was cut off: its folder, its name in runs/, or latest')
    .option('--runs <folder>', 'where to put the folder of the run; otherwise runs/ of the checkout')
    .option(
      '--runtime <name>',
      'compose: containers; local: processes of this machine; simulated. Default: compose if there is an engine',
    )
    .option('--cpus <number>', 'CPUs of the simulated machine; otherwise as many as here')
    .option('--parallel <number>', 'trials simulated at once; otherwise as many as there are CPUs here')
    .option('--model <run>', 'simulate the service of this run; otherwise that of two shared cores')
    .option('--precision <percent>', 'simulate until every capacity is known to this, such as 2%')
    .option('--json', 'print comparison.json instead of the table')
    .action(async (name: string | undefined, options: CompareOptions) => {
      const runs = options.runs ?? join(context.root, 'runs');
      if (options.resume === undefined) {
        const run = await prepareRun(name, options, context);
        await using _measuring = await lockMeasuring(context.root, run.runtime.name);
        const folder = createRunFolder(runs, run.experiment.name, new Date());
        await using _writing = await lockRun(folder.path);
        const { experiment, runtime, service } = run;
        writeAsked(folder, { experiment, runtime: runtime.name, ...(service && { service }) });
        await compare(run, folder, options, context);
      } else {
        const folder = openRunFolder(runs, options.resume);
        await using _writing = await lockRun(folder.path);
        const run = await prepareResumedRun(name, folder, options, context);
        await using _measuring = await lockMeasuring(context.root, run.runtime.name);
        await compare(run, folder, options, context);
      }
    });
}

/** Says so before minutes are spent on a machine that is busy with other programs. */
async function warnIfBusy({ signal, say }: CommandContext): Promise<void> {
  const { busy } = await watchCpuTime(signal);
  if (busy > BUSY_LIMIT) {
    say(`! The CPUs are ${percent(busy)} busy with other programs: trials may be invalid. See ./loadline check.`);
  }
}

async function compare(
  { experiment, runtime, before, calibration }: RequestedRun,
  folder: RunFolder,
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  if (runtime.name !== 'simulated') await warnIfBusy(context);
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
      context.say(`The results so far are in ${folder.path}`);
      context.say(`To go on: ./loadline compare --resume ${folder.path}`);
    }
    throw error;
  }
  view.clear();
  const report = writeReport(folder);
  context.print(options.json ? JSON.stringify(report.comparison) : renderComparison(report, process.stdout.columns));
  context.say(`Results: ${folder.path} (report.html, summary.md, trials.jsonl)`);
  if (isNothingMeasured(record.results)) throw nothingMeasured(folder);
}

/** Writes the report from the trials file, so that `loadline report` makes the same bytes. */
function writeReport(folder: RunFolder): Report {
  const report = buildReport(readTrials(folder.trials));
  for (const [name, text] of Object.entries(renderFiles(report))) folder.write(name, text);
  return report;
}

/** Writes the report of a run that was cut off. */
function writeWhatThereIs(folder: RunFolder): void {
  try {
    if (readTrials(folder.trials).results.length > 0) writeReport(folder);
  } catch {
    // The error that ended the run is reported; this one follows from it.
  }
}

/** Whether no trial was completed but light ones, which show no capacity. */
export function isNothingMeasured(results: readonly TrialResult[]): boolean {
  const loaded = results.filter(({ trial }) => trial.purpose !== 'light');
  return (loaded.length > 0 ? loaded : results).every(({ state }) => state !== 'completed');
}

function nothingMeasured(folder: RunFolder): LoadlineError {
  return new LoadlineError('nothing-measured', `No load could be measured. ${folder.trials} says why for each trial.`);
}
