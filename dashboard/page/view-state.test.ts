import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RouteName, routes } from '../../model/contract/contract.ts';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import { type TopologyName, topologyNames } from '../../model/topology.ts';
import { type DeploymentId, type Settings, settingLimits, stageOf, tourSteps } from '../protocol.ts';
import { burstRefusal, settingsRefusal } from '../server/load-limits.ts';
import { type SharedMachine, TIME_LIMIT, workableIn } from '../work.ts';
import { allowedSettings, highestArrivalRate, largestBurst, mostUsers } from './allowed-settings.ts';
import { chartNames } from './charts/definitions.ts';
import { chartsIn, connectionsIn, queryOf, settingsIn, tourIn, type View } from './view-state.ts';

/** The ids of these topologies on two CPUs. */
function idsOf(...topologies: readonly TopologyName[]): DeploymentId[] {
  return topologies.map(topology => deploymentName(deploymentOf(topology, 2)));
}

const present: Settings = {
  deployments: idsOf('sync', 'hybrid'),
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

const machineOf = (topologies: readonly TopologyName[], cpus = 2): SharedMachine => ({
  deployments: topologies.map(topology => {
    const deployment = deploymentOf(topology, cpus);
    return { id: deploymentName(deployment), deployment };
  }),
  cpus,
});
const machine = machineOf(topologyNames);
const written = (view: View) => queryOf(view, machine.deployments);
const asked = (query: string, staged = topologyNames) => settingsIn(query, present, machineOf(staged));

test('a view is written so that a person can read it', () => {
  assert.equal(written({ settings: present }), '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60');
  assert.equal(
    written({
      settings: {
        deployments: idsOf('async'),
        workload: { route: 'plain', parameters: {} },
        load: { model: 'closed', users: 50, thinkTime: 0.5 },
        running: false,
      },
      charts: ['memory'],
    }),
    '?topologies=async&workload=plain&users=50&thinkTime=0.5&running=no&charts=memory',
  );
});

test('a limit of database connections stands in a view, and comes back as what is allowed and possible', () => {
  const query = written({ settings: present, connections: { 'hybrid-2x1-40': 10, 'async-1x1-40': 20 } });
  assert.equal(query, '?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60&connections=async:20,hybrid:10');
  assert.equal(written({ tour: 'C8', connections: { 'hybrid-2x1-40': 10 } }), '?tour=C8');
  const stage = stageOf(machineOf(['sync', 'hybrid']).deployments);
  const cases: [query: string, expected: Readonly<Record<DeploymentId, number>>][] = [
    [query, { 'hybrid-2x1-40': 10 }],
    ['?connections=hybrid:1', { 'hybrid-2x1-40': 2 }],
    ['?connections=hybrid:999999', { 'hybrid-2x1-40': settingLimits.databaseConnections }],
    ['?connections=sync:10,hybrid:10', { 'hybrid-2x1-40': 10 }],
    ['?connections=hybrid:-3', {}],
    ['?connections=hybrid:', {}],
    ['?connections=__proto__:3', {}],
    ['?connections=', {}],
    ['', {}],
  ];
  for (const [asked, expected] of cases) assert.deepEqual(connectionsIn(asked, stage), expected, asked);
});

test('two sizes of a topology stand in a view by their ids, and its name means both', () => {
  const large = deploymentOf('hybrid', 2);
  const two = [large, { ...large, databaseConnections: 8 }].map(deployment => ({
    id: deploymentName(deployment),
    deployment,
  }));
  const stage = stageOf([...two, ...machineOf(['sync']).deployments]);
  assert.deepEqual(
    stage.map(({ label }) => label),
    ['hybrid 2×1, 40 connections', 'hybrid 2×1, 8 connections', 'sync'],
  );
  const settings = { ...present, deployments: ['hybrid-2x1-8', 'sync-2x1-2'] };
  const query = queryOf({ settings, connections: { 'hybrid-2x1-8': 20 } }, stage);
  assert.equal(query, '?topologies=hybrid-2x1-8,sync&workload=wait&ms=20&arrivalRate=60&connections=hybrid-2x1-8:20');
  const there = { deployments: stage, cpus: 2 };
  assert.deepEqual(settingsIn(query, present, there), settings);
  assert.deepEqual(connectionsIn(query, stage), { 'hybrid-2x1-8': 20 });
  assert.deepEqual(settingsIn('?topologies=hybrid', present, there)?.deployments, ['hybrid-2x1-40', 'hybrid-2x1-8']);
  assert.deepEqual(connectionsIn('?connections=hybrid:10', stage), { 'hybrid-2x1-40': 10, 'hybrid-2x1-8': 10 });
});

test('on the tour a view is its step, and not the settings that the step has made', () => {
  assert.equal(written({ settings: present, tour: 'C4' }), '?tour=C4');
  assert.equal(tourIn('?tour=C4'), 'C4');
  assert.equal(asked('?tour=C4'), undefined);
});

test('a view that says nothing has no query', () => {
  assert.equal(written({}), '');
  assert.equal(written({ charts: chartNames }), '');
  assert.equal(asked(''), undefined);
  assert.equal(asked('?utm_source=mail'), undefined);
  assert.equal(tourIn(''), undefined);
  assert.equal(chartsIn(''), undefined);
});

test('every settings that are allowed come back from their query', () => {
  fc.assert(
    fc.property(anySettings, settings => {
      const allowed = allowedSettings(settings, machine);
      assert.deepEqual(asked(written({ settings: allowed })), allowed);
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
    ['?topologies=gone,hybrid,<script>', { deployments: idsOf('hybrid') }],
    ['?topologies=gone', { deployments: present.deployments }],
    ['?topologies=', { deployments: present.deployments }],
    ['?topologies=hybrid,sync,hybrid', { deployments: idsOf('sync', 'hybrid') }],
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
  assert.deepEqual(asked('?topologies=sync,hybrid', ['async', 'hybrid'])?.deployments, idsOf('hybrid'));
  assert.deepEqual(asked('?topologies=sync', ['async', 'hybrid'])?.deployments, idsOf('hybrid'));
  assert.deepEqual(asked('?topologies=sync', ['async'])?.deployments, idsOf('async'));
});

test('all topologies together get no more than the whole load', () => {
  const plain = { route: 'plain', parameters: {} } as const;
  const highest = (...topologies: TopologyName[]) =>
    highestArrivalRate({ deployments: idsOf(...topologies), workload: plain }, machine);
  assert.equal(highest('sync'), 1000);
  assert.equal(highest('sync', 'hybrid'), 1000);
  const each = Math.floor(2000 / topologyNames.length);
  assert.equal(highest(...topologyNames), each);
  const all = asked(`?topologies=${topologyNames.join(',')}&workload=plain&arrivalRate=900`);
  assert.deepEqual(all?.load, { model: 'open', arrivalRate: each });
});

test('a workload that takes long gets fewer requests', () => {
  const workload = { route: 'wait', parameters: { ms: 5000 } } as const;
  const most = (...topologies: TopologyName[]) =>
    [highestArrivalRate, mostUsers, largestBurst].map(of =>
      of({ deployments: idsOf(...topologies), workload }, machine),
    );
  assert.deepEqual(most('hybrid'), [8, 80, 80]);
  assert.deepEqual(most('sync'), [1, 12, 12]);
  assert.deepEqual(most('sync', 'hybrid'), [1, 12, 12]);
  assert.deepEqual(asked('?ms=5000&topologies=hybrid&arrivalRate=60')?.load, { model: 'open', arrivalRate: 8 });
});

test('the server refuses no settings that the page allows', () => {
  fc.assert(
    fc.property(anySettings, fc.integer({ min: 1, max: 64 }), (settings, cpus) => {
      const there = machineOf(topologyNames, cpus);
      const allowed = allowedSettings(settings, there);
      assert.equal(settingsRefusal(allowed, there), undefined);
      const workable = workableIn(TIME_LIMIT, allowed.workload, allowed.deployments, there);
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
  for (const step of tourSteps) assert.equal(tourIn(written({ tour: step })), step);
});

const anySettings: fc.Arbitrary<Settings> = fc.record({
  deployments: fc.subarray(idsOf(...topologyNames), { minLength: 1 }),
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
