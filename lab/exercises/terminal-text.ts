import { wrapText } from '../report/text-table.ts';
import type { Exercise } from './exercise.ts';
import { bareMeaning, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

/** How a question is shown: lines are so long at most. */
export interface QuestionStyle {
  readonly width: number;
  readonly hints: boolean;
}

/** A question with its figures, for a terminal. */
export function questionOf(exercise: Exercise, facts: TrialFacts, { width, hints }: QuestionStyle): string {
  const { number, title, unit } = exercise;
  const { question, given } = exercise.asked(facts);
  const longest = Math.max(...given.map(({ what }) => what.length));
  const command = `./loadline exercise ${number}`;
  return [
    `${number}. ${title}`,
    ...question.map(paragraph => wrapText(paragraph, width)),
    given.map(({ what, value }) => `  ${what.padEnd(longest)}  ${value}`).join('\n'),
    ...(hints ? exercise.hints.map((hint, index) => wrapText(`Hint ${index + 1}: ${hint}`, width)) : []),
    [`Your answer (${bareMeaning(unit)}): ${command} --answer …`, ...(hints ? [] : [`Hints: ${command} --hints`])].join(
      '\n',
    ),
  ].join('\n\n');
}

/** The answer, the model that gives it with its numbers, and where that is explained. */
export function explanationOf(exercise: Exercise, facts: TrialFacts, width: number): string {
  const { number, unit, measurement, title } = exercise;
  const { value, steps, models } = exercise.answer(facts);
  const files = models.map(({ name, file }) => `  ${name}: ${file}`).join('\n');
  return [
    `${number}. ${title}: ${inUnit(value, unit)}`,
    steps.map(step => wrapText(step, width, '  ')).join('\n'),
    `Where the model is explained:\n${files}`,
    'nothing' in measurement
      ? wrapText(`Not to be measured: ${measurement.nothing}`, width)
      : `On the stack: ./loadline exercise ${number} --measure`,
  ].join('\n\n');
}
