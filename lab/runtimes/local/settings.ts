import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { nginxSettingsIn, POSTGRES_SETTINGS } from '../recorded-settings.ts';
import type { LocalStack } from './stack.ts';

/** The settings of a stack's Postgres and nginx that its measurements depend on, as the two write them. */
export async function settingsOf(stack: LocalStack): Promise<Record<'postgres' | 'nginxSettings', object>> {
  const configuration = await readFile(join(stack.folder.nginx, 'nginx.conf'), 'utf8');
  return {
    postgres: await postgresSettings(stack.databaseUrl),
    nginxSettings: nginxSettingsIn(configuration),
  };
}

async function postgresSettings(url: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const query = 'select name, current_setting(name) as value from pg_settings where name = any($1)';
    const { rows } = await client.query<{ name: string; value: string }>(query, [POSTGRES_SETTINGS]);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  } finally {
    await client.end();
  }
}
