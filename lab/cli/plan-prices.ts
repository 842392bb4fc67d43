import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import { keyOf, problemsOf, readYaml } from '../experiment/problems.ts';

import type { Prices } from '../plan/question.ts';

const keys = 'machine, gigabyte, databaseConnection';
const price = z.number().nonnegative();
const prices = z.strictObject(
  { machine: price, gigabyte: price, databaseConnection: price },
  { error: issue => (issue.code === 'unrecognized_keys' ? keys : undefined) },
);

/** What things cost, from a YAML or JSON file: `machine`, `gigabyte` of memory and `databaseConnection`, each a number. */
export function readPrices(file: string): Prices {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LoadlineError('usage', `--prices ${file} cannot be read: give a YAML file with ${keys}.`, { cause });
  }
  const parsed = prices.safeParse(readYaml(text, file).value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.flatMap(problemsOf).map(({ path, message }) => `  ${keyOf(path)} ${message}`);
  throw new LoadlineError('usage', `--prices ${file} says something that cannot be:\n${sentences.join('\n')}`);
}
