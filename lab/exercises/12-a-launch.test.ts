import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PlanOptions, parseQuestion, parseWorkload } from '../cli/plan-options.ts';
import { readTrials } from '../run/trials-file.ts';
import { aLaunch, launchQuestion } from './12-a-launch.ts';
import { checkAnswer } from './check-answer.ts';
import { shownFigure } from './testdata/shown-figure.ts';
import { TrialFacts } from './trial-facts.ts';

const facts = new TrialFacts(readTrials(join(import.meta.dirname, '../../docs/exercises/trials.jsonl')));
const answer = aLaunch.answer(facts);
const hold = shownFigure(aLaunch.asked(facts).given.find(({ what }) => what.includes('holds'))?.value ?? '');
const inUse = ((350 * 2) / 0.7) * hold;

test('right is a whole number for each loop, above what is in use, and one further for each loop at most', () => {
  const right = Array.from({ length: answer.value + 20 }, (_, connections) => connections).filter(
    connections => checkAnswer(connections, answer, 'connections').right,
  );
  const expected = Array.from({ length: answer.value + 20 }, (_, connections) => connections).filter(
    connections => connections % facts.cpus === 0 && connections > inUse && connections <= answer.value + facts.cpus,
  );
  assert.deepEqual(right, expected);
  assert.ok(right.includes(answer.value));
});

test('what is in use, and anything between two whole numbers for each loop, is told what it is', () => {
  const told = (connections: number) => {
    const checked = checkAnswer(connections, answer, 'connections');
    return checked.right ? 'right' : `${checked.direction}: ${checked.hint}`;
  };
  const lowest = Math.min(...(answer.accepted ?? []));
  const inUseAtLeast = Math.ceil(inUse);
  if (inUseAtLeast < lowest) assert.match(told(inUseAtLeast), /^too low: So many are in use in the mean/);
  if (facts.cpus > 1) assert.equal(told(lowest + 1), 'not right: That is no whole number for each loop.');
  assert.equal(told(inUse + 0.25), 'too low: There are whole connections only.');
  assert.match(told(lowest - facts.cpus), /^too low: /);
});

test('the command puts the same question to the planner', () => {
  const command = answer.steps.map(step => /\.\/loadline plan \S+ (--.*)$/.exec(step)?.[1]).find(Boolean) ?? '';
  const pairs = [...command.matchAll(/--([a-z0-9-]+) (\S+)/g)].map(([, name = '', value]) => [
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const { workload: named, ...options }: PlanOptions = Object.fromEntries(pairs);
  const { workload, ...asked } = launchQuestion(facts);
  assert.deepEqual(
    parseQuestion(options, { objective: facts.objective, cpus: facts.cpus, topologies: facts.fitted.topologies }),
    asked,
  );
  assert.deepEqual(parseWorkload(named, facts.fitted.workloads), workload);
});
