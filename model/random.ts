/** A generator of numbers spread evenly over [0, 1). */
export type Random = () => number;

/** What a source draws at random; each has numbers of its own, so that what is sent never moves when it is sent. */
const streams = ['arrivals', 'requests', 'think-times'] as const;
type Stream = (typeof streams)[number];

/** The numbers of one stream of one source: the same seed, source and stream give the same numbers. (sfc32, by Doty-Humphrey.) */
export function createRandom(seed: number, source: number, stream: Stream): Random {
  let a = seed | 0;
  let b = source | 0;
  let c = streams.indexOf(stream);
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // Seeds that differ in one bit are told apart only after some rounds.
  for (let round = 0; round < 15; round++) next();
  return next;
}

/** One draw from the exponential distribution with mean 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random());
}
