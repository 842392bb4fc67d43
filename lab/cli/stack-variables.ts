import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { LoadlineError } from '../../model/errors.ts';
import { readText } from '../../services/cpus.ts';
import type { Runtime } from '../run/runtime.ts';
import { limitVariable } from '../runtimes/compose/docker.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What to write in place of a variable that changes what is measured. */
const inPlace: Readonly<Record<string, string>> = {
  COMPOSE_PROFILES: 'name the topologies with --only, such as --only hybrid',
  PROCESSES: 'write processes into the experiment file (docs/experiments.md)',
  THREADS: 'write threadsPerProcess into the experiment file (docs/experiments.md)',
  DATABASE_CONNECTIONS: 'write databaseConnections into the experiment file (docs/experiments.md)',
  DATABASE_MAX_CONNECTIONS: 'it follows from the experiment',
};

/**
 * Looks at the variables of `docker-compose.yml` that are set for a measurement: those that it cannot obey are refused,
 * and a sentence names those that change nothing.
 */
export function checkStackVariables(
  root: string,
  runtime: Runtime['name'],
  say: (line: string) => void,
  environment: Environment = process.env,
): void {
  const defaults = parseEnv(readText(join(root, '.env')) ?? '');
  const set = Object.keys(defaults).filter(name => environment[name] && environment[name] !== defaults[name]);
  const refusals = set.flatMap(name => {
    if (inPlace[name] !== undefined)
      return `${name} is set, and a comparison does not read it: unset it and ${inPlace[name]}`;
    if (runtime !== 'compose' && limitVariable.test(name))
      return `${name} limits containers only: unset it, or use --runtime compose`;
    return [];
  });
  if (refusals.length > 0) throw new LoadlineError('usage', `${refusals.join('\n')}.`);
  const obeyed = set.filter(name => limitVariable.test(name));
  if (obeyed.length > 0) say(`Obeyed: ${obeyed.map(name => `${name}=${environment[name]}`).join(', ')}.`);
  const others = set.filter(name => !limitVariable.test(name));
  if (others.length > 0) say(`Not used by a comparison: ${others.join(', ')}.`);
}
