/** What every runtime that runs real processes must do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { request } from 'undici';
import { requestFor } from '../../../model/contract/contract.ts';
import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Cell, Trial } from '../../../model/experiment.ts';
import { components } from '../../../model/measurement.ts';
import { checkContract } from '../../run/reference-service.ts';
import { runTrial } from '../../run/run-experiment.ts';
import type { Endpoint, Runtime, Stack } from '../../run/runtime.ts';
import { experimentOf, trialAt } from '../../search/testdata/cells.ts';

/** A runtime with what its tests must see of it from outside. */
export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** Everything that stacks have left or still run: processes, folders, containers, networks. */
  traces(): Promise<string[]>;
  /** Every k6 that runs for this process. */
  generators(): Promise<string[]>;
}

const blocking = deploymentOf('sync', 2);
const measured = deploymentOf('async', 2);
const hidden = deploymentOf('hybrid', 2, { databaseConnections: 4, hidden: true });
const requests = [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] as const;
const workload = { name: 'wait', requests };
const cell: Cell = { deployment: measured, workload };
const hiddenCell: Cell = { deployment: hidden, workload };
/** Storing takes milliseconds of Postgres, so that its CPU time shows; k6 is there until its last wait has ended. */
const storingCell: Cell = {
  deployment: measured,
  workload: {
    name: 'storing',
    requests: [
      { weight: 3, route: 'orders', parameters: {} },
      { weight: 1, route: 'wait', parameters: { ms: 500 } },
    ],
  },
};
const never = new AbortController().signal;

/** A trial at 100/s, whose every arrival is scored. */
function trialOf(steadyState: number, of = cell): Trial {
  return trialAt(100, of, { purpose: 'light', phases: { warmUp: 0, steadyState, timeLimit: 2 } });
}

