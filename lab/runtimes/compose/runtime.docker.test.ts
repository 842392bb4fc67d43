import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { runtimeSuite } from '../testdata/runtime-suite.ts';
import { findEngine, isThere } from './engine.ts';
import { ComposeRuntime } from './runtime.ts';
import { listGenerators, listTraces } from './testdata/traces.ts';

const root = join(import.meta.dirname, '../../..');
const never = new AbortController().signal;

describe('the compose runtime', { skip: withoutDocker() }, () =>
  runtimeSuite(async () => {
    const engine = await findEngine();
    assert.ok(isThere(engine));
    return {
      runtime: await ComposeRuntime.on({ root, engine, say: () => undefined }, never),
      traces: () => listTraces(process.pid),
      generators: () => listGenerators(process.pid),
    };
  }),
);
