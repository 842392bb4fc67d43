import { LoadlineError } from '../../model/errors.ts';

type Environment = Readonly<Record<string, unknown>>;

/** If one of these differs, the run came from another machine, or under other limits, and cannot be resumed here. */
const MACHINE = ['cpuModel', 'cpus', 'cpuLimit', 'availableCpus', 'model', 'limitVariables'];
/** What is found anew at each start and says nothing about the machine. */
const FOUND = ['cpuSecondsPerUnit', 'calibration'];

/** What in the environment of a run is not as it was when it began: [was, is]. Another machine is refused. */
export function changesSince(was: Environment, is: Environment, path: string): Record<string, [unknown, unknown]> {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(key => !FOUND.includes(key)).sort();
  const changed = keys.filter(key => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
  const changes = Object.fromEntries(changed.map((key): [string, [unknown, unknown]] => [key, [was[key], is[key]]]));
  const other = changed.filter(key => MACHINE.includes(key));
  if (other.length === 0) return changes;
  throw new LoadlineError(
    'run-not-resumable',
    `${path} was measured on another machine, or under other limits (${other.map(key => `${key} ${inWords(was[key])}, here ${inWords(is[key])}`).join('; ')}); ` +
      'resume it on that machine and under those limits, or start a new run here.',
  );
}

function inWords(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
}
