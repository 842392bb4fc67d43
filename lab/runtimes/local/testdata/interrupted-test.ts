const stops = new Set<() => Promise<unknown>>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` when a signal ends this test process, where the test runner would call no `after`; until it is told
 * that it has been stopped.
 */
export function stopWhenInterrupted(stop: () => Promise<unknown>): { stopped(): void } {
  if (stops.size === 0) for (const signal of signals) process.on(signal, interrupt);
  stops.add(stop);
  return {
    stopped: () => {
      stops.delete(stop);
      if (stops.size === 0) for (const signal of signals) process.off(signal, interrupt);
    },
  };
}

function interrupt(): void {
  // The test runner is gone before its tests: what is written for it now must not end this process halfway.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const all = [...stops].map(stop => stop());
  void Promise.allSettled(all).finally(() => process.exit(130));
}
