import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RouteName, routes } from '../../model/contract/contract.ts';
import { deploymentOf } from '../../model/deployment.ts';
import { type TopologyName, topologyNames } from '../../model/topology.ts';
import { type Settings, settingLimits, tourSteps } from '../protocol.ts';
import { burstRefusal, settingsRefusal } from '../server/load-limits.ts';
import { type Machine, TIME_LIMIT, workableIn } from '../work.ts';
import { allowedSettings, highestArrivalRate, largestBurst, mostUsers } from './allowed-settings.ts';
import { chartNames } from './charts/names.ts';
import { chartsIn, connectionsIn, queryOf, settingsIn, tourIn } from './view-state.ts';

const present: Settings = {
  topologies: ['sync', 'hybrid'],
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

const machineOf = (topologies: readonly TopologyName[]): Machine => ({
  deployments: topologies.map(topology => deploymentOf(topology, 2)),
  cpus: 2,
});
const machine = machineOf(topologyNames);
const asked = (query: string, staged = topologyNames) => settingsIn(query, present, machineOf(staged));

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

const staged = (topology: TopologyName, workers: readonly string[]) => ({
  deployment: deploymentOf(topology, workers.length),
  workers,
});

test('a limit of database connections stands in a view, and comes back as what is allowed and possible', () => {
  const query = queryOf({ settings: present, connections: { hybrid: 10, async: 20 } });
  assert.equal(query, '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60&connections=async:20,hybrid:10');
  assert.equal(queryOf({ tour: 'C8', connections: { hybrid: 10 } }), '?tour=C8');
  const stage = [staged('sync', ['a', 'b']), staged('hybrid', ['c', 'd'])];
  const cases: [query: string, expected: Partial<Record<TopologyName, number>>][] = [
    [query, { hybrid: 10 }],
    ['?connections=hybrid:1', { hybrid: 2 }],
    ['?connections=hybrid:999999', { hybrid: settingLimits.databaseConnections }],
    ['?connections=sync:10,hybrid:10', { hybrid: 10 }],
    ['?connections=hybrid:-3', {}],
    ['?connections=hybrid:', {}],
    ['?connections=__proto__:3', {}],
    ['?connections=', {}],
    ['', {}],
  ];
  for (const [asked, expected] of cases) assert.deepEqual(connectionsIn(asked, stage), expected, asked);
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
      const allowed = allowedSettings(settings, machine);
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
      assert.deepEqual(allowedSettings(settings, machine), settings);
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
    ['?ms=650', { workload: { route: 'wait', parameters: { ms: 650 } }, load: { model: 'open', arrivalRate: 9 } }],
    ['?ms=99999', { workload: { route: 'wait', parameters: { ms: 5000 } }, load: { model: 'open', arrivalRate: 1 } }],
    ['?ms=-5', { workload: { route: 'wait', parameters: { ms: 0 } } }],
    ['?ms=NaN', { workload: present.workload }],
    ['?workload=cpu', { workload: { route: 'cpu', parameters: { units: 100 } } }],
    ['?workload=cpu&ms=10', { workload: { route: 'cpu', parameters: { units: 100 } } }],
    ['?workload=item&id=0', { workload: { route: 'item', parameters: { id: 1 } } }],
    ['?arrivalRate=1e9', { load: present.load }],
    ['?arrivalRate=999999', { load: { model: 'open', arrivalRate: 300 } }],
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
  const plain = { route: 'plain', parameters: {} } as const;
  const highest = (...topologies: TopologyName[]) => highestArrivalRate({ topologies, workload: plain }, machine);
  assert.equal(highest('sync'), 1000);
  assert.equal(highest('sync', 'hybrid'), 1000);
  assert.equal(highest(...topologyNames), 333);
  const all = asked(`?topologies=${topologyNames.join(',')}&workload=plain&arrivalRate=900`);
  assert.deepEqual(all?.load, { model: 'open', arrivalRate: 333 });
});

test('a workload that takes long gets fewer requests', () => {
  const workload = { route: 'wait', parameters: { ms: 5000 } } as const;
  const most = (...topologies: TopologyName[]) =>
    [highestArrivalRate, mostUsers, largestBurst].map(of => of({ topologies, workload }, machine));
  assert.deepEqual(most('hybrid'), [8, 80, 80]);
  assert.deepEqual(most('sync'), [1, 12, 12]);
  assert.deepEqual(most('sync', 'hybrid'), [1, 12, 12]);
  assert.deepEqual(asked('?ms=5000&topologies=hybrid&arrivalRate=60')?.load, { model: 'open', arrivalRate: 8 });
});

test('the server refuses no settings that the page allows', () => {
  fc.assert(
    fc.property(anySettings, fc.integer({ min: 1, max: 64 }), (settings, cpus) => {
      const there = { deployments: topologyNames.map(topology => deploymentOf(topology, cpus)), cpus };
      const allowed = allowedSettings(settings, there);
      assert.equal(settingsRefusal(allowed, there), undefined);
      const workable = workableIn(TIME_LIMIT, allowed.workload, allowed.topologies, there);
      assert.equal(burstRefusal(largestBurst(allowed, there), workable), undefined);
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
    fc.record({
      model: fc.constant('open' as const),
      arrivalRate: fc.integer({ min: 5, max: settingLimits.arrivalRate }),
    }),
    fc.record({
      model: fc.constant('closed' as const),
      users: fc.integer({ min: 1, max: settingLimits.users }),
      thinkTime: fc.integer({ min: 0, max: settingLimits.thinkTime * 10 }).map(tenths => tenths / 10),
    }),
  ),
  running: fc.boolean(),
});
