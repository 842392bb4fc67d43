import { milliseconds, percent, rounded } from '../../model/quantities.ts';
import { renderTextTable } from '../report/text-table.ts';
import { addedBy, judgeBars } from './bars.ts';
import type { Accuracy, Calibration, Path } from './calibration.ts';

/** A calibration for a terminal: what the instrument adds, how noisy the machine is, and each bar with its outcome. */
export function calibrationTable(calibration: Calibration): string {
  const { machine, runtime, date, seed, accuracy } = calibration;
  const columns = ['ms', '', 'adds, mean', 'p50', 'p99', 'CPU a request', 'schedule lag p50', 'p99'];
  const bars = judgeBars(calibration).map(({ name, found, required, met }) => [met ? '✔' : '✖', name, found, required]);
  return [
    `${machine.cpus} × ${machine.cpuModel}, Linux ${machine.kernel}; runtime ${runtime}, seed ${seed}, ${date}`,
    accuracy.length === 0
      ? 'k6 and nginx themselves are calibrated with --runtime local only.'
      : renderLeft(
          columns,
          accuracy.map(one => accuracyRow(one, accuracy)),
        ),
    noiseSentences(calibration),
    renderLeft(['', 'bar', 'found', 'required'], bars),
  ].join('\n\n');
}

/** A calibration in a few lines, by name, for readers of a comparison. */
export function calibrationSummary(calibration: Calibration): Record<string, string> {
  const { date, accuracy, noise } = calibration;
  const { estimate, low, high } = noise.sameRatio;
  const missed = judgeBars(calibration).filter(({ met }) => !met);
  const added = (path: Path) =>
    accuracy
      .filter(one => one.path === path)
      .map(one => {
        const { p50, p99 } = addedBy(one, accuracy);
        return `${milliseconds(p50)} ms (p99 ${milliseconds(p99)} ms, CPU ${milliseconds(sumCpuPerRequest(one))} ms) at ${one.arrivalRate}/s`;
      })
      .join(', ');
  return {
    date,
    ...(accuracy.length > 0 && { 'k6 adds': added('bare'), 'nginx adds': added('nginx') }),
    noise: `${percent(noise.betweenTrials)} from trial to trial, ${percent(noise.betweenBlocks)} from start to start (${noise.trials} trials in ${noise.blocks} blocks)`,
    'two equal deployments': `${rounded(estimate)} × [${rounded(low)}, ${rounded(high)}] (A/A)`,
    'bars missed': missed.length === 0 ? 'none' : missed.map(({ name, found }) => `${name}: ${found}`).join('; '),
  };
}

function accuracyRow(one: Accuracy, all: readonly Accuracy[]): string[] {
  const { mean, p50, p99 } = addedBy(one, all);
  const { scheduleLag, arrivalRate, path } = one;
  const times = [mean, p50, p99, sumCpuPerRequest(one), scheduleLag.p50, scheduleLag.p99];
  return [path === 'bare' ? 'k6' : 'nginx', `${arrivalRate}/s`, ...times.map(milliseconds)];
}

function sumCpuPerRequest({ path, cpuPerRequest }: Accuracy): number {
  return cpuPerRequest[path === 'bare' ? 'k6' : 'nginx'];
}

function noiseSentences({ rest, noise }: Calibration): string {
  const { betweenTrials, betweenBlocks, trials, disturbed, blocks, sameRatio, steal, others, scheduleLag } = noise;
  const { estimate, low, high } = sameRatio;
  return [
    `At rest the CPUs were ${percent(rest.busy)} busy, and ${percent(rest.steal)} of their time was stolen.`,
    `The same trial differs by ${percent(betweenTrials)} from one time to the next, and by another ${percent(betweenBlocks)}`,
    `when workers are restarted (standard deviations of throughput; ${trials} trials, ${blocks} blocks; ${disturbed} disturbed trials are left out).`,
    `Of two equal deployments one carries ${rounded(estimate)} [${rounded(low)}, ${rounded(high)}] × what the other does.`,
    `Meanwhile ${percent(steal.mean)} of the CPU time was stolen (at most ${percent(steal.most)}), and ${percent(others.mean)} went`,
    `to other programs and to the kernel (at most ${percent(others.most)}).`,
    ...(scheduleLag === undefined
      ? []
      : [
          `With all CPUs busy k6 was ${milliseconds(scheduleLag.mean)} ms late for one arrival in a hundred (at most ${milliseconds(scheduleLag.most)} ms).`,
        ]),
  ].join('\n');
}

function renderLeft(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return renderTextTable(
    head,
    rows,
    head.map(() => 'left'),
  );
}
