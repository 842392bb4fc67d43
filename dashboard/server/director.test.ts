import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { deploymentOf } from '../../model/deployment.ts';
import type { Settings } from '../protocol.ts';
import { Refusal } from './parts.ts';
import { Stage } from './testdata/stage.ts';

const wait: Settings = {
  deployments: ['sync', 'hybrid'],
  workload: { route: 'wait', parameters: { ms: 20 } },
  load: { model: 'open', arrivalRate: 60 },
  running: true,
};

test('what is sent at first is a load that the blocking workers hardly keep up with', () => {
  const { director, orders } = new Stage(['async', 'sync', 'hybrid']);
  assert.deepEqual(director.state, {
    settings: { ...wait, load: { model: 'open', arrivalRate: 100 } },
    requestsPerDot: 1,
    databaseConnections: {},
  });
  assert.deepEqual(orders, {
    stop: false,
    arrivalRate: 100,
    users: 0,
    thinkTime: 0,
    targets: [
      { name: 'sync', url: 'http://127.0.0.1:9002' },
      { name: 'hybrid', url: 'http://127.0.0.1:9003' },
    ],
    requests: [{ weight: 1, method: 'GET', path: '/wait?ms=20' }],
    timeLimit: 10,
    objective: 0.25,
    requestsPerDot: 1,
  });
});

test('two sizes of a topology are on the stage side by side, and are loaded, limited and ended apart', async () => {
  const large = deploymentOf('hybrid', 2);
  const stage = new Stage([large, { ...large, databaseConnections: 8 }]);
  assert.deepEqual(stage.director.state.settings.deployments, ['hybrid-2x1-40', 'hybrid-2x1-8']);
  stage.director.choose({ ...wait, deployments: ['hybrid-2x1-8', 'hybrid-2x1-40'] });
  assert.deepEqual(stage.orders?.targets, [
    { name: 'hybrid-2x1-40', url: 'http://127.0.0.1:9001' },
    { name: 'hybrid-2x1-8', url: 'http://127.0.0.1:9002' },
  ]);
  await stage.director.limitConnections('hybrid-2x1-8', 4);
  await stage.director.limitConnections('hybrid-2x1-40', 8);
  assert.deepEqual(stage.director.state.databaseConnections, { 'hybrid-2x1-8': 4, 'hybrid-2x1-40': 8 });
  stage.director.burst(5, ['hybrid-2x1-8']);
  assert.deepEqual(stage.bursts, [{ target: 'hybrid-2x1-8', requests: 5 }]);
  await stage.director.endWorker('hybrid-2x1-8', 'hybrid-1.1');
  await assert.rejects(
    stage.director.endWorker('hybrid', 'hybrid-1.1'),
    isRefusal(404, /^hybrid is not in this stack: there are hybrid-2x1-40, hybrid-2x1-8\.$/),
  );
  assert.throws(() => stage.director.burst(5, ['hybrid']), isRefusal(409, /^hybrid is not on the stage/));
});

test('what is chosen is ordered at once', () => {
  const stage = new Stage();
  const { changes } = stage;
  stage.director.choose({ ...wait, deployments: ['hybrid'], load: { model: 'closed', users: 7, thinkTime: 0.5 } });
  const { arrivalRate, users, thinkTime, targets } = stage.orders ?? {};
  assert.deepEqual(
    { arrivalRate, users, thinkTime, targets },
    { arrivalRate: 0, users: 7, thinkTime: 0.5, targets: [{ name: 'hybrid', url: 'http://127.0.0.1:9002' }] },
  );
  assert.equal(stage.changes, changes + 1);
});

test('what is chosen again changes nothing', () => {
  const stage = new Stage();
  stage.director.choose(wait);
  const { changes, ordered } = stage;
  stage.director.choose({ ...wait });
  stage.pass(3);
  assert.deepEqual({ changes: stage.changes, ordered: stage.ordered }, { changes, ordered });
});

test('deployments stand in the order of tables, each once', () => {
  const { director } = new Stage(['sync', 'async', 'hybrid']);
  director.choose({ ...wait, deployments: ['hybrid', 'sync', 'hybrid'] });
  assert.deepEqual(director.state.settings.deployments, ['sync', 'hybrid']);
});

test('settings that cannot be leave those in force as they are', () => {
  const stage = new Stage();
  const { settings } = stage.director.state;
  assert.throws(
    () => stage.director.choose({ ...wait, deployments: ['threads'] }),
    isRefusal(400, /^threads is not in/),
  );
  assert.equal(stage.director.state.settings, settings);
});

test('a load that is paused sends nothing but bursts', () => {
  const stage = new Stage();
  stage.director.choose({ ...wait, running: false });
  assert.equal(stage.director.state.rest, 'paused');
  assert.deepEqual([stage.orders?.stop, stage.orders?.arrivalRate, stage.orders?.users], [false, 0, 0]);
  stage.director.burst(5);
  assert.deepEqual(stage.bursts, [
    { target: 'sync', requests: 5 },
    { target: 'hybrid', requests: 5 },
  ]);
});

