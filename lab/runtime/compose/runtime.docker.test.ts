import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe } from 'node:test';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { runtimeSuite } from '../testdata/runtime-suite.ts';
import { docker, linesOf } from './docker.ts';
import { findEngine, isThere } from './engine.ts';
import { STACK_LABEL } from './leftovers.ts';
import { ComposeRuntime } from './runtime.ts';

const root = join(import.meta.dirname, '../../..');
const never = new AbortController().signal;
const labelled = ['--filter', `label=${STACK_LABEL}`];

describe('the compose runtime', { skip: withoutDocker() }, () =>
  runtimeSuite(async () => {
    const engine = await findEngine();
    assert.ok(isThere(engine));
    return {
      runtime: await ComposeRuntime.on({ root, engine, say: () => undefined }, never),
      async traces() {
        const lists = [
          ['ps', '--all', '--format', '{{.Names}}'],
          ['network', 'ls', '--format', '{{.Name}}'],
          ['volume', 'ls', '--format', '{{.Name}}'],
        ];
        const answers = await Promise.all(lists.map(list => docker([...list, ...labelled])));
        return answers.flatMap(linesOf).sort();
      },
      async generators() {
        const k6 = ['--filter', 'label=com.docker.compose.service=k6'];
        return linesOf(await docker(['ps', '--all', '--format', '{{.Names}}', ...labelled, ...k6]));
      },
    };
  }),
);
