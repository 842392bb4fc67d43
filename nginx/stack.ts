/**
 * A program: `node nginx/stack.ts FOLDER` prepares what the containers of a stack share, before any of them starts. It
 * refuses numbers that cannot work, makes the database's password, and writes into FOLDER the plan of the stack, which
 * workers and the dashboard read (stack.json), and what nginx is started with.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../model/environment.ts';
import { LoadlineError } from '../model/errors.ts';
import { containerSettings, listRefusals, listStackWarnings, stackEnvironment, stackNumbers } from './containers.ts';
import { renderNginx } from './render.ts';

const OUTDATED_ADVICE =
  'The database has a password that is made at its first start, and the address that the engine gives it.';
const [folder = '.'] = process.argv.slice(2);

try {
  const { plan, absent, ...settings } = stackEnvironment(process.env);
  const numbers = stackNumbers(process.env, plan);
  for (const warning of listStackWarnings(numbers)) say(warning);
  const refusals = [...outdatedRefusals(process.env.LOADLINE_OUTDATED), ...listRefusals(numbers)];
  if (refusals.length === 0) {
    makePassword(process.env.PGPASSWORD_FILE);
    replaceFile(join(folder, 'serve.sh'), readFileSync(new URL('serve.sh', import.meta.url), 'utf8'));
    replaceFile(join(folder, 'nginx.conf'), renderNginx(containerSettings(plan, absent, settings)));
    replaceFile(join(folder, 'stack.json'), `${JSON.stringify(plan, null, 2)}\n`);
  } else {
    for (const refusal of refusals) say(refusal);
    process.exitCode = 2;
  }
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof LoadlineError)) throw error;
  say(error.message);
  process.exitCode = 2;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function outdatedRefusals(names = ''): string[] {
  return names
    .split(' ')
    .flatMap(name => (name === '' ? [] : [`${name} is of an earlier version: unset it. ${OUTDATED_ADVICE}`]));
}

/** Makes a random password once; `down -v` removes it with the database. */
function makePassword(path: string | undefined): void {
  if (path === undefined || readIfThere(path) !== undefined) return;
  replaceFile(path, randomBytes(24).toString('hex'));
}

/** Writes a file that every container's user may read. No reader ever sees half of it; equal text stays untouched. */
function replaceFile(path: string, text: string): void {
  if (readIfThere(path) === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
