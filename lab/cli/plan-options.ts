import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type RouteName, routes } from '../../model/contract/contract.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Objective, Workload } from '../../model/experiment.ts';
import {
  parseDuration,
  parseFactor,
  parseMemory,
  parseNumber,
  parsePercent,
  parseRate,
} from '../../model/quantities.ts';
import type { Topology, TopologyName } from '../../model/topology.ts';
import { parameterProblems } from '../experiment/cells.ts';
import { describeProblems, readYaml, rejectWord, writeKey } from '../experiment/problems.ts';
import { isShipped, shippedNames, shippedWorkloads } from '../experiment/shipped-workloads.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import { measuredMachine, type PlannedMachine, type Prices, type Question } from '../plan/question.ts';
import { type AskedSweep, type SweptQuantity, sweepable } from '../plan/sweep.ts';
import { changeable, type WhatIfChange } from '../plan/what-if.ts';

/** Quantiles that have an option of their own; `--objective` takes any. */
export const quantileOptions = ['p50', 'p90', 'p95', 'p99', 'p99.9'] as const;

/** The options of `loadline plan`, as they were typed. */
export interface PlanOptions extends Partial<Record<(typeof quantileOptions)[number], string>> {
  readonly arrivalRate?: string;
  readonly objective?: string;
  readonly workload?: string;
  readonly cpus?: string;
  readonly databaseConnections?: string;
  readonly memory?: string;
  readonly growth?: string;
  readonly headroom?: string;
  readonly prices?: string;
  readonly topology?: string;
  readonly generator?: string;
  readonly whatIf?: readonly string[];
  readonly sweep?: string;
  readonly score?: boolean;
  readonly json?: boolean;
  readonly extrapolate?: boolean;
}

/** Parses the question, without its workload and prices; what is left out is as it was `measured`. */
export function parseQuestion(
  options: PlanOptions,
  measured: Pick<FittedModel, 'objective' | 'cpus' | 'topologies'>,
): Omit<Question, 'workload' | 'prices'> {
  const { arrivalRate, growth = '1', headroom = '0', topology } = options;
  if (arrivalRate === undefined) {
    throw new LoadlineError('usage', '--arrival-rate is required, for example --arrival-rate 1200 --p99 250ms');
  }
  return {
    arrivalRate: parseArrivalRate('--arrival-rate', arrivalRate),
    growth: parseGrowth('--growth', growth),
    headroom: parseHeadroom('--headroom', headroom),
    objective: parseObjective(options, measured.objective),
    machine: parseMachine(options, measured.cpus),
    ...(topology !== undefined && { topologies: parseTopologies(topology, measured.topologies) }),
  };
}

function parseObjective(options: PlanOptions, measured: Objective): Objective {
  const objectives = quantileOptions.flatMap(name => {
    const text = options[name];
    return text === undefined ? [] : [{ option: `--${name}`, quantile: name as string, text }];
  });
  if (options.objective !== undefined) {
    const [quantile, text] = splitAssignment(options.objective);
    objectives.push({ option: '--objective', quantile, text });
  }
  const [first, second] = objectives;
  if (first === undefined) return measured;
  if (second !== undefined) {
    throw new LoadlineError('usage', `${first.option} and ${second.option} are two objectives: give one of them.`);
  }
  const percentile = Number(/^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(first.quantile)?.[1] ?? 0);
  if (percentile === 0 || first.text === '') {
    throw reject('--objective', options.objective ?? '', 'a quantile and a duration, such as p99=250ms or p99.9=1s');
  }
  return {
    quantile: Number((percentile / 100).toPrecision(6)),
    responseTime: parseLimit(first.option, first.text),
    errorFraction: measured.errorFraction,
  };
}

function parseMachine(
  { cpus, memory, databaseConnections, generator }: PlanOptions,
  measuredCpus: number,
): PlannedMachine {
  return {
    ...measuredMachine(cpus === undefined ? measuredCpus : parseCpus('--cpus', cpus)),
    ...(memory !== undefined && { memory: parseAmount('--memory', memory) }),
    ...(databaseConnections !== undefined && {
      databaseConnections: parseConnections('--database-connections', databaseConnections),
    }),
    ...(generator !== undefined && { generator: parseName('--generator', generator, ['elsewhere', 'here']) }),
  };
}

