import { join } from 'node:path';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { readOrNothing } from '../observe/read-or-nothing.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What to write in place of a variable that changes what is measured. */
const inPlace: Readonly<Record<string, string>> = {
  COMPOSE_PROFILES: 'name the topologies with --only, such as --only hybrid',
  PROCESSES: 'write processes into the experiment file (docs/experiments.md)',
  THREADS: 'write threadsPerProcess into the experiment file (docs/experiments.md)',
  DATABASE_CONNECTIONS: 'write databaseConnections into the experiment file (docs/experiments.md)',
  DATABASE_MAX_CONNECTIONS: 'it follows from the experiment',
};

/** A limit of a container, which a measurement in containers obeys. */
const limit = /^((WORKERS|NGINX|DATABASE|K6)_(CPUS|CPUSET|MEMORY|PIDS)|OPEN_FILES)$/;

/**
 * Looks at the variables of `docker-compose.yml` that are set for a measurement: those that it cannot obey are refused,
 * and a sentence names those that change nothing.
 */
export function checkStackVariables(
  root: string,
  runtime: 'compose' | 'local',
  say: (line: string) => void,
  environment: Environment = process.env,
): void {
  const defaults = variablesIn(readOrNothing(join(root, '.env')));
  const set = [...defaults.keys()].filter(name => environment[name] && environment[name] !== defaults.get(name));
  const refusals = set.flatMap(name => {
    if (inPlace[name] !== undefined)
      return `${name} is set, and a comparison does not read it: unset it and ${inPlace[name]}`;
    if (runtime === 'local' && limit.test(name))
      return `${name} limits containers only: unset it, or use --runtime compose`;
    return [];
  });
  if (refusals.length > 0) throw new LoadlineError('usage', `${refusals.join('\n')}.`);
  const obeyed = set.filter(name => limit.test(name));
  if (obeyed.length > 0) say(`Obeyed: ${obeyed.map(name => `${name}=${environment[name]}`).join(', ')}.`);
  const others = set.filter(name => !limit.test(name));
  if (others.length > 0) say(`Not used by a comparison: ${others.join(', ')}.`);
}

/** The variables of a `.env` file with their defaults. */
function variablesIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*?)\r?$/gm), ([, name = '', value = '']) => [name, value]),
  );
}
