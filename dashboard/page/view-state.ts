import { type RequestParameters, type RouteName, routes } from '../../model/contract/contract.ts';
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
import { highestArrivalRate, type LoadTarget, mostUsers, type SharedMachine } from '../work.ts';
import { type ChartName, chartNames } from './charts/names.ts';
import { within } from './numbers.ts';
import { numberIn, numbersIn, type QueryField, writeQuery } from './query.ts';

/** Arrivals per second at each deployment; below it there is hardly anything to see. */
export const LOWEST_ARRIVAL_RATE = 5;
export const usualOpenLoad = { model: 'open', arrivalRate: 60 } as const satisfies LiveLoad;
export const usualClosedLoad = { model: 'closed', users: 20, thinkTime: 1 } as const satisfies LiveLoad;

/** The first parameters of each route; about 5 ms of computing where it only computes. */
export const usualParameters: Readonly<Record<RouteName, RequestParameters>> = {
  plain: {},
  wait: { ms: 20 },
  cpu: { units: 100 },
  item: { id: 42 },
  items: { limit: 20 },
  orders: {},
  work: { units: 40, ms: 10, reads: 2 },
};

/** The settings with each value within its limits. */
export function allowedSettings(settings: Settings, machine: SharedMachine): Settings {
  const staged = machine.deployments.map(({ id }) => id);
  const chosen = staged.filter(id => settings.deployments.includes(id));
  const deployments = chosen.length > 0 ? chosen : staged.slice(0, 1);
  const workload = allowedWorkload(settings.workload);
  const load = allowedLoad(settings.load, { deployments, workload }, machine);
  return { deployments, workload, load, running: settings.running };
}

function allowedWorkload({ route, parameters }: LiveWorkload): LiveWorkload {
  const known = routes[route].parameters.map(({ name, minimum, maximum }) => {
    const value = parameters[name] ?? usualParameters[route][name] ?? minimum;
    return [name, Math.round(within(minimum, value, maximum))] as const;
  });
  return { route, parameters: Object.fromEntries(known) };
}

function allowedLoad(load: LiveLoad, target: LoadTarget, machine: SharedMachine): LiveLoad {
  if (load.model === 'open') {
    const highest = highestArrivalRate(target, machine);
    return { model: 'open', arrivalRate: Math.round(within(LOWEST_ARRIVAL_RATE, load.arrivalRate, highest)) };
  }
  return {
    model: 'closed',
    users: Math.round(within(1, load.users, mostUsers(target, machine))),
    thinkTime: Math.round(within(0, load.thinkTime, settingLimits.thinkTime) * 10) / 10,
  };
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
