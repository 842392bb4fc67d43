import { markdownRow } from '../report/comparison-text.ts';
import { wrapText } from '../report/text-table.ts';
import { bareMeaning, inUnit } from './answer.ts';
import type { Exercise, ExplainedAnswer } from './exercise.ts';
import { exercises } from './exercises.ts';
import type { TrialFacts } from './trial-facts.ts';

/** A question with its figures, for a terminal of this width. */
export function formatQuestion(
  exercise: Exercise,
  facts: TrialFacts,
  { width, hints }: { readonly width: number; readonly hints: boolean },
): string {
  const { number, title, unit } = exercise;
  const { question, given } = exercise.asked(facts);
  const longest = Math.max(...given.map(({ what }) => what.length));
  const command = `./loadline exercise ${number}`;
  return [
    `${number}. ${title}`,
    ...question.map(paragraph => wrapText(paragraph, width)),
    given.map(({ what, value }) => `  ${what.padEnd(longest)}  ${value}`).join('\n'),
    ...(hints ? exercise.hints.map((hint, index) => wrapText(`Hint ${index + 1}: ${hint}`, width)) : []),
    `Your answer (${bareMeaning(unit)}): ${command} --answer …${hints ? '' : `\nHints: ${command} --hints`}`,
  ].join('\n\n');
}

/** The answer, its solution with numbers, and where the formulas are explained; for a terminal. */
export function formatExplanation(exercise: Exercise, facts: TrialFacts, width: number): string {
  const { number, unit, measurement, title } = exercise;
  const { value, steps, models } = exercise.answer(facts);
  return [
    `${number}. ${title}: ${inUnit(value, unit)}`,
    steps.map(step => wrapText(step, width, '  ')).join('\n'),
    `Where the model is explained:\n${models.map(({ name, file }) => `  ${name}: ${file}`).join('\n')}`,
    'nothing' in measurement
      ? wrapText(`Not measurable: ${measurement.nothing}`, width)
      : `On the stack: ./loadline exercise ${number} --measure`,
  ].join('\n\n');
}

/** The pages of docs/exercises by file name. */
export function exercisePages(facts: TrialFacts): Readonly<Record<string, string>> {
  const pages = exercises.map(exercise => [`${exercise.name}.md`, formatPage(exercise, facts)]);
  return { 'README.md': formatOverview(facts), ...Object.fromEntries(pages) };
}

function formatOverview(facts: TrialFacts): string {
  const { fitted } = facts;
  return `# Exercises in capacity planning

Twelve questions, each harder than the one before: how many, how fast, how long, what gives out first. The figures come from
[trials.jsonl](trials.jsonl), a run of Loadline (\`${fitted.run}\`, runtime ${fitted.runtime}, ${fitted.cpus} CPUs). The answers are computed from them by
the formulas and the model that \`./loadline plan\` uses.

\`\`\`sh
./loadline exercise                      # the list
./loadline exercise 3                    # a question with its figures
./loadline exercise 3 --hints            # and with hints
./loadline exercise 3 --answer 17        # check an answer; a right one is explained
./loadline exercise 3 --explain          # give up, and see the solution
./loadline exercise 3 --measure          # let the stack answer
\`\`\`

An answer may have a unit: \`17\`, \`1,200/s\`, \`250ms\`, \`1.2GB\`, \`13 workers\`. A wrong answer ends with exit code 99 and says
whether it is too high or too low; a measurement that does not agree ends with 99 too. You may calculate with the figures as
printed and round on the way. \`--json\` prints the same for programs.

| | exercise | the model |
|--:|:--|:--|
${exercises.map(exercise => `| ${exercise.number} | [${exercise.title}](${exercise.name}.md) | ${exercise.answer(facts).models.map(formatLink).join(', ')} |`).join('\n')}

The pages are generated, and a test keeps them up to date. To make them from a run of your own:

\`\`\`sh
./loadline node bench/exercise-trials.ts latest
./loadline node lab/exercises/pages.test.ts --update
\`\`\`
`;
}

function formatPage(exercise: Exercise, facts: TrialFacts): string {
  const { number, title, unit, hints, measurement } = exercise;
  const { question, given } = exercise.asked(facts);
  const { value, steps, models } = exercise.answer(facts);
  const measured =
    'nothing' in measurement
      ? measurement.nothing
      : `\`./loadline exercise ${number} --measure\` lets the stack answer, in about ${measurement.lasts} s: ${measurement.what}.`;
  return `# ${number}. ${title}

${question.join('\n\n')}

| given | |
|:--|--:|
${given.map(({ what, value: shown }) => markdownRow([what, shown])).join('\n')}

${hints.map((hint, index) => fold(index === 0 ? 'A hint' : 'Another hint', hint)).join('\n\n')}

Check yours (${bareMeaning(unit)}):

\`\`\`sh
./loadline exercise ${number} --answer …
\`\`\`

${fold('The answer and its solution', [`**${inUnit(value, unit)}**`, ...steps.map(step => `- ${step}`)].join('\n\n'))}

## Where the model is explained

${models.map(model => `- ${formatLink(model)}`).join('\n')}

## On the stack

${measured}

[All exercises](README.md)
`;
}

function fold(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;
}

function formatLink({ name, file }: ExplainedAnswer['models'][number]): string {
  return `[${name}](../../${file})`;
}
