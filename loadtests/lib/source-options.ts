/** k6's options for a load whose sources each run one iteration, in which they send for so many seconds. */
export function sourceOptions({ sources, timeLimit }: { sources: number; timeLimit: number }, sending: number) {
  return {
    scenarios: {
      load: {
        executor: 'per-vu-iterations',
        vus: sources,
        iterations: 1,
        maxDuration: `${Math.ceil(sending + timeLimit + 30)}s`,
      },
    },
    // How many idle connections k6 keeps; with fewer it opens new ones all the time.
    batch: 5000,
    batchPerHost: 5000,
    discardResponseBodies: true,
    systemTags: [],
    // A request that fails is counted, not logged.
    throw: true,
  };
}
