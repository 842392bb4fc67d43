/** The observation of a stack that works: real workers, nginx's own log, and k6 as it is run beside a dashboard. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { findNginx, type Nginx, startNginx } from '../../../lab/runtimes/local/nginx.ts';
import { claimPorts } from '../../../lab/runtimes/local/ports.ts';
import type { LocalStack } from '../../../lab/runtimes/local/stack.ts';
import { startTemporaryStack } from '../../../lab/runtimes/local/testdata/temporary-stack.ts';
import { type RunningScript, startScript } from '../../../loadtests/testdata/run.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { controlsOf, targetOf } from '../../../model/stack-plan.ts';
import type { DeploymentId, DotArrival, DotCompletion, Mark, WorkerState } from '../../protocol.ts';
import type { StackDeployment } from '../config.ts';
import { createDeskServer, GeneratorDesk } from '../generator-desk.ts';
import { StackObservation } from './observation.ts';

const ARRIVAL_RATE = 30;
const WAIT = 0.02;
/** Of the load, in seconds. */
const DURATION = 3;
const LIMIT = 30;
const LOOK_EVERY_MS = 50;
const names = ['sync', 'hybrid'] as const satisfies DeploymentId[];

const clock = () => Date.now() / 1000;
const desk = new GeneratorDesk(clock);
const deskServer = createDeskServer(desk);
const arrivals: DotArrival[] = [];
const completions: DotCompletion[] = [];
const marks: Mark[] = [];
let workers: Partial<Record<DeploymentId, readonly WorkerState[]>> = {};
let stack: LocalStack;
let folder: string;
let nginx: Nginx;
let k6: RunningScript;
let deployments: StackDeployment[];
let observation: StackObservation;

before(async () => {
  stack = await startTemporaryStack(names.map(name => deploymentOf(name, 2)));
  folder = await mkdtemp(join(tmpdir(), 'loadline-observation-'));
  const program = await findNginx();
  assert.ok(program, 'nginx is needed for this test');
  await using claim = await claimPorts(names.length + 1);
  const [status = 0, ...ports] = claim.ports;
  const planned = stack.endpoints.map(({ planned }, index) => ({ ...planned, nginxPort: ports[index] ?? 0 }));
  deployments = planned.map(one => {
    const { deployment, nginxPort } = one;
    return { id: deployment.topology, deployment, nginxPort, target: targetOf(one), controls: controlsOf(one) };
  });
  const requestLog = join(folder, 'live.log');
  nginx = await startNginx(program, {
    ...{ folder, statusPort: status, workerProcesses: 2, measuring: false, accessLog: false, liveLog: requestLog },
    deployments: planned,
  });
  const orders = await deskServer.listen({ host: '127.0.0.1', port: 0 });
  observation = new StackObservation({ deployments, requestLog }, desk, { say: assert.fail, clock });
  observation.onMark = mark => marks.push(mark);
  observation.look(names);
  k6 = startScript('live.ts', { ORDERS: `${orders}/` });
});

