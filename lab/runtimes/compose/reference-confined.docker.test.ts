/** What the containers of `docker-compose.yml` may do, as the engine has understood it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { docker, linesOf } from './docker.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the containers of the reference stack', { skip: withoutDocker() }, () => {
  let project: OwnProject;
  let containers: Map<string, Inspected>;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    const reference = await ReferenceProject.prepare(root, project);
    await reference.build();
    // With the ones that do not run for long, and k6's.
    await reference.compose('--profile', '*', 'create');
    const inspected = JSON.parse(await docker(['inspect', ...(await reference.ids())])) as Inspected[];
    containers = new Map(inspected.map(one => [one.Config.Labels['com.docker.compose.service'] ?? '', one]));
    const services = linesOf(await reference.compose('--profile', '*', 'config', '--services'));
    assert.deepEqual([...containers.keys()].sort(), services.sort());
    assert.ok(containers.has('k6'));
  });

  after(() => project.remove());

  test('are not reached from outside, but for nginx, and that from this machine alone', () => {
    for (const [service, { HostConfig }] of containers) {
      const published = Object.values(HostConfig.PortBindings ?? {}).flatMap(bindings => bindings ?? []);
      assert.equal(published.length > 0, service === 'nginx', service);
      const addresses = new Set(published.map(({ HostIp }) => HostIp));
      assert.deepEqual([...addresses], service === 'nginx' ? ['127.0.0.1'] : [], service);
    }
  });

  test('have no privilege and no file to write to', () => {
    for (const [service, { Config, HostConfig }] of containers) {
      assert.deepEqual(HostConfig.CapDrop, ['ALL'], service);
      assert.deepEqual(HostConfig.CapAdd ?? [], [], service);
      assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true'], service);
      assert.deepEqual(
        [HostConfig.Privileged, HostConfig.ReadonlyRootfs, HostConfig.Init],
        [false, true, true],
        service,
      );
      assert.match(Config.User, /^(?!root\b|0\b)\w+/, service);
    }
  });

  test('have limits of memory, of processes and of logs, and no password in their environment', () => {
    for (const [service, { Config, HostConfig }] of containers) {
      assert.ok(HostConfig.Memory > 0 && HostConfig.PidsLimit > 0, service);
      assert.deepEqual(HostConfig.LogConfig.Config, { 'max-file': '3', 'max-size': '10m' }, service);
      assert.doesNotMatch(Config.Env.join('\n'), /PASSWORD=/, service);
    }
  });
});

interface Inspected {
  readonly Config: { readonly User: string; readonly Env: string[]; readonly Labels: Record<string, string> };
  readonly HostConfig: {
    readonly PortBindings: Record<string, { readonly HostIp: string }[] | null> | null;
    readonly CapAdd: string[] | null;
    readonly CapDrop: string[];
    readonly SecurityOpt: string[];
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly Init: boolean;
    readonly Memory: number;
    readonly PidsLimit: number;
    readonly LogConfig: { readonly Config: Record<string, string> };
  };
}
