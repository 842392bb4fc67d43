/** A measurement whose worker the kernel kills, as its container reaches its memory limit. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import type { Cell } from '../../../model/experiment.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import type { Stack } from '../../run/runtime.ts';
import { trialAt } from '../../search/testdata/cells.ts';
import { docker } from './docker.ts';
import { findEngine, isThere } from './engine.ts';
import { PROCESS_LABEL } from './leftovers.ts';
import { ComposeRuntime } from './runtime.ts';
import { killForMemory } from './testdata/kill-for-memory.ts';

const root = join(import.meta.dirname, '../../..');
const never = new AbortController().signal;
const deployment = deploymentOf('hybrid', 2);
const requests = [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] as const;
const cell: Cell = { deployment, workload: { name: 'wait', requests } };

describe('a measurement in containers', { skip: withoutDocker() }, () => {
  let stack: Stack;

  before(async () => {
    const engine = await findEngine();
    assert.ok(isThere(engine));
    const runtime = await ComposeRuntime.on({ root, engine, say: () => undefined }, never);
    stack = await runtime.start([deployment], never);
  });

  after(() => stack.stop());

  test('whose worker is killed for memory says so, with the limit', async () => {
    const filters = [
      `label=${PROCESS_LABEL}=${process.pid}`,
      `label=com.docker.compose.service=${deploymentName(deployment)}`,
    ].flatMap(filter => ['--filter', filter]);
    const container = (await docker(['ps', '--quiet', ...filters])).trim();
    await docker(['update', '--memory', '400m', '--memory-swap', '400m', container]);

    const trial = trialAt(50, cell, { purpose: 'light', phases: { warmUp: 1, steadyState: 60, timeLimit: 2 } });
    let killing: Promise<void> | undefined;
    let isKilled = false;
    const failure = await stack
      .measure(trial, {
        signal: never,
        objective: 0.25,
        onProgress: ({ sent }) => {
          if (sent > 100) {
            killing ??= killForMemory(docker, container).finally(() => {
              isKilled = true;
            });
          }
          return isKilled ? 'stop' : 'go-on';
        },
      })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    await killing;
    assert.ok(failure instanceof LoadlineError, String(failure));
    assert.equal(failure.code, 'worker-restarted');
    assert.match(failure.message, /memory limit \(400 MiB\).*WORKERS_MEMORY/);
  });
});
