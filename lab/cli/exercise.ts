import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { checkAnswer, readAnswer, wrongSentence } from '../exercises/answer.ts';
import type { Exercise } from '../exercises/exercise.ts';
import { formatExplanation, formatQuestion } from '../exercises/exercise-text.ts';
import { exercises } from '../exercises/exercises.ts';
import { TrialFacts } from '../exercises/trial-facts.ts';
import { readTrials } from '../run/trials-file.ts';
import type { CommandContext } from './context.ts';
import { measureExercise } from './measure-exercise.ts';

/** What `loadline exercise` is told beside the number. */
interface ExerciseOptions {
  readonly answer?: string;
  readonly hints?: boolean;
  readonly explain?: boolean;
  readonly measure?: boolean;
  readonly runtime?: string;
  readonly json?: boolean;
}

/** `loadline exercise`: capacity planning, asked and checked. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('exercise')
    .description('twelve questions in capacity planning: asked, checked, explained, and measured on the stack')
    .argument('[number]', 'from 1 to 12; without one they are listed')
    .option('--answer <answer>', 'check it: 17, 17/s, 250ms, 1.2GB')
    .option('--hints', 'what helps, without the answer')
    .option('--explain', 'give up: the answer, and the model that gives it')
    .option('--measure', 'let the stack answer')
    .option('--runtime <name>', 'what --measure measures on: compose, local or simulated')
    .option('--json', 'print JSON')
    .action(async (number: string | undefined, options: ExerciseOptions) => {
      requireOne(number, options);
      const { json = false, hints = false } = options;
      if (number === undefined) {
        list(json, context);
        return;
      }
      const exercise = findExercise(number);
      const facts = new TrialFacts(readTrials(join(context.root, 'docs/exercises/trials.jsonl')));
      const width = Math.max(60, Math.min(100, process.stdout.columns ?? 80));
      const show: Show = (content, text) => {
        if (json) context.print(JSON.stringify({ schema: 1, ...content }));
        else if (text !== undefined) context.print(text());
      };
      if (options.answer !== undefined) check(options.answer, exercise, facts, { show, width });
      else if (options.measure) await measureExercise(exercise, facts, options, context);
      else if (options.explain) {
        show(explanationData(exercise, facts), () => formatExplanation(exercise, facts, width));
      } else show(questionData(exercise, facts, hints), () => formatQuestion(exercise, facts, { width, hints }));
    });
}

function list(json: boolean, { print, say }: CommandContext): void {
  const all = exercises.map(({ number, name, title, unit }) => ({ number, name, title, unit }));
  if (json) {
    print(JSON.stringify({ schema: 1, exercises: all }));
    return;
  }
  for (const { number, title } of all) print(`${String(number).padStart(2)}  ${title}`);
  say('The first one: ./loadline exercise 1');
}

/** Prints something for machines or, where there is a text of it, for people. */
type Show = (content: object, text?: () => string) => void;

function check(
  text: string,
  exercise: Exercise,
  facts: TrialFacts,
  { show, width }: { show: Show; width: number },
): void {
  const { number, unit } = exercise;
  const read = readAnswer(text, unit);
  if ('refused' in read) throw new LoadlineError('usage', `${read.refused}.`);
  const verdict = checkAnswer(read.value, exercise.answer(facts), unit);
  if (!verdict.right) {
    show({ number, given: read.value, ...verdict });
    throw new LoadlineError(
      'answer-wrong',
      `${wrongSentence(read.value, verdict, unit)}\n  Hints: ./loadline exercise ${number} --hints   To give up: ./loadline exercise ${number} --explain`,
    );
  }
  const content = { given: read.value, ...verdict, ...explanationData(exercise, facts) };
  show(content, () => `Right.\n\n${formatExplanation(exercise, facts, width)}`);
}

function questionData({ number, name, title, unit, asked, hints }: Exercise, facts: TrialFacts, withHints: boolean) {
  return { number, name, title, unit, ...asked(facts), ...(withHints && { hints }) };
}

function explanationData({ number, name, title, unit, answer }: Exercise, facts: TrialFacts) {
  const { value, accepted, steps, models } = answer(facts);
  return { number, name, title, unit, value, ...(accepted && { accepted }), steps, models };
}

function findExercise(text: string): Exercise {
  const found = exercises.find(({ number }) => String(number) === text);
  if (found !== undefined) return found;
  throw new LoadlineError(
    'usage',
    `There is no exercise ${text}: they are numbered from 1 to ${exercises.length}. ./loadline exercise lists them.`,
  );
}

function requireOne(number: string | undefined, options: ExerciseOptions): void {
  const { runtime, json: _, ...rest } = options;
  const [first, second] = Object.keys(rest);
  if (first !== undefined && number === undefined) {
    throw new LoadlineError('usage', `--${first} is for one exercise: ./loadline exercise 3 --${first}`);
  }
  if (second !== undefined) {
    throw new LoadlineError('usage', `--${first} and --${second} are two things: one at a time.`);
  }
  if (runtime !== undefined && !rest.measure) {
    throw new LoadlineError('usage', `--runtime is for what is measured: --measure --runtime ${runtime}`);
  }
}
