import { deploymentName } from '../../services/deployment.ts';
import type { Bytes } from '../experiment/units.ts';
import type { Exercise } from './exercise.ts';
import { agreement, measuredOn } from './measured-on.ts';
import { asShown, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

const IN_PROGRESS = 40;
const AVAILABLE: Bytes = 1e9;
/** Processes that are measured: what they share, and what each adds. */
const SIZES = [2, 6] as const;

/** What stops blocking workers: memory. */
export const fortyInMemory: Exercise = {
  number: 7,
  name: '07-forty-in-memory',
  title: 'Forty requests in memory',
  unit: 'B',
  asked: facts => {
    const { blocking, loop } = facts.memory;
    return {
      question: [
        'One event loop with 40 database connections has 40 requests waiting in the database at once. It shall be replaced by blocking processes, each of which holds one request, that do the same. The machine leaves the workers 1 GB.',
        'How much memory do the blocking processes take?',
      ],
      given: [
        { what: 'requests in the database at once', value: `${IN_PROGRESS}` },
        {
          what: `${blocking.deployment.processes} blocking processes (${deploymentName(blocking.deployment)}) took`,
          value: inUnit(blocking.memory, 'B'),
        },
        { what: `one event loop (${deploymentName(loop.deployment)}) took`, value: inUnit(loop.memory, 'B') },
      ],
    };
  },
  hints: ['What does one blocking process take?', 'A blocking process holds one request, however little that does.'],
  answer: facts => {
    const { loop } = facts.memory;
    const process = processOf(facts);
    const value = IN_PROGRESS * process;
    const fitting = Math.floor(AVAILABLE / process);
    const loopMemory = asShown(loop.memory);
    const { blockingProcess, blockingThread } = facts.fitted.service.memory;
    const threads = blockingProcess + (IN_PROGRESS - 1) * blockingThread;
    return {
      value,
      tolerance: 0.02,
      steps: [
        `One process takes ${inUnit(process, 'B')}; ${IN_PROGRESS} of them take ${IN_PROGRESS} × ${inUnit(process, 'B')} = ${inUnit(value, 'B')}.`,
        `Of ${inUnit(AVAILABLE, 'B')} that is ${value > AVAILABLE ? 'more than there is' : 'a part'}: ⌊${inUnit(AVAILABLE, 'B')} ÷ ${inUnit(process, 'B')}⌋ = ${fitting} processes fit, and hold ${fitting} requests.`,
        `The loop did with ${inUnit(loopMemory, 'B')}, ${asShown(value / loopMemory)} times less; a further request takes it some kilobytes.`,
        `Threads lie between: the model that is fitted to the same trials has ${inUnit(blockingThread, 'B')} for a thread beyond the first of a process, ${inUnit(threads, 'B')} for ${IN_PROGRESS} in one.`,
      ],
      models: [
        { name: 'memory of a deployment', file: 'lab/simulation/memory.ts' },
        { name: 'how it is fitted', file: 'lab/planner/fit-memory.ts' },
      ],
      mistakes: [
        { value: process, hint: 'That is one process.' },
        { value: IN_PROGRESS * loopMemory, hint: 'That is forty event loops.' },
        { value: IN_PROGRESS * asShown(facts.memory.blocking.memory), hint: 'That figure was of several processes.' },
        { value: fitting, hint: 'That is how many fit; asked was for the memory of all forty.' },
      ],
    };
  },
  measurement: {
    what: `${SIZES.join(' and ')} blocking processes at 60/s: what each further one takes, forty times`,
    lasts: 40,
    experiment: facts => ({
      deployments: [{ topology: 'sync', processes: SIZES }],
      workloads: [{ name: 'wait', requests: facts.waits.requests }],
      loads: [60],
    }),
    read: (results, facts) => {
      const [few, many] = SIZES.map(processes => measuredOn(results, { topology: 'sync', processes }).memory.workers);
      const further = ((many ?? Number.NaN) - (few ?? Number.NaN)) / (SIZES[1] - SIZES[0]);
      const { value } = fortyInMemory.answer(facts);
      return agreement(
        'Forty processes would take',
        { measured: IN_PROGRESS * further, answer: value, unit: 'B', within: 0.2 },
        [`A further process took ${inUnit(further, 'B')}.`],
      );
    },
  },
};

function processOf(facts: TrialFacts): Bytes {
  const { deployment, memory } = facts.memory.blocking;
  return asShown(memory) / deployment.processes;
}
