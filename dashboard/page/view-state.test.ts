import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RouteName, routes } from '../../model/contract/contract.ts';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import { type TopologyName, topologyNames } from '../../model/topology.ts';
import { arrangeStage, type DeploymentId, type Settings, settingLimits, tourSteps } from '../protocol.ts';
import { highestArrivalRate, limitSettings, type SharedMachine } from '../work.ts';
import { chartNames } from './charts/definitions.ts';
import { allowedSettings, chartsIn, connectionsIn, settingsIn, tourIn, type View, viewQuery } from './view-state.ts';

/** The ids of these topologies on two CPUs. */
function listIds(...topologies: readonly TopologyName[]): DeploymentId[] {
  return topologies.map(topology => deploymentName(deploymentOf(topology, 2)));
}

function buildMachine(topologies: readonly TopologyName[], cpus = 2): SharedMachine {
  const deployments = topologies.map(topology => deploymentOf(topology, cpus));
  return { deployments: deployments.map(deployment => ({ id: deploymentName(deployment), deployment })), cpus };
}

const present: Settings = {
  deployments: listIds('sync', 'hybrid'),
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};
const machine = buildMachine(topologyNames);
const written = (view: View) => viewQuery(view, machine.deployments);
const asked = (query: string, staged = topologyNames) => settingsIn(query, present, buildMachine(staged));

test('a view is written so that a person can read it', () => {
  const closed: Settings = {
    deployments: listIds('async'),
    workload: { route: 'plain', parameters: {} },
    load: { model: 'closed', users: 50, thinkTime: 0.5 },
    running: false,
  };
  const cases: [View, string][] = [
    [{ settings: present }, '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60'],
    [
      { settings: closed, charts: ['memory'] },
      '?topologies=async&workload=plain&users=50&thinkTime=0.5&running=no&charts=memory',
    ],
    [{ settings: present, tour: 'C8', connections: { 'hybrid-2x1-40': 10 } }, '?tour=C8'],
    [{ charts: chartNames }, ''],
  ];
  for (const [view, query] of cases) assert.equal(written(view), query);
});

test('a query without settings asks for none', () => {
  for (const query of ['', '?tour=C4', '?utm_source=mail']) assert.equal(asked(query), undefined);
});

test('a limit of database connections comes back within what is possible', () => {
  const query = written({ settings: present, connections: { 'hybrid-2x1-40': 10, 'async-1x1-40': 20 } });
  assert.equal(query, '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60&connections=async:20,hybrid:10');
  const stage = arrangeStage(buildMachine(['sync', 'hybrid']).deployments);
  const cases: [query: string, limit: number | undefined][] = [
    [query, 10],
    ['?connections=hybrid:1', 2],
    ['?connections=hybrid:999999', settingLimits.databaseConnections],
    ['?connections=sync:10,hybrid:10', 10],
    ['?connections=hybrid:-3', undefined],
    ['?connections=hybrid:', undefined],
    ['?connections=__proto__:3', undefined],
    ['', undefined],
  ];
  for (const [query, limit] of cases) {
    const expected = limit === undefined ? {} : { 'hybrid-2x1-40': limit };
    assert.deepEqual(connectionsIn(query, stage), expected, query);
  }
});

test('two sizes of a topology have their ids in a query, and its name means both', () => {
  const large = deploymentOf('hybrid', 2);
  const sizes = [large, { ...large, databaseConnections: 8 }, deploymentOf('sync', 2)];
  const stage = arrangeStage(sizes.map(deployment => ({ id: deploymentName(deployment), deployment })));
  const there = { deployments: stage, cpus: 2 };
  const settings = { ...present, deployments: ['hybrid-2x1-8', 'sync-2x1-2'] };
  const query = viewQuery({ settings, connections: { 'hybrid-2x1-8': 20 } }, stage);
  assert.equal(query, '?topologies=hybrid-2x1-8,sync&workload=wait&ms=20&arrivalRate=60&connections=hybrid-2x1-8:20');
  assert.deepEqual(settingsIn(query, present, there), settings);
  assert.deepEqual(connectionsIn(query, stage), { 'hybrid-2x1-8': 20 });
  assert.deepEqual(settingsIn('?topologies=hybrid', present, there)?.deployments, ['hybrid-2x1-40', 'hybrid-2x1-8']);
  assert.deepEqual(connectionsIn('?connections=hybrid:10', stage), { 'hybrid-2x1-40': 10, 'hybrid-2x1-8': 10 });
});

