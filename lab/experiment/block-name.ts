import type { Experiment, Trial } from './experiment.ts';

/** Which block a trial is of, and of how many; `undefined` where there is one stack for the whole run. */
export function blockName(
  { block }: Pick<Trial, 'block'>,
  { blocks, precision }: Pick<Experiment, 'blocks' | 'precision'>,
): string | undefined {
  if (blocks === 1) return undefined;
  if (block === 0) return 'a first look';
  if (precision !== undefined) return `block ${block}`;
  return block <= blocks ? `block ${block} of ${blocks}` : `block ${block}, for claims`;
}
