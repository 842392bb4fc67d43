import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OBJECTIVE } from '../protocol.ts';
import { type Word, words } from './words.ts';

const terminology = readFileSync(new URL('../../docs/terminology.md', import.meta.url), 'utf8');

test('a word that the terminology has is explained on the page', () => {
  const terms = ['offered load', 'arrival rate', 'throughput', 'response time', 'objective', 'think time', 'worker'];
  for (const term of [...terms, 'topology', 'workload', 'utilisation'] as const) {
    assert.match(terminology, new RegExp(`^\\| ${term}`, 'm'));
    const known = Object.keys(words).some(word => word === term || word.startsWith(`${term} of `));
    assert.ok(known, `${term} is not explained`);
  }
});

test('an explanation is a sentence or some, and short enough to be read beside what it explains', () => {
  for (const { term, meaning } of Object.values<Word>(words)) {
    assert.match(meaning, /^[A-Z].*[.)]$/, term);
    assert.ok(meaning.length <= 320, `${term} takes ${meaning.length} characters`);
  }
});

test('no explanation uses a word that the house does not', () => {
  const never = /\b(latency|rps|qps|usage|SLA|processing time|parallelism)\b/i;
  for (const { meaning } of Object.values<Word>(words)) assert.doesNotMatch(meaning, never);
});

test('the objective of the explanations is that of the protocol', () => {
  assert.match(words.objective.meaning, new RegExp(`${OBJECTIVE * 1000} ms`));
});
