import { type Fraction, milliseconds, percent, rounded, type Seconds } from '../../model/quantities.ts';
import type { Accuracy, ArrivalProcess, Calibration, NoiseFound, Stall } from './calibration.ts';

/** Something that an instrument has to be able to do, and what it did. */
export interface Bar {
  readonly name: string;
  readonly found: string;
  readonly required: string;
  readonly met: boolean;
}

/** How far from the truth k6 may be, and how much nginx may add. */
const MOST_OFF_P50: Seconds = 0.0003;
const MOST_OFF_P99: Seconds = 0.002;
/** Of the CPU time, before anything is started. */
const MOST_BUSY: Fraction = 0.1;
const MOST_STOLEN: Fraction = 0.02;
/** A test of a true Poisson process is this improbable once in a thousand. */
const LEAST_P: Fraction = 0.001;

/** Every bar of a calibration; the instrument is good when all are met. */
export function barsOf({ rest, accuracy, arrivals, stall, noise }: Calibration): Bar[] {
  return [
    restBar(rest),
    disturbanceBar(noise),
    ...accuracy.flatMap(one => accuracyBars(one, accuracy)),
    ...arrivals.flatMap(arrivalBars),
    ...(stall ? stallBars(stall) : []),
    sameBar(noise),
  ];
}

/** What a way adds to the response time: k6 to the truth, nginx to what k6 adds. */
export function addedBy(one: Accuracy, all: readonly Accuracy[]): Record<'mean' | 'p50' | 'p99', Seconds> {
  const bare = all.find(({ path, arrivalRate }) => path === 'bare' && arrivalRate === one.arrivalRate);
  if (one.path === 'bare' || bare === undefined) return one.off;
  const { off } = bare;
  return { mean: one.off.mean - off.mean, p50: one.off.p50 - off.p50, p99: one.off.p99 - off.p99 };
}

/** Whether a machine is quiet enough to be calibrated: other programs' noise is not its own. */
export function isQuiet({ rest, noise }: Pick<Calibration, 'rest' | 'noise'>): boolean {
  return restBar(rest).met && disturbanceBar(noise).met;
}

function restBar(rest: Calibration['rest']): Bar {
  return {
    name: 'the machine is quiet at rest',
    found: `CPUs ${percent(rest.busy)} busy, ${percent(rest.steal)} stolen`,
    required: `at most ${percent(MOST_BUSY)} and ${percent(MOST_STOLEN)}`,
    met: rest.busy <= MOST_BUSY && rest.steal <= MOST_STOLEN,
  };
}

function disturbanceBar({ trials, disturbed }: NoiseFound): Bar {
  const most = Math.floor((trials + disturbed) / 4);
  return {
    name: 'and while equal deployments are measured',
    found: `${disturbed} of ${trials + disturbed} trials disturbed`,
    required: `at most ${most}`,
    met: disturbed <= most,
  };
}

function accuracyBars(one: Accuracy, all: readonly Accuracy[]): Bar[] {
  const { p50, p99 } = addedBy(one, all);
  const who = one.path === 'bare' ? 'k6 adds' : 'nginx adds';
  const bar = (name: string, value: Seconds, most: Seconds): Bar => ({
    name: `${who} at ${one.arrivalRate}/s, ${name}`,
    found: `${signed(value)} ms`,
    required: `within ${milliseconds(most)} ms`,
    met: Math.abs(value) <= most,
  });
  return [bar('p50', p50, MOST_OFF_P50), bar('p99', p99, MOST_OFF_P99)];
}

function arrivalBars({ arrivalRate, due, sent, came, ...tests }: ArrivalProcess): Bar[] {
  const named = {
    intendedGaps: 'intended gaps are exponential (Kolmogorov-Smirnov)',
    intendedTimes: 'intended times are Poisson (Kolmogorov-Smirnov)',
    cameTimes: 'times at the server are Poisson (Kolmogorov-Smirnov)',
    cameCounts: 'counts at the server are Poisson (dispersion)',
  };
  return [
    {
      name: `arrivals at ${arrivalRate}/s`,
      found: `${sent} sent, ${came} came`,
      required: `all ${due} that were due`,
      met: sent === due && came === due,
    },
    ...Object.entries(named).map(([key, name]) => {
      const test = tests[key as keyof typeof named];
      const distance = 'index' in test ? `index ${rounded(test.index)}` : `distance ${rounded(test.distance)}`;
      return {
        name: `${name} at ${arrivalRate}/s`,
        found: `${distance}, p ${rounded(test.p)}`,
        required: `p at least ${LEAST_P}`,
        met: test.p >= LEAST_P,
      };
    }),
  ];
}

function stallBars({ stopped, due, sent, neverSent, failed, p99 }: Stall): Bar[] {
  return [
    {
      name: `a server that stops for ${rounded(stopped)} s in 8 s: p99`,
      found: `${rounded(p99)} s`,
      // A fifth of the arrivals waited for up to that long: one in a hundred for 95 % of it or more.
      required: `from ${rounded(0.9 * stopped)} to ${rounded(1.1 * stopped)} s`,
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

function sameBar({ sameRatio, sameRatioWide, blocks }: NoiseFound): Bar {
  return {
    name: `two equal deployments, ratio over ${blocks} blocks`,
    found: `${ratio(sameRatio.estimate)} [${ratio(sameRatio.low)}, ${ratio(sameRatio.high)}]`,
    // With 95 % one good instrument in twenty would be refused.
    required: `1 within its 99.9 % interval [${ratio(sameRatioWide.low)}, ${ratio(sameRatioWide.high)}]`,
    met: sameRatioWide.low <= 1 && sameRatioWide.high >= 1,
  };
}

function signed(value: Seconds): string {
  return `${value < 0 ? '−' : '+'}${milliseconds(Math.abs(value))}`;
}

function ratio(value: number): string {
  return value.toFixed(3);
}
