import { batch, computed, signal } from '@preact/signals';
import { type DeploymentStyle, styleDeployment } from '../../model/deployment-style.ts';
import {
  addresses,
  type DeploymentId,
  type Frame,
  type Hello,
  HISTORY,
  type Second,
  type StagedDeployment,
  type State,
} from '../protocol.ts';
import type { SharedMachine } from '../work.ts';
import { joinMarks, type Occurrence } from './charts/marks.ts';
import { type Connection, openFeed } from './feed.ts';
import { access, beginSession } from './session.ts';

const MOST_OCCURRENCES = 100;

export const connection = signal<Connection>('connecting');
/** The deployments of the stack. */
export const stage = signal<readonly StagedDeployment[]>([]);
/** What all pages share. */
export const state = signal<State | undefined>(undefined);
/** The points of the charts, the latest last. */
export const seconds = signal<readonly Second[]>([]);
export const latestSecond = computed(() => seconds.value.at(-1));
/** Marks, those that belong together joined; the latest last. */
export const occurrences = signal<readonly Occurrence[]>([]);
const cpus = signal(0);
/** The deployments and the CPUs that they share. */
export const machine = computed<SharedMachine>(() => ({ deployments: stage.value, cpus: cpus.value }));
/** Whether nothing can be changed. */
export const locked = computed(() => connection.value === 'lost');

/** The deployment with this id. */
export function stagedAt(id: DeploymentId | undefined): StagedDeployment | undefined {
  return stage.value.find(staged => staged.id === id);
}

/** The style of the deployment with this id, among those of the stack. */
export function styleAt(id: DeploymentId | undefined): DeploymentStyle | undefined {
  const among = stage.value.map(({ deployment }) => deployment);
  const staged = stagedAt(id);
  return staged && styleDeployment(staged.deployment, among);
}

/** The name of the deployment with this id for readers. */
export function labelAt(id: DeploymentId): string {
  return stagedAt(id)?.label ?? id;
}

/** What a signal cannot tell: each event counts, even two in one turn. */
interface LiveListener {
  readonly hello: (hello: Hello) => void;
  readonly frame: (frame: Frame) => void;
}

const listeners = new Set<LiveListener>();
let latestHello: Hello | undefined;

/** Tells listeners each hello and frame; the latest hello at once. */
export const liveFeed = {
  subscribe(listener: LiveListener): () => void {
    listeners.add(listener);
    if (latestHello !== undefined) listener.hello(latestHello);
    return () => listeners.delete(listener);
  },
};

/** Begins to follow the server; returns how to connect at once. */
export function startLive(): () => void {
  return openFeed({
    prepare: async () => {
      await beginSession();
      if (access.value !== 'granted') return undefined;
      return latestHello === undefined ? addresses.events : `${addresses.events}?again`;
    },
    connection: next => {
      connection.value = next;
    },
    hello,
    frame: frame => {
      for (const listener of listeners) listener.frame(frame);
    },
    second: latest => {
      seconds.value = [...seconds.value.filter(({ time }) => time > latest.time - HISTORY - 1), latest];
    },
    state: next => {
      state.value = next;
    },
    mark: latest => {
      occurrences.value = joinMarks([...occurrences.value, latest]).slice(-MOST_OCCURRENCES);
    },
  });
}

function hello(latest: Hello): void {
  latestHello = latest;
  batch(() => {
    stage.value = latest.stage;
    cpus.value = latest.cpus;
    state.value = latest.state;
    seconds.value = latest.seconds.filter(({ time }) => time > latest.now - HISTORY - 1);
    occurrences.value = joinMarks(latest.marks).slice(-MOST_OCCURRENCES);
  });
  for (const listener of listeners) listener.hello(latest);
}
