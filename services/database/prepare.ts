import { prepareDatabase } from './prepare-database.ts';

/** A program: creates what is missing in the database that `LOADLINE_DATABASE_URL` names. */
const url = process.env.LOADLINE_DATABASE_URL;
if (url === undefined) {
  process.stderr.write('LOADLINE_DATABASE_URL is not set: it names the database to prepare\n');
  process.exitCode = 2;
} else {
  await prepareDatabase(url);
}
