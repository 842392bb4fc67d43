import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { cellsOf, noneOf, type Problem } from './cells.ts';
import { closestWord } from './closest-word.ts';
import type { Experiment } from './experiment.ts';
import { experimentFile, knownKeys } from './schema.ts';

/** The machine that an experiment is parsed for; `file` is the name that errors give. */
export interface ParseOptions {
  readonly file: string;
  readonly cpus: number;
  /** In place of the file's. */
  readonly seed?: number;
}

/** The experiment that a YAML text describes; what cannot be is refused with its line, column and key. */
export function parseExperiment(text: string, { file, cpus, seed }: ParseOptions): Experiment {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [unreadable] = document.errors;
  if (unreadable !== undefined) {
    const { line, col } = lines.linePos(unreadable.pos[0]);
    throw new LoadlineError('experiment-unreadable', `${file}:${line}:${col} is not YAML: ${unreadable.message}`, {
      cause: unreadable,
    });
  }
  const refuse = (problems: readonly Problem[]): never => {
    const sentences = problems.map(
      ({ path, message }) => `${file}:${positionOf(document, lines, path)} ${keyOf(path)} ${message}`,
    );
    throw new LoadlineError('experiment-invalid', sentences.join('\n'));
  };

  const parsed = experimentFile.safeParse(document.toJS(), { reportInput: true });
  if (!parsed.success) return refuse(parsed.error.issues.flatMap(problemsOf));
  const { cells, problems } = cellsOf(parsed.data, cpus);
  if (problems.length > 0) return refuse(problems);
  const { name, objective, budget } = parsed.data;
  return {
    name,
    seed: seed ?? parsed.data.seed,
    cpus,
    objective,
    cells,
    budget,
    blocks: 1,
    capacity: true,
    loads: [],
    phases: { warmUp: 2, steadyState: 10 },
    sizes: 'all',
    claims: [],
    noise: { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' },
  };
}

/** zod's issue in our words. */
function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => {
        const meant = closestWord(key, knownKeys);
        return {
          path: [...path, key],
          message: `is not known${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
        };
      });
    case 'invalid_value': {
      const valid = issue.values.map(String);
      if (issue.input === undefined) return [{ path, message: `is missing; it can be ${valid.join(', ')}` }];
      return [{ path, message: noneOf(String(issue.input), valid) }];
    }
    case 'invalid_type':
      return [
        { path, message: issue.input === undefined ? `is missing (${issue.expected})` : `must be: ${issue.expected}` },
      ];
    case 'too_small':
      return [
        { path, message: `is too small: ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` },
      ];
    case 'too_big':
      return [{ path, message: `is too big: at most ${issue.maximum}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** `line:column` of the key or, when it is not in the text, of the nearest thing that holds it. */
function positionOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const holder = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return linePosition(lines, node.range[0]);
  }
  return linePosition(lines, document.contents?.range?.[0] ?? 0);
}

function linePosition(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

/** `workloads[0].requests[1].route`. */
function keyOf(path: readonly PropertyKey[]): string {
  const key = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return key === '' ? 'the file' : key.replace(/^\./, '');
}
