import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { deploymentOf } from '../../model/deployment.ts';
import type { DeploymentId, LiveLoad, LiveWorkload, Rest, Settings } from '../protocol.ts';
import { limitSettings } from '../work.ts';
import { chooseFirstSettings } from './load.ts';
import { Refusal } from './refusal.ts';
import { Stage, stackWith } from './testdata/stage.ts';

const wait: LiveWorkload = { route: 'wait', parameters: { ms: 20 } };
const open = (arrivalRate: number): LiveLoad => ({ model: 'open', arrivalRate });
const closed = (users: number, thinkTime = 1): LiveLoad => ({ model: 'closed', users, thinkTime });
const settings: Settings = { deployments: ['sync', 'hybrid'], workload: wait, load: open(60), running: true };

/** Whether a refusal has this status, and names this. */
function isRefusal(status: number, what: RegExp): (error: unknown) => boolean {
  return error => error instanceof Refusal && error.status === status && what.test(error.message);
}

const firstSettings: [sentence: string, cpus: number, present: DeploymentId[], shown: DeploymentId[], rate: number][] =
  [
    ['a pool, and event loops in as many processes', 1, ['sync', 'async', 'hybrid'], ['sync', 'hybrid'], 50],
    ['a pool of threads beside one loop', 2, ['threads', 'async', 'async-express'], ['threads', 'async'], 400],
    ['a pool alone', 2, ['sync', 'threads'], ['sync'], 100],
    ['the first two, where there is no pool', 2, ['async', 'hybrid', 'async-express'], ['async', 'hybrid'], 100],
    ['no more than is allowed', 64, ['sync', 'hybrid'], ['sync', 'hybrid'], 1000],
  ];

test('the first settings load the pool a little more than it can serve', () => {
  for (const [sentence, cpus, present, shown, arrivalRate] of firstSettings) {
    const { deployments } = stackWith(...present);
    const sized = deployments.map(staged => ({ ...staged, deployment: deploymentOf(staged.id, cpus) }));
    const expected = { deployments: shown, workload: wait, load: open(arrivalRate), running: true };
    assert.deepEqual(chooseFirstSettings(sized), expected, sentence);
    assert.deepEqual(limitSettings(expected, { deployments: sized, cpus }), expected, sentence);
  }
});

test('k6 gets the first settings as orders', () => {
  const { director, orders } = new Stage(['async', 'sync', 'hybrid']);
  const first = { ...settings, load: open(100) };
  assert.deepEqual(director.state, { settings: first, requestsPerDot: 1, databaseConnections: {} });
  assert.deepEqual(orders, {
    ...{ stop: false, arrivalRate: 100, users: 0, thinkTime: 0 },
    targets: [
      { name: 'sync', url: 'http://127.0.0.1:9002' },
      { name: 'hybrid', url: 'http://127.0.0.1:9003' },
    ],
    requests: [{ weight: 1, method: 'GET', path: '/wait?ms=20' }],
    ...{ timeLimit: 10, objective: 0.25, requestsPerDot: 1 },
  });
});

test('what is chosen is ordered at once, in the order of the stack, and what is chosen again changes nothing', () => {
  const stage = new Stage();
  const { changes, ordered } = stage;
  const chosen = { ...settings, deployments: ['hybrid', 'sync', 'hybrid'], load: closed(7, 0.5) };
  for (const _ of [1, 2]) stage.director.choose(chosen);
  stage.pass(3);
  const { arrivalRate, users, thinkTime, targets } = stage.orders ?? {};
  assert.deepEqual([arrivalRate, users, thinkTime], [0, 7, 0.5]);
  assert.deepEqual(
    targets?.map(({ name }) => name),
    ['sync', 'hybrid'],
  );
  assert.deepEqual([stage.changes, stage.ordered], [changes + 1, ordered + 1]);
});

