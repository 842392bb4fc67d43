import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { cellName } from '../../model/experiment.ts';
import { topologyNames } from '../../model/topology.ts';
import { closestWord } from './closest-word.ts';
import { parseExperiment } from './parse.ts';
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

test('a seed that is given takes the place of the file’s', () => {
  assert.equal(parseExperiment(quick, { ...options, seed: 11 }).seed, 11);
});

const errors: [what: string, replace: string, by: string, message: string][] = [
  [
    'a topology that is misspelt',
    'threads, async',
    'thread, async',
    `quick.yaml:15:21 deployments[1] is "thread"; did you mean "threads"? It can be ${topologyNames.join(', ')}`,
  ],
  [
    'a route that is misspelt',
    'route: wait',
    'route: wiat',
    'quick.yaml:20:11 workloads[0].requests[0].route is "wiat"; did you mean "wait"? It can be plain, cpu, wait, item, items, orders, work',
  ],
  [
    'a word far from all others',
    'route: wait',
    'route: teapot',
    'quick.yaml:20:11 workloads[0].requests[0].route is "teapot"; it can be plain, cpu, wait, item, items, orders, work',
  ],
  [
    'a parameter out of its limits',
    'ms: 20',
    'ms: 5001',
    'quick.yaml:20:38 workloads[0].requests[0].parameters.ms is 5001, not a whole number from 0 to 5000',
  ],
  [
    'a parameter that is not whole',
    'ms: 20',
    'ms: 0.5',
    'quick.yaml:20:38 workloads[0].requests[0].parameters.ms is 0.5, not a whole number from 0 to 5000',
  ],
  [
    'a parameter that the route needs',
    '{ ms: 20 }',
    '{}',
    'quick.yaml:20:24 workloads[0].requests[0].parameters lacks ms, which wait needs',
  ],
  [
    'CPU time that no request may take',
    'cpuSeconds: 0.005',
    'cpuSeconds: 5',
    'quick.yaml:25:37 workloads[1].requests[0].parameters.cpuSeconds is 5, not from 0 to 2',
  ],
  [
    'CPU time said twice',
    'cpuSeconds: 0.005',
    'cpuSeconds: 0.005, units: 1',
    'quick.yaml:25:37 workloads[1].requests[0].parameters.cpuSeconds and units say the same thing: give one of them',
  ],
  [
    'a key that is misspelt',
    'seed: 7',
    'sead: 7',
    'quick.yaml:4:1 sead is not known; did you mean "seed"? There are name, seed, budget, objective, phases, blocks, precision, capacity, loads, partsOfCapacity, sizes, limits, claims, deployments, workloads',
  ],
  [
    'a key that is missing',
    'budget: 300',
    '',
    'quick.yaml:3:1 budget is missing; it must be seconds, or a text such as 250ms, 90s, 10m or 1h',
  ],
  ['a word for a number', 'quantile: 0.99', 'quantile: p99', 'quick.yaml:10:3 objective.quantile must be a number'],
  [
    'a number that is too large',
    'quantile: 0.99',
    'quantile: 99',
    'quick.yaml:10:3 objective.quantile is too big: at most 0.9999',
  ],
  [
    'a deployment that nobody listed',
    '[sync, async, hybrid]',
    '[sync, asink]',
    'quick.yaml:27:25 workloads[1].deployments[1] is "asink"; did you mean "async"? It can be sync, threads, async, hybrid',
  ],
  [
    'a deployment named twice',
    '[sync, async, hybrid]',
    '[sync, sync]',
    'quick.yaml:27:25 workloads[1].deployments[1] names "sync" twice',
  ],
  [
    'a deployment that cannot be',
    'async, hybrid]',
    '{ topology: async, processes: 3 }, hybrid]',
    'quick.yaml:15:30 deployments[2] cannot be: async is one process, not 3',
  ],
  [
    'two deployments of one name',
    'async, hybrid]',
    'async, hybrid, { topology: hybrid, processes: 4 }]',
    'quick.yaml:15:45 deployments[4] is called "hybrid" like another one: give it a name',
  ],
  [
    'two workloads of one name',
    'name: cpu',
    'name: wait',
    'quick.yaml:22:5 workloads[1].name is taken: there is another "wait"',
  ],
];
for (const [what, replace, by, message] of errors) {
  test(`${what} is refused with its line, its column and what would be valid`, () => {
    assert.ok(quick.includes(replace));
    assert.throws(
      () => parseExperiment(quick.replace(replace, by), options),
      error => {
        assert.ok(error instanceof LoadlineError);
        assert.equal(error.code, 'experiment-invalid');
        assert.equal(error.message, message);
        return true;
      },
    );
  });
}

test('all that is wrong with a file is said at once', () => {
  const wrong = quick.replace('ms: 20', 'mss: 20');
  assert.throws(
    () => parseExperiment(wrong, options),
    /lacks ms, which wait needs\n.*mss is not known: wait takes ms$/,
  );
});

test('what is not YAML is unreadable, at its line', () => {
  assert.throws(() => parseExperiment(quick.replace('objective:', 'objective: ['), options), {
    code: 'experiment-unreadable',
    message: /^quick\.yaml:\d+:\d+ is not YAML: /,
  });
});

