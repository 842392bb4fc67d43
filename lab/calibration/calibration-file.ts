import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf } from '../run/environment.ts';
import { isQuiet } from './bars.ts';
import { type Calibration, calibrationSchema } from './calibration.ts';

/** The machine as far as a calibration depends on it. */
export function machineOf(root: string): Calibration['machine'] {
  const { cpuModel, cpus, kernel } = environmentOf(root);
  return { cpuModel, cpus, kernel };
}

/**
 * The calibration of a checkout for that runtime; `undefined` when there is none, when it is another machine's, or when
 * the machine was busy with something else: its noise and its levels would excuse every disturbance.
 */
export function readCalibration(root: string, runtime: string): Calibration | undefined {
  let calibration: Calibration;
  try {
    calibration = calibrationSchema.parse(JSON.parse(readFileSync(fileOf(root, runtime), 'utf8')));
  } catch {
    // Absent, cut in half or of another version: it has to be made anew, which takes four minutes.
    return undefined;
  }
  const here = machineOf(root);
  const { cpuModel, cpus, kernel } = calibration.machine;
  const fits = cpuModel === here.cpuModel && cpus === here.cpus && kernel === here.kernel;
  return fits && isQuiet(calibration) ? calibration : undefined;
}

/** Keeps a calibration for the comparisons to come; gives its file. */
export async function writeCalibration(root: string, calibration: Calibration): Promise<string> {
  const file = fileOf(root, calibration.runtime);
  await mkdir(join(root, '.loadline'), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(calibration, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return file;
}

function fileOf(root: string, runtime: string): string {
  return join(root, '.loadline', `calibration-${runtime}.json`);
}
