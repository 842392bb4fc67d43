import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as exercise from './exercise.ts';
import { runCommand } from './testdata/command.ts';

const ran = (...words: string[]) => runCommand(exercise, join(import.meta.dirname, '../..'), ['exercise', ...words]);

test('without a number all twelve are listed', async () => {
  const { printed } = await ran();
  assert.equal(printed.split('\n').length, 12);
  assert.match(printed, /^ 1 {2}A counter with four clerks\n/);
});

test('a question says its figures and not its answer, and hints only when they are asked for', async () => {
  const { printed } = await ran('3');
  assert.match(printed, /connections of the loop {2}40\n/);
  assert.doesNotMatch(printed, /34|Hint 1/);
  assert.match((await ran('3', '--hints')).printed, /Hint 2: Count the waves/);
});

test('a right answer is told so, with the model that gives it', async () => {
  const { printed, error } = await ran('2', '--answer', '400ms');
  assert.equal(error, undefined);
  assert.match(
    printed,
    /^Right\.\n\n2\. Five clients and four workers: 400 ms\n\n5 requests on 4 workers make ⌈5 ÷ 4⌉ = 2/,
  );
});

test('a wrong answer ends with 99, says which way it is wrong, and not the answer', async () => {
  const { printed, error } = await ran('2', '--answer', '1s');
  assert.deepEqual([printed, error?.code, error?.exitCode], ['', 'answer-wrong', 99]);
  assert.match(error?.message ?? '', /^1 s is too high\. That is for a single worker\.\n {2}Hints: /);
  assert.doesNotMatch(error?.message ?? '', /400/);
});

test('who gives up is shown the answer', async () => {
  assert.match((await ran('1', '--explain')).printed, /^1\. A counter with four clerks: 300 s\n/);
});

test('what the stack cannot show is said, with the reason', async () => {
  assert.match((await ran('6', '--measure')).printed, /^There is nothing to measure: Loadline sends Poisson arrivals/);
});

test('--json says the same to machines: the list, a question, an answer and why it is wrong, the explanation', async () => {
  const json = async (...words: string[]) => JSON.parse((await ran(...words, '--json')).printed);
  const { schema, exercises } = await json();
  assert.deepEqual([schema, exercises.length, exercises[0].unit], [1, 12, 's']);
  const question = await json('3');
  assert.deepEqual(question.given[1], { what: 'connections of the loop', value: '40' });
  assert.equal('hints' in question || 'value' in question, false);
  assert.equal((await json('3', '--hints')).hints.length, 2);
  assert.deepEqual((({ right, given, value }) => [right, given, value])(await json('2', '--answer', '0.4')), [
    true,
    0.4,
    0.4,
  ]);
  assert.equal((await json('12', '--explain')).accepted.length > 0, true);
  const { printed, error } = await ran('2', '--answer', '1s', '--json');
  assert.equal(error?.exitCode, 99);
  assert.deepEqual(JSON.parse(printed), {
    ...{ schema: 1, number: 2, given: 1, right: false, direction: 'too high' },
    hint: 'That is for a single worker.',
  });
  assert.match((await json('6', '--measure')).nothing, /^Loadline sends Poisson arrivals only/);
});
