import { deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { requireTold } from '../../model/measurement.ts';
import type { Seconds } from '../../model/quantities.ts';
import { asymptoticBounds, bottleneckOf, type Station } from '../queueing/asymptotic-bounds.ts';
import { meanValueAnalysis } from '../queueing/mean-value-analysis.ts';
import { responseTimeOfUsers, saturationThroughput } from '../queueing/operational-laws.ts';
import type { Exercise } from './exercise.ts';
import { agreement, measuredOn } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import { keptPerRequest, type TrialFacts } from './trial-facts.ts';

const CLIENTS = 100;
const WORKERS = 19;
const SESSIONS = 100;
/** As it was published. */
const WAIT: Seconds = 0.02;
const WAITS: Workload = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 1000 * WAIT } }] };
const SETTING = { users: CLIENTS, thinkTime: 0 } as const;

/** A published test, explained from its inputs: a closed load on a pool with more database than it can use. */
export const aHundredClients: Exercise = {
  number: 9,
  name: '09-a-hundred-clients',
  title: 'A hundred clients and nineteen workers',
  unit: '/s',
  asked: facts => ({
    question: [
      `Somebody published a load test that puzzled its author: ${CLIENTS} clients, each of which sends its next request as soon as it has the answer to the last; ${WORKERS} blocking workers; ${inUnit(WAIT, 's')} of waiting in a database that has ${SESSIONS} sessions to give. The throughput stayed below ${asShown(WORKERS / WAIT)} requests a second, with an idle database. Here such a request keeps a worker a little longer than it waits.`,
      'How many requests a second are served?',
    ],
    given: [
      { what: 'clients, who do not think', value: `${CLIENTS}` },
      { what: 'blocking workers', value: `${WORKERS}` },
      { what: 'database sessions', value: `${SESSIONS}` },
      { what: 'a request keeps a session for', value: inUnit(WAIT, 's') },
      { what: 'a request keeps its worker for', value: inUnit(holdOf(facts), 's') },
    ],
  }),
  hints: [
    'A closed load has three upper bounds: clients ÷ the time of a request that waits for nobody, and for each pool its size ÷ the time that a request keeps one of it.',
    'How many of the sessions can be in use at once, when only a worker that has a request uses one?',
  ],
  answer: facts => {
    const hold = holdOf(facts);
    const workers: Station = { name: 'workers', serviceDemand: hold, servers: WORKERS };
    const { saturation } = bottleneckOf([workers]);
    const { upper } = asymptoticBounds([workers], SETTING).throughput;
    const { throughput: value } = meanValueAnalysis([workers], SETTING);
    const bySessions = saturationThroughput({ serviceDemand: WAIT, servers: SESSIONS });
    const responseTime = responseTimeOfUsers({ ...SETTING, throughput: value });
    const threads = deploymentOf('threads', 1, { threadsPerProcess: WORKERS });
    const here = inUnit(facts.model.estimateThroughput(threads, WAITS, { model: 'closed', ...SETTING }), '/s');
    return {
      value,
      tolerance: 0.02,
      steps: [
        `By the clients: X ≤ N ÷ D = ${CLIENTS} ÷ ${inUnit(hold, 's')} = ${inUnit(CLIENTS / hold, '/s')}. By the sessions: X ≤ ${SESSIONS} ÷ ${inUnit(WAIT, 's')} = ${inUnit(bySessions, '/s')}. By the workers: X ≤ m ÷ D = ${WORKERS} ÷ ${inUnit(hold, 's')} = ${inUnit(saturation, '/s')}.`,
        `The least of them holds: ${inUnit(upper, '/s')}, and the workers are the bottleneck. A session is used by a worker that waits for it: no more than ${WORKERS} of the ${SESSIONS} ever are.`,
        `Exact mean value analysis of ${CLIENTS} clients before ${WORKERS} workers gives ${inUnit(value, '/s')}: with so many more clients than workers the bound is reached.`,
        `If a request kept its worker for no longer than it waits it would be ${WORKERS} ÷ ${inUnit(WAIT, 's')} = ${inUnit(WORKERS / WAIT, '/s')}: the published figure had to stay below that.`,
        `Each client sees R = N ÷ X − Z = ${inUnit(responseTime, 's')}, of which ${inUnit(responseTime - hold, 's')} are spent in the queue before the workers.`,
        `The planner's model, which knows the CPUs of the machine that was measured too (${facts.cpus}, with the generator on them), expects ${here} there.`,
      ],
      models: [
        { name: 'asymptotic bounds', file: 'lab/queueing/asymptotic-bounds.ts' },
        { name: 'mean value analysis', file: 'lab/queueing/mean-value-analysis.ts' },
        { name: 'closed loads in the planner', file: 'lab/plan/formulas.ts' },
      ],
      mistakes: [
        {
          value: bySessions,
          hint: 'That takes the sessions for the bottleneck; how many of them can be in use at once?',
        },
        { value: CLIENTS / hold, hint: 'That would be so if no client ever waited for a worker.' },
        { value: WORKERS / WAIT, hint: 'That is the wait alone; a worker is kept for longer.' },
        { value: 1 / hold, hint: 'That is what one worker carries.' },
      ],
    };
  },
  measurement: {
    what: `the test itself, with ${WORKERS} threads`,
    lasts: 15,
    experiment: () => ({
      deployments: [{ topology: 'threads', threadsPerProcess: WORKERS }],
      workloads: [WAITS],
      loads: [{ users: CLIENTS }],
    }),
    read: (results, facts) => {
      const measurement = requireTold(measuredOn(results, { topology: 'threads' }));
      const { throughput, utilisation } = measurement;
      const { value } = aHundredClients.answer(facts);
      const figures = { measured: throughput, answer: value, unit: '/s', within: 0.1 } as const;
      return agreement('Served were', [measurement], figures, [
        `Workers were busy for ${asShown(100 * Math.min(1, utilisation.workers))} % of the time, the CPUs for ${asShown(100 * utilisation.cpu)} %.`,
      ]);
    },
  },
};

/** Of the published wait: what a worker does around a wait is as it was measured. */
function holdOf(facts: TrialFacts): Seconds {
  return asShown(WAIT + keptPerRequest(facts.blockingProcesses) - facts.wait);
}
