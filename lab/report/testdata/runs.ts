import type { Results } from '../../compare/comparison.ts';
import { experimentWith, trialAt, waitOn } from '../../search/testdata/cells.ts';
import { search } from '../../search/testdata/simulated-service.ts';

const service = { serviceTime: 0.021, cpuPerRequest: 0.0005, cpus: 2 };

/** A run of `wait` on a blocking topology and on one that is not. */
export function calmRun(): Results {
  const experiment = experimentWith([waitOn('sync'), waitOn('async')]);
  return { experiment, runtime: 'local', environment: { node: 'v24' }, results: search(experiment, () => service) };
}

/** What would run, load or break out, in a place where text is expected. */
export const hostile = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">'|\`{a|b}$&]]>\u0000\u001b[31m`;

/** The same run from a tampered file: every text is hostile. */
export function hostileRun(): Results {
  const [cell] = experimentWith([waitOn('sync')]).cells;
  if (cell === undefined) throw new RangeError('the experiment has a cell');
  const named = { ...cell, workload: { ...cell.workload, name: hostile } };
  const experiment = { ...experimentWith([named]), name: hostile };
  const trial = trialAt(50, named);
  const failed = { state: 'failed', trial, elapsed: 1, error: { code: hostile, message: hostile } } as const;
  const results = [...search(experiment, () => service), failed];
  return {
    experiment,
    runtime: hostile,
    environment: { [hostile]: hostile, nested: { [hostile]: [hostile] } },
    results,
  };
}
