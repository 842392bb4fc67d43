import { wholePercent } from '../../../model/quantities.ts';
import { UNDECIDED } from '../../protocol.ts';
import { type Counts, countFigures, disagreement } from './counts.ts';
import type { StepOutcome } from './figure.ts';
import type { Step } from './step.ts';

/** Of all CPUs: what other programs may use without a word about it, and with a comparison of CPUs still standing. */
const WORTH_A_WORD = 0.25;
const TOO_MUCH = 0.5;

/** What is known beside a step's own figures. */
export interface Circumstances {
  /** How busy other programs kept the CPUs before anything was sent, as a fraction of all. */
  readonly disturbance: number;
  readonly counts: readonly Counts[];
}

/** A step's outcome with both counts of its requests, and with what speaks against its figures. */
export function wholeOutcome(
  { figures, sentence, answer }: StepOutcome,
  { comparesCpus = false }: Pick<Step, 'comparesCpus'>,
  { disturbance, counts }: Circumstances,
): StepOutcome {
  const disturbed = `Before anything was sent, other programs kept the CPUs ${wholePercent(disturbance)} busy`;
  const isTooMuch = comparesCpus && disturbance > TOO_MUCH;
  const doubts = [
    isTooMuch ? `${disturbed}, so nothing is decided here.` : undefined,
    !isTooMuch && disturbance > WORTH_A_WORD ? `${disturbed}: on a quieter machine the figures are others.` : undefined,
    disagreement(counts),
  ];
  return {
    figures: [...figures, ...countFigures(counts)],
    sentence: [sentence, ...doubts].filter(part => part !== undefined).join(' '),
    answer: isTooMuch ? UNDECIDED : answer,
  };
}
