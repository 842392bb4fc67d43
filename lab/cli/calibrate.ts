import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { waitingTime } from '../../model/quantities.ts';
import { isQuiet, judgeBars } from '../calibration/bars.ts';
import { type CalibrationRun, calibrate } from '../calibration/calibrate.ts';
import { describeMachine, writeCalibration } from '../calibration/calibration-file.ts';
import { calibrationTable } from '../calibration/calibration-text.ts';
import type { Runtime } from '../run/runtime.ts';
import { startInstrument } from '../runtimes/local/instrument.ts';
import { type CommandContext, lockMeasuring } from './context.ts';
import { parseSeed } from './requested-run.ts';
import { chooseRuntime } from './runtime-choice.ts';

interface CalibrateOptions {
  readonly runtime?: string;
  readonly seed: string;
  readonly json?: boolean;
}

/** `loadline calibrate`: the instrument's own error, and how noisy this machine is. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('calibrate')
    .description("measure the instrument's own error and how noisy this machine is, for the comparisons to come")
    .option(
      '--runtime <name>',
      'compose: in containers; local: as processes of this machine, with k6 and nginx themselves',
    )
    .option('--seed <number>', 'other arrivals and delays', '7')
    .option('--json', 'print the calibration as it is kept')
    .action(async (options: CalibrateOptions) => {
      const seed = parseSeed(options.seed);
      const runtime = await chooseRuntime(
        { ...(options.runtime !== undefined && { runtime: options.runtime }) },
        context,
      );
      if (!isCalibrated(runtime))
        throw new LoadlineError('usage', 'The simulated runtime cannot be calibrated; use --runtime local.');
      await using _measuring = await lockMeasuring(context.root, runtime.name);
      await run(runtime, seed, options, context);
    });
}

async function run(
  runtime: CalibrationRun['runtime'],
  seed: number,
  options: CalibrateOptions,
  context: CommandContext,
): Promise<void> {
  const { root, signal, say } = context;
  const calibration = await calibrate({
    ...{ runtime, seed, signal, machine: describeMachine(root), date: new Date() },
    onStep: (step, left) => say(`${step} …   about ${waitingTime(left)} left`),
    ...(runtime.name === 'local' && { startInstrument: () => startInstrument({ root, seed, signal, say }) }),
  });
  const file = await writeCalibration(root, calibration);
  context.print(options.json ? JSON.stringify(calibration) : calibrationTable(calibration));
  say(
    isQuiet(calibration)
      ? `Comparisons on this machine take their noise and their thresholds from ${file}`
      : `Comparisons take nothing from ${file}: the machine was busy with something else.`,
  );
  const missed = judgeBars(calibration).filter(({ met }) => !met);
  if (missed.length === 0) return;
  throw new LoadlineError(
    'instrument-unfit',
    `The instrument missed ${missed.length} of its bars here (${missed.map(({ name }) => name).join('; ')}): end other programs and calibrate again.`,
  );
}

function isCalibrated(runtime: Runtime): runtime is CalibrationRun['runtime'] {
  return runtime.name !== 'simulated';
}
