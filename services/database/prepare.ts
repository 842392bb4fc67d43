/** A program: creates what is missing in the database that the environment names, with the roles of the stack's plan. */
import { DatabaseError } from 'pg';
import { ConfigError } from '../../model/environment.ts';
import { databaseRoles, databaseUrl } from '../config.ts';
import { prepareDatabase } from './prepare-database.ts';

/** Postgres's code for a password that is not the one. */
const WRONG_PASSWORD = '28P01';

try {
  await prepareDatabase(databaseUrl(), databaseRoles());
} catch (error) {
  const told = sentenceOf(error);
  if (told === undefined) throw error;
  process.stderr.write(`${told}\n`);
  process.exitCode = 2;
}

function sentenceOf(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof DatabaseError) || error.code !== WRONG_PASSWORD) return undefined;
  return (
    'The database has another password: its volume is from an earlier version, or was made apart from the password. ' +
    "Remove both, with all that is in the database: docker compose --profile '*' down --volumes"
  );
}