function parseTopologies(text: string, topologies: readonly Topology[]): TopologyName[] {
  const names = topologies.map(({ name }) => name);
  return [...new Set(text.split(',').map(word => parseName('--topology', word.trim(), names)))];
}

/** Parses each `--what-if`, in the order in which they were given. */
export function parseWhatIf(texts: readonly string[] = []): WhatIfChange[] {
  return texts.map(text => {
    const [name, value] = parseAssignment('--what-if', text, changeable, 'database-wait=2x');
    const option = `--what-if ${name}`;
    return parseFactor(value) === undefined
      ? { quantity: name, value: changeParsers[name](option, value) }
      : { quantity: name, times: parseTimes(option, value) };
  });
}

/** Parses what `--sweep` goes through. */
export function parseSweep(text: string): AskedSweep {
  const [quantity, value] = parseAssignment('--sweep', text, sweepable, 'processes=1..16');
  const option = `--sweep ${quantity}`;
  return { quantity, values: parseRange(option, value, one => sweepParsers[quantity](option, one)) };
}

type Parser = (option: string, text: string) => number;

interface Bounds {
  readonly least?: number;
  readonly most?: number;
  readonly isWhole?: boolean;
}

/** Makes a parser of an option; `such` says in its error what the option takes. */
function parserFor(parse: (text: string) => number | undefined, such: string, bounds: Bounds = {}): Parser {
  const { least = Number.MIN_VALUE, most = Number.MAX_VALUE, isWhole = false } = bounds;
  return (option, text) => {
    const value = parse(text);
    if (value !== undefined && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw reject(option, text, such);
  };
}

const parseArrivalRate = parserFor(
  text => parseRate(text) ?? parseNumber(text),
  'requests per second, above 0, such as 1200',
);
const parseGrowth = parserFor(text => parseFactor(text) ?? parseNumber(text), 'a factor above 0, such as 2');
const parseHeadroom = parserFor(
  text => parsePercent(text) ?? parseNumber(text),
  'the part of the capacity to keep free, below 0.95, such as 0.3 or 30%',
  { least: 0, most: 0.95 },
);
const parseLimit = parserFor(parseDuration, 'a duration above 0 with its unit, such as 250ms or 1.5s');
const parseAmount = parserFor(parseMemory, 'memory above 0 with its unit, such as 800MB or 4G');
const parseTimes = parserFor(parseFactor, 'a factor above 0, such as 2x or 0.5x');
const parseCpus = parserFor(parseNumber, 'a whole number of CPUs from 1 to 1024', {
  ...{ least: 1, most: 1024, isWhole: true },
});
const parseConnections = parserFor(parseNumber, 'a whole number of connections from 1 to 100000, such as 100', {
  ...{ least: 1, most: 100_000, isWhole: true },
});
const parseCount = parserFor(parseNumber, 'whole numbers from 1, such as 1..16', {
  ...{ least: 1, most: 4096, isWhole: true },
});

const changeParsers: Readonly<Record<WhatIfChange['quantity'], Parser>> = {
  'database-wait': parseTimes,
  'service-demand': parseTimes,
  cpus: parseCpus,
  'database-connections': parseConnections,
  memory: parseAmount,
  'arrival-rate': parseArrivalRate,
  growth: parseGrowth,
};

const sweepParsers: Readonly<Record<SweptQuantity, Parser>> = {
  processes: parseCount,
  threads: parseCount,
  'database-connections': parseConnections,
  cpus: parseCpus,
  'arrival-rate': parseArrivalRate,
  'database-wait': parseGrowth,
};

/** The most values of one sweep. */
const MOST_VALUES = 64;
/** The most steps of a range such as `1..64`. */
const MOST_STEPS = 20;

/** Parses `1..16` or `1,2,4,8`. */
function parseRange(option: string, text: string, parse: (text: string) => number): number[] {
  const [, first, last] = /^([^.,]+(?:\.\d+)?)\.\.(.+)$/.exec(text) ?? [];
  const values =
    first !== undefined && last !== undefined
      ? listSteps(parse(first), parse(last))
      : text.split(',').map(part => parse(part.trim()));
  const isGrowing = values.every((value, index) => value > (values[index - 1] ?? 0));
  if (values.length > 0 && values.length <= MOST_VALUES && isGrowing) return values;
  throw reject(option, text, `at most ${MOST_VALUES} growing values, such as 1..16 or 1,2,4,8`);
}

/** Whole steps where they are few; otherwise both ends and the round numbers between them. */
function listSteps(first: number, last: number): number[] {
  const span = last - first;
  if (!(span >= 0)) return [];
  if (span <= MOST_STEPS) return Array.from({ length: Math.floor(span) + 1 }, (_, index) => first + index);
  const power = 10 ** Math.floor(Math.log10(span / MOST_STEPS));
  const step = [1, 2, 5, 10].map(times => times * power).find(size => span / size <= MOST_STEPS) ?? span;
  const round = Array.from({ length: MOST_STEPS + 2 }, (_, index) => (Math.floor(first / step) + index) * step);
  return [first, ...round.filter(value => value > first && value < last), last];
}

/** Parses `name=value` with one of these names. */
function parseAssignment<Name extends string>(
  option: string,
  text: string,
  names: readonly Name[],
  example: string,
): [name: Name, value: string] {
  const [name, value] = splitAssignment(text);
  if (value === '') {
    throw reject(option, text, `a name and a value, such as ${example}; the names are ${names.join(', ')}`);
  }
  return [parseName(option, name, names), value];
}

function splitAssignment(text: string): [name: string, value: string] {
  const index = text.indexOf('=');
  return index < 0 ? [text, ''] : [text.slice(0, index).trim(), text.slice(index + 1).trim()];
}

function parseName<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find(name => name === text);
  if (found !== undefined) return found;
  throw new LoadlineError('usage', `${option} ${rejectWord(text, names)}.`);
}

