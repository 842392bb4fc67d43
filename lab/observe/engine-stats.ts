import { z } from 'zod';
import type { ContainerFigures } from './cgroups.ts';

/** The part of `GET /containers/<id>/stats` that is needed; its memory is empty once the container has ended. */
const statsSchema = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number() }),
    throttling_data: z.object({ throttled_time: z.number() }).optional(),
  }),
  memory_stats: z.object({
    usage: z.number().optional(),
    /** Of control groups of version 1 the first, of version 2 the second. */
    stats: z.object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() }).optional(),
  }),
});

/** A container's figures as its engine tells them; `undefined` when it does not run. */
export function figuresFromEngine(answer: unknown): ContainerFigures | undefined {
  const { cpu_stats, memory_stats } = statsSchema.parse(answer);
  const { usage, stats = {} } = memory_stats;
  if (usage === undefined) return undefined;
  const unused = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  const { cpu_usage, throttling_data } = cpu_stats;
  return {
    cpu: cpu_usage.total_usage / 1e9,
    memory: Math.max(0, usage - unused),
    throttled: throttling_data === undefined ? null : throttling_data.throttled_time / 1e9,
  };
}
