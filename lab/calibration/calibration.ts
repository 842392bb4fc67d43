import { z } from 'zod';

/** The ways to the stamping server: directly, and through nginx. */
export const paths = ['bare', 'nginx'] as const;
export type Path = (typeof paths)[number];

const number = z.number();
const times = z.object({ mean: number, p50: number, p99: number });
const interval = z.object({ estimate: number, low: number, high: number });
const level = z.object({ mean: number, most: number });

const accuracy = z.object({
  path: z.enum(paths),
  arrivalRate: number,
  scored: z.int(),
  /** The server's delays, by its own stamps. */
  truth: times,
  /** How much longer k6 sees them, without schedule lag. */
  off: times,
  scheduleLag: times.omit({ mean: true }),
  cpuPerRequest: z.object({ k6: number, nginx: number }),
});

const arrivalProcess = z.object({
  arrivalRate: number,
  /** Arrivals by the seed, those that k6 sent, and those that the server saw. */
  due: z.int(),
  sent: z.int(),
  came: z.int(),
  cameTimes: z.object({ distance: number, p: number }),
  cameCounts: z.object({ index: number, p: number }),
});

const stall = z.object({
  /** How long the server was stopped. */
  stopped: number,
  due: z.int(),
  sent: z.int(),
  neverSent: z.int(),
  failed: z.int(),
  p50: number,
  p99: number,
});

const noise = z.object({
  /** Standard deviations of ln throughput at saturation. */
  betweenTrials: number,
  betweenBlocks: number,
  trials: z.int(),
  /** Trials left out because of other programs or steal. */
  disturbed: z.int(),
  blocks: z.int(),
  /** Throughput ratio of two equal deployments, paired by block, with 95 and with 99.9 % confidence. */
  sameRatio: interval,
  sameRatioWide: interval,
  /** Of the machine's CPU time, over all trials. */
  steal: level,
  others: level,
  /** p99 with all CPUs busy; absent in older calibrations. */
  scheduleLag: level.optional(),
});

/** What `loadline calibrate` finds about the instrument and the machine; times in seconds. */
export const calibrationSchema = z.object({
  schema: z.literal(1),
  date: z.iso.datetime(),
  runtime: z.enum(['local', 'compose']),
  seed: z.int(),
  machine: z.object({ cpuModel: z.string(), cpus: z.int(), kernel: z.string() }),
  /** Of the machine's CPU time, before anything was started. */
  rest: z.object({ busy: number, steal: number }),
  /** Empty where the stamping server cannot be put behind the runtime's own k6. */
  accuracy: z.array(accuracy),
  arrivals: z.array(arrivalProcess),
  stall: stall.optional(),
  noise,
});

export type Calibration = z.infer<typeof calibrationSchema>;
export type Accuracy = z.infer<typeof accuracy>;
export type ArrivalProcess = z.infer<typeof arrivalProcess>;
export type NoiseFound = z.infer<typeof noise>;