test('two sizes of a topology are loaded, limited and ended apart', async () => {
  const large = deploymentOf('hybrid', 2);
  const { director, orders, bursts, done } = new Stage([large, { ...large, databaseConnections: 8 }]);
  assert.deepEqual(
    orders?.targets.map(({ name }) => name),
    ['hybrid-2x1-40', 'hybrid-2x1-8'],
  );
  await director.limitConnections('hybrid-2x1-8', 4);
  assert.deepEqual(director.state.databaseConnections, { 'hybrid-2x1-8': 4 });
  director.burst(5, ['hybrid-2x1-8']);
  assert.deepEqual(bursts, [{ target: 'hybrid-2x1-8', requests: 5 }]);
  await director.endWorker('hybrid-2x1-8', 'hybrid-1.1');
  assert.deepEqual(done, ['hybrid-2x1-8 has 4', 'hybrid-1.1 is ended']);
  await assert.rejects(director.endWorker('hybrid', 'hybrid-1.1'), isRefusal(404, /hybrid-2x1-40, hybrid-2x1-8/));
});

const waiting = (ms: number): LiveWorkload => ({ route: 'wait', parameters: { ms } });
const plain: LiveWorkload = { route: 'plain', parameters: {} };
const work: LiveWorkload = { route: 'work', parameters: { units: 40_000, ms: 5000, reads: 0 } };

const limits: [sentence: string, deployments: DeploymentId[], workload: LiveWorkload, LiveLoad, limited: LiveLoad][] = [
  ['the highest arrival rate', ['hybrid'], wait, open(1001), open(1000)],
  ['three times what blocking workers can serve', ['sync', 'hybrid'], wait, open(301), open(300)],
  ['no arrivals', ['sync'], wait, open(-1), open(0)],
  ['a part of all arrivals each', ['sync', 'threads', 'hybrid'], plain, open(667), open(666)],
  ['the most users', ['sync'], wait, closed(501, 11), closed(500, 10)],
  ['whole users', ['sync'], wait, closed(0.4), closed(1)],
  ['the longest wait at few arrivals', ['hybrid'], waiting(5000), open(9), open(8)],
  ['users that leave their work behind', ['threads'], work, closed(100), closed(20)],
];

test('a load is moved within its limits', () => {
  for (const [sentence, deployments, workload, load, limited] of limits) {
    const { director } = new Stage(['sync', 'threads', 'hybrid']);
    director.choose({ deployments, workload, load, running: true });
    assert.deepEqual(director.state.settings, { deployments, workload, load: limited, running: true }, sentence);
  }
  // One loop on 64 CPUs computes on one of them.
  const machine = { deployments: [{ id: 'async', deployment: deploymentOf('async', 64) }], cpus: 64 };
  const workload: LiveWorkload = { route: 'cpu', parameters: { units: 40_000 } };
  const limited = (load: LiveLoad) => limitSettings({ deployments: ['async'], workload, load, running: true }, machine);
  assert.deepEqual([limited(open(2)).load, limited(closed(11)).load], [open(1), closed(10)]);
});

test('a stage and a workload that are not possible are moved to the nearest', () => {
  const { director } = new Stage();
  const chosen = (deployments: DeploymentId[], workload: LiveWorkload) => {
    director.choose({ deployments, workload, load: open(5), running: true });
    return [director.state.settings.deployments, director.state.settings.workload];
  };
  assert.deepEqual(chosen(['hybrid', 'gone', 'sync', 'hybrid'], waiting(5001)), [['sync', 'hybrid'], waiting(5000)]);
  assert.deepEqual(chosen([], { route: 'wait', parameters: {} }), [['sync'], waiting(20)]);
  assert.deepEqual(chosen(['gone'], { route: 'plain', parameters: { ms: 1 } }), [['sync'], plain]);
});

