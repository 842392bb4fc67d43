import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addedBy, barsOf } from './bars.ts';
import type { Calibration } from './calibration.ts';
import { accuracyAt, calibrationWith } from './testdata/calibrations.ts';

const good = calibrationWith();
const [arrivals] = good.arrivals;
const { stall } = good;

test('a good instrument on a quiet machine meets every bar', () => {
  assert.deepEqual(
    barsOf(good).filter(({ met }) => !met),
    [],
  );
});

test('what nginx adds is what it adds to k6', () => {
  const [bare, nginx] = good.accuracy;
  assert.ok(bare && nginx);
  assert.equal(addedBy(bare, good.accuracy).p50, 0.0002);
  assert.ok(Math.abs(addedBy(nginx, good.accuracy).p50 - 0.00015) < 1e-12);
});

const faults: [what: string, given: Partial<Calibration>, bar: RegExp][] = [
  ['a busy machine', { rest: { busy: 0.2, steal: 0 } }, /quiet/],
  ['a machine that becomes busy', { noise: { ...good.noise, trials: 14, disturbed: 6 } }, /^and while/],
  ['a k6 that adds 0.31 ms', { accuracy: [accuracyAt('bare', 0.00031)] }, /^k6 adds at 500\/s, p50$/],
  ['a k6 that sees less than there was', { accuracy: [accuracyAt('bare', -0.00031)] }, /^k6 adds/],
  [
    'an nginx that adds 0.31 ms',
    { accuracy: [accuracyAt('bare', 0.0001), accuracyAt('nginx', 0.00041)] },
    /^nginx adds at 500\/s, p50$/,
  ],
  ...(arrivals
    ? ([
        ['an arrival that was not sent', { arrivals: [{ ...arrivals, sent: 1499 }] }, /^arrivals at 500/],
        ['an arrival that did not come', { arrivals: [{ ...arrivals, came: 1499 }] }, /^arrivals at 500/],
        [
          'gaps that are not exponential',
          { arrivals: [{ ...arrivals, intendedGaps: { distance: 0.2, p: 0.0001 } }] },
          /gaps are exponential/,
        ],
        ['counts of bursts', { arrivals: [{ ...arrivals, cameCounts: { index: 3, p: 0 } }] }, /counts at the server/],
      ] satisfies [string, Partial<Calibration>, RegExp][])
    : []),
  ...(stall
    ? ([
        ['a stall that is not seen', { stall: { ...stall, p99: 0.2 } }, /stops for 1.4 s/],
        ['an arrival that is lost in a stall', { stall: { ...stall, neverSent: 1 } }, /no arrival is lost/],
      ] satisfies [string, Partial<Calibration>, RegExp][])
    : []),
  [
    'a difference between equal deployments',
    { noise: { ...good.noise, sameRatioWide: { estimate: 1.1, low: 1.01, high: 1.2 } } },
    /two equal deployments/,
  ],
];
for (const [what, given, bar] of faults) {
  test(`${what} misses one bar, which names it`, () => {
    const missed = barsOf(calibrationWith(given)).filter(({ met }) => !met);
    assert.equal(missed.length, 1);
    assert.match(missed[0]?.name ?? '', bar);
  });
}
