import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentLink } from './agent-link.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

test('an agent that does not begin in time is told as the engine’s failure', () =>
  withPretendedDocker('exec sleep 60', async () => {
    const place = { project: 'loadline-0', nginx: 'nginx', image: 'loadline', labels: {} };
    await assert.rejects(AgentLink.open(place, new AbortController().signal, 0.1), {
      code: 'engine-failed',
      message: /took longer than 0\.1 s to start the lab's agent/,
    });
  }));
