import type { RightAnswer } from './exercise.ts';
import { type AnswerUnit, inUnit, isCounted } from './quantity.ts';

/** Whether an answer is right, or what is probably wrong with it. */
export type CheckedAnswer =
  | { readonly right: true }
  | {
      readonly right: false;
      /** `not right`: between two that are. */
      readonly direction: 'too high' | 'too low' | 'not right';
      readonly hint?: string;
    };

/** So near a wrong answer that is known, somebody made that mistake. */
const SAME = 0.01;
/** So near the right one it is a matter of rounding, or of a small part that was forgotten. */
const CLOSE = 0.1;

/** Mistakes of units: what an answer is too large by. */
const slips: readonly { readonly factor: number; readonly hint: string }[] = [
  { factor: 1000, hint: 'Look at the units: seconds and milliseconds, or MB and GB?' },
  { factor: 60, hint: 'Look at the units: seconds and minutes?' },
  { factor: 1e6, hint: 'Look at the units: it is off by a million.' },
];

/** Holds an answer, in the unit of its exercise, against the right one. */
export function checkAnswer(given: number, answer: RightAnswer, unit: AnswerUnit): CheckedAnswer {
  if (isRight(given, answer)) return { right: true };
  const hint = hintOf(given, answer, unit);
  return { right: false, direction: directionOf(given, answer), ...(hint !== undefined && { hint }) };
}

function isRight(given: number, { value, tolerance, accepted = [value] }: RightAnswer): boolean {
  return accepted.some(one => isNear(given, one, tolerance));
}

function directionOf(given: number, { value, accepted = [value] }: RightAnswer): 'too high' | 'too low' | 'not right' {
  if (given > Math.max(...accepted)) return 'too high';
  return given < Math.min(...accepted) ? 'too low' : 'not right';
}

function hintOf(given: number, { value, tolerance, mistakes }: RightAnswer, unit: AnswerUnit): string | undefined {
  if (isCounted(unit) && !Number.isInteger(given)) return `There are whole ${unit} only.`;
  const known = mistakes.find(mistake => isNear(given, mistake.value, isCounted(unit) ? 0 : SAME));
  if (known !== undefined) return known.hint;
  const allowed = Math.max(tolerance, SAME);
  const slip = slips.find(
    ({ factor }) => isNear(given, value * factor, allowed) || isNear(given, value / factor, allowed),
  );
  if (slip !== undefined) return slip.hint;
  if (value !== 1 && isNear(given, 1 / value, allowed)) return 'It seems to be upside down: 1 ÷ the answer.';
  return isNear(given, value, CLOSE) ? 'It is close: round later, and read again what is asked.' : undefined;
}

function isNear(given: number, value: number, tolerance: number): boolean {
  return Math.abs(given - value) <= tolerance * Math.abs(value) + 1e-9 * Math.abs(value);
}

/** What is said of a wrong answer: `1 s is too high. That is for a single worker.`, `17 workers are too few.` */
export function wrongSentence(
  given: number,
  { direction, hint }: Extract<CheckedAnswer, { right: false }>,
  unit: AnswerUnit,
) {
  const more = hint === undefined ? '' : ` ${hint}`;
  if (!isCounted(unit)) return `${inUnit(given, unit)} is ${direction}.${more}`;
  const counted = { 'too high': 'too many', 'too low': 'too few', 'not right': 'not right' }[direction];
  return `${inUnit(given, unit)} ${given === 1 ? 'is' : 'are'} ${counted}.${more}`;
}
