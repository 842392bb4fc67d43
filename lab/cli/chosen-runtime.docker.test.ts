import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { z } from 'zod';
import { withoutDocker } from '../../services/testdata/docker-engine.ts';
import { docker } from '../runtimes/compose/docker.ts';
import { engineHost, findEngine, isThere } from '../runtimes/compose/engine.ts';
import { chooseRuntime } from './runtime-choice.ts';

describe('an engine that cannot be used, asked by the real command docker', { skip: withoutDocker() }, () => {
  test('over tcp is called remote (a proxy on this machine stands in for another)', async t => {
    const host = await startProxy(t);
    assert.match(await docker(['--host', host, 'version']), /Server/, 'the proxy leads to the engine');
    await assertRefused(t, { DOCKER_HOST: host }, host);
  });

  test('behind a socket that is not there is called silent', async t => {
    await assertRefused(t, { DOCKER_HOST: 'unix:///nowhere/docker.sock' }, 'unix:///nowhere/docker.sock');
  });

  test('whose context is unknown is called silent', async t => {
    await assertRefused(t, { DOCKER_HOST: '', DOCKER_CONTEXT: 'elsewhere' }, 'elsewhere');
  });

  const outdated: [plugin: string, version: string][] = [
    ['buildx', 'v0.10.5'],
    ['compose', '2.21.0'],
  ];
  for (const [plugin, version] of outdated) {
    test(`with a ${plugin} that is too old is refused for it (a stand-in for the plugin)`, async t => {
      await assertRefused(t, { DOCKER_CONFIG: await configWith(t, plugin, version) }, version.replace('v', ''));
    });
  }
});

/** Asserts that with these variables no engine is found for a reason that names `words`, and the local runtime is used. */
async function assertRefused(t: TestContext, variables: Record<string, string>, words: string): Promise<void> {
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  Object.assign(process.env, variables);
  const engine = await findEngine();
  assert.ok(!isThere(engine));
  assert.ok(engine.missing.includes(words), engine.missing);
  const signal = new AbortController().signal;
  const context = { root: '/nowhere', signal, say: () => undefined, print: () => undefined };
  assert.equal((await chooseRuntime({}, context)).name, 'local');
  await assert.rejects(chooseRuntime({ runtime: 'compose' }, context), { code: 'engine-missing' });
}

/** The address of a proxy to the socket of the engine. */
async function startProxy(t: TestContext): Promise<string> {
  const socket = (await engineHost())?.replace('unix://', '') ?? '';
  const proxy = createServer(client => {
    const engine = connect(socket);
    for (const end of [client, engine]) end.on('error', () => undefined);
    client.pipe(engine).pipe(client);
  }).listen(0, '127.0.0.1');
  t.after(() => proxy.close());
  await once(proxy, 'listening');
  return `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

const pluginsSchema = z.array(z.object({ Name: z.string(), Path: z.string() }));

/** A folder of docker's configuration with the plugins that are installed, but for one of another version. */
async function configWith(t: TestContext, plugin: string, version: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-docker-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const installed = pluginsSchema.parse(JSON.parse(await docker(['info', '--format', '{{json .ClientInfo.Plugins}}'])));
  await mkdir(join(folder, 'cli-plugins'));
  for (const { Name, Path } of installed) await symlink(Path, join(folder, 'cli-plugins', `docker-${Name}`));
  const metadata = { SchemaVersion: '0.1.0', Vendor: 'a test', Version: version };
  const path = join(folder, 'cli-plugins', `docker-${plugin}`);
  await rm(path, { force: true });
  await writeFile(path, `#!/bin/sh\necho '${JSON.stringify(metadata)}'\n`);
  await chmod(path, 0o755);
  return folder;
}
