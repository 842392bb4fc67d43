import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { cellName } from '../../model/experiment.ts';
import { requireGoldenLines } from '../testdata/golden-lines.ts';
import { parseExperiment } from './parse.ts';
import { closestWord } from './problems.ts';
import { shippedNames } from './shipped-workloads.ts';

const quick = `# Which topology carries most, when a request waits for a database and when it computes? About five minutes.
# Durations are in seconds, loads per second; a key that is in anything else names its unit.
name: quick
seed: 7

# For all trials together; a comparison that has used it up ends with the brackets that it has reached.
budget: 300

objective:
  quantile: 0.99
  responseTime: 0.25
  errorFraction: 0.001

# A topology with its defaults; or with numbers: { topology: hybrid, processes: 2, databaseConnections: 40 }.
deployments: [sync, threads, async, hybrid]

workloads:
  - name: wait
    requests:
      - { route: wait, parameters: { ms: 20 } }

  - name: cpu
    requests:
      # Turned into units of CPU work on the machine that runs it.
      - { route: cpu, parameters: { cpuSeconds: 0.005 } }
    # Absent: all of them.
    deployments: [sync, async, hybrid]
`;
const options = { file: 'quick.yaml', cpus: 2 };

test('quick compares four topologies on wait and three on cpu', () => {
  const { cells, topologies: _, ...experiment } = parseExperiment(quick, options);
  assert.deepEqual(experiment, {
    name: 'quick',
    seed: 7,
    cpus: 2,
    objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
    budget: 300,
    blocks: 1,
    capacity: true,
    loads: [],
    phases: { warmUp: 2, steadyState: 10 },
    sizes: 'all',
    limits: {},
    claims: [],
    noise: { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' },
  });
  assert.deepEqual(cells.map(cellName), [
    'wait on sync-2x1-2',
    'wait on threads-1x8-8',
    'wait on async-1x1-40',
    'wait on hybrid-2x1-40',
    'cpu on sync-2x1-2',
    'cpu on async-1x1-40',
    'cpu on hybrid-2x1-40',
  ]);
  assert.deepEqual(cells.at(-1)?.workload.requests, [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }]);
});

test('the defaults of a deployment come from the CPUs', () => {
  const { cells } = parseExperiment(quick, { ...options, cpus: 6 });
  assert.equal(cells[0]?.deployment.processes, 6);
});

test('one size stands in an experiment twice: told and hidden', () => {
  const text = quick.replace('deployments: [', 'deployments: [{ topology: sync, hidden: true }, ');
  const { cells } = parseExperiment(text, options);
  assert.deepEqual(
    cells.slice(0, 2).map(cell => [cellName(cell), cell.deployment.hidden]),
    [
      ['wait on sync-2x1-2-hidden', true],
      ['wait on sync-2x1-2', undefined],
    ],
  );
});

const compared = (deployments: string, workloads: string, rest = '') =>
  parseExperiment(`name: mine\nbudget: 1m\n${rest}\ndeployments: ${deployments}\nworkloads: ${workloads}\n`, options);

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

/** Mistakes in `quick`: [what is replaced, by what]. */
const mistakes: [string, string][] = [
  ['route: wait', 'route: teapot'],
  ['ms: 20', 'ms: 0.5'],
  ['ms: 20', 'mss: 20'],
  ['cpuSeconds: 0.005', 'cpuSeconds: 5'],
  ['cpuSeconds: 0.005', 'cpuSeconds: 0.005, units: 1'],
  ['budget: 300', ''],
  ['quantile: 0.99', 'quantile: 99'],
  ['[sync, async, hybrid]', '[sync, asink]'],
  ['[sync, async, hybrid]', '[sync, sync]'],
  ['async, hybrid]', 'async, hybrid, { topology: hybrid, processes: 4 }]'],
  ['threads, async', '{ topology: hybrid, processes: [1, 4], databaseConnections: [2] }'],
  ['name: cpu', 'name: wait'],
  ['    deployments: [sync, async, hybrid]', '    mix: { item: 1 }'],
  ['workloads:', 'workloads:\n  - { name: mine, mix: { itms: 1 } }'],
  ['workloads:', 'workloads:\n  - { name: mine, mix: { mine: 1 } }'],
  ['workloads:', 'workloads:\n  - { name: mine, mix: {} }'],
  ['seed: 7', 'capacity: false'],
  ['seed: 7', 'claims: [C4]'],
  ['seed: 7', 'precision: 2'],
  ['seed: 7', 'precision: fine'],
  ['seed: 7', 'precision: [2%]'],
  ['seed: 7', 'precision: 0.02%'],
  ['seed: 7', 'precision: 2%\npartsOfCapacity: [0.5]'],
  ...[
    'workers: { cpus: 1 }, nginex: { cpus: 1 }',
    ...['cpu: 1', 'cpus: 0.001', 'cpus: 0.1234', 'cpuset: 0', "cpuset: '2-0'", 'memory: 400'].map(
      it => `nginx: { ${it} }`,
    ),
  ].map((limits): [string, string] => ['[sync, threads', `[sync, { topology: threads, containers: { ${limits} } }`]),
];

