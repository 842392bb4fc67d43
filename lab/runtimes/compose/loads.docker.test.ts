import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { loadsSuite } from '../testdata/loads-suite.ts';
import { findEngine, isThere } from './engine.ts';
import { ComposeRuntime } from './runtime.ts';

const root = join(import.meta.dirname, '../../..');

describe('loads on the compose runtime', { skip: withoutDocker() }, () =>
  loadsSuite(async () => {
    const engine = await findEngine();
    assert.ok(isThere(engine));
    return ComposeRuntime.on({ root, engine, say: () => undefined }, new AbortController().signal);
  }),
);
