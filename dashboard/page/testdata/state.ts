import { deploymentOf } from '../../../model/deployment.ts';
import { arrangeStage, type Hello, type State } from '../../protocol.ts';

/** A state of the dashboard. */
export const state: State = {
  settings: {
    deployments: ['sync', 'hybrid'],
    workload: { route: 'wait', parameters: { ms: 20 } },
    load: { model: 'open', arrivalRate: 60 },
    running: true,
  },
  requestsPerDot: 1,
  databaseConnections: {},
};

/** What the server says first, of a stack with two deployments. */
export const hello: Hello = {
  started: 1_799_999_000,
  now: 1_800_000_000,
  stage: arrangeStage(['sync', 'hybrid'].map(id => ({ id, deployment: deploymentOf(id, 2) }))),
  cpus: 2,
  state,
  seconds: [],
  marks: [],
};