test('every mistake is told with its line, its column, its key and what would be valid', () => {
  const tell = (text: string) => {
    try {
      parseExperiment(text, options);
    } catch (error) {
      assert.ok(error instanceof LoadlineError && error.code === 'experiment-invalid', `${error}`);
      return error.message.split('\n');
    }
    return assert.fail(text);
  };
  const told = mistakes.map(([part, by]) => {
    assert.ok(quick.includes(part), part);
    return `${by.replace('\n', ' ')}: ${tell(quick.replace(part, by)).join(' · ')}`;
  });
  requireGoldenLines(join(import.meta.dirname, 'testdata/mistakes.txt'), [...tell(wrong), ...told]);
});

const unreadable: [what: string, text: string, message: RegExp][] = [
  ['what is not YAML', 'a: [1\nb: }', /^quick.yaml:\d+:\d+ is not YAML: .*\nquick.yaml:\d+:\d+ is not YAML: /],
  ['an alias of nothing', 'name: *nothing', /nothing/],
];
for (const [what, text, message] of unreadable) {
  test(`${what} is unreadable`, () => {
    assert.throws(() => parseExperiment(text, options), { code: 'experiment-unreadable', message });
  });
}

test('an empty file, and empty lists, are refused', () => {
  assert.throws(() => parseExperiment('', options), { code: 'experiment-invalid' });
  assert.throws(() => compared('[]', '[]'), /deployments has too few entries.*\n.*workloads has too few entries/);
});

test('a range is every combination of its numbers, and its sizes have names of their own', () => {
  const sizes = '[{ topology: hybrid, processes: [1, 2], databaseConnections: [20, 40] }]';
  assert.deepEqual(compared(sizes, '[wait]').cells.map(cellName), [
    'wait on hybrid-1x1-20',
    'wait on hybrid-1x1-40',
    'wait on hybrid-2x1-20',
    'wait on hybrid-2x1-40',
  ]);
  const one = compared(sizes, '[{ name: wait, deployments: [hybrid-1x1-40] }]');
  assert.deepEqual(one.cells.map(cellName), ['wait on hybrid-1x1-40']);
});

test('a mix shares the weight of each workload out over its requests', () => {
  const workloads = `
  - name: reads
    requests: [{ route: item, weight: 3, parameters: { id: 7 } }, { route: items }]
  - { name: shop, mix: { reads: 8, orders: 2 } }`;
  const [, shop] = compared('[async]', workloads).cells;
  assert.deepEqual(
    shop?.workload.requests.map(({ route, weight }) => [route, weight]),
    [
      ['item', 6],
      ['items', 2],
      ['orders', 2],
    ],
  );
});

test('every workload that ships can be asked for by its name', () => {
  assert.deepEqual(
    compared('[async]', `[${shippedNames.join(', ')}]`).cells.map(({ workload }) => workload.name),
    shippedNames,
  );
});

