/** What a thread under test runs: one database, asked through messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { Counters } from '../../counters.ts';
import { openBlockingDatabase } from '../blocking.ts';
import { DatabaseHealth } from '../health.ts';
import { openNonBlockingDatabase } from '../non-blocking.ts';
import type { Operation } from '../operation.ts';
import { servedQueries } from './served-queries.ts';

const { kind, url, health, counters } = workerData;
const open = kind === 'blocking' ? openBlockingDatabase : openNonBlockingDatabase;
const database = open({ url, health: new DatabaseHealth(health), counters: new Counters(counters) });

parentPort?.on('message', async message => {
  if (message === 'close') {
    await database.close();
    parentPort?.close();
  } else {
    parentPort?.postMessage({ id: message.id, ...(await answer(message)) });
  }
});
parentPort?.postMessage('ready');

async function answer({ query, parameters }: { query: string; parameters: unknown[] }): Promise<object> {
  const start = performance.now();
  const timing = { database: 0 };
  const operation: Operation<unknown> = Reflect.apply(Reflect.get(servedQueries, query), undefined, parameters);
  const took = () => (performance.now() - start) / 1000;
  try {
    const value = await database.run(operation, timing);
    return { value, database: timing.database, took: took() };
  } catch (error) {
    return { failure: error, name: error instanceof Error ? error.name : '', took: took() };
  }
}
