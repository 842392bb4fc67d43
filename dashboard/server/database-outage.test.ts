import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseOutage } from './database-outage.ts';
import { Refusal } from './parts.ts';
import { FailingPostgres } from './testdata/failing-postgres.ts';
import { until } from './web/testdata/watching.ts';

test('a database that Postgres took with it when it ended is given back once Postgres is there again', async t => {
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
  await assert.rejects(outage.begin(1), (error: unknown) => error instanceof Refusal && error.status === 409);
  postgres.isDown = false;
  await back;
  assert.equal(postgres.givenBack, 1);
});

test('a dashboard that ends does not try any longer', async t => {
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
