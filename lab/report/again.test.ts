import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExperiment } from '../experiment/parse.ts';
import { againOf } from './again.ts';
import { reportOf } from './report.ts';

const files: [what: string, text: string][] = [
  ['the defaults of a machine', 'name: a\nbudget: 60\ndeployments: [sync, hybrid]\nworkloads: [wait]\n'],
  [
    'sizes, limits, blocks, loads of all kinds, claims and a mix',
    `name: b
budget: 20m
seed: 12
blocks: 5
sizes: best
limits: { memory: 800MB, databaseConnections: 80 }
loads: [50, { users: 10, thinkTime: 1s }, { burst: 30 }]
phases: { warmUp: 3s, steadyState: 12s }
deployments:
  - { topology: sync, processes: [2, 4] }
  - { topology: hybrid, databaseConnections: 80 }
workloads:
  - wait
  - { name: mixed, requests: [{ weight: 3, route: item, parameters: { id: 7 } }, { route: orders }], deployments: [hybrid], heldOut: [hybrid] }
`,
  ],
  [
    'limits of containers',
    `name: d
budget: 300
deployments:
  - topology: hybrid
    containers: { workers: { cpus: [0.6, 1.2], cpuset: '0,1', memory: 400MB }, nginx: { cpus: 0.17 }, postgres: { cpus: 0.13, memory: 1.5GB } }
  - sync
workloads: [{ name: wait, deployments: [hybrid] }, { name: item, deployments: [hybrid-1x1-40-w1200m-set0and1-400mb-n170m-p130m-1500mb, sync] }]
`,
  ],
  [
    'parts of the capacity, and cells that are held out',
    'name: c\nbudget: 300\npartsOfCapacity: [0.5, 0.7]\ndeployments: [sync, hybrid]\nworkloads: [{ name: wait, heldOut: [hybrid] }, cpu]\n',
  ],
];
for (const [what, text] of files) {
  test(`the file to run it again describes the same experiment: ${what}`, () => {
    const experiment = parseExperiment(text, { file: 'a.yaml', cpus: 2 });
    const validity = { scheduleLag: 0.1, steal: 0.02, others: 0.1 };
    const report = reportOf({
      experiment: { ...experiment, validity },
      runtime: 'local',
      environment: {},
      results: [],
    });
    // On a larger machine too: nothing of it is left to a default.
    const again = parseExperiment(againOf(report).file, { file: 'again.yaml', cpus: 16 });
    assert.deepEqual({ ...again, cpus: 2 }, experiment);
    assert.equal(againOf(report).command, './loadline compare again.yaml --runtime local');
  });
}

test('a simulation is run again on as large a machine, to the same precision, in the same time', () => {
  const [[, text] = []] = files;
  const experiment = { ...parseExperiment(text ?? '', { file: 'a.yaml', cpus: 64 }), blocks: 4, precision: 0.025 };
  const report = reportOf({ experiment, runtime: 'simulated', environment: {}, results: [] });
  const { command, file } = againOf(report);
  assert.equal(command, './loadline compare again.yaml --runtime simulated --cpus 64');
  assert.deepEqual(parseExperiment(file, { file: 'again.yaml', cpus: 64 }), experiment);
});
