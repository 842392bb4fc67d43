import type { Calibration } from '../calibration.ts';

/** A calibration of an instrument without a fault, on a quiet machine; `given` is what is different. */
export function calibrationWith(given: Partial<Calibration> = {}): Calibration {
  return {
    ...{ schema: 1, date: '2026-01-02T03:04:05.000Z', runtime: 'local', seed: 7 },
    machine: { cpuModel: 'A CPU', cpus: 2, kernel: '6.1' },
    rest: { busy: 0.02, steal: 0 },
    accuracy: [accuracyAt('bare', 0.0002), accuracyAt('nginx', 0.00035)],
    arrivals: [
      {
        ...{ arrivalRate: 500, due: 1500, sent: 1500, came: 1500 },
        intendedGaps: { distance: 0.01, p: 0.6 },
        intendedTimes: { distance: 0.02, p: 0.4 },
        cameTimes: { distance: 0.02, p: 0.3 },
        cameCounts: { index: 1.1, p: 0.5 },
      },
    ],
    stall: { stopped: 1.4, due: 1600, sent: 1600, neverSent: 0, failed: 0, p50: 0.01, p99: 1.35 },
    noise: {
      ...{ betweenTrials: 0.02, betweenBlocks: 0.03, trials: 20, disturbed: 0, blocks: 5 },
      sameRatio: { estimate: 1.01, low: 0.98, high: 1.04 },
      sameRatioWide: { estimate: 1.01, low: 0.9, high: 1.13 },
      steal: { mean: 0.001, most: 0.002 },
      others: { mean: 0.08, most: 0.1 },
    },
    ...given,
  };
}

/** A load at 500/s by that way whose median is off by so many seconds. */
export function accuracyAt(path: 'bare' | 'nginx', p50: number): Calibration['accuracy'][number] {
  return {
    ...{ path, arrivalRate: 500, scored: 3000 },
    truth: { mean: 0.01, p50: 0.008, p99: 0.032 },
    off: { mean: p50, p50, p99: 0.0005 },
    scheduleLag: { p50: 0.0006, p99: 0.002 },
    cpuPerRequest: { k6: 0.0004, nginx: path === 'nginx' ? 0.0001 : 0 },
  };
}
