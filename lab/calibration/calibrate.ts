import { setTimeout as delay } from 'node:timers/promises';
import { emptyHistogram, interpolatedQuantile, meanOf, quantile, record } from '../../model/histogram.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { median } from '../../model/statistics.ts';
import { cpuBetween, machineTime } from '../probe/machine.ts';
import type { Runtime } from '../run/runtime.ts';
import { seededRandom, shuffled } from '../search/seeded.ts';
import { drawIntended, testArrivals } from './arrivals.ts';
import { type Accuracy, type Calibration, type Path, paths } from './calibration.ts';
import { type Drive, type Driven, driveAt, type Instrument, OBJECTIVE, type Stamps } from './instrument.ts';
import { BLOCK_LENGTH, BLOCKS, findNoise, measureSpeeds } from './noise.ts';

export interface CalibrationRun {
  readonly runtime: Runtime & { readonly name: Calibration['runtime'] };
  /** Absent where the stamping server cannot be put behind the runtime's own k6 and nginx. */
  readonly startInstrument?: () => Promise<Instrument>;
  readonly machine: Calibration['machine'];
  readonly seed: number;
  readonly date: Date;
  readonly signal: AbortSignal;
  /** Called before each step with the seconds that are left. */
  readonly onStep: (step: string, left: Seconds) => void;
}

/** Called before each step with the seconds that it takes. */
type Told = (step: string, length: Seconds) => void;

const REST: Seconds = 3;
const ARRIVAL_RATES: readonly PerSecond[] = [50, 500, 2000];
/** Of each load: a pause of the machine that meets one of them is not the instrument's. */
const REPEATS = 3;
/** Until the code in the server and in nginx is warm. */
const FIRST_WARM_UP: Seconds = 3;
/** Of k6, for each load. */
const START: Seconds = 0.7;
const TIME_LIMIT: Seconds = 5;
/** How long the server is stopped, and when. */
const STALL: Seconds = 1.4;
const STALL_AT: Seconds = 3;
const STALL_PHASES = { warmUp: 1, steadyState: 7, timeLimit: TIME_LIMIT };

/** Measures the instrument and the machine that it is on, in less than four minutes. */
export async function calibrate(run: CalibrationRun): Promise<Calibration> {
  const { runtime, startInstrument, machine, seed, date, signal, onStep } = run;
  let left = REST + (startInstrument ? instrumentLength() : 0) + BLOCKS * BLOCK_LENGTH;
  const told: Told = (step, length) => {
    onStep(step, left);
    left -= length;
  };
  told('the machine at rest', REST);
  const before = machineTime();
  await delay(REST * 1000, undefined, { signal });
  const rest = cpuBetween(before, machineTime());
  const instrument = startInstrument && (await calibrateInstrument(startInstrument, seed, signal, told));
  const speeds = await measureSpeeds(runtime, seed, {
    signal,
    onBlock: block => told(`two equal deployments, block ${block + 1} of ${BLOCKS}`, BLOCK_LENGTH),
  });
  return {
    ...{ schema: 1, date: date.toISOString(), runtime: runtime.name, seed, machine, rest },
    ...(instrument ?? { accuracy: [], arrivals: [] }),
    noise: findNoise(speeds),
  };
}

function instrumentLength(): Seconds {
  const drives = listDrives(0).reduce((sum, drive) => sum + sumPhases(drive), 0);
  return paths.length * (START + FIRST_WARM_UP) + drives + sumPhases({ phases: STALL_PHASES });
}

/** Loads the stamping server, bare and through nginx, and compares what k6 says with its stamps. */
async function calibrateInstrument(
  startInstrument: () => Promise<Instrument>,
  seed: number,
  signal: AbortSignal,
  told: Told,
): Promise<Pick<Calibration, 'accuracy' | 'arrivals' | 'stall'>> {
  await using instrument = await startInstrument();
  for (const path of paths) {
    told(`warming up, ${way(path)}`, START + FIRST_WARM_UP);
    const phases = { warmUp: 0, steadyState: FIRST_WARM_UP, timeLimit: TIME_LIMIT };
    await driveAt(instrument, { path, arrivalRate: 2000, phases, seed }, signal);
  }
  const made: { drive: Drive; driven: Driven }[] = [];
  for (const drive of shuffled(listDrives(seed), seededRandom(seed))) {
    told(`k6 at ${drive.arrivalRate}/s, ${way(drive.path)}`, sumPhases(drive));
    made.push({ drive, driven: await driveAt(instrument, drive, signal) });
  }
  const madeAt = (arrivalRate: PerSecond, path: Path) =>
    made.filter(({ drive }) => drive.arrivalRate === arrivalRate && drive.path === path);
  told('a server that stops', sumPhases({ phases: STALL_PHASES }));
  return {
    accuracy: ARRIVAL_RATES.flatMap(at =>
      paths.map(path => medianAccuracy(madeAt(at, path).map(({ drive, driven }) => compareStamps(drive, driven)))),
    ),
    arrivals: ARRIVAL_RATES.map(at => testArrivals(madeAt(at, 'bare'))),
    stall: await measureStall(instrument, seed, signal),
  };
}

