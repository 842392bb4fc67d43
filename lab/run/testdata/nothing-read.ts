import type { Snapshot } from '../observation.ts';

/** Of no component anything. */
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
