import { type Fraction, milliseconds, percent, rounded, type Seconds } from '../../model/quantities.ts';
import type { Accuracy, ArrivalProcess, Calibration } from './calibration.ts';

/** Something that an instrument has to be able to do, and what it did. */
interface Bar {
  readonly name: string;
  readonly found: string;
  readonly required: string;
  readonly met: boolean;
}

/** How far from the truth k6 may be, and how much nginx may add. */
const MOST_OFF = { p50: 0.0003, p99: 0.002 } as const;
/** Of the CPU time, before anything is started. */
const MOST_BUSY: Fraction = 0.1;
const MOST_STOLEN: Fraction = 0.02;
/** A test of a true Poisson process is this improbable once in a thousand. */
const LEAST_P: Fraction = 0.001;

/** Every bar of a calibration; the instrument is good when all are met. */
export function judgeBars(calibration: Calibration): Bar[] {
  const { accuracy, arrivals, stall, noise } = calibration;
  const { sameRatio, sameRatioWide: wide, blocks } = noise;
  const range = ({ low, high }: typeof wide) => `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return [
    ...quietBars(calibration),
    ...accuracy.flatMap(one => accuracyBars(one, accuracy)),
    ...arrivals.flatMap(arrivalBars),
    ...(stall ? stallBars(stall) : []),
    {
      name: `two equal deployments, ratio over ${blocks} blocks`,
      found: `${sameRatio.estimate.toFixed(3)} ${range(sameRatio)}`,
      // With 95 % one good instrument in twenty would be refused.
      required: `1 within its 99.9 % interval ${range(wide)}`,
      met: wide.low <= 1 && wide.high >= 1,
    },
  ];
}

/** What a way adds to the response time: k6 to the truth, nginx to what k6 adds. */
export function addedBy(one: Accuracy, all: readonly Accuracy[]): Accuracy['off'] {
  const bare = all.find(({ path, arrivalRate }) => path === 'bare' && arrivalRate === one.arrivalRate);
  if (one.path === 'bare' || bare === undefined) return one.off;
  const { mean, p50, p99 } = bare.off;
  return { mean: one.off.mean - mean, p50: one.off.p50 - p50, p99: one.off.p99 - p99 };
}

/** Whether a machine is quiet enough to be calibrated: noise of other programs is not its own. */
export function isQuiet(calibration: Pick<Calibration, 'rest' | 'noise'>): boolean {
  return quietBars(calibration).every(({ met }) => met);
}

function quietBars({ rest, noise: { trials, disturbed } }: Pick<Calibration, 'rest' | 'noise'>): Bar[] {
  const most = Math.floor((trials + disturbed) / 4);
  return [
    {
      name: 'the machine is quiet at rest',
      found: `CPUs ${percent(rest.busy)} busy, ${percent(rest.steal)} stolen`,
      required: `at most ${percent(MOST_BUSY)} and ${percent(MOST_STOLEN)}`,
      met: rest.busy <= MOST_BUSY && rest.steal <= MOST_STOLEN,
    },
    {
      name: 'and while equal deployments are measured',
      found: `${disturbed} of ${trials + disturbed} trials disturbed`,
      required: `at most ${most}`,
      met: disturbed <= most,
    },
  ];
}

function accuracyBars(one: Accuracy, all: readonly Accuracy[]): Bar[] {
  const added = addedBy(one, all);
  return (['p50', 'p99'] as const).map(name => ({
    name: `${one.path === 'bare' ? 'k6' : 'nginx'} adds at ${one.arrivalRate}/s, ${name}`,
    found: `${added[name] < 0 ? '−' : '+'}${milliseconds(Math.abs(added[name]))} ms`,
    required: `within ${milliseconds(MOST_OFF[name])} ms`,
    met: Math.abs(added[name]) <= MOST_OFF[name],
  }));
}

function arrivalBars({ arrivalRate, due, sent, came, cameTimes, cameCounts }: ArrivalProcess): Bar[] {
  const likely = (name: string, found: string, p: Fraction): Bar => ({
    name: `${name} at ${arrivalRate}/s`,
    found: `${found}, p ${rounded(p)}`,
    required: `p at least ${LEAST_P}`,
    met: p >= LEAST_P,
  });
  return [
    {
      name: `arrivals at ${arrivalRate}/s`,
      found: `${sent} sent, ${came} came`,
      required: `all ${due} that were due`,
      met: sent === due && came === due,
    },
    likely(
      'times at the server are Poisson (Kolmogorov-Smirnov)',
      `distance ${rounded(cameTimes.distance)}`,
      cameTimes.p,
    ),
    likely('counts at the server are Poisson (dispersion)', `index ${rounded(cameCounts.index)}`, cameCounts.p),
  ];
}

function stallBars({ stopped, due, sent, neverSent, failed, p99 }: NonNullable<Calibration['stall']>): Bar[] {
  // A fifth of the arrivals waited for up to the whole stall: one in a hundred for 95 % of it or more.
  const [least, most]: Seconds[] = [0.9 * stopped, 1.1 * stopped];
  return [
    {
      name: `a server that stops for ${rounded(stopped)} s in 8 s: p99`,
      found: `${rounded(p99)} s`,
      required: `from ${rounded(least ?? 0)} to ${rounded(most ?? 0)} s`,
      met: p99 >= 0.9 * stopped && p99 <= 1.1 * stopped,
    },
    {
      name: 'no arrival is lost by it',
      found: `${sent} sent, ${neverSent} never sent, ${failed} failed`,
      required: `all ${due} that were due`,
      met: sent === due && neverSent === 0 && failed === 0,
    },
  ];
}
