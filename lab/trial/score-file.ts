import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelScore } from '../planner/score.ts';

const FILE = 'score.json';

const errors = z.object({ median: z.number(), most: z.number() });
const scoreFile = z.object({
  schema: z.literal(1),
  /** Of the trials file when it was scored: a run that went on has to be scored anew. */
  bytes: z.number(),
  score: z.object({
    by: z.enum(['held out', 'one by one']),
    figures: z.array(
      z.object({
        figure: z.enum(['capacity', 'p99', 'throughput of users']),
        predictions: z.number(),
        plain: errors,
        beyond: errors,
      }),
    ),
    fittedTo: z.array(z.string()),
    predicted: z.array(z.string()),
  }),
});

/** The score that was kept beside a run's trials, so many bytes long; `undefined` where there is none of these trials. */
export function readScore(folder: string, bytes: number): ModelScore | undefined {
  try {
    const kept = scoreFile.parse(JSON.parse(readFileSync(join(folder, FILE), 'utf8')));
    return kept.bytes === bytes ? kept.score : undefined;
  } catch {
    // It can be made again at any time: one that is missing, or cut in half, is none.
    return undefined;
  }
}

/** Keeps the score of a run beside its trials. */
export function writeScore(folder: string, bytes: number, score: ModelScore): void {
  const path = join(folder, FILE);
  writeFileSync(`${path}.part`, `${JSON.stringify({ schema: 1, bytes, score })}\n`);
  renameSync(`${path}.part`, path);
}
