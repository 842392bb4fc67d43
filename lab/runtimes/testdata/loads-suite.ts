/** What a measurement on real processes must tell of each kind of load. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Deployment, deploymentOf } from '../../../model/deployment.ts';
import type { Load, Trial } from '../../../model/experiment.ts';
import type { Measurement } from '../../../model/measurement.ts';
import type { Runtime, Stack } from '../../run/runtime.ts';
import { trialAt } from '../../search/testdata/cells.ts';

const blocking = deploymentOf('sync', 2);
const loop = deploymentOf('async', 2, { databaseConnections: 8 });
const requests = [{ weight: 1, route: 'wait', parameters: { ms: 200 } }] as const;
const never = new AbortController().signal;

/** Declares the tests of what a runtime measures; `runtimeOf` is asked for it once. */
export function loadsSuite(runtimeOf: () => Promise<Runtime>): void {
  let stack: Stack;

  before(async () => {
    stack = await (await runtimeOf()).start([blocking, loop], never);
    for (const deployment of [blocking, loop]) await stack.warmUp(cellOf(deployment), never);
  });

  after(() => stack.stop());

  function measure(deployment: Deployment, load: Load): Promise<Measurement> {
    const phases = { warmUp: 0, steadyState: 3, timeLimit: 5 };
    const trial: Trial = { ...trialAt(1, cellOf(deployment), { purpose: 'load', phases }), load };
    return stack.measure(trial, { signal: never, objective: 0.25, onProgress: () => 'go-on' });
  }

  test('a burst on blocking workers comes back in waves of as many as there are workers, each of which holds one', async () => {
    const { responses = [], workers = [], completions, stoppedEarly } = await measure(blocking, burst(6));
    const services = responses.map(({ responseTime }) => Math.round(responseTime / 0.21));
    assert.deepEqual(services, [1, 1, 2, 2, 3, 3]);
    assert.deepEqual(
      workers.map(({ inProgress }) => inProgress.most),
      [1, 1],
    );
    assert.deepEqual(completions, { sent: 6, succeeded: 6, byWorkers: 6 });
    assert.equal(stoppedEarly, false);
  });

  test('an event loop holds a whole burst at once, and those wait that find no connection', async () => {
    const { responses = [], workers = [], observed, activeBackends } = await measure(loop, burst(12));
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

  test('a closed load keeps its users in progress, as all who count see them', async () => {
    const users = 4;
    const measured = await measure(loop, { model: 'closed', users, thinkTime: 0.05 });
    const { throughput, workers = [], activeBackends, contextSwitches, utilisation, observed, inProgress } = measured;
    // 4 users ÷ (0.2 s + 0.05 s), less the overhead of a request.
    assert.ok(throughput > 11 && throughput < 16, `${throughput}/s`);
    assert.ok(observed > 2.9 && observed < 3.5, `${observed} s`);
    assert.ok(Math.max(...inProgress.map(({ requests: held }) => held)) <= users);
    const [worker] = workers;
    assert.ok(worker && worker.inProgress.most <= users && worker.inProgress.mean > users / 2, JSON.stringify(worker));
    assert.ok(worker.connectionWait < 0.1, `${worker.connectionWait} s of waiting for a connection`);
    // Looked at from time to time: 3.2 on average, less where this machine is busy with something else.
    assert.ok(
      activeBackends && activeBackends.most <= users && activeBackends.mean > 1,
      JSON.stringify(activeBackends),
    );
    // A request on an event loop is read, sent to the database, and answered: each a wait for events.
    // Where only the engine tells of its containers, their processes are not seen here.
    if (stack.environment.figures === 'engine API') assert.equal(contextSwitches, null);
    else assert.ok(contextSwitches && contextSwitches.voluntary > 1 && contextSwitches.voluntary < 30);
    // Less than a hundredth of a second of CPU time may not show.
    assert.ok(utilisation.nginx >= 0 && utilisation.nginx < 0.2, `nginx ${utilisation.nginx}`);
  });
}

function burst(requests: number): Load {
  return { model: 'burst', requests };
}

function cellOf(deployment: Deployment) {
  return { deployment, workload: { name: 'wait', requests } };
}
