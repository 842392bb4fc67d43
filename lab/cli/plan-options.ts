import { LoadlineError } from '../../model/errors.ts';
import type { Objective } from '../../model/experiment.ts';
import { parseFactor, parseNumber, parsePercent, parseRate } from '../../model/quantities.ts';
import type { Topology, TopologyName } from '../../model/topology.ts';
import { noneOf } from '../experiment/closest-word.ts';
import type { FittedModel } from '../plan/fitted-model.ts';
import type { Question } from '../plan/question.ts';
import { measuredMachine, type PlannedMachine } from '../plan/question.ts';
import { type AskedSweep, type SweptQuantity, sweepable } from '../plan/sweep.ts';
import { changeable, type WhatIfChange } from '../plan/what-if.ts';
import { durationFrom, factorFrom, memoryFrom, numberFrom, rangeFrom, wrong } from './plan-quantities.ts';

/** Quantiles that have an option of their own; `--objective` takes any. */
export const quantileOptions = ['p50', 'p90', 'p95', 'p99', 'p99.9'] as const;

/** What `loadline plan` is told beside its run, as it was typed. */
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

/** What is asked, with what the run says where nothing else is; without its workload and prices. */
export type AskedQuestion = Omit<Question, 'workload' | 'prices'>;

/** The question that the options put; `measured`: the run's own objective, machine and topologies. */
export function questionFrom(
  options: PlanOptions,
  measured: Pick<FittedModel, 'objective' | 'cpus' | 'topologies'>,
): AskedQuestion {
  const { arrivalRate, growth, headroom, topology } = options;
  if (arrivalRate === undefined) {
    throw new LoadlineError(
      'usage',
      'Which load shall be carried? Say --arrival-rate with requests a second: ./loadline plan latest --arrival-rate 1200 --p99 250ms',
    );
  }
  return {
    arrivalRate: arrivalRateFrom('--arrival-rate', arrivalRate),
    growth: growth === undefined ? 1 : growthFrom('--growth', growth),
    headroom: headroom === undefined ? 0 : headroomFrom(headroom),
    objective: objectiveFrom(options, measured.objective),
    machine: machineFrom(options, measured.cpus),
    ...(topology !== undefined && { topologies: topologiesFrom(topology, measured.topologies) }),
  };
}

/** Each `--what-if`, in the order in which they were given. */
export function changesFrom(texts: readonly string[] = []): WhatIfChange[] {
  return texts.map(text => {
    const { name: quantity, value } = assignment('--what-if', text, changeable, 'database-wait=2x');
    const times = factorFrom(value);
    if (times !== undefined) return { quantity, times };
    return { quantity, value: readChange[quantity](`--what-if ${quantity}`, value) };
  });
}

/** What `--sweep` goes through. */
export function sweepFrom(text: string): AskedSweep {
  const { name: quantity, value } = assignment('--sweep', text, sweepable, 'processes=1..16');
  const option = `--sweep ${quantity}`;
  return { quantity, values: rangeFrom(option, value, one => readSwept[quantity](option, one)) };
}

function objectiveFrom(options: PlanOptions, own: Objective): Objective {
  const named = quantileOptions.flatMap(name => {
    const text = options[name];
    return text === undefined ? [] : [{ option: `--${name}`, quantile: name, text }];
  });
  if (options.objective !== undefined) {
    const [quantile = '', text = ''] = splitAt(options.objective, '=');
    if (text === '') throw wrong('--objective', options.objective, OBJECTIVE);
    named.push({ option: '--objective', quantile: quantile as 'p99', text });
  }
  const [first, second] = named;
  if (second !== undefined && first !== undefined) {
    throw new LoadlineError('usage', `${first.option} and ${second.option} are two objectives: give one of them.`);
  }
  if (first === undefined) return own;
  const percent = /^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(first.quantile)?.[1];
  if (percent === undefined || Number(percent) === 0) {
    throw wrong('--objective', options.objective ?? '', OBJECTIVE);
  }
  return {
    quantile: Number((Number(percent) / 100).toPrecision(6)),
    responseTime: durationFrom(first.option, first.text),
    errorFraction: own.errorFraction,
  };
}

