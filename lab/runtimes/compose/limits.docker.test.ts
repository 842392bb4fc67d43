import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Cell, Experiment, Trial } from '../../../model/experiment.ts';
import type { Measurement } from '../../../model/measurement.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { parseExperiment } from '../../experiment/parse.ts';
import { findBottleneck } from '../../explain/bottleneck.ts';
import { cellInUnits, measureCpuUnit } from '../../run/reference-service.ts';
import type { Stack } from '../../run/runtime.ts';
import { listDeployments } from '../../run/stacks.ts';
import { docker, splitLines } from './docker.ts';
import { type Engine, findEngine, isThere } from './engine.ts';
import { PROCESS_LABEL } from './leftovers.ts';
import { ComposeRuntime } from './runtime.ts';
import { killForMemory } from './testdata/kill-for-memory.ts';

const root = join(import.meta.dirname, '../../..');
const { signal } = new AbortController();

/** 5 ms of CPU a request: 0.1 CPUs carry 20 of them each second, less what the processes need for themselves. */
const text = `
name: limited
budget: 60
deployments:
  - topology: hybrid
    containers:
      workers: { cpus: [0.1, 0.2], cpuset: '0', memory: 300MB }
      nginx: { cpus: 0.5, memory: 100MB }
      postgres: { cpus: 0.5 }
  - async
workloads: [cpu]
`;
const phases = { warmUp: 1, steadyState: 3, timeLimit: 2.5 };

describe('limits of containers', { skip: withoutDocker() }, () => {
  let engine: Engine;
  let experiment: Experiment;
  let stack: Stack;
  /** The limits of nginx before anything is measured. */
  let began: Awaited<ReturnType<typeof readLimits>>;
  let inUnits: (cell: Cell) => Cell;

  before(async () => {
    const found = await findEngine();
    assert.ok(isThere(found));
    engine = found;
    const runtime = await ComposeRuntime.on({ root, engine, say: () => undefined }, signal);
    experiment = parseExperiment(text, { file: 'limited.yaml', cpus: runtime.availableCpus });
    stack = await runtime.start(listDeployments(experiment.cells), signal);
    began = await readLimits('nginx');
    inUnits = cellInUnits(await measureCpuUnit(stack.endpoints[0]?.url ?? '', signal));
  });

  after(() => stack?.stop());

  function trialOf(cell: Cell, arrivalRate: number): Trial {
    const load = { model: 'open', arrivalRate } as const;
    return { ...{ id: 't', purpose: 'capacity', seed: 1, block: 1, position: 1 }, cell, load, phases };
  }

  async function measured(trial: Trial): Promise<Measurement> {
    await stack.warmUp(inUnits(trial.cell), signal);
    const { responseTime } = experiment.objective;
    return stack.measure(
      { ...trial, cell: inUnits(trial.cell) },
      { signal, objective: responseTime, onProgress: () => 'go-on' },
    );
  }

  test('the limit that stops a deployment is named, and with one twice as high much more is carried', async () => {
    const carried: number[] = [];
    for (const [index, cpus] of [0.1, 0.2].entries()) {
      const cell = experiment.cells[index];
      assert.equal(cell?.deployment.containers?.workers?.cpus, cpus);
      const trial = trialOf(cell, 400 * cpus);
      const measurement = await measured(trial);
      carried.push(measurement.throughput);
      assert.ok((measurement.throttledBy?.workers ?? 0) > 0, JSON.stringify(measurement.throttledBy));
      // The kernel counts in periods of 0.1 s.
      assert.ok((measurement.utilisation['workers-cpus'] ?? 2) < 1.1, JSON.stringify(measurement.utilisation));
      const result = { state: 'completed', trial, elapsed: 4, measurement } as const;
      const found = findBottleneck(cell, [result], { state: 'none' }, experiment);
      assert.equal(found?.resource, 'workers-cpus', found?.sentence);
      assert.ok(found?.sentence.includes(`their limit of ${cpus} CPUs`), found?.sentence);
      assert.ok(measurement.memory.workers < 300e6, `${measurement.memory.workers} bytes`);
    }
    const [less = 0, more = 0] = carried;
    assert.ok(more > 1.5 * less, `${less}/s and ${more}/s`);
  });

  test('nginx and Postgres have the limits of the deployment that is measured, and their own for one without', async () => {
    const [limited, , free] = experiment.cells;
    assert.ok(limited && free);
    await measured(trialOf(limited, 5));
    assert.deepEqual(await readLimits('nginx'), { cpus: 0.5, memory: 100e6 });
    assert.equal((await readLimits('database')).cpus, 0.5);
    const measurement = await measured(trialOf(free, 5));
    assert.deepEqual(Object.keys(measurement.utilisation), ['cpu', 'workers', 'database-connections', 'nginx']);
    const { cpus: machine } = engine;
    // The engine takes no limit away: all the CPUs that there are stand in its place.
    assert.deepEqual(await readLimits('nginx'), { ...began, cpus: began.cpus || machine });
  });

  test('a worker that is killed for its memory ends the measurement, which names the limit', async () => {
    const container = await findContainer('async-1x1-40');
    await docker(['update', '--memory', '400m', '--memory-swap', '400m', container]);
    const cell = experiment.cells[2];
    assert.ok(cell);
    const trial = { ...trialOf(inUnits(cell), 5), phases: { warmUp: 1, steadyState: 60, timeLimit: 2 } };
    let killing: Promise<void> | undefined;
    let isKilled = false;
    const measuring = stack.measure(trial, {
      signal,
      objective: 0.25,
      onProgress: () => {
        killing ??= killForMemory(docker, container).finally(() => {
          isKilled = true;
        });
        return isKilled ? 'stop' : 'go-on';
      },
    });
    await assert.rejects(measuring, { code: 'worker-restarted', message: /400 MiB/ });
    await killing;
  });
});

async function findContainer(service: string): Promise<string> {
  const filters = [`label=${PROCESS_LABEL}=${process.pid}`, `label=com.docker.compose.service=${service}`];
  const [id = ''] = splitLines(await docker(['ps', '--quiet', ...filters.flatMap(filter => ['--filter', filter])]));
  return id;
}

/** The limits that the engine has for a container of this test's stack. */
async function readLimits(service: string): Promise<{ cpus: number; memory: number }> {
  const format = '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}';
  const answer = await docker(['inspect', '--format', format, await findContainer(service)]);
  const [nanoCpus = Number.NaN, memory = Number.NaN] = answer.trim().split(' ').map(Number);
  return { cpus: nanoCpus / 1e9, memory };
}
