import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FittedModel, ModelScore } from '../plan/fitted-model.ts';
import { writeWhole } from './write-whole.ts';

const FILE = 'score.json';
const MODEL = 'model.json';

const errors = z.object({ median: z.number(), most: z.number() });
const score = z.object({
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
});

/** `bytes`: of the trials file when it was scored: a run that went on has to be scored anew. */
const scoreFile = z.object({ schema: z.literal(1), bytes: z.number(), score });
const modelFile = z.object({ measured: z.object({ trials: z.number() }), score });

/**
 * The score that was kept beside a run's trials, so many bytes long, or that its report found; `undefined` where there is
 * none of these trials.
 */
export function readScore(folder: string, bytes: number, trials: number): ModelScore | undefined {
  const kept = scoreFile.safeParse(jsonIn(join(folder, FILE))).data;
  if (kept?.bytes === bytes) return kept.score;
  const model = modelFile.safeParse(jsonIn(join(folder, MODEL))).data;
  return model?.measured.trials === trials ? model.score : undefined;
}

/** It can be made again at any time: one that is missing, or cut in half, is none. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Keeps the score of a run beside its trials, and in the model that the dashboard plans with. */
export function writeScore(folder: string, bytes: number, model: FittedModel & { readonly score: ModelScore }): void {
  writeWhole(join(folder, FILE), `${JSON.stringify({ schema: 1, bytes, score: model.score })}\n`, 'The score');
  writeWhole(join(folder, MODEL), `${JSON.stringify(model, null, 2)}\n`, 'The model');
}
