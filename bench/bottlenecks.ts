/**
 * Whether what stopped a deployment is named rightly, and whether what is said to help would: on simulated deployments
 * of which both are known, with the noise of a real machine. Prints Markdown.
 *
 *   node bench/bottlenecks.ts [--searches 20] [--seed 1] [--hidden]
 *     --hidden: the deployments tell nothing of themselves, and their bottleneck is seen from outside
 */
import { parseArgs } from 'node:util';
import { isWorthwhile } from '../lab/explain/advice.ts';
import type { Bottleneck } from '../lab/explain/bottleneck.ts';
import { deploymentName } from '../model/deployment.ts';
import { resources } from '../model/measurement.ts';
import { rounded } from '../model/quantities.ts';
import {
  type BottleneckCase,
  bottleneckCases,
  hiddenCase,
  isKept,
  isRight,
  knownLimits,
  measureGain,
  searched,
  WITHIN,
} from './bottleneck-cases.ts';

const { values } = parseArgs({
  options: {
    searches: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    hidden: { type: 'boolean', default: false },
  },
});
const cases = values.hidden ? bottleneckCases.map(hiddenCase) : bottleneckCases;
const searches = Number(values.searches);
const seed = Number(values.seed);

const WANTED_HIDDEN = 0.95;

const named: string[] = [];
const helped: string[] = [];
const counts = { right: 0, proposals: 0, kept: 0 };
const sentences: string[] = [];
const mistaken: string[] = [];

for (const one of cases) {
  const found = Array.from({ length: searches }, (_, index) => searched(one, 1000 * seed + index));
  const right = found.filter(({ bottleneck }) => isRight(bottleneck, one)).length;
  counts.right += right;
  named.push(
    row(
      nameCase(one),
      one.because,
      listLimits(one),
      one.expected.resource ?? one.expected.causes[0] ?? '',
      `${right} of ${searches}`,
    ),
  );
  const wrong = found.find(({ bottleneck }) => !isRight(bottleneck, one));
  if (wrong) mistaken.push(`- ${nameCase(one)}: ${wrong.bottleneck?.sentence ?? 'nothing found'}.`);
  const [first] = found;
  if (first?.bottleneck === undefined) continue;
  sentences.push(`- \`${deploymentName(one.cell.deployment)}\` ${first.bottleneck.sentence}.`);
  helped.push(...proposal(one, first.bottleneck, first.capacity));
}

write(
  row('deployment, work, CPUs', 'by construction', 'used up at (1/s)', 'stopped by', 'named so'),
  row('---', '---', '---', '---', '---:'),
  ...named,
  '',
  `Named rightly: ${counts.right} of ${searches * cases.length} searches.`,
  ...(mistaken.length === 0 ? [] : ['', 'Named otherwise, the first of each:', '', ...mistaken]),
  '',
  ...sentences,
  '',
  row('deployment, work, CPUs', 'proposed', 'expected gain', 'true gain', `within ${100 * WITHIN} %`),
  row('---', '---', '---:', '---:', '---'),
  ...helped,
  '',
  `Kept: ${counts.kept} of ${counts.proposals} proposals.`,
);
// What cannot be seen is named rightly in most cases only.
process.exitCode = counts.right >= (values.hidden ? WANTED_HIDDEN : 1) * searches * cases.length ? 0 : 1;

function proposal(
  one: BottleneckCase,
  { help }: Bottleneck,
  capacity: ReturnType<typeof searched>['capacity'],
): string[] {
  if (help === null || capacity.state !== 'bracketed') return [];
  const gain = measureGain(one, help, capacity.estimate, seed);
  const kept = isKept(gain);
  counts.proposals++;
  counts.kept += Number(kept);
  const worth = isWorthwhile(help, capacity.estimate) ? '' : ' (not worth it)';
  const proposed = `${help.amount} ${help.resource}${worth}`;
  return [row(nameCase(one), proposed, `${rounded(gain.expected)} ×`, `${rounded(gain.true)} ×`, kept ? 'yes' : 'no')];
}

function nameCase({ cell, cpus }: BottleneckCase): string {
  return `\`${deploymentName(cell.deployment)}\` on ${cell.workload.name}, ${cpus}`;
}

/** What gives out first and second. */
function listLimits(one: BottleneckCase): string {
  const limits = knownLimits(one);
  return resources
    .toSorted((a, b) => limits[a] - limits[b])
    .slice(0, 2)
    .map(resource => `${resource} ${rounded(limits[resource])}`)
    .join(', ');
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function write(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
