import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { DatabaseOutage } from './database-outage.ts';
import { StackInterventions } from './interventions.ts';
import { FailingPostgres } from './testdata/failing-postgres.ts';
import { stackWith } from './testdata/stage.ts';
import { until } from './testdata/watching.ts';

/** Interventions in a deployment whose control thread notes the shares it gets. */
async function noteShares(t: TestContext) {
  const told = { shares: [] as number[], status: 200, most: 0 };
  let open = 0;
  const server = createServer(async (request, response) => {
    told.most = Math.max(told.most, ++open);
    told.shares.push(((await json(request)) as { databaseConnections: number }).databaseConnections);
    await setImmediate();
    open -= 1;
    response.writeHead(told.status).end(JSON.stringify({ detail: 'It is not possible.' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const stack = stackWith('async');
  const controls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  const deployments = stack.deployments.map(one => ({ ...one, controls }));
  return { told, interventions: new StackInterventions({ ...stack, deployments }) };
}

test('a ceiling that was refused is not repeated', async t => {
  const { told, interventions } = await noteShares(t);
  await interventions.limitConnections('async', 20);
  told.status = 400;
  await assert.rejects(interventions.limitConnections('async', 10), { name: 'Refusal', status: 400 });
  told.status = 200;
  await interventions.repeatLimit('async');
  assert.deepEqual(told.shares, [20, 10, 20]);
});

test('ceilings of one deployment are set one after the other, and the last one stays', async t => {
  const { told, interventions } = await noteShares(t);
  const asked = [20, 10, 30].map(ceiling => interventions.limitConnections('async', ceiling));
  await Promise.all([...asked, interventions.repeatLimit('async')]);
  assert.deepEqual([told.shares, told.most], [[20, 10, 30, 30], 1]);
});

test('a worker whose process does not answer is not ended', async () => {
  const stack = stackWith('async');
  const deployments = stack.deployments.map(one => ({ ...one, controls: ['http://127.0.0.1:1'] }));
  const interventions = new StackInterventions({ ...stack, deployments });
  await assert.rejects(interventions.endWorker('async', 'async-1.1'), { name: 'Refusal', status: 409 });
});

test('a database that was away when Postgres crashed is given back once Postgres runs again', async t => {
  const postgres = new FailingPostgres();
  t.after(() => postgres.close());
  const outage = new DatabaseOutage(await postgres.listen());
  const { back } = await outage.begin(0.01);
  let isBack = false;
  void back.then(() => {
    isBack = true;
  });
  postgres.crash();
  await until(() => postgres.refused >= 2);
  assert.equal(isBack, false);
  postgres.isDown = false;
  await back;
  assert.equal(postgres.givenBack, 1);
});

test('a dashboard that ends tries no longer', async t => {
  const postgres = new FailingPostgres();
  t.after(() => postgres.close());
  const outage = new DatabaseOutage(await postgres.listen());
  const { back } = await outage.begin(5);
  postgres.crash();
  await until(() => postgres.refused > 0);
  outage.close();
  await assert.rejects(back, { name: 'AbortError' });
  assert.equal(postgres.givenBack, 0);
});
