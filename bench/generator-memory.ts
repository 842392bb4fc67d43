/**
 * Shows that the memory of the load scripts does not grow with the number of requests: k6's peak memory in a closed
 * load of 40 users who do not think, ended after so many requests. Run it with: node bench/generator-memory.ts
 */
import { readFileSync } from 'node:fs';
import { driveWithK6 } from '../lab/run/generator.ts';
import { localK6 } from '../lab/runtimes/local/k6.ts';
import { k6Path, startServer } from '../loadtests/testdata/run.ts';

await using server = await startServer({ delayMs: 0 });
for (const requests of [15_000, 60_000, 240_000]) {
  let pid = 0;
  let peak = 0;
  const outcome = await driveWithK6(
    {
      target: server.url,
      requests: [{ weight: 1, method: 'GET', path: '/plain' }],
      load: { model: 'closed', users: 40, thinkTime: 0 },
      phases: { warmUp: 0, steadyState: 120, timeLimit: 5 },
      objective: 0.25,
      seed: 1,
    },
    {
      launch: localK6(k6Path, started => {
        pid = started;
      }),
      signal: new AbortController().signal,
      onReport: ({ sent }) => {
        peak = readPeakMemory(pid);
        return sent < requests ? 'go-on' : 'stop';
      },
    },
  );
  const seconds = outcome.duration.toFixed(0);
  process.stdout.write(`${outcome.sent} requests in ${seconds} s: k6 at most ${(peak / 1e6).toFixed(0)} MB\n`);
}

/** The highest resident set size that a process has had, in bytes. */
function readPeakMemory(pid: number): number {
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
