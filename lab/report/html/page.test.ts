import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderToString } from 'preact-render-to-string';
import type { Cell } from '../../../model/experiment.ts';
import { fitRunModel } from '../model.ts';
import { predictCells } from '../predictions.ts';
import { buildReport } from '../report.ts';
import { calmRun, hostileRun } from '../testdata/runs.ts';
import { ScoreSection } from './model-score.ts';
import { renderReport } from './page.ts';

const report = buildReport(calmRun());
const model = fitRunModel(report);
const page = renderReport(report, model);
/** Nothing is missing in words. */
const missing = /undefined|NaN|\[object|Infinity/;

test('the same results give the same bytes, and a page that loads and runs nothing', () => {
  assert.equal(renderReport(buildReport(calmRun())), page);
  assert.doesNotMatch(page, /<script|<link|<iframe|<img|\ssrc=|\son\w+=|@import|url\((?!#)|https?:/i);
  assert.doesNotMatch(page, missing);
});

test('the page has all its sections, from the answer to how to run it again, and every link finds its place', () => {
  const headings = [...page.matchAll(/<h([123])[^>]*>([^<]+)/g)].map(([, , text]) => text?.trim());
  assert.deepEqual(headings, [
    ...['The answer', 'Warnings', 'wait', 'Capacity', 'What stopped it', 'Response time against offered load'],
    ...['Distribution of response times at half of the capacity', 'Utilisation against offered load'],
    ...[
      'Memory and CPU time',
      'Balance between workers',
      'Accuracy of the model',
      'Method',
      'Invalid trials',
      'Run it again',
    ],
  ]);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target);
});

test('what the model predicts is drawn, and left out where there is no model', () => {
  const without = renderReport(report, { state: 'none', reason: 'nothing was completed' });
  assert.doesNotMatch(without, /predicted/);
  const lines = (text: string) => text.match(/stroke-dasharray="3 2.5"/g)?.length ?? 0;
  // Of each of two cells p50, p99, the utilisation of the bottleneck and the interval of the capacity; two legends.
  assert.equal(lines(page) - lines(without), 10);
  assert.match(page, />p99, predicted \(ms\)<\/th>/);
});

test('limits of containers are among the facts, and nothing is predicted for a deployment that has some', () => {
  const run = calmRun();
  const containers = { workers: { cpus: 0.6, memory: 4e8 }, nginx: { cpuset: '0' } };
  const limited = (cell: Cell): Cell => ({ ...cell, deployment: { ...cell.deployment, containers } });
  const experiment = { ...run.experiment, cells: run.experiment.cells.map(limited) };
  const results = run.results.map(one => ({ ...one, trial: { ...one.trial, cell: limited(one.trial.cell) } }));
  const text = renderReport(buildReport({ ...run, experiment, results }));
  assert.match(text, /limits of sync-2x1-2-w600m-400mb-n-set0[\s\S]{0,200}workers 0.6 CPUs, 400 MB; nginx CPUs 0/);
  assert.doesNotMatch(text, /predicted|undefined|NaN/);
});

test('a simulated run is marked before anything else is said', () => {
  const simulated = renderReport(buildReport({ ...calmRun(), runtime: 'simulated' }), model);
  assert.match(simulated, /<main><p class="simulated" role="note">/);
  assert.match(simulated, /<strong>Simulated:<\/strong>/);
  assert.doesNotMatch(page, /class="simulated"|Simulated/);
});

test('hostile texts become no element, and a run in which nothing was measured draws nothing', () => {
  const tags = (text: string) => new Set([...text.matchAll(/<([a-zA-Z!][\w-]*)/g)].map(([, tag]) => tag));
  const known = tags(page);
  assert.deepEqual(
    [...tags(renderReport(buildReport(hostileRun())))].filter(tag => !known.has(tag)),
    [],
  );
  const empty = renderReport(buildReport({ ...calmRun(), results: [] }));
  assert.match(empty, /sync was not measured: /);
  assert.doesNotMatch(empty, /class="plot"|undefined|NaN/);
});

test('held-out figures are shown in their units, with their errors, plain and beyond the intervals', () => {
  const predictions = predictCells(report, model);
  assert.ok(predictions);
  const beyond = { median: 0.013, most: 0.013 };
  const figures = [
    {
      ...({ cell: 'wait on sync-2x1-2', figure: 'capacity', error: 0.08, beyond: 0.013 } as const),
      ...{ predicted: { estimate: 90.1, low: 86, high: 94.4 }, measured: { estimate: 83.4, low: 80, high: 87 } },
    },
    {
      ...({ cell: 'wait on sync-4x1-4', figure: 'p99', arrivalRate: 119, error: -0.124, beyond: 0 } as const),
      ...{
        predicted: { estimate: 0.0432, low: 0.04, high: 0.047 },
        measured: { estimate: 0.0493, low: 0.045, high: 0.054 },
      },
    },
  ];
  const summary = {
    ...({ by: 'held out', fittedTo: ['wait on async-1x1-40'], predicted: ['one', 'other'] } as const),
    figures: [{ figure: 'capacity', predictions: 1, plain: { median: 0.08, most: 0.08 }, beyond } as const],
  };
  const html = renderToString(ScoreSection(report, { ...predictions, score: { summary, figures, questions: [] } }));
  const text = html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  for (const part of [
    /capacity of 1: off by 8 % in the median/,
    /wait on sync-2x1-2 capacity \(1\/s\) 90\.1 86\.\.94\.4 83\.4 80\.\.87 \+8\.0 % 1 %/,
    /wait on sync-4x1-4 p99 at 119\/s \(ms\) 43\.2 40\.\.47 49\.3 45\.\.54 −12 % 0 %/,
  ])
    assert.match(text, part);
});
