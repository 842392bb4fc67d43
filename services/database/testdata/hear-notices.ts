/** Has a server send a warning, and then a farewell to an idle connection; libpq by itself would print both. */
import { Client } from 'pg';
import { DatabaseHealth } from '../health.ts';
import { LibpqConnection } from '../libpq-connection.ts';

const url = process.argv[2] ?? '';
const health = new DatabaseHealth(new SharedArrayBuffer(DatabaseHealth.BYTES));
health.answersAt('127.0.0.1');
const connection = LibpqConnection.open(url, health, 1);
const warn = `DO $$ BEGIN RAISE WARNING 'of no interest'; END $$`;
connection.rowsOf({ name: 'warn', text: warn, values: [] });
const [row] = connection.rowsOf({ name: 'pid', text: 'SELECT pg_backend_pid() AS pid', values: [] });
const client = new Client({ connectionString: url });
await client.connect();
await client.query('SELECT pg_terminate_backend($1, 5000)', [row?.pid]);
await client.end();
process.stdout.write(`${connection.isUsable ? 'usable' : 'ended'}\n`);
connection.close();
