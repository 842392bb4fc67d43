import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { endAllOf } from '../runtimes/local/processes.ts';
import { areFree } from '../runtimes/local/ports.ts';
import { runningPrograms, startedWith } from '../runtimes/local/processes.ts';

const root = join(import.meta.dirname, '../..');

/** From Ctrl-C to the command's end. */
const STOP_LIMIT_MS = 3000;

/** Seconds after the start of a comparison at which Ctrl-C is pressed: while it loads, deploys, checks and measures. */
const moments = [0.1, 0.4, 0.8, 1.3, 2, 3, 4, 5.5, 8, 12];

for (const moment of moments) {
  test(`Ctrl-C after ${moment} s of a comparison leaves no process, no port and no stack behind`, async () => {
    await assertInterrupted(['compare', '--quick', '--runtime', 'local'], () => delay(moment * 1000));
  });
}

test('Ctrl-C inside a capacity trial ends everything within 3 s', async () => {
  const experiment = join(import.meta.dirname, 'testdata/soon-measured.yaml');
  await assertInterrupted(['compare', experiment, '--runtime', 'local'], async said => {
    while (!/\(light\)/.test(said())) await delay(50);
    // Past the start of k6 for the next trial, far from its end.
    await delay(1500);
  });
});

/** Seconds after the start of a calibration: at rest, while its server and nginx start, and while k6 runs. */
for (const moment of [1, 3.2, 5, 9]) {
  test(`Ctrl-C after ${moment} s of a calibration leaves nothing running`, async () => {
    await assertInterrupted(['calibrate', '--runtime', 'local'], () => delay(moment * 1000));
  });
}

/** What `up` has begun, and how long after it Ctrl-C is pressed: a quick machine has everything up in two seconds. */
const stagesOfUp = [
  { begun: /^/, afterMs: 300 },
  { begun: /starting Postgres/, afterMs: 0 },
  { begun: /starting Postgres/, afterMs: 300 },
  { begun: /starting sync/, afterMs: 0 },
  { begun: /starting sync/, afterMs: 300 },
];

for (const { begun, afterMs } of stagesOfUp) {
  test(`Ctrl-C ${afterMs} ms after ${begun} of \`up\` leaves nothing running`, async () => {
    await assertInterrupted(['up'], async said => {
      while (!begun.test(said())) await delay(20);
      await delay(afterMs);
    });
  });
}

async function assertInterrupted(args: string[], moment: (said: () => string) => Promise<unknown>): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'loadline-interrupted-'));
  const stacksBefore = stacks();
  // What is measured until then is nobody's newest run.
  const runs = args[0] === 'compare' ? ['--runs', temporary] : [];
  const command = spawn(join(root, 'loadline'), [...args, ...runs], {
    // A terminal sends the signal to the whole foreground group, so the command gets one of its own.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = '';
  command.stderr.setEncoding('utf8').on('data', text => {
    said += text;
  });
  try {
    await moment(() => {
      assert.equal(command.exitCode, null, `it ended by itself: ${said}`);
      return said;
    });
    assert.ok(command.pid);
    const ports = listeningPorts(stacks().filter(name => !stacksBefore.includes(name)));
    process.kill(-command.pid, 'SIGINT');
    const [code, signal] = await once(command, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    // Before Node runs, the shell ends by the signal itself.
    assert.ok(code === 130 || signal === 'SIGINT', `it ended with ${code ?? signal}: ${said}`);
    assert.deepEqual(startedFor(temporary), [], `still running after: ${said}`);
    assert.ok(await areFree(ports), `a port of ${ports} is taken after: ${said}`);
    assert.deepEqual(
      stacks().filter(name => name !== 'up' && !stacksBefore.includes(name)),
      [],
    );
  } finally {
    await endAllOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The ports in the nginx.conf of these stacks: workers and clients. */
function listeningPorts(names: readonly string[]): number[] {
  const texts = names.map(name => readOrNothing(join(root, '.loadline/stacks', name, 'nginx/nginx.conf')));
  return [...new Set(texts.flatMap(text => [...text.matchAll(/127\.0\.0\.1:(\d+)/g)].map(match => Number(match[1]))))];
}

/** Folders of stacks; one that has been stopped has none, but for the data that `up` keeps. */
function stacks(): string[] {
  const folder = join(root, '.loadline/stacks');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function startedFor(temporary: string): number[] {
  return runningPrograms()
    .filter(({ pid }) => startedWith(pid, 'TMPDIR') === temporary)
    .map(({ pid }) => pid);
}

function readOrNothing(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
