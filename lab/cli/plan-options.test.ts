import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadlineError } from '../../model/errors.ts';
import { topologies } from '../../model/topology.ts';
import { wait } from '../plan/testdata/fitted.ts';
import { changesFrom, type PlanOptions, questionFrom, sweepFrom } from './plan-options.ts';
import { workloadFrom } from './plan-workload.ts';

const measured = { objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 }, cpus: 2, topologies };
const question = (options: PlanOptions) => questionFrom({ arrivalRate: '1200', ...options }, measured);

test('what is left out is as it was measured: machine, objective, no growth, no headroom', () => {
  assert.deepEqual(question({}), {
    ...{ arrivalRate: 1200, growth: 1, headroom: 0, objective: measured.objective },
    machine: { cpus: 2, generator: 'here', database: 'here', databaseWait: 1, serviceDemand: 1 },
  });
});

test('units are turned into seconds, bytes and fractions', () => {
  const { machine, ...asked } = question({
    ...{ 'p99.9': '1.5s', cpus: '8', memory: '800MB', databaseConnections: '100', growth: '2.0', headroom: '30%' },
    ...{ topology: 'hybrid, sync,hybrid', generator: 'elsewhere' },
  });
  assert.deepEqual(asked, {
    ...{ arrivalRate: 1200, growth: 2, headroom: 0.3, topologies: ['hybrid', 'sync'] },
    objective: { quantile: 0.999, responseTime: 1.5, errorFraction: 0.001 },
  });
  assert.deepEqual(
    [machine.cpus, machine.memory, machine.databaseConnections, machine.generator],
    [8, 8e8, 100, 'elsewhere'],
  );
  const memories = { '4G': 4e9, '2 KB': 2000, '1.5GB': 1.5e9, '4GiB': 4 * 1024 ** 3, '512mb': 512e6 };
  for (const [memory, bytes] of Object.entries(memories)) assert.equal(question({ memory }).machine.memory, bytes);
  for (const arrivalRate of ['1200', '1200/s', '1,200/s', '72000/min']) {
    assert.equal(question({ arrivalRate }).arrivalRate, 1200);
  }
  for (const headroom of ['0.3', '30%', '30 %']) assert.equal(question({ headroom }).headroom, 0.3);
  assert.equal(question({ growth: '1.5x' }).growth, 1.5);
  assert.deepEqual(question({ objective: 'p97.5=80ms' }).objective, {
    ...measured.objective,
    quantile: 0.975,
    responseTime: 0.08,
  });
});

test('a change is a factor or a value with its unit', () => {
  assert.deepEqual(
    changesFrom(['database-wait=2x', 'cpus=16', 'memory=8G', 'arrival-rate=0.5x', 'arrival-rate=2400']),
    [
      { quantity: 'database-wait', times: 2 },
      { quantity: 'cpus', value: 16 },
      { quantity: 'memory', value: 8e9 },
      { quantity: 'arrival-rate', times: 0.5 },
      { quantity: 'arrival-rate', value: 2400 },
    ],
  );
});

test('a range is whole steps, round numbers where it is long, or the values themselves', () => {
  const cases: [text: string, values: number[]][] = [
    ['processes=1..4', [1, 2, 3, 4]],
    ['processes=1,2,4,8', [1, 2, 4, 8]],
    ['threads=5..5', [5]],
    ['cpus=1..64', [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 64]],
    [
      'arrival-rate=750..1750',
      [
        750, 800, 850, 900, 950, 1000, 1050, 1100, 1150, 1200, 1250, 1300, 1350, 1400, 1450, 1500, 1550, 1600, 1650,
        1700, 1750,
      ],
    ],
    ['database-wait=0.5,1,2x', [0.5, 1, 2]],
  ];
  for (const [text, values] of cases) assert.deepEqual(sweepFrom(text).values, values, text);
});