after(async () => {
  observation?.close();
  await k6?.[Symbol.asyncDispose]();
  await deskServer.close();
  await nginx?.stop();
  await stack?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

function order(arrivalRate: number): void {
  desk.obey({
    ...{ stop: false, arrivalRate, users: 0, thinkTime: 1, timeLimit: 10, objective: 0.25, requestsPerDot: 2 },
    targets: deployments.map(({ id, target }) => ({ name: id, url: target })),
    requests: [{ weight: 1, method: 'GET', path: `/wait?ms=${WAIT * 1000}` }],
  });
}

function takeFrame(): void {
  const frame = observation.frame();
  arrivals.push(...frame.arrivals);
  completions.push(...frame.completions);
  workers = frame.workers ?? workers;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + LIMIT * 1000;
  for (takeFrame(); !holds(); takeFrame()) {
    assert.ok(performance.now() < deadline, `not within ${LIMIT} s: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Until k6 has got everything back, and nginx's log has been read. */
async function untilAnswered(): Promise<void> {
  await until('everything is answered and logged', () => {
    const { k6, nginx } = observation.totals();
    return names.every(name => k6[name]?.sent === k6[name]?.completed && k6[name]?.completed === nginx[name]);
  });
  await until('every dot is back', () => completions.length === arrivals.length);
}

test('what k6 sends is what nginx counts, and every dot is served by a worker', async () => {
  await until('k6 has asked', () => desk.connected);
  const windows = names.map(name => observation.open(name));
  observation.second();
  order(ARRIVAL_RATE);
  const least = ARRIVAL_RATE * DURATION;
  await until('enough was sent', () => names.every(name => (observation.totals().k6[name]?.sent ?? 0) >= least));
  const second = observation.second();
  order(0);
  await untilAnswered();
  // A request of another program has no dot, and does not count.
  await fetch(`${deployments[0]?.target}/plain`, { headers: { 'X-Loadline-Dot': '1' } });

  for (const [index, name] of names.entries()) {
    const window = windows[index] ?? assert.fail();
    const { nginx, k6, utilisation, memory, mostInProgress } = window.read();
    window.close();
    assert.ok(k6.sent >= least);
    assert.deepEqual([k6.completed, nginx.completed, nginx.failed], [k6.sent, k6.sent, k6.failed], name);
    assert.equal(nginx.completions.length, k6.sent - k6.failed);
    // On a machine with much else to do a first connection to the database may take too long.
    assert.ok(k6.failed <= 0.05 * k6.sent, `${name} failed ${k6.failed} of ${k6.sent} times`);
    const waited = nginx.databaseWait / nginx.completed;
    assert.ok(waited >= WAIT && waited < 0.5, `${name} waited ${waited} s a request`);
    assert.ok(nginx.app >= nginx.databaseWait);
    assert.ok(
      nginx.responseTime.sum >= nginx.app * 0.9,
      `${nginx.responseTime.sum} s in all, ${nginx.app} s of them at work`,
    );
    assert.ok(memory > 20e6 && memory < 1e9, `${name}: ${memory} bytes`);
    assert.ok(utilisation.cpu > 0 && utilisation.workers > 0);
    if (name === 'sync') assert.deepEqual([...new Set(Object.values(mostInProgress))], [1], 'one at a time');
    const { offeredLoad = 0, throughput = 0 } = second.deployments[name] ?? {};
    const noise = 4 * Math.sqrt(least);
    assert.ok(Math.abs(offeredLoad * DURATION - least) < noise, `${name} was offered ${offeredLoad}/s`);
    assert.ok(throughput > 0, `${name} answered ${throughput}/s`);
  }

  const sent = new Map(arrivals.map(([name, dot, sentAt]) => [dot, { name, sentAt }]));
  assert.ok(completions.length >= least, `${completions.length} dots of one in two requests to two deployments`);
  const served = completions.filter(([, , , , , status]) => status === 200);
  assert.ok(served.length >= 0.9 * completions.length, `${served.length} of ${completions.length} dots were served`);
  for (const [dot, worker, begunAt, databaseWait, endedAt] of served) {
    const { name, sentAt = Number.NaN } = sent.get(dot) ?? {};
    assert.ok(worker === 0 || worker === 1, `${name} ${dot} by worker ${worker}`);
    const seen = `${name}: sent ${sentAt}, begun ${begunAt}, waited ${databaseWait} s, ended ${endedAt}`;
    // Each moment is rounded to a tenth of a millisecond.
    assert.ok(begunAt >= sentAt && endedAt - begunAt >= databaseWait - 2e-4 && databaseWait >= WAIT * 0.9, seen);
  }
});

test('a worker that exits is seen to end and to come back', async () => {
  await until('the workers are alive', () => names.every(name => workers[name]?.every(({ alive }) => alive)));
  const control = deployments.find(({ id }) => id === 'hybrid')?.controls[1];
  await fetch(`${control}/exit`, { method: 'POST' });
  await until('it is back', () => marks.some(({ kind }) => kind === 'worker-back'));
  const ofWorkers = marks.filter(({ worker }) => worker !== undefined);
  assert.deepEqual(
    ofWorkers.map(({ kind, id, worker }) => ({ kind, id, worker })),
    [
      { kind: 'worker-ended', id: 'hybrid', worker: 'hybrid-2.1' },
      { kind: 'worker-back', id: 'hybrid', worker: 'hybrid-2.1' },
    ],
  );
});
