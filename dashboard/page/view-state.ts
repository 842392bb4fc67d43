import { type RouteName, routes } from '../../model/contract/contract.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import {
  type DeploymentId,
  type LiveLoad,
  type LiveWorkload,
  type Settings,
  type StagedDeployment,
  settingLimits,
  type TourStep,
  tourSteps,
} from '../protocol.ts';
import { limitSettings, type SharedMachine, usualParameters, within } from '../work.ts';
import { type ChartName, chartNames } from './charts/definitions.ts';
import { numberIn, numbersIn, type QueryField, writeQuery } from './query.ts';

/** Arrivals per second at each deployment; below it there is hardly anything to see. */
export const LOWEST_ARRIVAL_RATE = 5;
export const usualOpenLoad = { model: 'open', arrivalRate: 60 } as const satisfies LiveLoad;
export const usualClosedLoad = { model: 'closed', users: 20, thinkTime: 1 } as const satisfies LiveLoad;

/** The settings within their limits, as the controls can show them. */
export function allowedSettings(settings: Settings, machine: SharedMachine): Settings {
  const limited = limitSettings(settings, machine);
  const { load } = limited;
  if (load.model === 'closed') {
    return { ...limited, load: { ...load, thinkTime: Math.round(load.thinkTime * 10) / 10 } };
  }
  const arrivalRate = Math.round(Math.max(load.arrivalRate, LOWEST_ARRIVAL_RATE));
  return limitSettings({ ...limited, load: { model: 'open', arrivalRate } }, machine);
}

type ConnectionLimits = Readonly<Record<DeploymentId, number>>;
type Stage = SharedMachine['deployments'];

/** What a page shows, as its URL has it: `?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60`. */
export interface View {
  /** A step of the tour has its own. */
  readonly settings?: Settings;
  readonly connections?: ConnectionLimits;
  readonly tour?: TourStep;
  /** The charts that are open; absent: all. */
  readonly charts?: readonly ChartName[];
}

/**
 * The query of a view. A deployment is written as its topology if the stage has no other size of it: such a link means
 * something on another machine too.
 */
export function viewQuery({ settings, connections = {}, tour, charts }: View, stage: Stage = []): string {
  const nameOf = (id: DeploymentId): string => {
    const topology = stage.find(staged => staged.id === id)?.deployment.topology;
    const sizes = stage.filter(({ deployment }) => deployment.topology === topology);
    return topology !== undefined && sizes.length === 1 ? topology : id;
  };
  const limits = stage.filter(({ id }) => connections[id] !== undefined);
  const named = limits.map(({ id }) => `${nameOf(id)}:${connections[id]}`).join(',');
  const onStage = [...(settings ? settingFields(settings, nameOf) : []), ['connections', named || undefined] as const];
  return writeQuery([
    ...(tour === undefined ? onStage : [['tour', tour] as const]),
    ['charts', charts !== undefined && charts.length < chartNames.length ? charts.join(',') : undefined],
  ]);
}

function settingFields(
  { deployments, workload, load, running }: Settings,
  nameOf: (id: DeploymentId) => string,
): QueryField[] {
  const { model: _, ...numbers } = load;
  return [
    ['topologies', deployments.map(nameOf).join(',')],
    ['workload', workload.route],
    ...Object.entries(workload.parameters),
    ...Object.entries(numbers),
    ['running', running ? undefined : 'no'],
  ];
}

const parameterNames = Object.values(routes).flatMap(({ parameters }) => parameters.map(({ name }) => name));
const settingNames = ['topologies', 'workload', 'arrivalRate', 'users', 'thinkTime', 'running', ...parameterNames];

/** The settings of a query, within their limits and otherwise as in `present`; `undefined` if it has none. */
export function settingsIn(query: string, present: Settings, machine: SharedMachine): Settings | undefined {
  const fields = new URLSearchParams(query);
  if (!settingNames.some(name => fields.has(name))) return undefined;
  const names = fields.get('topologies')?.split(',') ?? [];
  const named = machine.deployments.filter(
    ({ id, deployment }) => names.includes(id) || names.includes(deployment.topology),
  );
  const deployments = named.length > 0 ? named.map(({ id }) => id) : present.deployments;
  const workload = workloadIn(fields, present.workload);
  const load = loadIn(fields, present.load);
  return allowedSettings({ deployments, workload, load, running: fields.get('running') !== 'no' }, machine);
}

function workloadIn(fields: URLSearchParams, present: LiveWorkload): LiveWorkload {
  const asked = fields.get('workload') ?? '';
  const route = Object.hasOwn(routes, asked) ? (asked as RouteName) : present.route;
  const usual = route === present.route ? present.parameters : usualParameters[route];
  const given = numbersIn(
    fields,
    routes[route].parameters.map(({ name }) => name),
  );
  return { route, parameters: { ...usual, ...given } };
}

function loadIn(fields: URLSearchParams, present: LiveLoad): LiveLoad {
  const { arrivalRate, users, thinkTime } = numbersIn(fields, ['arrivalRate', 'users', 'thinkTime']);
  if (arrivalRate !== undefined) return { model: 'open', arrivalRate };
  if (users === undefined && thinkTime === undefined) return present;
  const usual = present.model === 'closed' ? present : usualClosedLoad;
  return { model: 'closed', users: users ?? usual.users, thinkTime: thinkTime ?? usual.thinkTime };
}

/** The limits of database connections in a query, for deployments of the stage whose workers can use several. */
export function connectionsIn(query: string, stage: readonly Omit<StagedDeployment, 'label'>[]): ConnectionLimits {
  const entries = (new URLSearchParams(query).get('connections') ?? '').split(',').map(entry => entry.split(':'));
  const limits = new URLSearchParams(entries.map(([name = '', number = '']) => [name, number]));
  const known = stage.flatMap(({ id, deployment: { topology, spec }, workers }) => {
    const number = numberIn(limits, id) ?? numberIn(limits, topology) ?? -1;
    if (isConcurrencyLimited(spec) || !(number >= 0)) return [];
    return [[id, within(workers.length, Math.round(number), settingLimits.databaseConnections)] as const];
  });
  return Object.fromEntries(known);
}

/** The step of the tour in a query. */
export function tourIn(query: string): TourStep | undefined {
  return tourSteps.find(step => step === new URLSearchParams(query).get('tour'));
}

/** The open charts of a query; `undefined`: it does not say. */
export function chartsIn(query: string): readonly ChartName[] | undefined {
  const asked = new URLSearchParams(query).get('charts')?.split(',');
  return asked && chartNames.filter(name => asked.includes(name));
}
