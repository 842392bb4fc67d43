import { type RouteName, routes } from '../../model/contract/contract.ts';
import { isConcurrencyLimited, type TopologyName, topologyNames, topologyOf } from '../../model/topology.ts';
import {
  type LiveLoad,
  type LiveWorkload,
  type Settings,
  type StagedDeployment,
  settingLimits,
  type TourStep,
  tourSteps,
} from '../protocol.ts';
import { type Machine, topologiesOf } from '../work.ts';
import { allowedSettings, usualParameters, within } from './allowed-settings.ts';
import { type ChartName, chartNames } from './charts/names.ts';

type Connections = Partial<Record<TopologyName, number>>;

/** What a page shows, as it stands in the query of its URL: `?topologies=sync,hybrid&workload=wait&ms=20&arrivalRate=60`. */
export interface View {
  /** Absent on the tour, which has settings of its own. */
  readonly settings?: Settings;
  /** Database connections of each deployment where they are not its own; on the tour the step says. */
  readonly connections?: Connections;
  readonly tour?: TourStep;
  /** The charts that are open; absent: all. */
  readonly charts?: readonly ChartName[];
}

/** The query of a view, with its question mark; empty where a view says nothing. */
export function queryOf({ settings, connections = {}, tour, charts }: View): string {
  const fields: (readonly [name: string, value: string | number])[] = [];
  if (tour !== undefined) fields.push(['tour', tour]);
  else {
    if (settings !== undefined) fields.push(...fieldsOf(settings));
    const limited = topologyNames.filter(name => connections[name] !== undefined);
    if (limited.length > 0) fields.push(['connections', limited.map(name => `${name}:${connections[name]}`).join(',')]);
  }
  if (charts !== undefined && charts.length < chartNames.length) fields.push(['charts', charts.join(',')]);
  return fields.length === 0 ? '' : `?${fields.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

function fieldsOf({ topologies, workload, load, running }: Settings): (readonly [string, string | number])[] {
  return [
    ['topologies', topologies.join(',')],
    ['workload', workload.route],
    ...Object.entries(workload.parameters),
    ...(load.model === 'open'
      ? ([['arrivalRate', load.arrivalRate]] as const)
      : ([
          ['users', load.users],
          ['thinkTime', load.thinkTime],
        ] as const)),
    ...(running ? [] : ([['running', 'no']] as const)),
  ];
}

/**
 * The settings that a query asks for, within what is allowed; `undefined` where it asks for none. What it leaves out,
 * or says in a way that nobody understands, is as in `present`.
 */
export function settingsIn(query: string, present: Settings, machine: Machine): Settings | undefined {
  const fields = new URLSearchParams(query);
  if (!settingNames.some(name => fields.has(name))) return undefined;
  return allowedSettings(
    {
      topologies: topologiesIn(fields, topologiesOf(machine)) ?? present.topologies,
      workload: workloadIn(fields, present.workload),
      load: loadIn(fields, present.load),
      running: fields.get('running') !== 'no',
    },
    machine,
  );
}

/** The limits of database connections that a query asks for, of deployments that are there and can have one. */
export function connectionsIn(query: string, stage: readonly StagedDeployment[]): Connections {
  const asked = new URLSearchParams(query).get('connections')?.split(',') ?? [];
  const known = stage.flatMap(({ deployment: { topology }, workers }) => {
    const prefix = `${topology}:`;
    const number = asked.find(each => each.startsWith(prefix))?.slice(prefix.length) ?? '';
    if (isConcurrencyLimited(topologyOf(topology)) || !/^\d{1,9}$/.test(number)) return [];
    return [[topology, within(workers.length, Number(number), settingLimits.databaseConnections)] as const];
  });
  return Object.fromEntries(known);
}

/** The step of the tour that a query asks for. */
export function tourIn(query: string): TourStep | undefined {
  return tourSteps.find(step => step === new URLSearchParams(query).get('tour'));
}

/** The charts that a query wants open, in their order; `undefined` where it says nothing of charts. */
export function chartsIn(query: string): readonly ChartName[] | undefined {
  const asked = new URLSearchParams(query).get('charts')?.split(',');
  return asked && chartNames.filter(name => asked.includes(name));
}

/** Whether a query asks for the page "Plan", whose own fields follow: `?plan=2026-11-27T090515-quick&cpus=8`. */
export function asksForPlan(query: string): boolean {
  return new URLSearchParams(query).has('plan');
}

const parameterNames = new Set(Object.values(routes).flatMap(({ parameters }) => parameters.map(({ name }) => name)));
const settingNames = ['topologies', 'workload', 'arrivalRate', 'users', 'thinkTime', 'running', ...parameterNames];

function topologiesIn(fields: URLSearchParams, staged: readonly TopologyName[]): readonly TopologyName[] | undefined {
  const asked = fields.get('topologies')?.split(',') ?? [];
  const known = topologyNames.filter(name => asked.includes(name) && staged.includes(name));
  return known.length > 0 ? known : undefined;
}

function workloadIn(fields: URLSearchParams, present: LiveWorkload): LiveWorkload {
  const asked = fields.get('workload') ?? present.route;
  const route = isRoute(asked) ? asked : present.route;
  const usual = route === present.route ? present.parameters : usualParameters[route];
  const given = routes[route].parameters.flatMap(({ name }) => {
    const value = numberIn(fields, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { route, parameters: { ...usual, ...Object.fromEntries(given) } };
}

function loadIn(fields: URLSearchParams, present: LiveLoad): LiveLoad {
  const arrivalRate = numberIn(fields, 'arrivalRate');
  if (arrivalRate !== undefined) return { model: 'open', arrivalRate };
  const users = numberIn(fields, 'users');
  const thinkTime = numberIn(fields, 'thinkTime');
  if (users === undefined && thinkTime === undefined) return present;
  const usual = present.model === 'closed' ? present : usualClosedLoad;
  return { model: 'closed', users: users ?? usual.users, thinkTime: thinkTime ?? usual.thinkTime };
}

/** What a closed load begins with. */
export const usualClosedLoad = { model: 'closed', users: 20, thinkTime: 1 } as const satisfies LiveLoad;
/** What an open load begins with. */
export const usualOpenLoad = { model: 'open', arrivalRate: 60 } as const satisfies LiveLoad;

function isRoute(name: string): name is RouteName {
  return Object.hasOwn(routes, name);
}

/** A number that a field of a query holds, written as people write them. */
export function numberIn(fields: URLSearchParams, name: string): number | undefined {
  const text = fields.get(name);
  // Not '', ' 7', '0x10', '1e3' or 'Infinity'.
  if (text === null || !/^-?\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined;
  return Number(text);
}
