import { markdownRow } from '../report/comparison-text.ts';
import type { Exercise, Model } from './exercise.ts';
import { exercises } from './list.ts';
import { bareMeaning, inUnit } from './quantity.ts';
import type { TrialFacts } from './trial-facts.ts';

/** The pages of docs/exercises by their names: everything in them is computed. */
export function exercisePages(facts: TrialFacts): Readonly<Record<string, string>> {
  const pages = exercises.map(exercise => [`${exercise.name}.md`, pageOf(exercise, facts)]);
  return { 'README.md': overviewOf(facts), ...Object.fromEntries(pages) };
}

function overviewOf(facts: TrialFacts): string {
  const { fitted } = facts;
  return `# Exercises in capacity planning

Twelve questions, each harder than the one before: how many, how fast, how long, what gives out first. Figures come from
[trials.jsonl](trials.jsonl), a run of Loadline (\`${fitted.run}\`, runtime ${fitted.runtime}, ${fitted.cpus} CPUs), and answers are computed from them by
the formulas and the model that \`./loadline plan\` uses.

\`\`\`sh
./loadline exercise                      # the list
./loadline exercise 3                    # a question with its figures
./loadline exercise 3 --hints            # and with hints
./loadline exercise 3 --answer 17        # is it right? If so: the model, with its numbers
./loadline exercise 3 --explain          # give up, and see
./loadline exercise 3 --measure          # let the stack answer
\`\`\`

An answer may have a unit: \`17\`, \`1,200/s\`, \`250ms\`, \`1.2GB\`, \`13 workers\`. A wrong one ends with 99, and says which way it
is wrong; so does a measurement that does not agree. Where figures of a question are rounded, whoever computes with what
is shown, and rounds on the way, gets what is accepted. With \`--json\` machines are told the same.

| | exercise | the model |
|--:|:--|:--|
${exercises.map(exercise => `| ${exercise.number} | [${exercise.title}](${exercise.name}.md) | ${linksOf(exercise.answer(facts).models)} |`).join('\n')}

The pages are made from the code, and a test keeps them equal. Of a run of your own:

\`\`\`sh
./loadline node bench/exercise-trials.ts latest
./loadline node lab/exercises/pages.test.ts --update
\`\`\`
`;
}

function pageOf(exercise: Exercise, facts: TrialFacts): string {
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

${hints.map((hint, index) => folded(index === 0 ? 'A hint' : 'Another hint', hint)).join('\n\n')}

Check yours (${bareMeaning(unit)}):

\`\`\`sh
./loadline exercise ${number} --answer …
\`\`\`

${folded('The answer, and the way to it', [`**${inUnit(value, unit)}**`, ...steps.map(step => `- ${step}`)].join('\n\n'))}

## Where the model is explained

${models.map(model => `- ${linksOf([model])}`).join('\n')}

## On the stack

${measured}

[All exercises](README.md)
`;
}

function folded(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;
}

function linksOf(models: readonly Model[]): string {
  return models.map(({ name, file }) => `[${name}](../../${file})`).join(', ');
}
