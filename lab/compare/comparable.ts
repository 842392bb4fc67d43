import { type Cell, cellName, type Workload } from '../../model/experiment.ts';
import { rounded } from '../../model/quantities.ts';
import type { Results } from './comparison.ts';

/** Two runs of one thing, the earlier first. */
export interface TwoRuns {
  readonly before: Results;
  readonly after: Results;
}

/** CPU work whose time differs by no more, as a ratio, was asked for alike: units are whole, and a machine is timed anew. */
const SAME_WORK = 1.05;

/** Why two runs cannot be compared, a sentence each; empty when they can. */
export function* refusalsOf({ before, after }: TwoRuns): Generator<string> {
  if ((before.runtime === 'simulated') !== (after.runtime === 'simulated')) {
    const [one, other] = before.runtime === 'simulated' ? ['first', 'second'] : ['second', 'first'];
    yield `The ${one} run is simulated and the ${other} is measured: compare two of a kind.`;
  }
  const [was, is] = [before.experiment.objective, after.experiment.objective];
  for (const key of ['quantile', 'responseTime', 'errorFraction'] as const) {
    if (was[key] !== is[key]) {
      yield `Their objectives differ (${key} is ${was[key]} in the first run and ${is[key]} in the second): a capacity belongs to its objective.`;
    }
  }
  const workloads = new Map(after.experiment.cells.map(({ workload }) => [workload.name, workload]));
  for (const workload of new Map(before.experiment.cells.map(cell => [cell.workload.name, cell.workload])).values()) {
    const other = workloads.get(workload.name);
    if (
      other !== undefined &&
      askedBy(workload, before) !== askedBy(other, after) &&
      !isSameWork(workload, other, { before, after })
    ) {
      yield `The workload ${workload.name} asks for ${askedBy(workload, before)} in the first run and for ${askedBy(other, after)} in the second.`;
    }
  }
  if (commonCells({ before, after }).length === 0) {
    const [first, second] = [before, after].map(({ experiment }) => experiment.cells.map(cellName).join(', '));
    yield `They have no cell in common. The first has ${first}; the second has ${second}.`;
  }
}

/** The cells that both runs have, in the order of the first, as the first has them. */
export function commonCells({ before, after }: TwoRuns): Cell[] {
  const names = new Set(after.experiment.cells.map(cellName));
  return before.experiment.cells.filter(cell => names.has(cellName(cell)));
}

/** What differs between two runs that are compared all the same, a line each. */
export function notesOf({ before, after }: TwoRuns): string[] {
  const [was, is] = [before, after].map(factsOf);
  const keys = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])];
  const changes = keys.flatMap(key => {
    const [old, now] = [was?.[key], is?.[key]];
    return old === now ? [] : [`${key}: ${old ?? 'not recorded'} → ${now ?? 'not recorded'}`];
  });
  const common = new Set(commonCells({ before, after }).map(cellName));
  const alone = (run: Results) => run.experiment.cells.map(cellName).filter(name => !common.has(name));
  const onlyIn = [
    ['first', alone(before)],
    ['second', alone(after)],
  ] as const;
  return [
    ...changes,
    ...onlyIn.flatMap(([which, names]) =>
      names.length === 0 ? [] : [`only in the ${which} run: ${names.join(', ')}`],
    ),
  ];
}

function factsOf({ experiment, runtime, environment }: Results): Record<string, string> {
  const { name, seed, cpus, budget, blocks, noise, phases } = experiment;
  return flat({
    experiment: name,
    runtime,
    seed,
    'CPUs of the experiment': cpus,
    budget,
    blocks,
    noise,
    phases,
    ...environment,
  });
}

/** `{ nginx: { version: '1' } }` as `{ 'nginx version': '1' }`. */
function flat(value: object, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const name = prefix === '' ? key : `${prefix} ${key}`;
      if (typeof inner === 'object' && inner !== null) return Object.entries(flat(inner, name));
      return [[name, String(inner)]];
    }),
  );
}

/** `9 × item {"id":1}`: what is asked for, in a form in which equal workloads are equal. */
function askedBy({ requests }: Workload, { environment }: Results): string {
  const perUnit = environment.cpuSecondsPerUnit;
  return requests
    .map(({ weight, route, parameters }) => {
      const time =
        parameters.units !== undefined && typeof perUnit === 'number'
          ? ` (${rounded(parameters.units * perUnit * 1000)} ms of CPU)`
          : '';
      return `${weight} × ${route} ${JSON.stringify(parameters)}${time}`;
    })
    .join(', ');
}

/** Whether two workloads differ in nothing but units of CPU work that take as long on the machine of each run. */
function isSameWork(one: Workload, other: Workload, { before, after }: TwoRuns): boolean {
  const withoutUnits = ({ requests }: Workload) =>
    JSON.stringify(requests.map(({ parameters: { units: _, ...rest }, ...request }) => ({ ...request, rest })));
  const [was, is] = [before, after].map(({ environment }) => Number(environment.cpuSecondsPerUnit ?? 1));
  return (
    withoutUnits(one) === withoutUnits(other) &&
    one.requests.every(({ parameters }, index) => {
      const [old, now] = [
        (parameters.units ?? 0) * (was ?? 1),
        (other.requests[index]?.parameters.units ?? 0) * (is ?? 1),
      ];
      return old === now || Math.abs(Math.log(now / old)) <= Math.log(SAME_WORK);
    })
  );
}
