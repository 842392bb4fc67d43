import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RouteName, routes } from '../../services/contract.ts';
import { type TopologyName, topologyNames } from '../../services/topologies.ts';
import { limits, type Settings, tourSteps } from '../protocol.ts';
import { burstRefusal, settingsRefusal } from '../server/load-limits.ts';
import { allowedSettings, highestArrivalRate, largestBurst, mostUsers } from './allowed-settings.ts';
import { chartNames } from './charts/names.ts';
import { chartsIn, queryOf, settingsIn, tourIn } from './view-state.ts';

const present: Settings = {
  topologies: ['sync', 'hybrid'],
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

const asked = (query: string, staged: readonly TopologyName[] = topologyNames) => settingsIn(query, present, staged);

test('a view is written so that a person can read it', () => {
  assert.equal(queryOf({ settings: present }), '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60');
  assert.equal(
    queryOf({
      settings: {
        topologies: ['async'],
        workload: { route: 'plain', parameters: {} },
        load: { model: 'closed', users: 50, thinkTime: 0.5 },
        running: false,
      },
      charts: ['memory'],
    }),
    '?topologies=async&workload=plain&users=50&thinkTime=0.5&running=no&charts=memory',
  );
});

test('on the tour a view is its step, and not the settings that the step has made', () => {
  assert.equal(queryOf({ settings: present, tour: 'C4' }), '?tour=C4');
  assert.equal(tourIn('?tour=C4'), 'C4');
  assert.equal(asked('?tour=C4'), undefined);
});

test('a view that says nothing has no query', () => {
  assert.equal(queryOf({}), '');
  assert.equal(queryOf({ charts: chartNames }), '');
  assert.equal(asked(''), undefined);
  assert.equal(asked('?utm_source=mail'), undefined);
  assert.equal(tourIn(''), undefined);
  assert.equal(chartsIn(''), undefined);
});

test('every settings that are allowed come back from their query', () => {
  fc.assert(
    fc.property(anySettings, settings => {
      const allowed = allowedSettings(settings, topologyNames);
      assert.deepEqual(asked(queryOf({ settings: allowed })), allowed);
    }),
  );
});

test('whatever a query says, the settings are within their limits', () => {
  const name = fc.constantFrom('topologies', 'workload', 'arrivalRate', 'users', 'thinkTime', 'running', 'ms', 'units');
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom(...Object.keys(routes), '__proto__'));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), fields => {
      const settings = asked(`?${new URLSearchParams(fields)}`) ?? present;
      assert.deepEqual(allowedSettings(settings, topologyNames), settings);
    }),
  );
});

test('what an old or hostile URL asks for becomes what is nearest to it, or stays as it is', () => {
  const cases: [query: string, expected: Partial<Settings>][] = [
    ['?topologies=gone,hybrid,<script>', { topologies: ['hybrid'] }],
    ['?topologies=gone', { topologies: present.topologies }],
    ['?topologies=', { topologies: present.topologies }],
    ['?topologies=hybrid,sync,hybrid', { topologies: ['sync', 'hybrid'] }],
    ['?workload=constructor', { workload: present.workload }],
    ['?workload=delete', { workload: present.workload }],
    ['?ms=650', { workload: { route: 'wait', parameters: { ms: 650 } } }],
    ['?ms=99999', { workload: { route: 'wait', parameters: { ms: 5000 } }, load: { model: 'open', arrivalRate: 8 } }],
    ['?ms=-5', { workload: { route: 'wait', parameters: { ms: 0 } } }],
    ['?ms=NaN', { workload: present.workload }],
    ['?workload=cpu', { workload: { route: 'cpu', parameters: { units: 100 } } }],
    ['?workload=cpu&ms=10', { workload: { route: 'cpu', parameters: { units: 100 } } }],
    ['?workload=item&id=0', { workload: { route: 'item', parameters: { id: 1 } } }],
    ['?arrivalRate=1e9', { load: present.load }],
    ['?arrivalRate=999999', { load: { model: 'open', arrivalRate: 1000 } }],
    ['?arrivalRate=1', { load: { model: 'open', arrivalRate: 5 } }],
    ['?arrivalRate=60.4', { load: { model: 'open', arrivalRate: 60 } }],
    ['?users=9999&thinkTime=99', { load: { model: 'closed', users: 500, thinkTime: 10 } }],
    ['?users=7', { load: { model: 'closed', users: 7, thinkTime: 1 } }],
    ['?users=7&arrivalRate=80', { load: { model: 'open', arrivalRate: 80 } }],
    ['?running=no', { running: false }],
    ['?running=maybe', { running: true }],
  ];
  for (const [query, expected] of cases) assert.deepEqual(asked(query), { ...present, ...expected }, query);
});