const OBJECTIVE = 'a quantile and a duration, such as p99=250ms or p99.9=1s';

function machineFrom(
  { cpus, memory, databaseConnections, generator }: PlanOptions,
  measuredCpus: number,
): PlannedMachine {
  return {
    ...measuredMachine(cpus === undefined ? measuredCpus : cpusFrom('--cpus', cpus)),
    ...(memory !== undefined && { memory: memoryFrom('--memory', memory) }),
    ...(databaseConnections !== undefined && {
      databaseConnections: connectionsFrom('--database-connections', databaseConnections),
    }),
    ...(generator !== undefined && { generator: oneOf('--generator', generator, ['elsewhere', 'here']) }),
  };
}

function topologiesFrom(text: string, topologies: readonly Topology[]): TopologyName[] {
  const names = topologies.map(({ name }) => name);
  return [...new Set(text.split(',').map(word => oneOf('--topology', word.trim(), names)))];
}

function arrivalRateFrom(option: string, text: string): number {
  const such = 'requests a second, a number above 0, such as 1200';
  return numberFrom(option, text, { least: Number.MIN_VALUE, such }, one => parseRate(one) ?? parseNumber(one));
}

function growthFrom(option: string, text: string): number {
  const such = 'a number above 0: 2 for twice the load of today';
  return numberFrom(option, text, { least: Number.MIN_VALUE, such }, one => parseFactor(one) ?? parseNumber(one));
}

function headroomFrom(text: string): number {
  const such = 'the part of the capacity that shall stay free, below 0.95, such as 0.3 or 30%';
  return numberFrom('--headroom', text, { most: 0.95, such }, one => parsePercent(one) ?? parseNumber(one));
}

function cpusFrom(option: string, text: string): number {
  return numberFrom(option, text, {
    least: 1,
    most: 1024,
    isWhole: true,
    such: 'a whole number of CPUs from 1 to 1024',
  });
}

function connectionsFrom(option: string, text: string): number {
  const such = 'a whole number of connections from 1 to 100000, such as 100';
  return numberFrom(option, text, { least: 1, most: 100_000, isWhole: true, such });
}

function wholeFrom(option: string, text: string): number {
  return numberFrom(option, text, { least: 1, most: 4096, isWhole: true, such: 'whole numbers from 1, such as 1..16' });
}

function timesFrom(option: string, text: string): number {
  const times = factorFrom(text);
  if (times !== undefined) return times;
  throw wrong(option, text, 'times as much as now, such as 2x or 0.5x');
}

const readChange: Readonly<Record<WhatIfChange['quantity'], (option: string, text: string) => number>> = {
  'database-wait': timesFrom,
  'service-demand': timesFrom,
  cpus: cpusFrom,
  'database-connections': connectionsFrom,
  memory: memoryFrom,
  'arrival-rate': arrivalRateFrom,
  growth: growthFrom,
};

const readSwept: Readonly<Record<SweptQuantity, (option: string, text: string) => number>> = {
  processes: wholeFrom,
  threads: wholeFrom,
  'database-connections': connectionsFrom,
  cpus: cpusFrom,
  'arrival-rate': arrivalRateFrom,
  'database-wait': growthFrom,
};

/** `name=value`, with a name that there is. */
function assignment<Name extends string>(option: string, text: string, names: readonly Name[], such: string) {
  const [name = '', value = ''] = splitAt(text, '=');
  if (value === '') throw wrong(option, text, `a name and a value, such as ${such}; the names are ${names.join(', ')}`);
  return { name: oneOf(option, name, names), value };
}

function splitAt(text: string, mark: string): string[] {
  const index = text.indexOf(mark);
  return index < 0 ? [text] : [text.slice(0, index).trim(), text.slice(index + 1).trim()];
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find(name => name === text);
  if (found !== undefined) return found;
  throw new LoadlineError('usage', `${option} ${noneOf(text, names)}.`);
}
