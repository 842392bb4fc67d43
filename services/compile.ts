/**
 * A program that fills Node's compile cache with all that processes and their workers run, and ends. A thread that
 * finds its files there needs no TypeScript compiler of its own: 11 MB less of memory, and a quicker start.
 * NODE_COMPILE_CACHE names the folder.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';

const apps = new URL('./apps/', import.meta.url);

// None of the three does anything on this kind of thread.
await import('./worker.ts');
const programs = ['./process.ts', './cluster.ts'].map(program => new Worker(new URL(program, import.meta.url)));
await Promise.all([
  ...programs.map(program => once(program, 'exit')),
  ...readdirSync(apps).map(file => import(new URL(file, apps).href)),
]);
flushCompileCache();
