import { deploymentOf } from '../../../model/deployment.ts';
import type { Hello, State } from '../../protocol.ts';

/** A state in which nobody drives yet. */
export const state: State = {
  settings: {
    topologies: ['sync', 'hybrid'],
    workload: { route: 'wait', parameters: { ms: 20 } },
    load: { model: 'open', arrivalRate: 60 },
    running: true,
  },
  requestsPerDot: 1,
  databaseConnections: {},
};

/** What the server says first, of a stack with two topologies. */
export const hello: Hello = {
  client: 'this-page',
  tag: 'tag-of-it',
  now: 1_800_000_000,
  stage: [
    {
      deployment: deploymentOf('sync', 2),
      workers: ['sync-1.1', 'sync-2.1'],
    },
    {
      deployment: deploymentOf('hybrid', 2),
      workers: ['hybrid-1.1', 'hybrid-2.1'],
    },
  ],
  cpus: 2,
  state,
  seconds: [],
  marks: [],
};
