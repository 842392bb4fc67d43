import { z } from 'zod';

/** The ways to a server that knows its own delay. */
export const paths = ['bare', 'nginx'] as const;
export type Path = (typeof paths)[number];

const seconds = z.number();
const fraction = z.number();

const timesSeen = z.object({ mean: seconds, p50: seconds, p99: seconds });
const fit = z.object({ distance: fraction, p: fraction });
const dispersion = z.object({ index: z.number(), p: fraction });
const interval = z.object({ estimate: z.number(), low: z.number(), high: z.number() });

const accuracy = z.object({
  path: z.enum(paths),
  arrivalRate: z.number(),
  scored: z.int(),
  /** The server's delays, by its own stamps. */
  truth: timesSeen,
  /** How much longer the response times less schedule lag are that k6 sees. */
  off: timesSeen,
  scheduleLag: timesSeen.omit({ mean: true }),
  /** CPU seconds. */
  cpuPerRequest: z.object({ k6: seconds, nginx: seconds }),
});

const arrivalProcess = z.object({
  arrivalRate: z.number(),
  /** How many arrivals the seed gives, how many k6 says that it sent, and how many the server saw. */
  due: z.int(),
  sent: z.int(),
  came: z.int(),
  intendedGaps: fit,
  intendedTimes: fit,
  cameTimes: fit,
  cameCounts: dispersion,
});

const stall = z.object({
  /** How long the server was stopped. */
  stopped: seconds,
  due: z.int(),
  sent: z.int(),
  neverSent: z.int(),
  failed: z.int(),
  p50: seconds,
  p99: seconds,
});

const noise = z.object({
  /** Of the logarithm of throughput at saturation. */
  betweenTrials: fraction,
  betweenBlocks: fraction,
  trials: z.int(),
  /** Trials that were left out because of other programs or of steal. */
  disturbed: z.int(),
  blocks: z.int(),
  /** Of two equal deployments: throughputs, paired by block, with 95 and with 99.9 % confidence. */
  sameRatio: interval,
  sameRatioWide: interval,
  /** Over all trials, of the machine's CPU time. */
  steal: z.object({ mean: fraction, most: fraction }),
  others: z.object({ mean: fraction, most: fraction }),
  /** Schedule lag, p99, with all CPUs busy; absent in older calibrations. */
  scheduleLag: z.object({ mean: seconds, most: seconds }).optional(),
});

/** What `loadline calibrate` found out about the instrument and the machine that it is on; times in seconds. */
export const calibrationSchema = z.object({
  schema: z.literal(1),
  date: z.iso.datetime(),
  runtime: z.enum(['local', 'compose']),
  seed: z.int(),
  machine: z.object({ cpuModel: z.string(), cpus: z.int(), kernel: z.string() }),
  /** Before anything was started, of the machine's CPU time. */
  rest: z.object({ busy: fraction, steal: fraction }),
  /** Empty where the stamping server cannot be put behind the runtime's own k6. */
  accuracy: z.array(accuracy),
  arrivals: z.array(arrivalProcess),
  stall: stall.optional(),
  noise,
});

export type Calibration = z.infer<typeof calibrationSchema>;
export type Accuracy = z.infer<typeof accuracy>;
export type ArrivalProcess = z.infer<typeof arrivalProcess>;
export type Stall = z.infer<typeof stall>;
export type NoiseFound = z.infer<typeof noise>;