/** Declares the tests of a runtime; `underTest` is asked for it once. */
export function runtimeSuite(underTest: () => Promise<RuntimeUnderTest>): void {
  let under: RuntimeUnderTest;
  let stack: Stack;
  let traces: string[];

  before(async () => {
    under = await underTest();
    traces = await under.traces();
    stack = await under.runtime.start([blocking, measured, hidden], never);
  });

  after(async () => {
    await stack.stop();
    assert.deepEqual(await under.traces(), traces, 'stop() leaves nothing');
  });

  test('every endpoint answers through nginx as the contract says', async () => {
    assert.deepEqual(
      stack.endpoints.map(({ deployment, workers }) => [deploymentName(deployment), workers]),
      [
        ['sync-2x1-2', 2],
        ['async-1x1-40', 1],
        ['hybrid-2x1-4-hidden', 2],
      ],
    );
    const told = stack.endpoints.filter(({ deployment }) => !deployment.hidden);
    assert.deepEqual(await checkContract(told, never), []);
  });

  test('what is sent is scored, and completed by the workers, once a deployment is warm', async () => {
    await stack.warmUp(storingCell, never);
    const seen: number[] = [];
    const measurement = await stack.measure(trialOf(6, storingCell), {
      signal: never,
      objective: 0.25,
      onProgress: ({ sent }) => {
        seen.push(sent);
        return 'go-on';
      },
    });
    const { completions, scored, cpuShare, memory, serviceDemand, utilisation, workers = [], others } = measurement;
    assert.ok(scored > 450, `${scored} of about 600 arrivals`);
    assert.deepEqual(completions, { sent: scored, succeeded: scored, byWorkers: scored });
    assert.ok(seen.length > 8, `${seen.length} reports`);
    for (const component of components) {
      assert.ok(
        cpuShare[component] > 0 && cpuShare[component] < 1,
        `${component} used ${cpuShare[component]} of the CPUs`,
      );
      assert.ok(memory[component] > 1e6 && memory[component] < 2e9, `${component} holds ${memory[component]} bytes`);
      assert.ok(
        serviceDemand[component] > 1e-6 && serviceDemand[component] < 0.02,
        `${component}: ${serviceDemand[component]} s a request`,
      );
    }
    // Of a machine that is full the sum may exceed it in its last digit.
    assert.ok(utilisation.cpu > 0 && utilisation.cpu <= 1 + 1e-9, `${utilisation.cpu} of the CPUs`);
    assert.deepEqual(
      workers.map(({ name }) => name),
      ['async-1.1'],
    );
    assert.deepEqual(
      others.map(({ name, completed, inProgress }) => ({ name, completed, inProgress })),
      [
        { name: 'sync-2x1-2', completed: 0, inProgress: 0 },
        { name: 'hybrid-2x1-4-hidden', completed: undefined, inProgress: undefined },
      ],
    );
    assert.deepEqual(await under.generators(), []);
  });

  test('a hidden deployment is measured from outside, without what only its workers could tell', async () => {
    const url = stack.endpoints.find(({ deployment }) => deployment.hidden)?.url;
    const { headers, body } = await request(`${url}/items/7`);
    assert.equal(((await body.json()) as { id: number }).id, 7);
    assert.deepEqual([headers['x-worker'], headers['server-timing']], [undefined, undefined]);

    await stack.warmUp(hiddenCell, never);
    const measurement = await stack.measure(trialOf(3, hiddenCell), {
      signal: never,
      objective: 0.25,
      onProgress: () => 'go-on',
    });
    const { completions, scored, cpuShare, serviceDemand, utilisation, connectionsInUse, others } = measurement;
    assert.ok(scored > 200, `${scored} of about 300 arrivals`);
    assert.deepEqual(completions, { sent: scored, succeeded: scored });
    assert.deepEqual([measurement.workers, measurement.contextSwitches], [undefined, undefined]);
    assert.deepEqual(Object.keys(utilisation).sort(), ['cpu', 'database-connections', 'nginx']);
    for (const component of ['workers', 'k6'] as const) {
      assert.ok(cpuShare[component] > 0 && cpuShare[component] < 1, `${component}: ${cpuShare[component]}`);
    }
    assert.ok(serviceDemand.workers > 1e-6 && serviceDemand.workers < 0.02, `${serviceDemand.workers} s a request`);
    // 100/s hold each of its 4 connections for half of the time.
    const { 'database-connections': held = 0 } = utilisation;
    assert.ok(held > 0.2 && held < 0.9, `${held} of its connections`);
    assert.ok(connectionsInUse && connectionsInUse.most <= 4, JSON.stringify(connectionsInUse));
    assert.deepEqual(
      others.map(({ name, completed, inProgress }) => ({ name, completed, inProgress })),
      [
        { name: 'sync-2x1-2', completed: 0, inProgress: 0 },
        { name: 'async-1x1-40', completed: 0, inProgress: 0 },
      ],
    );
  });

  test('a load that is told to stop ends early, with everything answered', async () => {
    const measurement = await stack.measure(trialOf(60), {
      signal: never,
      objective: 0.25,
      onProgress: ({ sent }) => (sent > 50 ? 'stop' : 'go-on'),
    });
    const { stoppedEarly, controlLost, completions, neverAnswered } = measurement;
    assert.deepEqual(
      { stoppedEarly, controlLost, neverAnswered },
      { stoppedEarly: true, controlLost: false, neverAnswered: 0 },
    );
    assert.ok(completions.sent > 50 && completions.sent < 1000, `${completions.sent} requests`);
    assert.equal(completions.byWorkers, completions.sent);
  });

  test('a trial beside another deployment at work is invalid', async () => {
    const trial = trialOf(2);
    const url = stack.endpoints.find(({ deployment }) => deployment === blocking)?.url;
    let asked = false;
    const result = await runTrial(trial, experimentOf([cell]), stack, {
      signal: never,
      onProgress: () => {
        if (asked) return;
        asked = true;
        void request(`${url}/plain`).then(({ body }) => body.dump());
      },
    });
    assert.ok(result.state === 'invalid', JSON.stringify(result));
    assert.equal(result.reason.kind, 'other-deployment-at-work', JSON.stringify(result.reason));
    assert.ok('completed' in result.reason && result.reason.completed === 1, JSON.stringify(result.reason));
  });

  test('a trial beside a hidden deployment at work is invalid, as its CPU time shows', async () => {
    const url = stack.endpoints.find(({ deployment }) => deployment.hidden)?.url;
    let asked = false;
    const result = await runTrial(trialOf(2), experimentOf([cell]), stack, {
      signal: never,
      onProgress: () => {
        if (asked) return;
        asked = true;
        // 0.2 s of CPU time or more.
        void request(`${url}/cpu?units=8000`).then(({ body }) => body.dump());
      },
    });
    assert.ok(result.state === 'invalid', JSON.stringify(result));
    const { reason } = result;
    assert.ok(reason.kind === 'other-deployment-at-work', JSON.stringify(reason));
    assert.deepEqual([reason.name, 'completed' in reason], ['hybrid-2x1-4-hidden', false]);
  });

  // After all that measure: its last requests are still worked at when it has ended.
  test('a load that is interrupted ends soon, and leaves no generator', async () => {
    const interruption = new AbortController();
    let interruptedAt = 0;
    const measuring = stack.measure(trialOf(60), {
      signal: interruption.signal,
      objective: 0.25,
      onProgress: ({ sent }) => {
        if (sent > 20 && !interruption.signal.aborted) {
          interruptedAt = performance.now();
          interruption.abort(new LoadlineError('interrupted', 'stopped by the test'));
        }
        return 'go-on';
      },
    });
    await assert.rejects(measuring, { code: 'interrupted' });
    assert.ok(performance.now() - interruptedAt < 3000, `${performance.now() - interruptedAt} ms`);
    assert.deepEqual(await under.generators(), []);
  });

  const impossible: [why: string, deployments: Deployment[]][] = [
    ['whose numbers cannot be', [{ ...measured, processes: 3 }]],
    ['that is there twice', [measured, { ...measured }]],
  ];
  for (const [why, deployments] of impossible) {
    test(`a deployment ${why} is refused, and nothing is left of it`, async () => {
      const there = await under.traces();
      await assert.rejects(under.runtime.start(deployments, never), { code: 'deployment-impossible' });
      assert.deepEqual(await under.traces(), there);
    });
  }

  test('a second stack does not meet the first, nor take it along', async () => {
    const there = await under.traces();
    const second = await under.runtime.start([measured], never);
    try {
      const [other] = second.endpoints;
      assert.ok(other && !stack.endpoints.some(({ url }) => url === other.url));
      assert.ok((await placeOrder(stack.endpoints[1])) > 1);
      assert.equal(await placeOrder(other), 1, 'its database is its own');
    } finally {
      await second.stop();
    }
    assert.deepEqual(await under.traces(), there);
    assert.equal(await statusOf(`${stack.endpoints[1]?.url}/items/7`), 200);
  });

  test('what is interrupted while it starts leaves nothing', async () => {
    const there = await under.traces();
    const interruption = AbortSignal.timeout(400);
    await assert.rejects(under.runtime.start([measured], interruption), error => error === interruption.reason);
    assert.deepEqual(await under.traces(), there);
  });
}

/** The number of the order. */
async function placeOrder(endpoint: Endpoint | undefined): Promise<number> {
  const { method, path, body } = requestFor('orders', {});
  const headers = { 'content-type': 'application/json' };
  const answer = await request(`${endpoint?.url}${path}`, { method, body: body ?? null, headers });
  return ((await answer.body.json()) as { id: number }).id;
}

async function statusOf(url: string): Promise<number> {
  const { statusCode, body } = await request(url);
  await body.dump();
  return statusCode;
}