test('a load that is paused sends nothing but bursts', () => {
  const stage = new Stage();
  stage.director.choose({ ...settings, running: false });
  assert.equal(stage.director.state.rest, 'paused');
  assert.deepEqual([stage.orders?.stop, stage.orders?.arrivalRate, stage.orders?.users], [false, 0, 0]);
  stage.director.burst(5);
  assert.deepEqual(stage.bursts, [
    { target: 'sync', requests: 5 },
    { target: 'hybrid', requests: 5 },
  ]);
});

/** Seconds that pass, pages that are then open, and so on; and why the load rests in the end. */
const rests: [
  sentence: string,
  steps: (number | 'closed' | 'new page' | 'again' | 'change')[],
  rest: Rest | undefined,
][] = [
  ['one page is open', [599], undefined],
  ['no page changed anything for ten minutes', [600], 'untouched'],
  ['a page changes something then', [600, 'change'], undefined],
  ['one more page opens then', [600, 'new page'], 'untouched'],
  ['the page was closed for nine seconds', ['closed', 9], undefined],
  ['the page was closed for ten seconds', ['closed', 10], 'unwatched'],
  ['the page was loaded again', ['closed', 5, 'new page', 30], undefined],
  ['a page opens where no page changed anything for long', [600, 'closed', 10, 'new page'], undefined],
  ['a page connects again after ten minutes', [590, 'closed', 20, 'again'], 'untouched'],
];

test('the load rests where no page is open or in use', () => {
  for (const [sentence, steps, rest] of rests) {
    const stage = new Stage();
    for (const step of steps) {
      if (typeof step === 'number') stage.pass(step);
      else if (step === 'change') stage.director.touch();
      else stage.director.watched(step === 'closed' ? 0 : 1, step === 'new page');
    }
    assert.equal(stage.director.state.rest, rest, sentence);
    assert.equal(stage.orders?.stop, rest !== undefined, sentence);
  }
  assert.equal(new Stage(['sync'], 0).director.state.rest, 'unwatched', 'before the first page');
});

test('without k6 nothing can be sent', () => {
  const stage = new Stage();
  stage.connected = false;
  stage.pass(1);
  assert.equal(stage.director.state.rest, 'no-generator');
  assert.throws(() => stage.director.burst(5), isRefusal(503, /k6/));
  stage.connected = true;
  stage.pass(1);
  assert.equal(stage.director.state.rest, undefined);
});

test('bursts go to the stage, and several are no larger than one', () => {
  const stage = new Stage();
  for (const requests of [0, -5, 2.5, 1001]) {
    assert.throws(() => stage.director.burst(requests), isRefusal(400, /1 to 1000 requests/));
  }
  stage.director.burst(600);
  assert.throws(() => stage.director.burst(401), isRefusal(409, /^600 requests/));
  stage.director.burst(400);
  stage.pass(1);
  stage.director.burst(1000);
  assert.equal(stage.bursts.length, 6);
  stage.director.choose({ ...settings, deployments: ['hybrid'] });
  assert.throws(() => stage.director.burst(3, ['sync']), isRefusal(409, /^sync/));
});

test('a burst waits until the work of the ones before is done', () => {
  const stage = new Stage();
  stage.director.choose({ ...settings, workload: waiting(5000), load: open(1) });
  // Three times what two blocking workers serve in ten seconds.
  assert.throws(() => stage.director.burst(13), isRefusal(400, /1 to 12 requests/));
  stage.director.burst(12);
  stage.pass(9);
  assert.throws(() => stage.director.burst(1), isRefusal(409, /last bursts/));
  assert.throws(() => stage.director.holdCpu(2), isRefusal(409, /last bursts/));
  stage.pass(1);
  stage.director.burst(12);
});

test('the CPU is held by one request that computes', () => {
  const stage = new Stage();
  stage.director.holdCpu(2, ['hybrid']);
  const request = { weight: 1, method: 'GET', path: '/cpu?units=40000' };
  assert.deepEqual(stage.bursts, [{ target: 'hybrid', requests: 1, request }]);
  assert.deepEqual(stage.marks, [{ time: 1000, kind: 'cpu-held', id: 'hybrid', count: 2 }]);
});

