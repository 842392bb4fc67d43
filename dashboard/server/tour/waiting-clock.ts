/** Time, as the tour sees it: a simulated one lets a whole step be measured in milliseconds. */
export interface WaitingClock {
  /** Seconds since 1970. */
  now(): number;
  /** Resolves after so many seconds; rejects with the signal's reason as soon as it is aborted. */
  wait(seconds: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own. */
export const machineClock: WaitingClock = {
  now: () => Date.now() / 1000,
  wait: (seconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = setTimeout(done, seconds * 1000);
      signal.addEventListener('abort', ended, { once: true });

      function done(): void {
        signal.removeEventListener('abort', ended);
        resolve();
      }
      function ended(): void {
        clearTimeout(timer);
        reject(signal.reason);
      }
    }),
};
