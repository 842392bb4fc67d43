/** What every runtime that runs real processes must do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { request } from 'undici';
import { requestFor } from '../../../model/contract/contract.ts';
import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Cell, Load, Trial } from '../../../model/experiment.ts';
import { components, type Measurement } from '../../../model/measurement.ts';
import { checkContract } from '../../run/reference-service.ts';
import { runTrial } from '../../run/run-experiment.ts';
import type { Endpoint, MeasureOptions, Runtime, Stack } from '../../run/runtime.ts';
import { experimentWith, trialAt } from '../../search/testdata/cells.ts';

/** A runtime, with what its tests must see of it from outside. */
export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** Everything that stacks have left or still run: processes, folders, containers, networks. */
  traces(): Promise<string[]>;
  /** Every k6 that runs for this process. */
  generators(): Promise<string[]>;
}

const blocking = deploymentOf('sync', 2);
const loop = deploymentOf('async', 2, { databaseConnections: 8 });
const hidden = deploymentOf('hybrid', 2, { databaseConnections: 4, hidden: true });
const never = new AbortController().signal;

function waiting(deployment: Deployment, ms: number): Cell {
  return { deployment, workload: { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms } }] } };
}

/** Storing takes milliseconds of Postgres, so that its CPU time shows; k6 is there until its last wait has ended. */
const storing: Cell = {
  deployment: loop,
  workload: {
    name: 'storing',
    requests: [
      { weight: 3, route: 'orders', parameters: {} },
      { weight: 1, route: 'wait', parameters: { ms: 200 } },
    ],
  },
};

/** A trial at 100/s, whose every arrival is scored. */
function buildTrial(steadyState: number, cell = waiting(loop, 20)): Trial {
  return trialAt(100, cell, { purpose: 'light', phases: { warmUp: 0, steadyState, timeLimit: 2 } });
}

