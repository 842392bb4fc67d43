import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { seededRandom, shuffled } from '../search/seeded.ts';
import { accuracyOf, medianAccuracy } from './accuracy.ts';
import { arrivalProcessOf } from './arrivals.ts';
import { type Accuracy, type Calibration, type Path, paths } from './calibration.ts';
import { type Drive, type Driven, driveAt } from './drive.ts';
import type { Instrument } from './instrument.ts';
import { measureStall, STALL_LENGTH } from './stall.ts';

/** Told what comes next, and how many seconds it takes. */
export type Told = (step: string, length: Seconds) => void;

const ARRIVAL_RATES: readonly PerSecond[] = [50, 500, 2000];
/** Of each load: a pause of the machine that meets one of them is not the instrument's. */
const REPEATS = 3;
/** Until what runs is compiled, in the server and in nginx. */
const FIRST_WARM_UP: Seconds = 3;
/** Beside the phases of a load: until k6 has started. */
const START: Seconds = 0.7;

/** How long it takes, nearly. */
export const INSTRUMENT_LENGTH: Seconds =
  paths.length * (START + FIRST_WARM_UP) + drivesOf(0).reduce((sum, drive) => sum + lengthOf(drive), 0) + STALL_LENGTH;

/** Loads a server that knows its own delay, bare and through nginx, and holds what k6 says against what it knows. */
export async function calibrateInstrument(
  startInstrument: () => Promise<Instrument>,
  { seed, signal, told }: { seed: number; signal: AbortSignal; told: Told },
): Promise<Pick<Calibration, 'accuracy' | 'arrivals' | 'stall'>> {
  await using instrument = await startInstrument();
  for (const path of paths) {
    told(`warming up, ${way(path)}`, START + FIRST_WARM_UP);
    const phases = { warmUp: 0, steadyState: FIRST_WARM_UP, timeLimit: 5 };
    await driveAt(instrument, { path, arrivalRate: 2000, phases, seed }, signal);
  }
  const made: { drive: Drive; driven: Driven; accuracy: Accuracy }[] = [];
  for (const drive of shuffled(drivesOf(seed), seededRandom(seed))) {
    told(`k6 at ${drive.arrivalRate}/s, ${way(drive.path)}`, lengthOf(drive));
    const driven = await driveAt(instrument, drive, signal);
    made.push({ drive, driven, accuracy: accuracyOf(drive, driven) });
  }
  const madeAt = (arrivalRate: PerSecond, path: Path) =>
    made.filter(({ drive }) => drive.arrivalRate === arrivalRate && drive.path === path);
  told('a server that stops', STALL_LENGTH);
  return {
    accuracy: ARRIVAL_RATES.flatMap(at =>
      paths.map(path => medianAccuracy(madeAt(at, path).map(({ accuracy }) => accuracy))),
    ),
    arrivals: ARRIVAL_RATES.map(at => arrivalProcessOf(madeAt(at, 'bare'))),
    stall: await measureStall(instrument, seed, signal),
  };
}

/** Every arrival rate by every way, slow loads for longer: each with arrivals of its own. */
function drivesOf(seed: number): Drive[] {
  return Array.from({ length: REPEATS }, (_, repeat) =>
    ARRIVAL_RATES.flatMap((arrivalRate, index) =>
      paths.map(path => ({
        ...{ path, arrivalRate, seed: seed + 100 * index + repeat },
        phases: { warmUp: 0.5, steadyState: arrivalRate < 100 ? 4 : 2, timeLimit: 5 },
      })),
    ),
  ).flat();
}

function lengthOf({ phases }: Drive): Seconds {
  return START + phases.warmUp + phases.steadyState;
}

function way(path: Path): string {
  return path === 'bare' ? 'with nothing between' : 'through nginx';
}
