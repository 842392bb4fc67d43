import type { Observer, Snapshot } from '../observation.ts';
import type { ExperimentEvents } from '../run-experiment.ts';

export const none = { nginx: 0, workers: 0, postgres: 0, k6: 0 };

/** A snapshot of a deployment without workers in which nothing has happened. */
export const nothingRead: Snapshot = {
  time: 0,
  cpu: none,
  machine: { busy: 0, total: 0, steal: 0 },
  nginxProcesses: 1,
  throttled: {},
  contextSwitches: null,
  processes: [1],
  memoryKills: null,
  workers: [],
};

/** An observer of a deployment in which nothing happens. */
export const idleObserver: Observer = {
  read: async () => nothingRead,
  readWithMemory: async () => ({ ...nothingRead, memory: none }),
  readOthers: async () => [],
  held: async () => new Map(),
  sessions: async () => null,
};

/** The same, of a hidden deployment. */
export function hiddenObserver(read: () => Promise<Partial<Snapshot>>): Observer {
  const { workers: _, contextSwitches: __, ...told } = nothingRead;
  return { ...idleObserver, read: async () => ({ ...told, ...(await read()) }), held: async () => undefined };
}

/** Events that nothing listens to. */
export const unseen: ExperimentEvents = {
  onStep: () => undefined,
  onTrialStart: () => undefined,
  onTrialProgress: () => undefined,
  onTrialEnd: () => undefined,
  onResume: () => undefined,
};