test('a workload is one of the run, one that ships, or a route with parameters; without a name the run’s first', () => {
  const own = { name: 'item', requests: [{ weight: 1, route: 'item', parameters: { id: 7 } }] } as const;
  assert.equal(workloadFrom(undefined, [wait, own]), wait);
  assert.equal(workloadFrom('item', [wait, own]), own);
  assert.deepEqual(workloadFrom('cpu', [wait]).requests[0]?.parameters, { cpuSeconds: 0.005 });
  assert.deepEqual(workloadFrom('work,ms=40,reads=2', [wait]), {
    name: 'work,ms=40,reads=2',
    requests: [{ weight: 1, route: 'work', parameters: { ms: 40, reads: 2 } }],
  });
});

test('what cannot be is refused with what could be', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => questionFrom({}, measured), /Say --arrival-rate with requests a second: .*--arrival-rate 1200 --p99 250ms/],
    [() => question({ arrivalRate: '-5' }), /^--arrival-rate is "-5"; it takes requests a second, a number above 0/],
    [() => question({ arrivalRate: '0' }), /above 0/],
    [() => question({ arrivalRate: 'NaN' }), /above 0/],
    [() => question({ arrivalRate: '1e999' }), /above 0/],
    [() => question({ arrivalRate: '250ms' }), /above 0/],
    [() => question({ p99: '4G' }), /^--p99 is "4G"; it takes a duration above 0 with its unit, such as 250ms/],
    [() => question({ p99: '250' }), /with its unit/],
    [() => question({ p99: '0ms' }), /above 0/],
    [() => question({ p99: '1e400s' }), /above 0/],
    [() => question({ p99: '1s', p95: '1s' }), /^--p95 and --p99 are two objectives: give one/],
    [() => question({ objective: 'p99' }), /^--objective is "p99"; it takes a quantile and a duration/],
    [() => question({ objective: 'p0=1s' }), /a quantile and a duration/],
    [() => question({ memory: '250ms' }), /^--memory is "250ms"; it takes memory above 0 with its unit, such as 800MB/],
    [() => question({ memory: '4' }), /with its unit/],
    [() => question({ cpus: '2.5' }), /^--cpus is "2.5"; it takes a whole number of CPUs/],
    [() => question({ cpus: '0' }), /a whole number of CPUs from 1/],
    [() => question({ databaseConnections: '4G' }), /a whole number of connections/],
    [() => question({ growth: '-1' }), /^--growth is "-1"/],
    [() => question({ headroom: '95.1%' }), /below 0.95/],
    [() => question({ headroom: '1' }), /^--headroom is "1"; it takes the part of the capacity .* below 0.95/],
    [() => question({ topology: 'hybrd' }), /^--topology is "hybrd"; did you mean "hybrid"\? It can be sync, /],
    [() => question({ generator: 'hear' }), /did you mean "here"/],
    [
      () => changesFrom(['database-wiat=2x']),
      /did you mean "database-wait"\? It can be database-wait, service-demand, /,
    ],
    [() => changesFrom(['database-wait=40ms']), /^--what-if database-wait is "40ms"; it takes times as much as now/],
    [() => changesFrom(['cpus']), /^--what-if is "cpus"; it takes a name and a value, such as database-wait=2x/],
    [() => changesFrom(['memory=0G']), /memory above 0/],
    [() => changesFrom(['growth=0x']), /above 0/],
    [() => sweepFrom('processes=0..4'), /^--sweep processes is "0"; it takes whole numbers from 1/],
    [() => sweepFrom('processes=4..1'), /growing values, such as 1..16 or 1,2,4,8/],
    [() => sweepFrom('processes=1,1'), /growing values/],
    [() => sweepFrom('procs=1..4'), /^--sweep is "procs"; it can be processes, threads, /],
    [() => workloadFrom('wiat', [wait]), /did you mean "wait"\? It can be wait, .*; or a route with parameters/],
    [() => workloadFrom('work,mss=40', [wait]), /mss is not known: work takes units, ms, reads, cpuSeconds/],
    [() => workloadFrom('wait,ms=9000', [wait]), /ms is 9000, not a whole number from 0 to 5000/],
    [() => workloadFrom('wait,ms=40ms', [wait]), /"ms=40ms"; a parameter is a name and a number without its unit/],
    [() => workloadFrom('cpu,', [wait]), /a parameter is a name and a number/],
  ];
  for (const [attempt, message] of cases) {
    assert.throws(attempt, (error: unknown) => {
      assert.ok(error instanceof LoadlineError && error.code === 'usage', String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});
