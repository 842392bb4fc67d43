import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadlineError } from '../../../model/errors.ts';
import { docker } from './docker.ts';
import { buildFailure, startFailure } from './failure.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

const failures: [who: string, said: string, code: string][] = [
  [
    'apt inside the build',
    '#7 2.1 E: Failed to fetch http://deb.debian.org/debian Could not connect (111: Connection refused)',
    'image-failed',
  ],
  ['npm inside the build', '#9 3.4 npm error connect ECONNREFUSED 127.0.0.1:4873, connection refused', 'image-failed'],
  [
    'an engine that does not run',
    'unable to get image: Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?',
    'engine-failed',
  ],
  [
    'an engine that does not run, in the words of Docker 29',
    'failed to connect to the docker API at unix:///run/docker.sock; check if the daemon is running',
    'engine-failed',
  ],
  [
    'an engine that others may not use',
    'permission denied while trying to connect to the Docker daemon socket at unix:///run/docker.sock',
    'engine-failed',
  ],
  [
    'an engine that went away',
    'error during connect: Post "http://engine/build": dial tcp 127.0.0.1:2375: connect: connection refused',
    'engine-failed',
  ],
];
for (const [who, said, code] of failures) {
  test(`a build that fails for ${who} is told as ${code}`, () =>
    withPretendedDocker(`echo '${said}' >&2; exit 1`, async () => {
      const failure = await docker(['compose', 'build']).catch((error: unknown) => error);
      const told = buildFailure(failure);
      assert.ok(told instanceof Error && 'code' in told);
      assert.equal(told.code, code);
    }));
}

const noAddresses: [engine: string, said: string][] = [
  [
    '20.10',
    'failed to create network a_database: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
  ],
  [
    '28',
    'failed to create network a_database: Error response from daemon: all predefined address pools have been fully subnetted',
  ],
];
for (const [engine, said] of noAddresses) {
  test(`a start without a range of addresses for a network is told as networks-taken, in the words of Docker ${engine}`, () =>
    withPretendedDocker(`echo '${said}' >&2; exit 1`, async () => {
      const failure = await docker(['compose', 'up']).catch((error: unknown) => error);
      const told = await startFailure(['compose'], failure);
      assert.ok(told instanceof LoadlineError);
      assert.equal(told.code, 'networks-taken');
      assert.match(told.message, /docker network prune/);
    }));
}
