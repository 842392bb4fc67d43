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
import type { SharedMachine } from '../work.ts';
import { allowedSettings, usualParameters, within } from './allowed-settings.ts';
import { type ChartName, chartNames } from './charts/definitions.ts';

type Connections = Readonly<Record<DeploymentId, number>>;
type Stage = SharedMachine['deployments'];

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

/**
 * The query of a view, with its question mark; empty where a view says nothing. A deployment is written by its topology
 * where the stage has no other of that topology, so that the link means something on another machine too.
 */
export function queryOf({ settings, connections = {}, tour, charts }: View, stage: Stage = []): string {
  const fields: (readonly [name: string, value: string | number])[] = [];
  if (tour !== undefined) fields.push(['tour', tour]);
  else {
    if (settings !== undefined) fields.push(...fieldsOf(settings, stage));
    const limits = stage.flatMap(({ id }) =>
      connections[id] === undefined ? [] : [`${shortName(id, stage)}:${connections[id]}`],
    );
    if (limits.length > 0) fields.push(['connections', limits.join(',')]);
  }
  if (charts !== undefined && charts.length < chartNames.length) fields.push(['charts', charts.join(',')]);
  return fields.length === 0 ? '' : `?${fields.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

/** The topology of a deployment that is the only one of it, or its id. */
function shortName(id: DeploymentId, stage: Stage): string {
  const own = stage.find(staged => staged.id === id)?.deployment.topology;
  const isOnly = stage.filter(({ deployment }) => deployment.topology === own).length === 1;
  return own !== undefined && isOnly ? own : id;
}

function fieldsOf(
  { deployments, workload, load, running }: Settings,
  stage: Stage,
): (readonly [string, string | number])[] {
  return [
    ['topologies', deployments.map(id => shortName(id, stage)).join(',')],
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
export function settingsIn(query: string, present: Settings, machine: SharedMachine): Settings | undefined {
  const fields = new URLSearchParams(query);
  if (!settingNames.some(name => fields.has(name))) return undefined;
  return allowedSettings(
    {
      deployments: deploymentsIn(fields, machine.deployments) ?? present.deployments,
      workload: workloadIn(fields, present.workload),
      load: loadIn(fields, present.load),
      running: fields.get('running') !== 'no',
    },
    machine,
  );
}

/** The limits of database connections that a query asks for, of deployments that are there and can have one. */
export function connectionsIn(query: string, stage: readonly Omit<StagedDeployment, 'label'>[]): Connections {
  const asked = new URLSearchParams(query).get('connections')?.split(',') ?? [];
  const numberFor = (name: string) => asked.find(each => each.startsWith(`${name}:`))?.slice(name.length + 1);
  const known = stage.flatMap(({ id, deployment: { topology, spec }, workers }) => {
    const number = numberFor(id) ?? numberFor(topology) ?? '';
    if (isConcurrencyLimited(spec) || !/^\d{1,9}$/.test(number)) return [];
    return [[id, within(workers.length, Number(number), settingLimits.databaseConnections)] as const];
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

/** Those that are asked for by id, and every one of a topology that is asked for. */
function deploymentsIn(fields: URLSearchParams, stage: Stage): readonly DeploymentId[] | undefined {
  const asked = fields.get('topologies')?.split(',') ?? [];
  const known = stage.filter(({ id, deployment }) => asked.includes(id) || asked.includes(deployment.topology));
  return known.length > 0 ? known.map(({ id }) => id) : undefined;
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
