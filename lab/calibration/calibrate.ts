import { setTimeout as delay } from 'node:timers/promises';
import type { Seconds } from '../../model/quantities.ts';
import { cpuBetween, machineTime } from '../probe/machine.ts';
import type { Runtime } from '../run/runtime.ts';
import { calibrateInstrument, INSTRUMENT_LENGTH, type Told } from './calibrate-instrument.ts';
import type { Calibration } from './calibration.ts';
import type { Instrument } from './instrument.ts';
import { BLOCK_LENGTH, BLOCKS, measureSpeeds, noiseIn } from './noise.ts';

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

/** Measures the instrument and the machine that it is on, in less than four minutes. */
export async function calibrate(run: CalibrationRun): Promise<Calibration> {
  const { runtime, startInstrument, machine, seed, date, signal } = run;
  const told = countdown(run);
  told('the machine at rest', REST);
  const rest = await restOf(signal);
  const instrument = startInstrument && (await calibrateInstrument(startInstrument, { seed, signal, told }));
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

/** Tells each step with the time that is left before it. */
function countdown({ startInstrument, onStep }: CalibrationRun): Told {
  let left = REST + (startInstrument ? INSTRUMENT_LENGTH : 0) + BLOCKS * BLOCK_LENGTH;
  return (step, length) => {
    onStep(step, left);
    left -= length;
  };
}

async function restOf(signal: AbortSignal): Promise<Calibration['rest']> {
  const before = machineTime();
  await delay(REST * 1000, undefined, { signal });
  return cpuBetween(before, machineTime());
}