test('what is not in this stack is not on its stage', () => {
  assert.deepEqual(asked('?topologies=sync,hybrid', ['async', 'hybrid'])?.topologies, ['hybrid']);
  assert.deepEqual(asked('?topologies=sync', ['async', 'hybrid'])?.topologies, ['hybrid']);
  assert.deepEqual(asked('?topologies=sync', ['async'])?.topologies, ['async']);
});

test('all topologies together get no more than the whole load', () => {
  assert.equal(highestArrivalRate(1, present.workload), 1000);
  assert.equal(highestArrivalRate(2, present.workload), 1000);
  assert.equal(highestArrivalRate(6, present.workload), 333);
  const all = asked(`?topologies=${topologyNames.join(',')}&arrivalRate=900`);
  assert.deepEqual(all?.load, { model: 'open', arrivalRate: 333 });
});

test('a workload that takes long gets fewer requests', () => {
  const long = { route: 'wait', parameters: { ms: 5000 } } as const;
  assert.equal(highestArrivalRate(2, long), 8);
  assert.equal(mostUsers(long), 80);
  assert.equal(largestBurst(long), 80);
  assert.deepEqual(asked('?ms=5000&arrivalRate=60')?.load, { model: 'open', arrivalRate: 8 });
});

test('the server refuses no settings that the page allows', () => {
  fc.assert(
    fc.property(anySettings, settings => {
      const allowed = allowedSettings(settings, topologyNames);
      assert.equal(settingsRefusal(allowed, topologyNames), undefined);
      assert.equal(burstRefusal(largestBurst(allowed.workload), allowed.workload), undefined);
    }),
  );
});

test('charts stay in their order, and unknown ones are left out', () => {
  assert.deepEqual(chartsIn('?charts=memory,gone,load'), ['load', 'memory']);
  assert.deepEqual(chartsIn('?charts='), []);
});

test('a step that the tour does not have is none', () => {
  assert.equal(tourIn('?tour=C6'), undefined);
  for (const step of tourSteps) assert.equal(tourIn(queryOf({ tour: step })), step);
});

const anySettings: fc.Arbitrary<Settings> = fc.record({
  topologies: fc.subarray([...topologyNames], { minLength: 1 }),
  workload: fc.constantFrom(...(Object.keys(routes) as RouteName[])).chain(route =>
    fc.record({
      route: fc.constant(route),
      parameters: fc.record(
        Object.fromEntries(
          routes[route].parameters.map(({ name, minimum, maximum }) => [
            name,
            fc.integer({ min: minimum, max: maximum }),
          ]),
        ),
      ),
    }),
  ),
  load: fc.oneof(
    fc.record({ model: fc.constant('open' as const), arrivalRate: fc.integer({ min: 5, max: limits.arrivalRate }) }),
    fc.record({
      model: fc.constant('closed' as const),
      users: fc.integer({ min: 1, max: limits.users }),
      thinkTime: fc.integer({ min: 0, max: limits.thinkTime * 10 }).map(tenths => tenths / 10),
    }),
  ),
  running: fc.boolean(),
});