const hostile: [query: string, expected: Partial<Settings>][] = [
  ['?topologies=gone,hybrid,<script>', { deployments: listIds('hybrid') }],
  ['?topologies=gone', {}],
  ['?topologies=', {}],
  ['?topologies=hybrid,sync,hybrid', {}],
  ['?workload=constructor', {}],
  ['?ms=650', { workload: { route: 'wait', parameters: { ms: 650 } }, load: { model: 'open', arrivalRate: 9 } }],
  ['?ms=99999', { workload: { route: 'wait', parameters: { ms: 5000 } }, load: { model: 'open', arrivalRate: 1 } }],
  ['?ms=-5', { workload: { route: 'wait', parameters: { ms: 0 } } }],
  ['?ms=NaN', {}],
  ['?workload=cpu&ms=10', { workload: { route: 'cpu', parameters: { units: 100 } } }],
  ['?workload=item&id=0', { workload: { route: 'item', parameters: { id: 1 } } }],
  ['?arrivalRate=1e9', {}],
  ['?arrivalRate=999999', { load: { model: 'open', arrivalRate: 300 } }],
  ['?arrivalRate=1', { load: { model: 'open', arrivalRate: 5 } }],
  ['?arrivalRate=60.4', {}],
  ['?users=9999&thinkTime=99', { load: { model: 'closed', users: 500, thinkTime: 10 } }],
  ['?users=7', { load: { model: 'closed', users: 7, thinkTime: 1 } }],
  ['?users=7&arrivalRate=80', { load: { model: 'open', arrivalRate: 80 } }],
  ['?running=no', { running: false }],
  ['?running=maybe', {}],
];
for (const [query, expected] of hostile) {
  test(`${query} asks for what is allowed and nearest`, () =>
    assert.deepEqual(asked(query), { ...present, ...expected }));
}

test('only deployments of the stack are on the stage', () => {
  assert.deepEqual(asked('?topologies=sync,hybrid', ['async', 'hybrid'])?.deployments, listIds('hybrid'));
  assert.deepEqual(asked('?topologies=sync', ['async'])?.deployments, listIds('async'));
});

test('all deployments together get no more than the whole load', () => {
  const highest = (...topologies: TopologyName[]) =>
    highestArrivalRate({ deployments: listIds(...topologies), workload: { route: 'plain', parameters: {} } }, machine);
  assert.deepEqual([highest('sync'), highest('sync', 'hybrid')], [1000, 1000]);
  assert.equal(highest(...topologyNames), Math.floor(2000 / topologyNames.length));
});

test('charts keep their order, and a step of the tour is one that exists', () => {
  assert.deepEqual(chartsIn('?charts=memory,gone,load'), ['load', 'memory']);
  assert.deepEqual([chartsIn('?charts='), chartsIn('')], [[], undefined]);
  for (const step of tourSteps) assert.equal(tourIn(written({ tour: step })), step);
  assert.deepEqual([tourIn('?tour=C6'), tourIn('')], [undefined, undefined]);
});

const anyWorkload = fc.constantFrom(...(Object.keys(routes) as RouteName[])).chain(route => {
  const parameters = routes[route].parameters.map(({ name, minimum, maximum }) => [
    name,
    fc.integer({ min: minimum, max: maximum }),
  ]);
  return fc.record({ route: fc.constant(route), parameters: fc.record(Object.fromEntries(parameters)) });
});
const anySettings: fc.Arbitrary<Settings> = fc.record({
  deployments: fc.subarray(listIds(...topologyNames), { minLength: 1 }),
  workload: anyWorkload,
  load: fc.oneof(
    fc.record({ model: fc.constant('open' as const), arrivalRate: fc.integer({ min: 5, max: 1000 }) }),
    fc.record({
      model: fc.constant('closed' as const),
      users: fc.integer({ min: 1, max: 500 }),
      thinkTime: fc.integer({ min: 0, max: 100 }).map(tenths => tenths / 10),
    }),
  ),
  running: fc.boolean(),
});

test('allowed settings come back from their query, and the server accepts them', () => {
  const check = (settings: Settings, cpus: number) => {
    const there = buildMachine(topologyNames, cpus);
    const allowed = allowedSettings(settings, there);
    assert.deepEqual(limitSettings(allowed, there), allowed);
    assert.deepEqual(settingsIn(viewQuery({ settings: allowed }, there.deployments), present, there), allowed);
  };
  fc.assert(fc.property(anySettings, fc.integer({ min: 1, max: 64 }), check));
});

test('the settings of any query are within their limits', () => {
  const name = fc.constantFrom('topologies', 'workload', 'arrivalRate', 'users', 'thinkTime', 'running', 'ms', 'units');
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom(...Object.keys(routes), '__proto__'));
  const check = (fields: [string, string][]) => {
    const settings = asked(`?${new URLSearchParams(fields)}`) ?? present;
    assert.deepEqual(allowedSettings(settings, machine), settings);
  };
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), check));
});