/** Every arrival rate by every way, slow loads for longer: each with its own arrivals. */
function listDrives(seed: number): Drive[] {
  return Array.from({ length: REPEATS }, (_, repeat) =>
    ARRIVAL_RATES.flatMap((arrivalRate, index) =>
      paths.map(path => ({
        ...{ path, arrivalRate, seed: seed + 100 * index + repeat },
        phases: { warmUp: 0.5, steadyState: arrivalRate < 100 ? 4 : 2, timeLimit: TIME_LIMIT },
      })),
    ),
  ).flat();
}

function sumPhases({ phases }: Pick<Drive, 'phases'>): Seconds {
  return START + phases.warmUp + phases.steadyState;
}

function way(path: Path): string {
  return path === 'bare' ? 'with nothing between' : 'through nginx';
}

/** How k6's response times differ from the server's own. */
export function compareStamps({ path, arrivalRate }: Drive, { outcome, stamps, cpuPerRequest }: Driven): Accuracy {
  // In the same buckets as k6's, so that their width is no difference.
  const truth = emptyHistogram(OBJECTIVE);
  for (const time of lastDelays(stamps, outcome.scored)) record(truth, time);
  const told = (of: typeof truth) => ({
    mean: meanOf(of),
    p50: interpolatedQuantile(of, 0.5),
    p99: interpolatedQuantile(of, 0.99),
  });
  const [seen, known] = [told(outcome.responseTimeFromSend), told(truth)];
  return {
    ...{ path, arrivalRate, scored: outcome.scored, truth: known },
    off: { mean: seen.mean - known.mean, p50: seen.p50 - known.p50, p99: seen.p99 - known.p99 },
    scheduleLag: { p50: quantile(outcome.scheduleLag, 0.5), p99: quantile(outcome.scheduleLag, 0.99) },
    cpuPerRequest: path === 'nginx' ? cpuPerRequest : { ...cpuPerRequest, nginx: 0 },
  };
}

/** Delays of the requests that came last: those after the warm-up, which are scored. */
export function lastDelays({ received, delay }: Stamps, count: number): Seconds[] {
  const order = received.map((_, index) => index).sort((a, b) => (received[a] ?? 0) - (received[b] ?? 0));
  return order.slice(Math.max(0, order.length - count)).map(index => delay[index] ?? 0);
}

/** Of repeats of one load: all their requests, and the median of each figure. */
function medianAccuracy(repeats: readonly Accuracy[]): Accuracy {
  const each = <Part extends 'truth' | 'off' | 'scheduleLag' | 'cpuPerRequest'>(part: Part): Accuracy[Part] => {
    const parts = repeats.map(one => one[part] as Readonly<Record<string, number>>);
    const medians = Object.keys(parts[0] ?? {}).map(name => [name, median(parts.map(one => one[name] ?? Number.NaN))]);
    return Object.fromEntries(medians);
  };
  return {
    ...(repeats[0] as Accuracy),
    scored: repeats.reduce((sum, { scored }) => sum + scored, 0),
    ...{ truth: each('truth'), off: each('off') },
    ...{ scheduleLag: each('scheduleLag'), cpuPerRequest: each('cpuPerRequest') },
  };
}

/** Stops the server in the middle of a load: every arrival meanwhile must be seen to wait. */
async function measureStall(instrument: Instrument, seed: number, signal: AbortSignal): Promise<Calibration['stall']> {
  let stoppedAt: number | undefined;
  let stopped: Seconds = STALL;
  const drive: Drive = {
    ...{ path: 'bare', arrivalRate: 200, phases: STALL_PHASES, seed },
    onTime(time) {
      if (stoppedAt !== undefined || time < STALL_AT) return;
      const begin = performance.now();
      stoppedAt = begin;
      instrument.server.stop();
      setTimeout(() => {
        instrument.server.goOn();
        stopped = (performance.now() - begin) / 1000;
      }, STALL * 1000);
    },
  };
  const { outcome } = await driveAt(instrument, drive, signal);
  return {
    stopped: stoppedAt === undefined ? 0 : stopped,
    due: drawIntended(drive).length,
    sent: outcome.sent,
    neverSent: outcome.neverSent,
    failed: Object.values(outcome.errors).reduce((sum, count) => sum + count, 0),
    p50: quantile(outcome.responseTime, 0.5),
    p99: quantile(outcome.responseTime, 0.99),
  };
}
