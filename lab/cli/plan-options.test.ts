import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topologies } from '../../model/topology.ts';
import { wait } from '../plan/testdata/fitted.ts';
import { type PlanOptions, parseQuestion, parseSweep, parseWhatIf, parseWorkload } from './plan-options.ts';

const measured = { objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 }, cpus: 2, topologies };
const question = (options: PlanOptions) => parseQuestion({ arrivalRate: '1200', ...options }, measured);

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
    parseWhatIf(['database-wait=2x', 'cpus=16', 'memory=8G', 'arrival-rate=0.5x', 'arrival-rate=2400']),
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
    ['arrival-rate=750..1750', Array.from({ length: 21 }, (_, step) => 750 + 50 * step)],
    ['database-wait=0.5,1,2x', [0.5, 1, 2]],
  ];
  for (const [text, values] of cases) assert.deepEqual(parseSweep(text).values, values, text);
});

test('a workload is one of the run, one that ships, or a route with parameters; without a name the run’s first', () => {
  const own = { name: 'item', requests: [{ weight: 1, route: 'item', parameters: { id: 7 } }] } as const;
  assert.equal(parseWorkload(undefined, [wait, own]), wait);
  assert.equal(parseWorkload('item', [wait, own]), own);
  assert.deepEqual(parseWorkload('cpu', [wait]).requests[0]?.parameters, { cpuSeconds: 0.005 });
  assert.deepEqual(parseWorkload('work,ms=40,reads=2', [wait]), {
    name: 'work,ms=40,reads=2',
    requests: [{ weight: 1, route: 'work', parameters: { ms: 40, reads: 2 } }],
  });
});
