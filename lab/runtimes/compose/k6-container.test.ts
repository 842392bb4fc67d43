import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdersDesk } from '../../run/generator.ts';
import { composedK6 } from './k6-container.ts';
import { withPretendedDocker } from './testdata/pretended-docker.ts';

for (const failing of ['compose', 'inspect']) {
  test(`k6 is removed and nobody takes its reports when docker ${failing} fails`, () =>
    withPretendedDocker(`[ "$1" != ${failing} ] || { echo no >&2; exit 1; }`, async calls => {
      const desks: unknown[] = [];
      const probe = { ordersAddress: 'http://127.0.0.1:1/', reportTo: (desk: unknown) => void desks.push(desk) };
      const desk = new OrdersDesk(1, { onReport: () => 'go-on' });
      const launch = composedK6(['compose', '--project-name', 'loadline-0'], probe, () => undefined);
      await assert.rejects(launch({ script: 'open.ts', settings: {} }, desk), /no$/);
      const name = / --name (\S+) /.exec((await calls())[0] ?? '')?.[1];
      assert.ok(name);
      assert.equal((await calls()).at(-1), `rm --force ${name}`);
      assert.deepEqual(desks, [desk, undefined]);
    }));
}
