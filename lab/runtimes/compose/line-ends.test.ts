import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** What a shell or a container reads as it is. */
const files = ['loadline', '.env', 'Dockerfile', 'docker-compose.yml', 'nginx/serve.sh', 'services/ready.sh'];

test('a checkout in which git writes CRLF by default has LF in what shells and containers read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'line-ends-'));
  try {
    git('init', '--quiet', folder);
    const inClone = (...args: string[]) => git('-C', folder, '-c', 'core.autocrlf=true', ...args);
    execFileSync('cp', ['--parents', '.gitattributes', ...files, folder], { cwd: root });
    inClone('add', '--all');
    for (const file of files) rmSync(join(folder, file));
    inClone('checkout', '--', ...files);
    for (const file of files) assert.ok(!readFileSync(join(folder, file), 'utf8').includes('\r'), file);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
