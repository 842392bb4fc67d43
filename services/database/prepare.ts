/** A program: creates what is missing in the database that the environment names. */
import { databaseUrl } from '../config.ts';
import { ConfigError } from '../environment.ts';
import { prepareDatabase } from './prepare-database.ts';

try {
  await prepareDatabase(databaseUrl());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
