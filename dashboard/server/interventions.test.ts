import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createInterventions } from './interventions.ts';
import { Refusal } from './parts.ts';
import { stackOf } from './testdata/stage.ts';

/** A control thread that notes the shares it is given, and answers each with the status that is due. */
async function controlThread(t: TestContext) {
  const told = { shares: [] as number[], status: 200, most: 0 };
  let open = 0;
  const server = createServer(async (request, response) => {
    told.most = Math.max(told.most, ++open);
    const parts: string[] = [];
    for await (const part of request.setEncoding('utf8')) parts.push(part);
    told.shares.push(JSON.parse(parts.join('')).databaseConnections);
    await setImmediate();
    open -= 1;
    response.writeHead(told.status).end(JSON.stringify({ detail: 'It cannot be.' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { told, control: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function interventionsAt(control: string) {
  const stack = stackOf('async');
  return createInterventions({
    ...stack,
    deployments: stack.deployments.map(one => ({ ...one, controls: [control] })),
  });
}

test('a ceiling that was refused is not the one in force', async t => {
  const { told, control } = await controlThread(t);
  const interventions = interventionsAt(control);
  await interventions.limitConnections('async', 20);
  told.status = 400;
  await assert.rejects(interventions.limitConnections('async', 10), Refusal);
  told.status = 200;
  await interventions.workerBack('async');
  assert.deepEqual(told.shares, [20, 10, 20]);
});

test('ceilings of one id are shared out one after the other, and the last one stays', async t => {
  const { told, control } = await controlThread(t);
  const interventions = interventionsAt(control);
  const asked = [20, 10, 30].map(ceiling => interventions.limitConnections('async', ceiling));
  await Promise.all([...asked, interventions.workerBack('async')]);
  assert.deepEqual(told.shares, [20, 10, 30, 30]);
  assert.equal(told.most, 1);
});
