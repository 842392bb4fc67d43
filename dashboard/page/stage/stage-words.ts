import type { Deployment } from '../../../model/deployment.ts';
import { otherApp } from '../../../model/deployment.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { counted, shownCount } from '../../../model/quantities.ts';
import { isConcurrencyLimited, type Topology } from '../../../model/topology.ts';
import type { Census } from './census.ts';
import { type Activity, activityOf } from './worker-activity.ts';

/** What stands on the stage, in the field's words: `2 blocking workers, one request each`. `among`: what it is shown with. */
export function deploymentWords(deployment: Deployment, among: readonly Topology[]): string {
  const { spec, processes, threadsPerProcess } = deployment;
  if (!isConcurrencyLimited(spec)) {
    const loops =
      processes === 1 ? 'one event loop, many requests at once' : `${processes} event loops, many requests each`;
    const app = otherApp(spec, among);
    return app === undefined ? loops : `${loops}, under ${app}`;
  }
  const count = deriveParallelism(deployment).workers;
  const workers = counted(count, 'blocking worker');
  const each = count === 1 ? 'one request at a time' : 'one request each';
  if (threadsPerProcess === 1) return `${workers}, ${each}`;
  return `${workers}, threads of ${processes === 1 ? 'one process' : `${processes} processes`}, ${each}`;
}

/** What a worker does, in words. */
export const activityWords: Readonly<Record<Activity, string>> = {
  idle: 'idle',
  computing: 'computing',
  waiting: 'waiting for the database',
  gone: 'gone',
};

/**
 * What must change of a situation until it is worth saying again: how much waits, to a power of ten, who is gone, and
 * whether all is at rest: nothing is held, and nothing was answered in the last second.
 */
export function gistOf({ waiting, held, workers }: Census, throughput: number | undefined): string {
  const gone = workers.filter(({ alive }) => !alive).length;
  const rests = throughput === 0 && waiting === 0 && held.every(count => count === 0);
  return `${waiting === 0 ? 0 : Math.ceil(Math.log10(waiting + 1))}/${gone}${rests ? '/rests' : ''}`;
}

/** The situation at one deployment in a sentence: for those who hear the stage. */
export function spokenCensus(
  label: string,
  { waiting, held, workers }: Census,
  throughput: number | undefined,
): string {
  const busy = workers.map(activityOf);
  const doing = (['computing', 'waiting', 'gone'] as const).flatMap(activity => {
    const count = busy.filter(each => each === activity).length;
    return count === 0 ? [] : [`${count} ${activityWords[activity]}`];
  });
  const requests = held.reduce((sum, count) => sum + count, 0);
  const answers = throughput === undefined ? '' : `, ${shownCount(throughput)} answered a second`;
  return (
    `${label}: ${waiting === 0 ? 'no requests waiting' : `${shownCount(waiting)} wait`}, ` +
    `${counted(workers.length, 'worker')} with ${counted(requests, 'request')}` +
    `${doing.length === 0 ? '' : ` (${doing.join(', ')})`}${answers}.`
  );
}