function reject(option: string, text: string, such: string): LoadlineError {
  return new LoadlineError('usage', `${option} is "${text}"; it takes ${such}.`);
}

const routeNames = Object.keys(routes) as RouteName[];

/** Parses a workload: one of the run's, one that ships, or a route with parameters such as `work,ms=40`; without a text the run's first. */
export function parseWorkload(text: string | undefined, measured: readonly Workload[]): Workload {
  const own = text === undefined ? measured[0] : measured.find(({ name }) => name === text);
  if (own !== undefined) return own;
  if (text === undefined)
    throw new LoadlineError('usage', 'The run has no workload: give one, as in --workload wait,ms=20.');
  if (isShipped(text)) return { name: text, requests: shippedWorkloads[text] };
  const [word = '', ...assignments] = text.split(',').map(part => part.trim());
  const route = routeNames.find(name => name === word);
  if (route === undefined) {
    const names = [...new Set([...measured.map(({ name }) => name), ...shippedNames])];
    throw new LoadlineError(
      'usage',
      `--workload ${rejectWord(word, names)}; or a route with parameters, such as work,ms=40.`,
    );
  }
  const parameters = Object.fromEntries(assignments.map(parseParameter));
  const problems = parameterProblems(route, parameters, []);
  if (problems.length === 0) return { name: text, requests: [{ weight: 1, route, parameters }] };
  const sentences = problems.map(({ path, message }) => [path.join('.') || route, message].join(' '));
  throw new LoadlineError('usage', `--workload is "${text}": ${sentences.join('; ')}.`);
}

function parseParameter(assignment: string): [string, number] {
  const [, name = '', value] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(assignment) ?? [];
  if (value !== undefined) return [name, Number(value)];
  throw new LoadlineError(
    'usage',
    `--workload has "${assignment}"; a parameter is a name and a number without unit, such as ms=40 or cpuSeconds=0.005.`,
  );
}

const priceKeys = 'machine, gigabyte, databaseConnection';
const price = z.number().nonnegative();
const prices = z.strictObject(
  { machine: price, gigabyte: price, databaseConnection: price },
  { error: issue => (issue.code === 'unrecognized_keys' ? priceKeys : undefined) },
);

/** Reads the prices of a machine, a gigabyte of memory and a database connection from a YAML or JSON file. */
export function readPrices(file: string): Prices {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LoadlineError('usage', `--prices ${file} cannot be read: give a YAML file with ${priceKeys}.`, { cause });
  }
  const parsed = prices.safeParse(readYaml(text, file).value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues
    .flatMap(describeProblems)
    .map(({ path, message }) => `  ${writeKey(path)} ${message}`);
  throw new LoadlineError('usage', `--prices ${file} is invalid:\n${sentences.join('\n')}`);
}
