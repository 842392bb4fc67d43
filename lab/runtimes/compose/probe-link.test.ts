import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProbeLink } from './probe-link.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

test('a probe that does not begin in time is told as the engine’s failure', () =>
  withPretendedDocker('exec sleep 60', async () => {
    const place = { project: 'loadline-0', nginx: 'nginx', image: 'loadline', labels: {} };
    await assert.rejects(ProbeLink.open(place, new AbortController().signal, 0.1), {
      code: 'engine-failed',
      message: /took longer than 0\.1 s to start its probe/,
    });
  }));
