import { mebibytes } from '../../../model/deployment.ts';
import { counted, shownCount } from '../../../model/quantities.ts';
import type { Mark, StagedDeployment } from '../../protocol.ts';
import { TIME_LIMIT } from '../../work.ts';
import { workerLabel } from '../wording.ts';

/** What stands beside a mark on a chart: as short as it can be. */
export function labelOf({ kind, count }: Mark): string {
  switch (kind) {
    case 'worker-ended':
      return 'worker ended';
    case 'worker-back':
      return 'worker back';
    case 'killed-for-memory':
      return 'killed: memory';
    case 'refused':
      return count === undefined ? '503' : `503 × ${shownCount(count)}`;
    case 'given-up':
      return count === undefined ? 'given up' : `given up × ${shownCount(count)}`;
    case 'cpu-held':
      return 'CPU held';
    case 'database-away':
      return 'database away';
    case 'database-back':
      return 'database back';
    case 'connections-changed':
      return count === undefined ? 'connections' : counted(count, 'connection');
    case 'generator-lost':
      return 'k6 away';
    case 'generator-back':
      return 'k6 back';
  }
}

/** What happened to a deployment, in a sentence. */
export function sentenceOf({ kind, id, worker, count }: Mark, staged: StagedDeployment | undefined): string {
  const label = staged?.label ?? id;
  const whose = (staged && worker && workerLabel(worker, staged)) ?? worker ?? label ?? 'a worker';
  switch (kind) {
    case 'worker-ended':
      return `Worker ${whose} ended.`;
    case 'worker-back':
      return `Worker ${whose} is back.`;
    case 'killed-for-memory':
      return `The kernel killed the process of ${whose}: its container reached its memory limit (${mebibytes(count ?? 0)} MiB). Raise WORKERS_MEMORY or lower PROCESSES.`;
    case 'refused':
      return `${counted(count ?? 1, 'request')} at ${label ?? 'the stage'} ${count === 1 ? 'was' : 'were'} refused with status 503.`;
    case 'given-up':
      return `${counted(count ?? 1, 'request')} at ${label ?? 'the stage'} ${count === 1 ? 'was' : 'were'} given up: no answer within ${TIME_LIMIT} s.`;
    case 'cpu-held':
      return `One request at ${label ?? 'the stage'} computes for ${count} s.`;
    case 'database-away':
      return 'The database is away.';
    case 'database-back':
      return 'The database is back.';
    case 'connections-changed':
      return count === undefined
        ? `${label} has its own number of database connections again.`
        : `${label} may have ${counted(count, 'database connection')}.`;
    case 'generator-lost':
      return 'k6, which sends the load, is away.';
    case 'generator-back':
      return 'k6 is back.';
  }
}
