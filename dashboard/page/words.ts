import { limits } from '../../model/limits.ts';

/** A word of the page, and what it means. */
export interface Word {
  readonly term: string;
  readonly meaning: string;
}

/** Every word and figure that the page explains, in the words of `docs/terminology.md`. */
export const words = {
  'offered load': {
    term: 'Offered load',
    meaning: 'Requests per second that clients tried to send, whether or not they were answered. Here: what k6 sent.',
  },
  'arrival rate': {
    term: 'Arrival rate λ',
    meaning:
      'The setting of an open load: how many requests set out for each topology in a second, on average. They come at random moments, as from many people who know nothing of one another (a Poisson process).',
  },
  throughput: {
    term: 'Throughput X',
    meaning:
      'Successful completions per second, as nginx counted them. Below the offered load, something is the limit.',
  },
  failed: {
    term: 'Failed',
    meaning: `Completions per second that were no success, as nginx counted them: refused with status 503, not taken by any worker (502), cut off at nginx’s own limit of ${limits.nginx.read} s (504), or given up by the client after its time limit.`,
  },
  waiting: {
    term: 'Waiting',
    meaning:
      'Requests with which no worker has begun, by their dots. They lie in workers’ sockets; nginx has no queue of its own and has already given each to one.',
  },
  'response time': {
    term: 'Response time R',
    meaning:
      'From the intended send to the last byte, as the client sees it: waiting counts. Half of the requests were answered within p50, 99 of 100 within p99.',
  },
  objective: {
    term: 'Objective',
    meaning: 'What must hold for a load to count as carried. On this page: p99 response time ≤ 250 ms.',
  },
  'requests in progress': {
    term: 'Requests in progress N',
    meaning:
      'The concurrency: requests that were sent and are not answered yet, those that wait and those that are being served. Where it keeps growing, more arrives than can be served.',
  },
  'utilisation of workers': {
    term: 'Utilisation of workers',
    meaning:
      'Busy fraction of the workers’ threads. A thread that is blocked in a wait for the database is busy: it can do nothing else. An event loop that waits is not.',
  },
  'utilisation of CPUs': {
    term: 'Utilisation of CPUs',
    meaning:
      'CPU time of a topology’s processes as a fraction of all CPUs of the machine. The grey line is everything together: nginx, Postgres and k6 use the same CPUs.',
  },
  'utilisation of database connections': {
    term: 'Utilisation of database connections',
    meaning:
      'Fraction of a deployment’s database connections that carry a query. One connection carries one query at a time; when all are in use, requests wait for one.',
  },
  memory: {
    term: 'Memory',
    meaning: 'Bytes of a topology’s processes. Pages that several of them share are counted once.',
  },
  topology: {
    term: 'Topology',
    meaning:
      'One way of running the service: which app, how many processes, how many threads in each. Every topology answers the same requests, behind one nginx and in front of one Postgres.',
  },
  worker: {
    term: 'Worker',
    meaning:
      'Whatever listens on one port and runs one JavaScript thread. A blocking worker serves one request at a time; an event loop turns to the next while others wait.',
  },
  'open load': {
    term: 'Open load',
    meaning:
      'Arrivals come whatever happens, as from the public: when answers are slow, requests pile up, and nobody asks less often.',
  },
  'closed load': {
    term: 'Closed load',
    meaning:
      'A fixed number of users. Each waits for the answer, thinks, and asks again: when answers are slow, fewer requests arrive.',
  },
  'think time': {
    term: 'Think time Z',
    meaning: 'A user’s pause between an answer and the next request under a closed load, in seconds, on average.',
  },
  users: {
    term: 'Users',
    meaning:
      'How many clients each topology has under a closed load. Each has one request in progress at most, so there are never more requests than users.',
  },
  wait: {
    term: 'Wait',
    meaning:
      'Milliseconds for which the request’s query waits in the database (pg_sleep): no CPU is used. A blocking worker waits with it; an event loop turns to others.',
  },
  reads: {
    term: 'Reads',
    meaning:
      'Queries of one row each that a request makes one after the other, each with a round trip to the database.',
  },
  item: {
    term: 'Item',
    meaning: 'The id of the row that each request reads.',
  },
  rows: {
    term: 'Rows',
    meaning: 'How many rows each request reads, in one query, and answers with.',
  },
  workload: {
    term: 'Workload',
    meaning: 'What is asked of the service: which route, with which parameters. All topologies are asked the same.',
  },
  'unit of computing': {
    term: 'Unit of computing',
    meaning: 'A fixed piece of integer work, about 50 µs of one CPU: 100 units are about 5 ms.',
  },
  burst: {
    term: 'Burst',
    meaning:
      'Requests that are sent at the same instant, on top of the load, to each topology on the stage. Of 100 at once a pool of two blocking workers serves two; the others wait.',
  },
  pause: {
    term: 'Pause',
    meaning: 'No load is sent; requests that are in progress are still answered, and bursts can be sent.',
  },
  dot: {
    term: 'Dot',
    meaning:
      'A real request to a real worker, shown a second after it happened; one dot may stand for several. nginx has no queue of its own: it gives each request to a worker’s socket at once (least connections). That it waits “at the pool” is how the article draws it: what is really known is that its worker has not begun with it.',
  },
  mark: {
    term: 'Marks',
    meaning:
      'Moments that explain a curve: a worker ended or came back, requests were refused with status 503, the database went away or came back.',
  },
  'hold the CPU': {
    term: 'Hold the CPU',
    meaning:
      'One request that computes for about two seconds. Whatever else is on its event loop waits until it is done; of a pool of blocking workers only one is taken (claim C9).',
  },
  'database connections': {
    term: 'Database connections',
    meaning:
      'The most that a deployment may have, shared out over its workers. An event loop can wait for many queries at once, but for no more than it has connections (claim C8).',
  },
  'end a worker': {
    term: 'End a worker',
    meaning:
      'Its process exits at once, as in a crash, with every worker in it. PM2 starts it again; meanwhile nginx turns to the others.',
  },
  'database away': {
    term: 'Database away',
    meaning:
      'For five seconds nobody can connect to Postgres, and who is connected is cut off. Workers answer 503 at once, or wait, and find their way back by themselves.',
  },
  run: {
    term: 'Run',
    meaning:
      'One execution of an experiment: every topology measured in shuffled blocks, with its capacity and the interval that holds it with a probability of 95 %.',
  },
  // Of the page "Plan".
  plan: {
    term: 'Plan',
    meaning:
      'A model, fitted to what one run measured, says what other sizes and machines would carry. It is as good as its measurements: how well it is known stands beside every capacity, and how far a question goes beyond them is said.',
  },
  'planned load': {
    term: 'Arrival rate to plan for',
    meaning: 'Requests per second of today, over all machines. Times the growth it is the load that has to be met.',
  },
  'planned objective': {
    term: 'Objective',
    meaning:
      'The response time that that part of all requests must not exceed: with p99, one request of a hundred may take longer.',
  },
  growth: {
    term: 'Growth',
    meaning: 'How many times as much as today has to be carried: 2 is twice as much.',
  },
  headroom: {
    term: 'Headroom',
    meaning:
      'The part of the capacity that shall stay free when the planned load is there: with 30 %, a capacity of 1,000/s is taken to carry 700/s.',
  },
  'planned CPUs': {
    term: 'CPUs',
    meaning:
      'Of each machine; nginx, workers and Postgres share them, and the generator where it is on the machine too.',
  },
  'connections there are': {
    term: 'Database connections',
    meaning: 'How many Postgres gives away in all, whoever asks for them. Without a limit as many are taken as help.',
  },
  'memory there is': {
    term: 'Memory of a machine',
    meaning:
      'Of everything on the fullest machine: nginx, workers, Postgres where it is there, and the generator where requests come from here. A deployment that needs more is rejected.',
  },
  'planned memory': {
    term: 'Memory',
    meaning:
      'Of what is run, at the planned load: nginx and workers on all machines together, and the one Postgres. The generator is left out.',
  },
  'database wait': {
    term: 'Database wait',
    meaning:
      'How many times as long as in the workload requests wait in the database: 2 is a database that is twice as slow.',
  },
  'where the generator is': {
    term: 'Where requests come from',
    meaning:
      'In the measurement k6 used CPUs of the machine itself. Elsewhere: requests come over the network, and these CPUs are free.',
  },
  capacity: {
    term: 'Capacity',
    meaning:
      'The highest offered load at which the objective is met, of one machine. The interval holds it with a probability of 95 %: how well the model is known, and how far machines differ from one start to the next.',
  },
  margin: {
    term: 'Margin',
    meaning:
      'How far the capacity of all machines lies above what is required: the planned load with its headroom. A margin that is smaller than the model’s error is none.',
  },
  'next limit': {
    term: 'Next limit',
    meaning: 'The resource that gives out first when the load goes on growing.',
  },
  'how it was decided': {
    term: 'How it was decided',
    meaning:
      'Formulas answer while a slider moves, and are a few percent off. Once nothing has moved for a moment the same question is simulated, request by request, and that answer takes the place of the first.',
  },
  'beyond what was measured': {
    term: 'Beyond what was measured',
    meaning:
      'How far a question lies outside of what the run covered. Up to a stated factor the model is trusted; further, it answers only when told to.',
  },
} as const satisfies Record<string, Word>;

/** A word that the page explains. */
export type ExplainedWord = keyof typeof words;