test('connections are limited and given back; the next visitor finds the first settings', async () => {
  const stage = new Stage();
  const first = stage.director.state;
  await stage.director.limitConnections('hybrid', 10);
  assert.deepEqual(stage.director.state.databaseConnections, { hybrid: 10 });
  stage.director.choose({ ...settings, deployments: ['hybrid'], running: false });
  await stage.director.reset();
  assert.deepEqual(stage.director.state, first);
  assert.deepEqual(stage.done, ['hybrid has 10', 'hybrid has 40']);
  assert.deepEqual(stage.marks, [
    { time: 1000, kind: 'connections-changed', id: 'hybrid', count: 10 },
    { time: 1000, kind: 'connections-changed', id: 'hybrid', count: 40 },
  ]);
});

test('connections and workers that are not possible are refused', async () => {
  const { director, done } = new Stage();
  for (const [id, connections, status, what] of [
    ['hybrid', 1, 400, /2 workers/],
    ['hybrid', 2.5, 400, /whole number/],
    ['hybrid', 201, 400, /200 database connections at most/],
    ['sync', 3, 400, /2, not 3/],
    ['async', 10, 404, /^async is not in this stack/],
  ] as const) {
    await assert.rejects(director.limitConnections(id, connections), isRefusal(status, what));
  }
  await assert.rejects(director.endWorker('hybrid', 'hybrid-3.1'), isRefusal(404, /hybrid-1\.1, hybrid-2\.1/));
  assert.deepEqual(done, []);
});

test('the database is away for five seconds, once at a time, and until Postgres gives it back', async () => {
  const stage = new Stage();
  const taken = stage.director.takeDatabaseAway();
  await assert.rejects(stage.director.takeDatabaseAway(), isRefusal(409, /away already/));
  await taken;
  stage.pass(7);
  assert.equal(stage.director.state.databaseBackAt, 1005);
  await assert.rejects(stage.director.takeDatabaseAway(), isRefusal(409, /away already/));
  stage.databaseIsBack();
  await setImmediate();
  assert.equal(stage.director.state.databaseBackAt, undefined);
  assert.deepEqual(stage.marks, [
    { time: 1000, kind: 'database-away' },
    { time: 1007, kind: 'database-back' },
  ]);
  await stage.director.takeDatabaseAway();
});

test('a dot stands for more requests as the load grows, and for fewer when it has clearly fallen', () => {
  const { director } = new Stage();
  const at = (arrivalRate: number) => {
    director.choose({ ...settings, deployments: ['hybrid'], load: open(arrivalRate) });
    return director.state.requestsPerDot;
  };
  assert.deepEqual([5, 120, 121, 240, 241, 1000, 600, 420, 168, 100, 80].map(at), [1, 1, 2, 2, 5, 10, 10, 5, 2, 2, 1]);
});

test('the dots of a closed load, a burst and a queue follow from what is seen', () => {
  const stage = new Stage();
  const scale = () => stage.director.state.requestsPerDot;
  stage.director.choose({ ...settings, load: closed(20) });
  assert.equal(scale(), 1);
  stage.director.choose({ ...settings, load: closed(500, 0) });
  assert.equal(scale(), 20);
  stage.pass(20, { sync: { offeredLoad: 90 }, hybrid: { offeredLoad: 800 } });
  assert.equal(scale(), 10);

  const other = new Stage();
  other.director.burst(1000);
  assert.deepEqual([other.director.state.requestsPerDot, other.orders?.requestsPerDot], [10, 10]);
  other.pass(3, { sync: { inProgress: 800 } });
  assert.equal(other.director.state.requestsPerDot, 5);
  other.pass(1, { sync: { inProgress: 30 } });
  assert.equal(other.director.state.requestsPerDot, 2);
});
