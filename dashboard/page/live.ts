import { batch, computed, signal } from '@preact/signals';
import { type DeploymentStyle, styleDeployment } from '../../model/deployment-style.ts';
import {
  addresses,
  type DeploymentId,
  type Frame,
  type Hello,
  HISTORY,
  type Mark,
  type Second,
  type StagedDeployment,
  type State,
} from '../protocol.ts';
import type { SharedMachine } from '../work.ts';
import { joinMarks, type Occurrence } from './charts/marks.ts';
import { formerClient, keepClient } from './client-name.ts';
import { type Connection, type Feed, openFeed } from './feed.ts';
import { access, beginSession, forgetToken } from './session.ts';

const MARKS = 100;

/** What the server has told, as signals. */
export const connection = signal<Connection>('connecting');
/** As the server names this page; until it does, as it named it before it was loaded again. */
export const client = signal(formerClient());
/** By which `State.driver` names this page. */
export const tag = signal('');
/** Each deployment that is there to be shown. */
export const stage = signal<readonly StagedDeployment[]>([]);
/** CPUs of the machine that all deployments share. */
export const cpus = signal(0);
/** What is the same for everybody who watches. */
export const state = signal<State | undefined>(undefined);
/** The charts' points, the latest last. */
export const seconds = signal<readonly Second[]>([]);
/** The latest of them. */
export const latestSecond = computed(() => seconds.value.at(-1));
/** What has happened, with what belongs together as one; the latest last. */
export const occurrences = signal<readonly Occurrence[]>([]);
/** The server's clock less this machine's, in seconds. */
export const clockOffset = signal(0);

/** The deployment that is there under this id. */
export function stagedAt(id: DeploymentId | undefined): StagedDeployment | undefined {
  return stage.value.find(staged => staged.id === id);
}
/** How it is drawn; `undefined` where it is not there. */
export function styleAt(id: DeploymentId | undefined): DeploymentStyle | undefined {
  const staged = stagedAt(id);
  return (
    staged &&
    styleDeployment(
      staged.deployment,
      stage.value.map(({ deployment }) => deployment),
    )
  );
}
/** Its name for readers. */
export function labelAt(id: DeploymentId): string {
  return stagedAt(id)?.label ?? id;
}
/** What the deployments run on. */
export const machine = computed<SharedMachine>(() => ({
  deployments: stage.value,
  cpus: cpus.value,
}));
/** Whether somebody else drives. */
export const drivenByOther = computed(() => {
  const driver = state.value?.driver;
  return driver !== undefined && driver !== tag.value;
});
/** Whether this page drives. */
export const drives = computed(() => tag.value !== '' && state.value?.driver === tag.value);
/** Why nothing can be changed from this page, in a sentence; `undefined`: it can. */
export const obstacle = computed(() => {
  if (connection.value !== 'open') return 'The dashboard is away. It comes back by itself.';
  return drivenByOther.value ? 'Somebody else drives. You watch.' : undefined;
});

/** Whether nothing can be changed from this page. */
export const locked = computed(() => obstacle.value !== undefined);

/** What comes too often, or at moments that matter, to be a signal. */
export interface LiveListener {
  readonly hello: (hello: Hello) => void;
  readonly frame: (frame: Frame) => void;
}

const listeners = new Set<LiveListener>();
let latestHello: Hello | undefined;

/** Where the stage hears of each hello and frame; of the latest hello at once. */
export const liveFeed = {
  subscribe(listener: LiveListener): () => void {
    listeners.add(listener);
    if (latestHello !== undefined) listener.hello(latestHello);
    return () => listeners.delete(listener);
  },
};

/** Begins to follow the server. */
export function startLive(): Feed {
  keepClient(() => client.value);
  return openFeed({
    prepare: async () => {
      await beginSession();
      if (access.value !== 'granted') return undefined;
      return client.value === '' ? addresses.events : `${addresses.events}?client=${encodeURIComponent(client.value)}`;
    },
    connection: next => {
      // A server that was started anew has another token.
      if (next === 'lost') forgetToken();
      connection.value = next;
    },
    events: { hello: greet, frame, second, state: setState, mark },
  });
}

function greet(hello: Hello): void {
  latestHello = hello;
  batch(() => {
    client.value = hello.client;
    tag.value = hello.tag;
    stage.value = hello.stage;
    cpus.value = hello.cpus;
    state.value = hello.state;
    seconds.value = hello.seconds.filter(({ time }) => time > hello.now - HISTORY - 1);
    occurrences.value = joinMarks(hello.marks).slice(-MARKS);
    clockOffset.value = hello.now - Date.now() / 1000;
  });
  for (const listener of listeners) listener.hello(hello);
}

function frame(known: Frame): void {
  for (const listener of listeners) listener.frame(known);
}

function second(latest: Second): void {
  seconds.value = [...seconds.value.filter(({ time }) => time > latest.time - HISTORY - 1), latest];
}

function setState(next: State): void {
  state.value = next;
}

function mark(latest: Mark): void {
  occurrences.value = joinMarks([...occurrences.value, latest]).slice(-MARKS);
}
