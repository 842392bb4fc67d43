import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { type Fraction, parsePercent, percent } from '../../model/quantities.ts';
import { compareRuns, type Difference } from '../compare/difference.ts';
import { renderDifference } from '../report/difference-text.ts';
import { readTrials } from '../run/trials-file.ts';
import { type CommandContext, findRun } from './context.ts';

/** `loadline diff`: what changed from one run to another, and whether capacities became less than is allowed. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('diff')
    .description('compare the capacities of two runs: two days, machines or versions')
    .argument('<before>', 'a folder, a trials.jsonl, or a name in runs/')
    .argument('<after>', 'the same')
    .option('--allow <percent>', 'largest tolerated drop of a capacity', '5%')
    .option('--json', 'print JSON')
    .action((before: string, after: string, { allow, json }: { allow: string; json?: boolean }) => {
      const allowed = parseAllowance(allow);
      const [first, second] = [before, after].map(named => readTrials(findRun(named, context.root).trials));
      if (first === undefined || second === undefined) return;
      const difference = compareRuns({ before: first, after: second }, allowed);
      if (json) context.print(JSON.stringify(difference));
      else if (difference.state === 'compared') context.print(renderDifference(difference));
      requireNoRegression(difference);
    });
}

function requireNoRegression(difference: Difference): void {
  if (difference.state === 'refused') {
    const reasons = difference.reasons.map(reason => `  ${reason}`).join('\n');
    throw new LoadlineError('runs-not-comparable', `These runs cannot be compared:\n${reasons}`);
  }
  const { cells, allow } = difference;
  const worse = cells.filter(({ change }) => change === 'regression').map(({ cell }) => cell);
  if (worse.length === 0) return;
  throw new LoadlineError(
    'regression',
    `Capacity dropped by more than ${percent(allow)} (--allow): ${worse.join(', ')}. ` +
      'Repeat the run on a quiet machine before you look for the cause.',
  );
}

function parseAllowance(text: string): Fraction {
  const fraction = parsePercent(text) ?? 1;
  if (fraction < 1) return fraction;
  throw new LoadlineError('usage', `--allow is ${text}; it takes a percentage below 100%, such as 5%.`);
}
