import { counted, shownCount, shownRate, shownTime } from '../../../model/quantities.ts';
import { stepNumber, type TourStep } from '../../protocol.ts';

/** Numbers of this stack, by name, as `TourState` has them. */
export type Facts = Readonly<Record<string, number>>;

/** What a step says, in the words of `docs/terminology.md`. */
export interface StepTexts {
  readonly title: string;
  /** What to look at, in two sentences. */
  look(facts: Facts): string;
  question(facts: Facts): string;
  /** In the order of `TourOutcome.answer`. */
  guesses(facts: Facts): readonly string[];
  /** Why it is so, in two sentences. */
  why(facts: Facts): string;
  /** What each figure means, by its name. */
  readonly meanings: Readonly<Record<string, string>>;
}

const inTurn = 'They share the CPUs of this machine, so they are measured in turn.';

export const texts: Readonly<Record<TourStep, StepTexts>> = {
  C1: {
    title: 'One request more than there are workers',
    look: ({ workers = 0, requests = 0, wait = 0 }) =>
      `A pool of ${counted(workers, 'blocking worker')} gets ${requests} requests at the same instant, each of which waits ${shownTime(wait)} for the database. Watch the one that finds no worker free.`,
    question: () => 'After how long is the last of them answered?',
    guesses: ({ wait = 0 }) => [
      `About ${shownTime(wait)}: as soon as all the others`,
      `About ${shownTime(1.5 * wait)}: it shares a worker with another`,
      `About ${shownTime(2 * wait)}: it waits until a worker is free`,
      'Later still',
    ],
    why: () =>
      'A blocking worker serves one request at a time, and its thread stands still while that one waits for the database. Whoever finds none free waits for a whole service first.',
    meanings: {
      'one service': 'For how long the database kept a worker waiting, on average.',
      'all but the last answered after': 'As many requests as there are workers.',
      'the last answered after': 'The one request more.',
    },
  },
  C2: {
    title: 'A few at a time, or all at once',
    look: ({ requests = 0, wait = 0, workers = 0, loops = 0 }) =>
      `First a pool of ${counted(workers, 'blocking worker')}, then ${counted(loops, 'event loop')} get ${requests} requests at the same instant, each of which waits ${shownTime(wait)} for the database. Watch how many requests a worker holds, and how many wait before it.`,
    question: ({ requests = 0 }) => `When has each of them answered all ${requests}?`,
    guesses: ({ waves = 0, wait = 0 }) => [
      `Both after about ${shownTime(waves * wait)}: they wait for the same database`,
      `The pool after about ${shownTime(waves * wait)}, the loops after little more than ${shownTime(wait)}`,
      `Both after little more than ${shownTime(wait)}: nginx spreads the requests`,
      'The loops later than the pool',
    ],
    why: ({ workers = 0, waves = 0, each = 0, connections = 0 }) =>
      `The pool works in ${shownCount(waves)} waves of ${workers}, while a loop turns to its next request whenever one begins to wait, and soon holds ${shownCount(each)}. For that the loops were given ${connections} database connections: with fewer, requests would wait for those.`,
    meanings: {
      'all answered after': 'From the instant of the burst to the last answer.',
      'in service times': 'The same, in waits for the database: the number of waves.',
      'held by the worker with most': 'Requests that a worker was seen to hold at once.',
      'held by the worker with fewest': 'The least of what a loop was seen to hold: the requests are spread evenly.',
    },
  },
  C3: {
    title: 'Requests that compute',
    look: ({ computing = 0, workers = 0, loops = 0 }) =>
      `Each request computes for about ${shownTime(computing)}, and users ask without a pause: ${blockingProcesses(workers)} first, then ${counted(loops, 'event loop')}. ${inTurn}`,
    question: () => 'Which of them answers more requests a second?',
    guesses: () => ['The pool of blocking processes', 'The event loops', 'Both about the same'],
    why: ({ cpus = 0 }) =>
      `While a request computes it keeps a CPU, whichever way its worker waits for other things. There are ${counted(cpus, 'CPU')} for both, and nothing to wait for.`,
    meanings: {
      throughput: 'Successful completions a second, with the interval that holds the true value with 95 %.',
      'hybrid ÷ sync': 'One throughput divided by the other; 1 is the same.',
    },
  },
  C4: {
    title: 'Requests that wait, from many users',
    look: ({ users = 0, wait = 0 }) =>
      `${users} users ask first the pool, then the loops, without a pause; each request waits ${shownTime(wait)} for the database. Both share the CPUs of this machine, so they are measured in turn.`,
    question: ({ workers = 0, loops = 0 }) =>
      `What do ${counted(loops, 'event loop')} do beside ${counted(workers, 'blocking worker')}?`,
    guesses: () => [
      'They serve as much: the database takes as long',
      'They serve more, and the CPUs are busier',
      'They serve more, with the CPUs as idle as before',
      'They serve less',
    ],
    why: ({ workers = 0, connections = 0 }) =>
      `Blocking workers hold ${counted(workers, 'request')} at once and let the CPUs idle while those wait; the loops hold as many as there are connections, ${connections}, and fill the CPUs with the others. How many workers there are is a choice: step ${stepNumber('C7')} gives both sides as many requests at once.`,
    meanings: {
      throughput: 'Successful completions a second, with the interval that holds the true value with 95 %.',
      'CPUs busy': 'Of all CPUs, whoever used them: workers, nginx, Postgres and k6.',
    },
  },
  C5: {
    title: 'The same, on a quiet day',
    look: ({ arrivalRate = 0, wait = 0 }) =>
      `Only ${shownRate(arrivalRate)} arrive at each of them, a tenth of what the pool could do, and each request waits ${shownTime(wait)} for the database. Look at how long a dot takes from left to right.`,
    question: () => 'Which of them answers sooner?',
    guesses: () => ['The pool of blocking processes', 'The event loops', 'Both about the same'],
    why: () =>
      'A worker is nearly always free, so hardly any request waits for one. What is left is the wait for the database, and that is the same.',
    meanings: {
      'median response time': 'Half of the responses took this long at most; with its interval of 95 %.',
      'hybrid ÷ sync': 'One median divided by the other; 1 is the same.',
    },
  },
  C7: {
    title: 'More and more blocking workers',
    look: ({ processes = 0, threads = 0, both = 0, connections = 0, wait = 0 }) =>
      `Each request waits ${shownTime(wait)}: for ${blockingProcesses(processes)}, then ${threads} blocking threads, then ${both} in several processes, and last for event loops with ${connections} connections. ${inTurn}`,
    question: ({ both = 0 }) => `Do ${both} blocking workers serve as much as event loops with as many connections?`,
    guesses: () => [
      'No: blocking workers serve less, however many they are',
      'Yes, and they need no more memory',
      'Yes, but they need more memory',
      'They serve more than the loops',
    ],
    why: () =>
      'What counts is how many requests can wait at once, and a blocking worker adds one. Each such worker is a thread with a JavaScript engine of its own, where a loop only remembers one more request.',
    meanings: {
      throughput: 'Successful completions a second, with the interval that holds the true value with 95 %.',
      memory: 'Of all processes of the topology; pages that they share are counted once.',
      'memory for each request at once': 'Memory divided by the workers; of the loops, by their connections.',
    },
  },
  C8: {
    title: 'What limits an event loop',
    look: ({ loops = 0, many = 0, few = 0, wait = 0, users = 0 }) =>
      `${counted(loops, 'event loop')} may use ${many} database connections, and then only ${few}. Each request holds one for ${shownTime(wait)}, and up to ${users} users ask without a pause.`,
    question: ({ few = 0 }) => `What becomes of the throughput with ${counted(few, 'connection')}?`,
    guesses: () => [
      'Nothing: a loop can hold any number of requests',
      'It falls by more than half, for want of connections',
      'It falls by less than half',
      'Next to nothing is left',
    ],
    why: ({ few = 0 }) =>
      `The loops still take every request at once, but only ${few} of them can be at the database; the others wait in the loop for a connection. Throughput is connections ÷ hold time, until something else, such as the CPUs, gives out first.`,
    meanings: {
      'a connection is held for': 'Under a light load, as the workers told it.',
      'throughput with many connections': 'Successful completions a second, with the interval of 95 %.',
      'many connections ÷ hold time': 'What so many connections allow.',
      'throughput with few connections': 'Successful completions a second, with the interval of 95 %.',
      'few connections ÷ hold time': 'What so few connections allow.',
    },
  },
  C9: {
    title: 'One request that keeps the CPU',
    look: ({ arrivalRate = 0 }) =>
      `${shownCount(arrivalRate)} light requests a second arrive at a pool, at one loop, and at a loop for each CPU; then one request comes to each in turn that computes for a second or two. Watch the light ones beside it.`,
    question: () => 'What happens to the light requests meanwhile?',
    guesses: () => [
      'Nothing: they are served in between',
      'Those on the one loop wait until it is done; the pool goes on',
      'They wait everywhere',
      'Something else',
    ],
    why: () =>
      'A loop turns to the next request only when the one before waits or ends, and one that computes does neither. Where there is another worker, nginx sends new requests to that one.',
    meanings: {
      'light requests held up': 'Of the light requests while one computed: those that took longer than the objective.',
      'p99 alone': 'Of 100 light requests 99 were answered within this, when nobody computed.',
      'p99 beside the one that computes': 'The same while one request computed; without that one itself.',
      'longest beside it': 'The slowest light request while one computed.',
    },
  },
  C12: {
    title: 'One loop, or a loop for each CPU',
    look: ({ computing = 0, loops = 0, cpus = 0 }) =>
      `Each request computes for about ${shownTime(computing)}, and users ask without a pause: one event loop, and ${counted(loops, 'loop')} on ${counted(cpus, 'CPU')}. ${inTurn}`,
    question: ({ loops = 0 }) => `How much more do ${counted(loops, 'loop')} answer than one?`,
    // What the CPUs allow is measured with the rest, and less than their number: k6 and nginx need some too.
    guesses: () => [
      'No more: a single loop is asynchronous already',
      'As many times as much as the CPUs allow',
      'More than one loop, but far less than the CPUs allow',
      'Still more than the CPUs allow',
    ],
    why: () =>
      'One loop is one thread, and a thread uses one CPU at a time. A process for each CPU uses them all, but for what k6, nginx and the rest take on the same machine.',
    meanings: {
      throughput: 'Successful completions a second, with the interval that holds the true value with 95 %.',
      'hybrid ÷ async': 'How many times as much a loop for each CPU answers.',
      'CPUs that k6, nginx and the rest leave': 'While all loops computed: the ratio can be about as great.',
    },
  },
};

/** Figures of every step: each request is counted on both sides. */
export const countMeanings: Readonly<Record<string, string>> = {
  'answered, as nginx counted': 'Every request of the step, warm-up included, in nginx’s log.',
  'answered, as k6 counted': 'The same requests, as k6 saw their ends.',
};

function blockingProcesses(count: number): string {
  return count === 1 ? '1 blocking process' : `${shownCount(count)} blocking processes`;
}
