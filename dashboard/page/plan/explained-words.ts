import type { Word } from '../words.ts';

/** What the page "Plan" explains beyond the words of the stage. */
export const planWords = {
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