test('nothing is sent before the first page is open', () => {
  const stage = new Stage(['sync'], 0);
  assert.equal(stage.director.state.rest, 'unwatched');
  assert.equal(stage.orders?.stop, true);
  stage.director.watched(1);
  assert.equal(stage.director.state.rest, undefined);
  assert.equal(stage.orders?.stop, false);
});

test('the load stops when no page has been open for ten seconds', () => {
  const stage = new Stage();
  stage.director.watched(0);
  stage.pass(9);
  assert.equal(stage.director.state.rest, undefined);
  stage.pass(1);
  assert.equal(stage.director.state.rest, 'unwatched');
  assert.equal(stage.orders?.stop, true);
});

test('a page that is loaded again does not stop the load', () => {
  const stage = new Stage();
  stage.director.watched(0);
  stage.pass(5);
  stage.director.watched(1);
  stage.pass(30);
  assert.equal(stage.director.state.rest, undefined);
});

test('the load stops when nobody has touched anything for ten minutes, and goes on at the next touch', () => {
  const stage = new Stage();
  stage.pass(599);
  assert.equal(stage.director.state.rest, undefined);
  stage.pass(1);
  assert.equal(stage.director.state.rest, 'untouched');
  assert.equal(stage.orders?.stop, true);
  stage.director.touch();
  assert.equal(stage.director.state.rest, undefined);
});

test('who comes to a stage that nobody watched has touched it by that; one watcher more has not', () => {
  const stage = new Stage();
  stage.pass(600);
  stage.director.watched(2);
  assert.equal(stage.director.state.rest, 'untouched');
  stage.director.watched(0);
  stage.pass(10);
  stage.director.watched(1, true);
  assert.equal(stage.director.state.rest, undefined);
});

test('a page that comes back by itself after ten minutes touches nothing', () => {
  const stage = new Stage();
  stage.pass(590);
  stage.director.watched(0);
  stage.pass(20);
  stage.director.watched(1);
  assert.equal(stage.director.state.rest, 'untouched');
  assert.equal(stage.orders?.stop, true);
});

test('without k6 the state says so, and nothing is sent', () => {
  const stage = new Stage();
  stage.connected = false;
  stage.pass(1);
  assert.equal(stage.director.state.rest, 'no-generator');
  assert.throws(() => stage.director.burst(5), isRefusal(503, /^k6 does not ask for its orders/));
  stage.connected = true;
  stage.pass(1);
  assert.equal(stage.director.state.rest, undefined);
});

test('a burst goes to those that are named, and to nobody who is not on the stage', () => {
  const stage = new Stage();
  const request = { weight: 1, method: 'GET', path: '/plain' } as const;
  stage.director.burst(3, ['hybrid'], request);
  assert.deepEqual(stage.bursts, [{ target: 'hybrid', requests: 3, request }]);
  stage.director.choose({ ...wait, deployments: ['hybrid'] });
  assert.throws(() => stage.director.burst(3, ['sync']), isRefusal(409, /^sync is not on the stage/));
  assert.throws(() => stage.director.burst(1001, ['hybrid'], request), isRefusal(400, /1 to 1000 requests, not 1001/));
  assert.equal(stage.bursts.length, 1);
});

test('bursts one after the other are no more than one alone', () => {
  const stage = new Stage();
  stage.director.burst(600);
  assert.throws(
    () => stage.director.burst(401),
    isRefusal(409, /^600 requests were sent at once just now: wait a second/),
  );
  stage.director.burst(400);
  stage.pass(1);
  stage.director.burst(1000);
  assert.equal(stage.bursts.length, 6);
});

test('bursts whose work is not worked off yet let the next one wait', () => {
  const stage = new Stage();
  stage.director.choose({
    ...wait,
    workload: { route: 'wait', parameters: { ms: 5000 } },
    load: { model: 'open', arrivalRate: 1 },
  });
  // Of two blocking workers: three times what they carry in ten seconds.
  assert.throws(() => stage.director.burst(13), isRefusal(400, /1 to 12 requests, not 13/));
  stage.director.burst(12);
  stage.pass(9);
  assert.throws(() => stage.director.burst(1), isRefusal(409, /are still being worked off: wait some seconds/));
  assert.throws(() => stage.director.holdCpu(2), isRefusal(409, /are still being worked off/));
  stage.pass(1);
  stage.director.burst(12);
});

test('the CPU is held by one request that computes', () => {
  const stage = new Stage();
  stage.director.holdCpu(2, ['hybrid']);
  const request = { weight: 1, method: 'GET', path: '/cpu?units=40000' };
  assert.deepEqual(stage.bursts, [{ target: 'hybrid', requests: 1, request }]);
  assert.deepEqual(stage.marks, [{ time: 1000, kind: 'cpu-held', id: 'hybrid', count: 2 }]);
  assert.throws(() => stage.director.holdCpu(2.1), isRefusal(400, /for 2 s at most, not for 2\.1/));
});

