import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topologyNames } from '../../model/topology.ts';
import { parseExperiment } from './parse.ts';

/** Twenty mistakes, each of another kind. */
const wrong = `name: My experiment
sead: 7
budget: 10 minutes
blocks: 0
capacity: yes
sizes: biggest
claims: [C4, C13]
loads: [100, { users: 50, thinktime: 1s }, fast]
objective:
  quantile: p99
  responseTime: 2m
phases: { steadyState: 5 }
phases: { steadyState: 8 }
deployments:
  - thread
  - { topology: async, processes: [1, 3] }
  - { topology: hybrid, databaseConnections: 1.5 }
  - { topology: hybrid }
workloads:
  - waite
  - name: slow
    requests:
      - { route: wait, parameters: { ms: 6000 } }
      - { route: wait }
      - { route: plain, parameters: { units: 1 } }
  - { name: both, mix: { slow: 1, itms: 2 } }
  - { name: empty, requests: [] }
`;

const sentences = `
1:1 name must be small letters, digits and dashes, 40 at most
2:1 sead is not known; did you mean "seed"? There are name, seed, budget, objective, phases, blocks, precision, capacity, loads, partsOfCapacity, sizes, limits, claims, deployments, workloads
3:1 budget must be seconds, or a text such as 250ms, 90s, 10m or 1h
4:1 blocks is too small: at least 1
5:1 capacity must be true or false
6:1 sizes is "biggest"; it can be all, best
7:14 claims[1] is "C13"; did you mean "C1"? It can be C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12
8:27 loads[1].thinktime is not known; did you mean "thinkTime"? There are users, thinkTime
8:44 loads[2] must be arrivals a second, users or a burst
10:3 objective.quantile must be a number
11:3 objective.responseTime must be from 0.001 to 60 seconds
13:1 phases is at 12:1 already: remove one of them
15:5 deployments[0] is "thread"; did you mean "threads"? It can be ${topologyNames.join(', ')}
16:5 deployments[1] cannot be: async is one process, not 3
17:25 deployments[2].databaseConnections must be a whole number
20:5 workloads[0] is "waite"; did you mean "wait"? It can be plain, wait, cpu, item, items, work, orders
23:38 workloads[1].requests[0].parameters.ms is 6000, not a whole number from 0 to 5000
24:9 workloads[1].requests[1].parameters lacks ms, which wait needs
25:39 workloads[1].requests[2].parameters.units is not known: plain takes no parameters
27:20 workloads[3].requests has too few entries: at least 1
`;

test('a file with twenty mistakes gets twenty sentences, each with its line and with what would be valid', () => {
  const message = sentences.trim().replaceAll(/^/gm, 'wrong.yaml:');
  assert.throws(() => parseExperiment(wrong, { file: 'wrong.yaml', cpus: 2 }), { code: 'experiment-invalid', message });
});