/** Declares the tests of a runtime; `underTest` is asked for it once. */
export function runtimeSuite(underTest: () => Promise<RuntimeUnderTest>): void {
  let under: RuntimeUnderTest;
  let stack: Stack;
  let traces: string[];

  before(async () => {
    under = await underTest();
    traces = await under.traces();
    stack = await under.runtime.start([blocking, loop, hidden], never);
  });

  after(async () => {
    await stack?.stop();
    assert.deepEqual(await under.traces(), traces, 'stop() leaves nothing');
  });

  function endpointOf(deployment: Deployment): Endpoint {
    const endpoint = stack.endpoints.find(one => one.deployment === deployment);
    assert.ok(endpoint);
    return endpoint;
  }

  function measure(trial: Trial, options: Partial<MeasureOptions> = {}): Promise<Measurement> {
    return stack.measure(trial, { signal: never, objective: 0.25, onProgress: () => 'go-on', ...options });
  }

  function measureLoad(deployment: Deployment, load: Load): Promise<Measurement> {
    const phases = { warmUp: 0, steadyState: 3, timeLimit: 5 };
    return measure({ ...trialAt(1, waiting(deployment, 200), { purpose: 'load', phases }), load });
  }

  test('every endpoint answers through nginx as the contract says', async () => {
    assert.deepEqual(
      stack.endpoints.map(({ deployment, workers }) => [deploymentName(deployment), workers]),
      [
        ['sync-2x1-2', 2],
        ['async-1x1-8', 1],
        ['hybrid-2x1-4-hidden', 2],
      ],
    );
    const told = stack.endpoints.filter(({ deployment }) => !deployment.hidden);
    assert.deepEqual(await checkContract(told, never), []);
  });

  test('what is sent is scored, and completed by the workers, once a deployment is warm', async () => {
    await stack.warmUp(storing, never);
    const seen: number[] = [];
    const measurement = await measure(buildTrial(4, storing), {
      onProgress: ({ sent }) => {
        seen.push(sent);
        return 'go-on';
      },
    });
    const { completions, scored, cpuShare, memory, serviceDemand, utilisation, workers = [], others } = measurement;
    assert.ok(scored > 300, `${scored} of about 400 arrivals`);
    assert.deepEqual(completions, { sent: scored, succeeded: scored, byWorkers: scored });
    assert.ok(seen.length > 8, `${seen.length} reports`);
    for (const component of components) {
      const [share, held, demand] = [cpuShare[component], memory[component], serviceDemand[component]];
      assert.ok(share > 0 && share < 1, `${component} used ${share} of the CPUs`);
      assert.ok(held > 1e6 && held < 2e9, `${component} holds ${held} bytes`);
      assert.ok(demand > 1e-6 && demand < 0.02, `${component}: ${demand} s a request`);
    }
    // On a machine that is full the sum may exceed it in its last digit.
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
    const { headers, body } = await request(`${endpointOf(hidden).url}/items/7`);
    assert.equal(((await body.json()) as { id: number }).id, 7);
    assert.deepEqual([headers['x-worker'], headers['server-timing']], [undefined, undefined]);

    await stack.warmUp(waiting(hidden, 20), never);
    const measurement = await measure(buildTrial(3, waiting(hidden, 20)));
    const { completions, scored, cpuShare, serviceDemand, utilisation, connectionsInUse } = measurement;
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
  });

  test('a burst on blocking workers comes back in waves, one response for each worker', async () => {
    await stack.warmUp(waiting(blocking, 200), never);
    const { responses = [], workers = [], completions } = await measureLoad(blocking, { model: 'burst', requests: 6 });
    const services = responses.map(({ responseTime }) => Math.round(responseTime / 0.21));
    assert.deepEqual(services, [1, 1, 2, 2, 3, 3]);
    assert.deepEqual(
      workers.map(({ inProgress }) => inProgress.most),
      [1, 1],
    );
    assert.deepEqual(completions, { sent: 6, succeeded: 6, byWorkers: 6 });
  });

  test('an event loop holds a whole burst at once, and requests without a connection wait', async () => {
    const measured = await measureLoad(loop, { model: 'burst', requests: 12 });
    const { responses = [], workers = [], observed, activeBackends } = measured;
    assert.equal(responses.length, 12);
    const [worker] = workers;
    assert.ok(worker);
    assert.equal(worker.inProgress.most, 12);
    // Six to seven of twelve on a quiet machine; a blocking worker would hold one.
    assert.ok(worker.inProgress.mean > 2 && worker.inProgress.mean < 12, `${worker.inProgress.mean} on average`);
    // Four of the twelve wait for the first eight.
    assert.ok(worker.connectionWait > 0.7, `${worker.connectionWait} s`);
    // Two waves, where one worker that blocks would need 2.4 s.
    assert.ok(observed > 0.35 && observed < 2.4, `a burst of ${observed} s`);
    assert.equal(activeBackends?.most, 8);
  });

  test('a closed load keeps its users in progress, as k6, workers and Postgres count them', async () => {
    const users = 4;
    const measured = await measureLoad(loop, { model: 'closed', users, thinkTime: 0.05 });
    const { throughput, workers = [], activeBackends, contextSwitches, utilisation, observed, inProgress } = measured;
    // 4 users ÷ (0.2 s + 0.05 s), less the overhead of a request.
    assert.ok(throughput > 11 && throughput < 16, `${throughput}/s`);
    assert.ok(observed > 2.9 && observed < 3.5, `${observed} s`);
    assert.ok(Math.max(...inProgress.map(({ requests: held }) => held)) <= users);
    const [worker] = workers;
    assert.ok(worker && worker.inProgress.most <= users && worker.inProgress.mean > users / 2, JSON.stringify(worker));
    assert.ok(worker.connectionWait < 0.1, `${worker.connectionWait} s of waiting for a connection`);
    // 3.2 on average, less where this machine is busy with something else.
    assert.ok(
      activeBackends && activeBackends.most <= users && activeBackends.mean > 1,
      JSON.stringify(activeBackends),
    );
    // A request is read, sent to the database, and answered: each a wait for events. `null`: an engine on another kernel.
    if (contextSwitches === null) assert.equal(under.runtime.name, 'compose');
    else assert.ok(contextSwitches && contextSwitches.voluntary > 1 && contextSwitches.voluntary < 30);
    // Less than a hundredth of a second of CPU time may not show.
    assert.ok(utilisation.nginx >= 0 && utilisation.nginx < 0.2, `nginx ${utilisation.nginx}`);
  });

  test('a load that is told to stop ends early, with everything answered', async () => {
    const measurement = await measure(buildTrial(60), { onProgress: ({ sent }) => (sent > 50 ? 'stop' : 'go-on') });
    const { stoppedEarly, controlLost, completions, neverAnswered } = measurement;
    assert.deepEqual([stoppedEarly, controlLost, neverAnswered], [true, false, 0]);
    assert.ok(completions.sent > 50 && completions.sent < 1000, `${completions.sent} requests`);
    assert.equal(completions.byWorkers, completions.sent);
  });

  const disturbances = [
    { name: 'sync-2x1-2', deployment: blocking, path: '/plain', tells: true },
    // 0.2 s of CPU time or more.
    { name: 'hybrid-2x1-4-hidden', deployment: hidden, path: '/cpu?units=8000', tells: false },
  ];
  for (const { name, deployment, path, tells } of disturbances) {
    test(`a trial is invalid while ${name} is at work`, async () => {
      let asked: Promise<unknown> | undefined;
      const onProgress = () => {
        asked ??= request(endpointOf(deployment).url + path).then(({ body }) => body.dump());
      };
      const trial = buildTrial(2);
      const result = await runTrial(trial, experimentWith([trial.cell]), stack, { signal: never, onProgress });
      await asked;
      assert.ok(result.state === 'invalid', JSON.stringify(result));
      const { reason } = result;
      assert.ok(reason.kind === 'other-deployment-at-work', JSON.stringify(reason));
      assert.deepEqual([reason.name, 'completed' in reason], [name, tells]);
    });
  }

  // After all that measure: its last requests are still worked at when it has ended.
  test('a load that is interrupted ends soon, and leaves no generator', async () => {
    const interruption = new AbortController();
    let interruptedAt = 0;
    const measuring = measure(buildTrial(60), {
      signal: interruption.signal,
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

  test('an impossible deployment is refused, and nothing is left of it', async () => {
    const there = await under.traces();
    for (const deployments of [[{ ...loop, processes: 3 }], [loop, { ...loop }]]) {
      await assert.rejects(under.runtime.start(deployments, never), { code: 'deployment-impossible' });
    }
    assert.deepEqual(await under.traces(), there);
  });

  test('a second stack does not meet the first, nor take it along', async () => {
    const there = await under.traces();
    const second = await under.runtime.start([loop], never);
    try {
      const [other] = second.endpoints;
      assert.ok(other && !stack.endpoints.some(({ url }) => url === other.url));
      assert.ok((await placeOrder(endpointOf(loop))) > 1);
      assert.equal(await placeOrder(other), 1, 'its database is its own');
    } finally {
      await second.stop();
    }
    assert.deepEqual(await under.traces(), there);
    const { statusCode, body } = await request(`${endpointOf(loop).url}/items/7`);
    await body.dump();
    assert.equal(statusCode, 200);
  });
}

/** The number of the order. */
async function placeOrder({ url }: Endpoint): Promise<number> {
  const { method, path, body } = requestFor('orders', {});
  const headers = { 'content-type': 'application/json' };
  const answer = await request(`${url}${path}`, { method, body: body ?? null, headers });
  return ((await answer.body.json()) as { id: number }).id;
}
