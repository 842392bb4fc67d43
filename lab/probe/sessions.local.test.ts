import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { prepareDatabase } from '../../services/database/prepare-database.ts';
import { TestServer } from '../../services/database/testdata/server.ts';
import { sessionsAt } from './sessions.ts';

test('connections are counted by role: those at a statement, those in use, and all', async () => {
  await using server = await TestServer.start();
  await prepareDatabase(server.url, ['hybrid-2x1-40', 'sync-2x1-2']);
  const reader = sessionsAt(server.url);
  assert.deepEqual(await reader.byRole(), {});
  const clients = await Promise.all([1, 2, 3].map(() => connectAs('hybrid-2x1-40', server.url)));
  const [atWork, inTransaction] = clients;
  const other = await connectAs('sync-2x1-2', server.url);
  const asleep = atWork?.query('SELECT pg_sleep(1)');
  await inTransaction?.query('BEGIN');
  while ((await reader.byRole())?.['hybrid-2x1-40']?.active !== 1) await pause(10);
  assert.deepEqual(await reader.byRole(), {
    'hybrid-2x1-40': { active: 1, inUse: 2, open: 3 },
    'sync-2x1-2': { active: 0, inUse: 0, open: 1 },
  });
  await asleep;
  await Promise.all([...clients, other].map(client => client.end()));
  await reader.close();
});

async function connectAs(role: string, url: string): Promise<Client> {
  const own = new URL(url);
  own.username = role;
  const client = new Client({ connectionString: own.href });
  await client.connect();
  return client;
}
