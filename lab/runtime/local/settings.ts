import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { LocalStack } from './stack.ts';

const POSTGRES_SETTINGS = ['server_version', 'max_connections', 'shared_buffers', 'fsync', 'synchronous_commit'];
const NGINX_SETTINGS = ['worker_processes', 'worker_connections'];

/** The settings of a stack's Postgres and nginx that its measurements depend on, as the two write them. */
export async function settingsOf(stack: LocalStack): Promise<Record<'postgres' | 'nginxSettings', object>> {
  const configuration = await readFile(join(stack.folder.nginx, 'nginx.conf'), 'utf8');
  const inNginx = (name: string) => new RegExp(`\\b${name} (\\w+);`).exec(configuration)?.[1];
  return {
    postgres: await postgresSettings(stack.databaseUrl),
    nginxSettings: Object.fromEntries(NGINX_SETTINGS.map(name => [name, inNginx(name)])),
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
