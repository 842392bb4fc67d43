import Table from 'cli-table3';
import { milliseconds, percent, rounded, type Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { addedBy, barsOf } from './bars.ts';
import type { Calibration } from './calibration.ts';

/** A calibration for a terminal: what the instrument adds, how noisy the machine is, and each bar with its outcome. */
export function calibrationTable(calibration: Calibration): string {
  const { machine, runtime, date, seed } = calibration;
  const head = `${machine.cpus} × ${machine.cpuModel}, Linux ${machine.kernel}; runtime ${runtime}, seed ${seed}, ${date}`;
  return [head, ...accuracyOf(calibration), noiseOf(calibration), barsTable(calibration)].join('\n\n');
}

function accuracyOf({ accuracy }: Calibration): string[] {
  if (accuracy.length === 0) return ['k6 and nginx themselves are calibrated with --runtime local only.'];
  const rows = accuracy.map(one => {
    const added = addedBy(one, accuracy);
    return [
      one.path === 'bare' ? 'k6' : 'nginx',
      `${one.arrivalRate}/s`,
      ...[added.mean, added.p50, added.p99].map(milliseconds),
      milliseconds(one.cpuPerRequest[one.path === 'bare' ? 'k6' : 'nginx']),
      ...[one.scheduleLag.p50, one.scheduleLag.p99].map(milliseconds),
    ];
  });
  const columns = ['ms', '', 'adds, mean', 'p50', 'p99', 'CPU a request', 'schedule lag p50', 'p99'];
  return [plainTable(columns, rows)];
}

function noiseOf({ rest, noise }: Calibration): string {
  const { betweenTrials, betweenBlocks, trials, disturbed, blocks, sameRatio, steal, others, scheduleLag } = noise;
  return [
    `At rest the CPUs were ${percent(rest.busy)} busy, and ${percent(rest.steal)} of their time was stolen.`,
    `The same trial differs by ${percent(betweenTrials)} from one time to the next, and by another ${percent(betweenBlocks)}`,
    `when workers are started anew (standard deviations of throughput; ${trials} trials, ${blocks} blocks; ${disturbed} disturbed trials are left out).`,
    `Of two equal deployments one carries ${inBrackets(sameRatio)} × what the other does.`,
    `Meanwhile ${percent(steal.mean)} of the CPU time was stolen (at most ${percent(steal.most)}), and ${percent(others.mean)} went`,
    `to other programs and to the kernel (at most ${percent(others.most)}).`,
    ...(scheduleLag === undefined ? [] : [`With all CPUs busy k6 was ${lateness(scheduleLag)}.`]),
  ].join('\n');
}

/** Of the p99s of several trials. */
function lateness({ mean, most }: { mean: Seconds; most: Seconds }): string {
  return `${milliseconds(mean)} ms late for one arrival in a hundred (at most ${milliseconds(most)} ms)`;
}

function barsTable(calibration: Calibration): string {
  const rows = barsOf(calibration).map(({ name, found, required, met }) => [met ? '✔' : '✖', name, found, required]);
  return plainTable(['', 'bar', 'found', 'required'], rows);
}

function inBrackets({ estimate, low, high }: Interval): string {
  return `${rounded(estimate)} [${rounded(low)}, ${rounded(high)}]`;
}

function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
      ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
    },
  });
  table.push(...rows.map(row => [...row]));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}