test('loads are arrivals a second, users or a burst', () => {
  const { loads } = compared('[async]', '[wait]', 'loads: [100, { users: 50, thinkTime: 500ms }, { burst: 20 }]');
  assert.deepEqual(loads, [
    { model: 'open', arrivalRate: 100 },
    { model: 'closed', users: 50, thinkTime: 0.5 },
    { model: 'burst', requests: 20 },
  ]);
});

test('a precision is a percentage or a part, and a seed or a budget that is given replaces the file’s', () => {
  for (const [text, part] of [
    ['2.5%', 0.025],
    ['0.02', 0.02],
    ['"7%"', 0.07],
  ] as const) {
    assert.equal(parseExperiment(`precision: ${text}\n${quick}`, options).precision, part);
  }
  const { seed, budget } = parseExperiment(quick, { ...options, seed: 11, budget: 600 });
  assert.deepEqual([seed, budget], [11, 600]);
});

const narrowings: [words: string, cells: string[], claims: string[]][] = [
  ['cpu', ['cpu on sync-2x1-2', 'cpu on async-1x1-40', 'cpu on hybrid-2x1-40'], []],
  ['threads', ['wait on threads-1x8-8'], []],
  ['sync,hybrid,cpu', ['cpu on sync-2x1-2', 'cpu on hybrid-2x1-40'], []],
  ['hybrid-2x1-40,wait', ['wait on hybrid-2x1-40'], []],
  ['C4', [], ['C4']],
  ['C4,wait,async', ['wait on async-1x1-40'], ['C4']],
];
for (const [words, cells, claims] of narrowings) {
  test(`only ${words} leaves what the words mean`, () => {
    const left = parseExperiment(`blocks: 4\n${quick}`, { ...options, only: words.split(',') });
    assert.deepEqual(left.cells.map(cellName), cells);
    assert.deepEqual(left.claims, claims);
  });
}

const refusedWords: [words: string[], message: RegExp][] = [
  [['hybird'], /"hybird"; did you mean "hybrid"\? It can be wait, cpu, sync, sync-2x1-2, /],
  [['threads', 'cpu'], /cpu does not run on threads/],
  [['C4'], /4 blocks, and quick has 1/],
];
for (const [words, message] of refusedWords) {
  test(`--only ${words} is refused`, () => {
    assert.throws(() => parseExperiment(quick, { ...options, only: words }), { code: 'usage', message });
  });
}

test('the closest word is at most two letters away', () => {
  assert.equal(closestWord('hybird', ['sync', 'hybrid']), 'hybrid');
  assert.equal(closestWord('hippo', ['sync', 'hybrid']), undefined);
});

const limited = (containers: string, more = '') =>
  `name: a\nbudget: 60\ndeployments:\n  - { topology: hybrid${more}, containers: ${containers} }\nworkloads: [wait]\n`;

test('limits of containers may be ranges: every combination is a deployment', () => {
  const text = limited(
    "{ workers: { cpus: [0.6, 1.2], cpuset: '0-1' }, postgres: { memory: [400MB, 1.5GB] } }",
    ', processes: 2',
  );
  const { cells } = parseExperiment(text, { file: 'a.yaml', cpus: 2 });
  assert.deepEqual(
    cells.map(({ deployment: { containers } }) => containers),
    [0.6, 1.2].flatMap(cpus =>
      [4e8, 1.5e9].map(memory => ({ workers: { cpus, cpuset: '0-1' }, postgres: { memory } })),
    ),
  );
  assert.deepEqual(cells.map(cellName).slice(0, 2), [
    'wait on hybrid-2x1-40-w600m-set0-1-p-400mb',
    'wait on hybrid-2x1-40-w600m-set0-1-p-1500mb',
  ]);
});

test('a topology with a process for each CPU has one for each that its workers may use', () => {
  const processes = (containers: string, cpus = 8) =>
    parseExperiment(limited(containers), { file: 'a.yaml', cpus }).cells.map(({ deployment }) => deployment.processes);
  assert.deepEqual(processes('{ workers: { cpus: [0.6, 2.5, 16] } }'), [1, 2, 8]);
  assert.deepEqual(processes("{ workers: { cpuset: '0-2' } }"), [3]);
  assert.deepEqual(processes('{ nginx: { cpus: 0.5 } }'), [8]);
});