const compared = (deployments: string, workloads: string, rest = '') =>
  parseExperiment(`name: mine\nbudget: 1m\n${rest}\ndeployments: ${deployments}\nworkloads: ${workloads}\n`, options);

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

test('a combination that cannot be is refused with its numbers', () => {
  assert.throws(
    () => compared('[{ topology: hybrid, processes: [1, 4], databaseConnections: [2] }]', '[wait]'),
    /deployments\[0\] cannot be: hybrid has 4 workers and only 2 database connections/,
  );
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

test('a mix of something unknown, of a mix, or of nothing is refused', () => {
  const mixes: [mix: string, message: RegExp][] = [
    ['{ itms: 1 }', /workloads\[0\]\.mix\.itms is "itms"; did you mean "items"\?/],
    ['{ mine: 1 }', /workloads\[0\]\.mix\.mine is a mix itself/],
    ['{}', /workloads\[0\]\.mix has too few entries/],
  ];
  for (const [mix, message] of mixes) {
    assert.throws(() => compared('[async]', `[{ name: mine, mix: ${mix} }]`), message);
  }
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

test('an experiment that asks for nothing is refused', () => {
  assert.throws(() => compared('[async]', '[wait]', 'capacity: false'), /capacity is false, and there are neither/);
  assert.throws(() => compared('[]', '[]'), /deployments has too few entries.*\n.*workloads has too few entries/);
});

test('a budget that is given takes the place of the file’s', () => {
  assert.equal(parseExperiment(quick, { ...options, budget: 600 }).budget, 600);
});

test('a precision is a part of every capacity, and is refused where there is none to be known', () => {
  for (const [text, part] of [
    ['2.5%', 0.025],
    ['0.02', 0.02],
    ['"7%"', 0.07],
  ] as const) {
    assert.equal(parseExperiment(`precision: ${text}\n${quick}`, options).precision, part);
  }
  for (const [text, message] of [
    ['2', /:1:1 precision is too big: at most 0.5$/],
    ['fine', /:1:1 precision must be a part such as 2% or 0.02$/],
    ['[2%]', /:1:1 precision must be a part such as 2% or 0.02$/],
    ['0.02%', /:1:1 precision must be from 0.1% to 50%$/],
    ['60%', /:1:1 precision must be from 0.1% to 50%$/],
    [
      '2%\npartsOfCapacity: [0.5]',
      /:1:1 precision is of capacities in several blocks: it needs capacity: true, and no partsOfCapacity$/,
    ],
  ] as const) {
    assert.throws(() => parseExperiment(`precision: ${text}\n${quick}`, options), {
      code: 'experiment-invalid',
      message,
    });
  }
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

test('claims need four blocks', () => {
  assert.throws(() => parseExperiment(`claims: [C4]\n${quick}`, options), /:1:1 claims need 4 blocks, not 1$/);
  assert.throws(() => parseExperiment(quick, { ...options, only: ['C4'] }), {
    code: 'usage',
    message: /^--only C4 needs an experiment of 4 blocks, and quick has 1/,
  });
});

test('a word that means nothing in the experiment is refused with those that do', () => {
  assert.throws(() => parseExperiment(quick, { ...options, only: ['hybird'] }), {
    code: 'usage',
    message: /^A word of --only is "hybird"; did you mean "hybrid"\? It can be wait, cpu, sync, sync-2x1-2, /,
  });
});

test('words that leave nothing together are refused', () => {
  assert.throws(() => parseExperiment(quick, { ...options, only: ['threads', 'cpu'] }), {
    code: 'usage',
    message: /cpu does not run on threads/,
  });
});

test('an empty file is refused', () => {
  assert.throws(() => parseExperiment('', options), { code: 'experiment-invalid' });
});

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

const refusedLimits: [what: string, containers: string, message: RegExp][] = [
  ['a container that there is not', '{ workers: { cpus: 1 }, nginex: { cpus: 1 } }', /nginex .*did you mean "nginx"/],
  ['a limit that there is not', '{ nginx: { cpu: 1 } }', /cpu .*did you mean "cpus"/],
  ['fewer CPUs than the engine takes', '{ nginx: { cpus: 0.001 } }', /containers.nginx.cpus is too small/],
  ['four decimals', '{ nginx: { cpus: 0.1234 } }', /containers.nginx.cpus must have three decimals at most/],
  ['a set that is a number', '{ nginx: { cpuset: 0 } }', /containers.nginx.cpuset must be numbers of CPUs in quotes/],
  ['memory without a unit', '{ nginx: { memory: 400 } }', /containers.nginx.memory must be an amount such as 800MB/],
  ['a set that goes backwards', "{ nginx: { cpuset: '2-0' } }", /containers.nginx.cpuset must be numbers of CPUs/],
];
for (const [what, containers, message] of refusedLimits) {
  test(`limits with ${what} are refused, with their key`, () => {
    assert.throws(() => parseExperiment(limited(containers), { file: 'a.yaml', cpus: 2 }), {
      code: 'experiment-invalid',
      message,
    });
  });
}
