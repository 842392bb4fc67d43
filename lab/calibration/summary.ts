import { milliseconds, percent, rounded } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { addedBy, barsOf } from './bars.ts';
import type { Calibration } from './calibration.ts';

/** A calibration in a few lines, for whoever reads what was measured with the instrument: what was found, by what it is. */
export function calibrationSummary(calibration: Calibration): Record<string, string> {
  const { date, accuracy, noise } = calibration;
  const missed = barsOf(calibration).filter(({ met }) => !met);
  const added = (path: 'bare' | 'nginx') =>
    accuracy
      .filter(one => one.path === path)
      .map(one => {
        const { p50, p99 } = addedBy(one, accuracy);
        const cpu = one.cpuPerRequest[path === 'bare' ? 'k6' : 'nginx'];
        return `${milliseconds(p50)} ms (p99 ${milliseconds(p99)} ms, CPU ${milliseconds(cpu)} ms) at ${one.arrivalRate}/s`;
      })
      .join(', ');
  return {
    date,
    ...(accuracy.length > 0 && { 'k6 adds': added('bare'), 'nginx adds': added('nginx') }),
    noise: `${percent(noise.betweenTrials)} from trial to trial, ${percent(noise.betweenBlocks)} from start to start (${noise.trials} trials in ${noise.blocks} blocks)`,
    'two equal deployments': `${inBrackets(noise.sameRatio)} (A/A)`,
    'bars missed': missed.length === 0 ? 'none' : missed.map(({ name, found }) => `${name}: ${found}`).join('; '),
  };
}

function inBrackets({ estimate, low, high }: Interval): string {
  return `${rounded(estimate)} × [${rounded(low)}, ${rounded(high)}]`;
}
