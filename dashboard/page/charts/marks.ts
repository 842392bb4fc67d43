import { mebibytes } from '../../../model/deployment.ts';
import { counted, shownCount } from '../../../model/quantities.ts';
import type { Mark, StagedDeployment } from '../../protocol.ts';
import { TIME_LIMIT } from '../../work.ts';
import { workerLabel } from '../wording.ts';

/** A mark, or several as one. */
export type Occurrence = Mark & {
  /** The time of the last that it is made of. */
  readonly until?: number;
};

/** Seconds between requests that failed alike that are still one occurrence. */
const PAUSE = 3;

/** Joins the requests that were refused, or given up, at a deployment one after another; what was joined can be joined with more. */
export function joinMarks(marks: readonly Occurrence[]): Occurrence[] {
  const joined: Occurrence[] = [];
  const places = new Map<string, number>();
  for (const mark of marks) {
    const { kind, id, time, count = 1, until = time } = mark;
    if (kind !== 'refused' && kind !== 'given-up') {
      joined.push(mark);
      continue;
    }
    const place = places.get(`${kind} ${id}`) ?? Number.NaN;
    const first = joined[place];
    if (first && time - (first.until ?? first.time) <= PAUSE) {
      joined[place] = { ...first, count: (first.count ?? 1) + count, until };
    } else {
      places.set(`${kind} ${id}`, joined.length);
      joined.push({ ...mark, count });
    }
  }
  return joined;
}

/** What a sentence about a mark can tell. */
interface MarkFacts {
  readonly worker: string;
  readonly deployment: string;
  readonly count: number | undefined;
}

interface MarkWords {
  /** Beside the mark on a chart: as short as it can be. */
  readonly label: string | ((count: number) => string);
  readonly sentence: (facts: MarkFacts) => string;
}

const failed = ({ count = 1, deployment }: MarkFacts, how: string) =>
  `${counted(count, 'request')} at ${deployment} ${count === 1 ? 'was' : 'were'} ${how}`;

const markWords: Readonly<Record<Mark['kind'], MarkWords>> = {
  'worker-ended': { label: 'worker ended', sentence: ({ worker }) => `Worker ${worker} ended.` },
  'worker-back': { label: 'worker back', sentence: ({ worker }) => `Worker ${worker} is back.` },
  'killed-for-memory': {
    label: 'killed: memory',
    sentence: ({ worker, count = 0 }) =>
      `The kernel killed the process of ${worker}: its container reached its memory limit (${mebibytes(count)} MiB). Raise WORKERS_MEMORY or lower PROCESSES.`,
  },
  refused: {
    label: count => `503 × ${shownCount(count)}`,
    sentence: facts => failed(facts, 'refused with status 503.'),
  },
  'given-up': {
    label: count => `given up × ${shownCount(count)}`,
    sentence: facts => failed(facts, `given up: no answer within ${TIME_LIMIT} s.`),
  },
  'cpu-held': {
    label: 'CPU held',
    sentence: ({ deployment, count }) => `One request at ${deployment} computes for ${count} s.`,
  },
  'database-away': { label: 'database away', sentence: () => 'The database is away.' },
  'database-back': { label: 'database back', sentence: () => 'The database is back.' },
  'connections-changed': {
    label: count => (count === 0 ? 'connections' : counted(count, 'connection')),
    sentence: ({ deployment, count }) =>
      count === undefined
        ? `${deployment} has its own number of database connections again.`
        : `${deployment} may have ${counted(count, 'database connection')}.`,
  },
  'generator-lost': { label: 'k6 away', sentence: () => 'k6, which sends the load, is away.' },
  'generator-back': { label: 'k6 back', sentence: () => 'k6 is back.' },
};

/** What stands beside a mark on a chart. */
export function labelMark({ kind, count = 0 }: Mark): string {
  const { label } = markWords[kind];
  return typeof label === 'string' ? label : label(count);
}

/** What happened, in a sentence; `staged`: the deployment that it happened to. */
export function describeMark({ kind, id, worker, count }: Mark, staged: StagedDeployment | undefined): string {
  const deployment = staged?.label ?? id ?? 'the stage';
  const named = worker && staged ? workerLabel(worker, staged) : worker;
  return markWords[kind].sentence({ worker: named ?? staged?.label ?? id ?? 'a worker', deployment, count });
}
