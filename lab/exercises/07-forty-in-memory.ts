import { deploymentName } from '../../model/deployment.ts';
import type { Bytes } from '../../model/quantities.ts';
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
    const { blocking, loops } = facts.memory;
    return {
      question: [
        `${loopsOf(facts)} with ${IN_PROGRESS} database connections can have ${IN_PROGRESS} requests waiting in the database at once. Blocking processes, each of which holds one request, shall do the same instead. The machine leaves the workers ${inUnit(AVAILABLE, 'B')}.`,
        'How much memory do the blocking processes take?',
      ],
      given: [
        { what: 'requests in the database at once', value: `${IN_PROGRESS}` },
        {
          what: `${blocking.deployment.processes} blocking processes (${deploymentName(blocking.deployment)}) took`,
          value: inUnit(blocking.memory, 'B'),
        },
        {
          what: `${loopsOf(facts).toLowerCase()} (${deploymentName(loops.deployment)}) took`,
          value: inUnit(loops.memory, 'B'),
        },
      ],
    };
  },
  hints: ['What does one blocking process take?', 'A blocking process holds one request, however little that does.'],
  answer: facts => {
    const { loops } = facts.memory;
    const process = processOf(facts);
    const value = IN_PROGRESS * process;
    const fitting = Math.floor(AVAILABLE / process);
    const loopMemory = asShown(loops.memory);
    const { blockingProcess, blockingThread } = facts.fitted.service.memory;
    const threads = blockingProcess + (IN_PROGRESS - 1) * blockingThread;
    return {
      value,
      tolerance: 0.02,
      steps: [
        `One process takes ${inUnit(process, 'B')}; ${IN_PROGRESS} of them take ${IN_PROGRESS} × ${inUnit(process, 'B')} = ${inUnit(value, 'B')}.`,
        `Of ${inUnit(AVAILABLE, 'B')} that is ${value > AVAILABLE ? 'more than there is' : 'a part'}: ⌊${inUnit(AVAILABLE, 'B')} ÷ ${inUnit(process, 'B')}⌋ = ${fitting} processes fit, and hold ${fitting} requests.`,
        `${loopsOf(facts)} did with ${inUnit(loopMemory, 'B')}, ${asShown(value / loopMemory)} times less; a further request in a loop takes some kilobytes.`,
        `Threads lie between: the model that is fitted to the same trials has ${inUnit(blockingThread, 'B')} for a thread beyond the first of a process, ${inUnit(threads, 'B')} for ${IN_PROGRESS} in one.`,
      ],
      models: [
        { name: 'memory of a deployment', file: 'lab/simulation/service-model.ts' },
        { name: 'how it is fitted', file: 'lab/plan/fit-memory.ts' },
      ],
      mistakes: [
        { value: process, hint: 'That is one process.' },
        { value: (IN_PROGRESS * loopMemory) / loops.deployment.processes, hint: 'That is as many event loops.' },
        { value: IN_PROGRESS * asShown(facts.memory.blocking.memory), hint: 'That figure was of several processes.' },
        { value: fitting, hint: 'That is how many fit; asked was for the memory of all that it takes.' },
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
      const measurements = SIZES.map(processes => measuredOn(results, { topology: 'sync', processes }));
      const [few, many] = measurements.map(({ memory }) => memory.workers) as [Bytes, Bytes];
      const further = (many - few) / (SIZES[1] - SIZES[0]);
      const { value } = fortyInMemory.answer(facts);
      return agreement(
        `${IN_PROGRESS} processes would take`,
        measurements,
        { measured: IN_PROGRESS * further, answer: value, unit: 'B', within: 0.2 },
        [`A further process took ${inUnit(further, 'B')}.`],
      );
    },
  },
};

/** `One event loop`, `2 event loops`. */
function loopsOf({ memory }: TrialFacts): string {
  const { processes } = memory.loops.deployment;
  return processes === 1 ? 'One event loop' : `${processes} event loops`;
}

function processOf(facts: TrialFacts): Bytes {
  const { deployment, memory } = facts.memory.blocking;
  return asShown(memory) / deployment.processes;
}
