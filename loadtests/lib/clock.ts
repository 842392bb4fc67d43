import exec from 'k6/execution';

/** Seconds from k6's start to the load's: by then every source is awake, so that they can share one zero. */
const HEAD_START = 0.1;

/** k6 makes a new one each time that it is asked, which takes ten times as long as to ask what it shows. */
let instance: typeof exec.instance | undefined;

/** Seconds since the load began, the same for all sources and with fractions of milliseconds, which `Date.now()` lacks. */
export function now(): number {
  instance ??= exec.instance;
  return instance.currentTestRunDuration / 1000 - HEAD_START;
}

/** Waits for so many seconds; k6 rounds up to its next millisecond. */
export function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, seconds) * 1000));
}

/** Seconds since 1970, in whole milliseconds: the time that other programs write into their logs. */
export function secondsSince1970(): number {
  return Date.now() / 1000;
}
