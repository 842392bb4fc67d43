import { setTimeout as delay } from 'node:timers/promises';
import type { PerSecond, Seconds } from '../experiment/units.ts';
import { machineTime } from '../observe/processes.ts';
import type { Runtime } from '../trial/runtime.ts';
import { accuracyOf } from './accuracy.ts';
import { arrivalProcessOf } from './arrivals.ts';
import type { Accuracy, ArrivalProcess, Calibration } from './calibration.ts';
import { type Drive, driveAt } from './drive.ts';
import { type Instrument, paths } from './instrument.ts';
import { BLOCK_LENGTH, BLOCKS, measureSpeeds, noiseIn } from './noise.ts';
import { measureStall, STALL_LENGTH } from './stall.ts';

export interface CalibrationRun {
  readonly runtime: Runtime & { readonly name: Calibration['runtime'] };
  /** Absent where the stamping server cannot be put behind the runtime's own k6 and nginx. */
  readonly startInstrument?: () => Promise<Instrument>;
  readonly machine: Calibration['machine'];
  readonly seed: number;
  readonly date: Date;
  readonly signal: AbortSignal;
  /** Told what comes next, and how many seconds are left with it. */
  readonly onStep: (step: string, left: Seconds) => void;
}

const REST: Seconds = 3;
/** Until what runs is compiled, in k6's server and in nginx's buffers. */
const WARM_UP: Seconds = 2;
const ARRIVAL_RATES: readonly PerSecond[] = [50, 500, 2000];
/** Beside the phases of a load: until k6 has started. */
const START: Seconds = 0.7;

/** Measures the instrument and the machine that it is on, in less than four minutes. */
export async function calibrate(run: CalibrationRun): Promise<Calibration> {
  const { runtime, startInstrument, machine, seed, date, signal } = run;
  const told = countdown(run);
  told('the machine at rest', REST);
  const rest = await restOf(signal);
  const instrument = startInstrument && (await instrumentCalibrated(startInstrument, seed, signal, told));
  const speeds = await measureSpeeds(runtime, seed, {
    signal,
    onBlock: block => told(`two equal deployments, block ${block + 1} of ${BLOCKS}`, BLOCK_LENGTH),
  });
  return {
    ...{ schema: 1, date: date.toISOString(), runtime: runtime.name, seed, machine, rest },
    ...(instrument ?? { accuracy: [], arrivals: [] }),
    noise: noiseIn(speeds),
  };
}

type Told = (step: string, length: Seconds) => void;

/** Tells each step with the time that is left before it. */
function countdown({ startInstrument, onStep }: CalibrationRun): Told {
  const loads = startInstrument
    ? paths.length * (WARM_UP + START) + drives(0).reduce((sum, one) => sum + lengthOf(one), 0)
    : 0;
  let left = REST + loads + (startInstrument ? STALL_LENGTH : 0) + BLOCKS * BLOCK_LENGTH;
  return (step, length) => {
    onStep(step, left);
    left -= length;
  };
}

async function restOf(signal: AbortSignal): Promise<Calibration['rest']> {
  const before = machineTime();
  await delay(REST * 1000, undefined, { signal });
  const after = machineTime();
  const total = after.total - before.total;
  return { busy: (after.busy - before.busy) / total, steal: (after.steal - before.steal) / total };
}

async function instrumentCalibrated(
  startInstrument: () => Promise<Instrument>,
  seed: number,
  signal: AbortSignal,
  told: Told,
): Promise<Pick<Calibration, 'accuracy' | 'arrivals' | 'stall'>> {
  await using instrument = await startInstrument();
  for (const path of paths) {
    told(`warming up (${path})`, WARM_UP + START);
    const phases = { warmUp: 0, steadyState: WARM_UP, timeLimit: 5 };
    await driveAt(instrument, { path, arrivalRate: 2000, phases, seed }, signal);
  }
  const accuracy: Accuracy[] = [];
  const arrivals: ArrivalProcess[] = [];
  for (const drive of drives(seed)) {
    told(
      `k6 at ${drive.arrivalRate}/s, ${drive.path === 'bare' ? 'with nothing between' : 'through nginx'}`,
      lengthOf(drive),
    );
    const driven = await driveAt(instrument, drive, signal);
    accuracy.push(accuracyOf(drive, driven));
    if (drive.path === 'bare') arrivals.push(arrivalProcessOf(drive, driven));
  }
  told('a server that stops', STALL_LENGTH);
  return { accuracy, arrivals, stall: await measureStall(instrument, seed, signal) };
}

/** Every arrival rate by every way: slow loads for longer, so that they too have some hundred arrivals. */
function drives(seed: number): Drive[] {
  return ARRIVAL_RATES.flatMap((arrivalRate, index) =>
    paths.map(path => ({
      ...{ path, arrivalRate, seed: seed + index },
      phases: { warmUp: 1, steadyState: arrivalRate < 100 ? 8 : 5, timeLimit: 5 },
    })),
  );
}

function lengthOf({ phases }: Drive): Seconds {
  return START + phases.warmUp + phases.steadyState;
}
