/**
 * The measured part of docs/claims.md, made again from a run: `node bench/claims.ts [RUN]`, where RUN is a folder, a
 * trials.jsonl, or a name in runs/; otherwise runs/latest.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { claimVerdicts } from '../lab/claims/claims.ts';
import { findRun } from '../lab/cli/context.ts';
import { renderClaims } from '../lab/report/comparison-text.ts';
import { readTrials } from '../lab/run/trials-file.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'claims.md');
const marks = ['<!-- measured -->', '<!-- end of measured -->'] as const;

const { folder, trials } = findRun(process.argv[2] ?? 'latest', root);
const { experiment, runtime, environment, results } = readTrials(trials);
const minutes = Math.round(results.reduce((sum, { elapsed }) => sum + elapsed, 0) / 60);
const invalid = results.filter(({ state }) => state !== 'completed').length;
const measured = [
  `Run \`${basename(folder)}\`: runtime ${runtime}, ${experiment.cpus} CPUs, seed ${experiment.seed}, ` +
    `${experiment.blocks} blocks, ${results.length} trials in ${minutes} minutes, of which ${invalid} came to nothing.`,
  renderClaims(claimVerdicts(experiment, results)),
  `\`\`\`json\n${JSON.stringify(environment, null, 2)}\n\`\`\``,
].join('\n\n');

const [before, rest] = readFileSync(page, 'utf8').split(marks[0]);
const after = rest?.split(marks[1])[1];
if (before === undefined || after === undefined) throw new RangeError(`${page} has no place for what was measured`);
writeFileSync(page, `${before}${marks[0]}\n\n${measured}\n\n${marks[1]}${after}`);
