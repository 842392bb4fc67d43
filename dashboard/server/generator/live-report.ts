import { z } from 'zod';
import { errorKinds, type LiveReport } from '../../../model/wire.ts';

const histogram = z.object({
  objective: z.number(),
  counts: z.record(z.string(), z.number()),
  count: z.number(),
  sum: z.number(),
  max: z.number(),
});

const target = z.object({
  name: z.string(),
  sent: z.number(),
  completed: z.number(),
  failed: z.number(),
  neverSent: z.number(),
  inProgress: z.number(),
  responseTime: histogram,
  dots: z.array(z.tuple([z.number(), z.number()])),
  endedDots: z.array(
    z.union([z.tuple([z.number(), z.number()]), z.tuple([z.number(), z.number(), z.enum(errorKinds)])]),
  ),
});

const report = z.object({
  number: z.number(),
  started: z.number(),
  obeys: z.number(),
  source: z.number(),
  time: z.number(),
  sent: z.number(),
  completed: z.number(),
  inProgress: z.number(),
  overObjective: z.number(),
  failed: z.number(),
  targets: z.array(target),
});

/** The report that a JSON text holds, or what is wrong with it in a sentence. */
export function liveReportIn(text: string): LiveReport | string {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return 'The body is no JSON.';
  }
  const parsed = report.safeParse(told);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `The report's ${issue?.path.join('.') || 'body'}: ${issue?.message}.`;
}
