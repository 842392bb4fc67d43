/**
 * A program that fills Node's compile cache with all that processes and their workers run, and ends. A thread that
 * finds its files there needs no TypeScript compiler of its own: 11 MB less of memory, and a quicker start.
 * NODE_COMPILE_CACHE names the folder.
 */
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';

// Each of the two does nothing on the other's kind of thread.
await import('./worker.ts');
const control = new Worker(new URL('./process.ts', import.meta.url));
await Promise.all([
  once(control, 'exit'),
  import('./apps/blocking-express.ts'),
  import('./apps/express.ts'),
  import('./apps/fastify.ts'),
  import('./database/blocking.ts'),
  import('./database/non-blocking.ts'),
]);
flushCompileCache();
