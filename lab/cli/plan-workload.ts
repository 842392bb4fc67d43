import { type RouteName, routes } from '../../model/contract/contract.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Workload } from '../../model/experiment.ts';
import { parameterProblems } from '../experiment/cells.ts';
import { noneOf } from '../experiment/problems.ts';
import { isShipped, shippedNames, shippedWorkloads } from '../experiment/shipped-workloads.ts';

const routeNames = Object.keys(routes) as RouteName[];

/** The workload that somebody means: one of the run's, one that ships, or a route with its parameters; without a text the run's first. */
export function workloadFrom(text: string | undefined, ofRun: readonly Workload[]): Workload {
  const own = text === undefined ? ofRun[0] : ofRun.find(({ name }) => name === text);
  if (own !== undefined) return own;
  if (text === undefined) throw new LoadlineError('usage', 'The run has no workload: say --workload wait,ms=20.');
  if (isShipped(text)) return { name: text, requests: shippedWorkloads[text] };
  const [word = '', ...assignments] = text.split(',').map(part => part.trim());
  const route = routeNames.find(name => name === word);
  if (route === undefined) {
    const names = [...new Set([...ofRun.map(({ name }) => name), ...shippedNames])];
    throw new LoadlineError(
      'usage',
      `--workload ${noneOf(word, names)}; or a route with parameters, such as work,ms=40.`,
    );
  }
  const parameters = Object.fromEntries(assignments.map(parameterFrom));
  const problems = parameterProblems(route, parameters, []);
  if (problems.length === 0) return { name: text, requests: [{ weight: 1, route, parameters }] };
  const sentences = problems.map(({ path, message }) => [path.join('.') || route, message].join(' '));
  throw new LoadlineError('usage', `--workload is "${text}": ${sentences.join('; ')}.`);
}

function parameterFrom(assignment: string): [string, number] {
  const [, name = '', value] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(assignment) ?? [];
  if (value !== undefined) return [name, Number(value)];
  throw new LoadlineError(
    'usage',
    `--workload has "${assignment}"; a parameter is a name and a number without its unit, such as ms=40 or cpuSeconds=0.005.`,
  );
}
