/** Seconds since 1970, as everything that is seen here is dated: by k6, by nginx and by this process. */
export type Clock = () => number;

/** The system's own. */
export const systemClock: Clock = () => Date.now() / 1000;