test('connections are limited, told, and given back', async () => {
  const stage = new Stage();
  await stage.director.limitConnections('hybrid', 10);
  assert.deepEqual(stage.director.state.databaseConnections, { hybrid: 10 });
  await stage.director.limitConnections('hybrid', undefined);
  assert.deepEqual(stage.director.state.databaseConnections, {});
  assert.deepEqual(stage.done, ['hybrid has 10', 'hybrid has its own']);
  assert.deepEqual(stage.marks, [
    { time: 1000, kind: 'connections-changed', id: 'hybrid', count: 10 },
    { time: 1000, kind: 'connections-changed', id: 'hybrid', count: 40 },
  ]);
});

const connections = [
  ['fewer than workers', 'hybrid', 1, 400, /2 workers and only 1 database connections/],
  ['more than the database has for one', 'hybrid', 201, 400, /200 database connections at most, not 201/],
  [
    'more than a blocking worker can use',
    'sync',
    3,
    400,
    /one database connection for each request that it serves at once: 2, not 3/,
  ],
  ['those of a deployment that is not there', 'async', 10, 404, /^async is not in this stack: there are sync, hybrid/],
] as const;

for (const [sentence, id, count, status, message] of connections) {
  test(`connections that cannot be are refused: ${sentence}`, async () => {
    const stage = new Stage();
    await assert.rejects(stage.director.limitConnections(id, count), isRefusal(status, message));
    assert.deepEqual(stage.done, []);
  });
}

test('a worker is ended by its name', async () => {
  const stage = new Stage();
  await stage.director.endWorker('hybrid', 'hybrid-2.1');
  assert.deepEqual(stage.done, ['hybrid-2.1 is ended']);
  await assert.rejects(
    stage.director.endWorker('hybrid', 'hybrid-3.1'),
    isRefusal(404, /no worker hybrid-3\.1: it has hybrid-1\.1, hybrid-2\.1/),
  );
});

test('the database is away for five seconds, once at a time', async () => {
  const stage = new Stage();
  const taken = stage.director.takeDatabaseAway();
  await assert.rejects(stage.director.takeDatabaseAway(), isRefusal(409, /away already/));
  await taken;
  assert.equal(stage.director.state.databaseBackAt, 1005);
  stage.pass(7);
  assert.equal(stage.director.state.databaseBackAt, 1005, 'Postgres keeps it waiting');
  await assert.rejects(stage.director.takeDatabaseAway(), isRefusal(409, /away already/));
  stage.databaseIsBack();
  await setImmediate();
  assert.equal(stage.director.state.databaseBackAt, undefined);
  assert.deepEqual(stage.marks, [
    { time: 1000, kind: 'database-away' },
    { time: 1007, kind: 'database-back' },
  ]);
  await stage.director.takeDatabaseAway();
  assert.deepEqual(stage.done, ['the database is away for 5 s', 'the database is away for 5 s']);
});

test('a dot stands for more requests as the load grows, and for fewer when it has clearly fallen', () => {
  const { director } = new Stage();
  const at = (arrivalRate: number) => {
    director.choose({ ...wait, deployments: ['hybrid'], load: { model: 'open', arrivalRate } });
    return director.state.requestsPerDot;
  };
  assert.deepEqual([5, 120, 121, 240, 241, 1000, 600, 420, 168, 100, 80].map(at), [1, 1, 2, 2, 5, 10, 10, 5, 2, 2, 1]);
});

test('of a closed load a dot follows from what was seen', () => {
  const stage = new Stage();
  stage.director.choose({ ...wait, load: { model: 'closed', users: 20, thinkTime: 1 } });
  assert.equal(stage.director.state.requestsPerDot, 1);
  stage.director.choose({ ...wait, load: { model: 'closed', users: 500, thinkTime: 0 } });
  assert.equal(stage.director.state.requestsPerDot, 20);
  stage.pass(20, { sync: { offeredLoad: 90 }, hybrid: { offeredLoad: 800 } });
  assert.equal(stage.director.state.requestsPerDot, 10);
});

test('a large burst has fewer dots, and so has a long queue', () => {
  const stage = new Stage();
  stage.director.burst(1000);
  assert.deepEqual([stage.director.state.requestsPerDot, stage.orders?.requestsPerDot], [10, 10]);
  stage.pass(3, { sync: { inProgress: 800 } });
  assert.equal(stage.director.state.requestsPerDot, 5);
  stage.pass(1, { sync: { inProgress: 30 } });
  assert.equal(stage.director.state.requestsPerDot, 2);
});

function isRefusal(status: number, message: RegExp): (error: unknown) => boolean {
  return error => error instanceof Refusal && error.status === status && message.test(error.message);
}
