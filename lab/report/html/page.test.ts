import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../../../model/experiment.ts';
import { fitRunModel } from '../model.ts';
import { buildReport } from '../report.ts';
import { calmRun, hostileRun } from '../testdata/runs.ts';
import { pageOf } from './page.ts';

const report = buildReport(calmRun());
const model = fitRunModel(report);
const page = pageOf(report, model);

test('the same results give the same bytes, however many pages were made before', () => {
  assert.equal(pageOf(buildReport(calmRun())), page);
});

test('the page loads nothing and runs nothing', () => {
  assert.doesNotMatch(page, /<script|<link|<iframe|<img|\ssrc=|\son\w+=|@import|url\((?!#)/i);
  assert.deepEqual([...new Set(page.match(/https?:\/\/[^"'\s]+/g))], ['http://www.w3.org/2000/svg']);
});

test('what is shown begins with the answer and ends with how to run it again', () => {
  const headings = [...page.matchAll(/<h([123])[^>]*>([^<]+)/g)].map(([, , text]) => text?.trim());
  assert.deepEqual(headings, [
    'The answer',
    'To know beforehand',
    'wait',
    'Capacity',
    'What stopped it',
    'Response time against offered load',
    'Distribution of response times at half of the capacity',
    'Utilisation against offered load',
    'Memory and CPU time',
    'Balance between workers',
    'How good the model is here',
    'How it was measured',
    'What was invalid',
    'How to run it again',
  ]);
});

test('every id is there once, and what refers to one finds it', () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  const targets = [...page.matchAll(/(?:url\(#|href="#)([^)"]+)/g)].map(([, id]) => id);
  for (const target of targets) assert.ok(ids.includes(target), target);
});

test('what the model predicts is drawn, told in words, and left out where there is no model', () => {
  const without = pageOf(report, { state: 'none', reason: 'nothing was completed' });
  assert.doesNotMatch(without, /predicted/);
  const lines = (text: string) => text.match(/stroke-dasharray="3,2.5"/g)?.length ?? 0;
  // Of each of two cells: p50, p99, the utilisation of what gives out, and the interval of the capacity.
  assert.equal(lines(page) - lines(without), 8);
  assert.match(page, /<th scope="col" class>p99, predicted \(ms\)<\/th>/);
  assert.match(page, /<\/svg>predicted<\/li>/);
});

test('limits of containers are among the facts, and no model is drawn for a deployment that has some', () => {
  const run = calmRun();
  const containers = { workers: { cpus: 0.6, memory: 4e8 }, nginx: { cpuset: '0' } };
  const limited = (cell: Cell): Cell => ({ ...cell, deployment: { ...cell.deployment, containers } });
  const experiment = { ...run.experiment, cells: run.experiment.cells.map(limited) };
  const results = run.results.map(one => ({ ...one, trial: { ...one.trial, cell: limited(one.trial.cell) } }));
  const own = buildReport({ ...run, experiment, results });
  const text = pageOf(own, fitRunModel(own));
  assert.match(text, /limits of sync-2x1-2-w600m-400mb-n-set0[\s\S]{0,200}workers 0.6 CPUs, 400 MB; nginx CPUs 0/);
  assert.doesNotMatch(text, /predicted|undefined|NaN/);
});

test('no figure is missing in words: nothing says undefined, NaN or [object', () => {
  assert.doesNotMatch(page, /undefined|NaN|\[object|Infinity/);
});

test('a simulated run is marked before anything else is said', () => {
  const simulated = pageOf(buildReport({ ...calmRun(), runtime: 'simulated' }), model);
  const main = simulated.indexOf('<main>');
  assert.match(
    simulated.slice(main, main + 120),
    /^<main><p class="simulated" role="note"><strong>Simulated\.<\/strong>/,
  );
  assert.doesNotMatch(page, /<p class="simulated"/);
});

test('hostile texts stay texts', () => {
  const attacked = pageOf(buildReport(hostileRun()));
  assert.doesNotMatch(attacked, /<script|<img/i);
  // Every tag that is there is one that the calm page has, or one of a table of failures.
  const tagsOf = (text: string) => new Set([...text.matchAll(/<([a-zA-Z!][\w-]*)/g)].map(([, tag]) => tag));
  const unknown = [...tagsOf(attacked)].filter(tag => !tagsOf(page).has(tag));
  assert.deepEqual(unknown, []);
});

test('a run in which nothing was measured says so, and draws nothing', () => {
  const empty = pageOf(buildReport({ ...calmRun(), results: [] }));
  assert.match(empty, /sync was not measured: /);
  assert.doesNotMatch(empty, /class="plot"|undefined|NaN/);
});
