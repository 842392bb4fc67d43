import { type RequestParameters, type RouteName, routes } from '../../model/contract/contract.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { FileProblem } from './file-problem.ts';

/** Of CPU that one request may ask for. */
const MOST_CPU: Seconds = 2;

/** What in a request's parameters cannot be: unknown, missing, or outside of its limits. */
export function parameterProblems(
  route: RouteName,
  parameters: RequestParameters,
  path: readonly PropertyKey[],
): FileProblem[] {
  const rules = routes[route].parameters;
  const takesUnits = rules.some(rule => rule.name === 'units');
  const names = [...rules.map(rule => rule.name), ...(takesUnits ? ['cpuSeconds'] : [])];
  const problems: FileProblem[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const at = [...path, name];
    const rule = rules.find(one => one.name === name);
    if (name === 'cpuSeconds' && takesUnits) {
      if ('units' in parameters) problems.push({ path: at, message: 'and units say the same thing: give one of them' });
      if (!(value >= 0 && value <= MOST_CPU)) {
        problems.push({ path: at, message: `is ${value}, not from 0 to ${MOST_CPU}` });
      }
    } else if (rule === undefined) {
      const known = names.length === 0 ? 'no parameters' : names.join(', ');
      problems.push({ path: at, message: `is not known: ${route} takes ${known}` });
    } else if (!Number.isInteger(value) || value < rule.minimum || value > rule.maximum) {
      problems.push({ path: at, message: `is ${value}, not a whole number from ${rule.minimum} to ${rule.maximum}` });
    }
  }
  for (const rule of rules) {
    const given = rule.name in parameters || (rule.name === 'units' && 'cpuSeconds' in parameters);
    if (rule.default === undefined && !given) {
      const instead = rule.name === 'units' ? ' (or cpuSeconds)' : '';
      problems.push({ path, message: `lacks ${rule.name}${instead}, which ${route} needs` });
    }
  }
  return problems;
}
