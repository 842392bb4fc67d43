import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName, deploymentOf } from '../../model/deployment.ts';
import type { Place, Probe, ProbeQuery, ProbeSample, Usage } from '../probe/probe.ts';
import { processCounters, workerCounters } from '../probe/testdata/counters.ts';
import { DeploymentObserver, type ProbedEndpoint, type ProbedStack } from './deployment-observer.ts';

const container = (name: string): Place => ({ container: name, pid: 1 });
const machine = { busy: 10, total: 40, steal: 1 };
const usage = (cpu: number): Usage => ({ cpu, memory: cpu * 1e6, throttled: cpu / 10 });

/** A probe that keeps what it was asked, and gives these samples one after the other. */
function answering(...samples: Omit<ProbeSample, 'time'>[]): Probe & { asked: ProbeQuery[] } {
  const asked: ProbeQuery[] = [];
  return {
    asked,
    sample: async query => {
      asked.push(query);
      return { time: asked.length, ...samples[asked.length - 1] };
    },
    close: async () => undefined,
  };
}

function buildEndpoint(topology: 'sync' | 'hybrid', place: Place, ...controls: string[]): ProbedEndpoint {
  const deployment = deploymentOf(topology, 2);
  const databaseRole = deploymentName(deployment);
  return { deployment, url: 'http://127.0.0.1:1', workers: 2, controls, databaseRole, workersPlace: () => place };
}

const hybrid = buildEndpoint('hybrid', container('hybrid'), 'http://hybrid:10001', 'http://hybrid:10002');
const sync = buildEndpoint('sync', container('sync'), 'http://sync:10001');
const unseen: ProbedEndpoint = {
  ...buildEndpoint('hybrid', container('hidden')),
  deployment: deploymentOf('hybrid', 2, { hidden: true }),
};

function buildStack(probe: Probe, ...endpoints: ProbedEndpoint[]): ProbedStack {
  return { probe, endpoints, nginx: container('nginx'), postgres: container('database'), nginxProcesses: 2 };
}

test('a snapshot has what the control threads count, and what each container uses and was held up', async () => {
  const memoryKills = { count: 1, limit: 4e8 };
  const probe = answering({
    counters: [
      { ...processCounters(11, workerCounters('hybrid-1.1', { completed: 5 })), memoryKills },
      { ...processCounters(12, workerCounters('hybrid-2.1', { completed: 7 })), memoryKills: { count: 2, limit: 4e8 } },
    ],
    machine,
    throttled: 99,
    usage: { nginx: usage(1), workers: usage(2), postgres: usage(3) },
    contextSwitches: { voluntary: 5, involuntary: 6 },
  });
  const snapshot = await new DeploymentObserver(buildStack(probe, hybrid, sync), hybrid).read();
  assert.deepEqual(snapshot.cpu, { nginx: 1, workers: 2, postgres: 3, k6: 0 });
  assert.deepEqual(snapshot.throttled, { nginx: 0.1, workers: 0.2, postgres: 0.3 });
  assert.deepEqual(snapshot.machine, machine);
  assert.deepEqual(snapshot.processes, [11, 12]);
  assert.deepEqual(snapshot.memoryKills, { count: 2, limit: 4e8 }, 'as the latest process counted');
  assert.deepEqual(
    snapshot.workers?.map(({ name, completed }) => [name, completed]),
    [
      ['hybrid-1.1', 5],
      ['hybrid-2.1', 7],
    ],
  );
  assert.deepEqual(probe.asked[0]?.controls, hybrid.controls);
});

test('a generator that has ended keeps what it had used and held', async () => {
  const others = { nginx: usage(1), workers: usage(1), postgres: usage(1) };
  const probe = answering(
    { machine, usage: { ...others, k6: usage(4) } },
    { machine, usage: others },
    { machine, usage: others },
  );
  const observer = new DeploymentObserver(buildStack(probe, hybrid), hybrid);
  observer.generatorStarted(container('k6'));
  await observer.read();
  assert.equal((await observer.read()).cpu.k6, 4);
  assert.equal((await observer.readWithMemory()).memory.k6, 4e6);
});

test('processes of this machine are held up all together', async () => {
  const processes: Place = { pids: [7] };
  const probe = answering({ machine, throttled: 0.5, usage: { nginx: { cpu: 1 } } });
  const stack = { ...buildStack(probe, hybrid), nginx: processes, postgres: processes };
  const snapshot = await new DeploymentObserver(stack, { ...hybrid, workersPlace: () => processes }).read();
  assert.deepEqual(snapshot.throttled, { stack: 0.5 });
});

test('of the other deployments each is told what its own processes did', async () => {
  const probe = answering({
    counters: [processCounters(21, workerCounters('sync-1.1', { completed: 3, inProgress: 1 }))],
    usage: { 'sync-2x1-2': usage(8) },
  });
  const others = await new DeploymentObserver(buildStack(probe, hybrid, sync), hybrid).readOthers();
  assert.deepEqual(others, [{ name: 'sync-2x1-2', completed: 3, inProgress: 1, cpu: 8 }]);
});

test('the connections of a deployment are those of its role', async () => {
  const own = { active: 2, inUse: 3, open: 9 };
  const sessions = { 'hybrid-2x1-40': own, loadline: { active: 7, inUse: 7, open: 7 } };
  const probe = answering({ sessions }, { sessions: {} }, { sessions: null });
  const observer = new DeploymentObserver(buildStack(probe, hybrid), hybrid);
  assert.deepEqual(await observer.sessions(), own);
  const none = { active: 0, inUse: 0, open: 0 };
  assert.deepEqual(await observer.sessions(), none, 'a role without connections is not told of');
  assert.equal(await observer.sessions(), null);
});

test('of a hidden deployment its processes are known where they can be seen, and nothing of its workers', async () => {
  const probe = answering({ machine }, { machine });
  const here = { ...unseen, workersPlace: () => ({ pids: [31, 32] }) };
  const stack = buildStack(probe, unseen, here);
  const read = (endpoint: ProbedEndpoint) => new DeploymentObserver(stack, endpoint).read();
  const [contained, seen] = [await read(unseen), await read(here)];
  assert.deepEqual([contained.processes, seen.processes], [[], [31, 32]]);
  assert.deepEqual(['workers' in seen, 'contextSwitches' in seen], [false, false]);
  assert.equal(probe.asked[0]?.contextSwitches, undefined);
});
