/** A bare duration is in seconds, a bare rate per second, a bare size in bytes; anything else is converted at the edge. */
export type Seconds = number;
export type PerSecond = number;
export type Bytes = number;
/** 0 to 1. */
export type Fraction = number;
