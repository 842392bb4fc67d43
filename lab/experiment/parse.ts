import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import { cellName, type Experiment, type Load, type Noise } from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import { topologies } from '../../model/topology.ts';
import { type CellLists, cellsOf } from './cells.ts';
import type { Entry } from './deployments.ts';
import { type FileProblem, keyOf, problemsOf } from './file-problem.ts';
import { narrowed } from './narrow.ts';
import { deploymentEntry, type ExperimentFile, experimentFile, type LoadEntry, workloadEntry } from './schema.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

/** The machine that an experiment is parsed for; `file` is the name that errors give. */
export interface ParseOptions {
  readonly file: string;
  readonly cpus: number;
  /** In place of the file's. */
  readonly seed?: number;
  readonly budget?: Seconds;
  /** Only what these words mean: topologies, deployments, workloads, claims. */
  readonly only?: readonly string[];
}

/** What is taken for a machine that nobody has looked at. */
const assumedNoise: Noise = { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' };

/** Fewer starts of the workers leave intervals in which no claim could be decided. */
const CLAIM_BLOCKS = 4;

/** The experiment that a YAML text describes; all that cannot be is refused at once, with line, column and key. */
export function parseExperiment(text: string, options: ParseOptions): Experiment {
  const { file, cpus, only } = options;
  const yaml = readYaml(text, file);
  const parsed = experimentFile.safeParse(yaml.value, { reportInput: true });
  const { cells, problems } = cellsOf(listsOf(yaml.value), cpus);
  if (!parsed.success) throw refusal([...parsed.error.issues.flatMap(problemsOf), ...problems], yaml, file);
  const { name, seed, budget, objective, phases, blocks, precision, capacity, loads, sizes, limits, claims } =
    parsed.data;
  const { partsOfCapacity } = parsed.data;
  problems.push(...unfit(parsed.data));
  if (problems.length > 0 || yaml.duplicateKeys.length > 0) throw refusal(problems, yaml, file);
  const { claims: wanted, ...left } = narrowed(cells, claims, only);
  const kept = new Set(left.cells);
  const heldOut = cells.flatMap(({ cell, heldOut }) => (heldOut && kept.has(cell) ? [cellName(cell)] : []));
  if (wanted.length > 0 && blocks < CLAIM_BLOCKS) {
    throw new LoadlineError(
      'usage',
      `--only ${wanted.join(',')} needs an experiment of ${CLAIM_BLOCKS} blocks, and ${name} has ${blocks}: measure claims with experiments/article.yaml.`,
    );
  }
  return {
    name,
    seed: options.seed ?? seed,
    cpus,
    topologies,
    objective,
    ...left,
    claims: wanted,
    budget: options.budget ?? budget,
    blocks,
    ...(precision !== undefined && { precision }),
    capacity,
    loads: loads.map(loadOf),
    ...(partsOfCapacity && { partsOfCapacity }),
    ...(heldOut.length > 0 && { heldOut }),
    phases,
    sizes,
    limits: limitsOf(limits),
    noise: assumedNoise,
  };
}

function loadOf(entry: LoadEntry): Load {
  if (typeof entry === 'number') return { model: 'open', arrivalRate: entry };
  if ('burst' in entry) return { model: 'burst', requests: entry.burst };
  return { model: 'closed', users: entry.users, thinkTime: entry.thinkTime };
}

function limitsOf({ memory, databaseConnections }: ExperimentFile['limits']): Experiment['limits'] {
  return {
    ...(memory !== undefined && { memory }),
    ...(databaseConnections !== undefined && { databaseConnections }),
  };
}

/** A file whose parts are all well, and which asks for nothing, or for what it cannot give. */
function unfit({
  deployments,
  workloads,
  capacity,
  loads,
  claims,
  blocks,
  precision,
  partsOfCapacity,
}: ExperimentFile): FileProblem[] {
  if (claims.length > 0) {
    return blocks < CLAIM_BLOCKS ? [{ path: ['claims'], message: `need ${CLAIM_BLOCKS} blocks, not ${blocks}` }] : [];
  }
  const problems: FileProblem[] = [];
  const message = 'has too few entries: at least 1, unless there are claims';
  if (deployments.length === 0) problems.push({ path: ['deployments'], message });
  if (workloads.length === 0) problems.push({ path: ['workloads'], message });
  if (!capacity && loads.length === 0) {
    problems.push({ path: ['capacity'], message: 'is false, and there are neither loads nor claims to measure' });
  }
  if (partsOfCapacity !== undefined && (!capacity || blocks > 1)) {
    problems.push({ path: ['partsOfCapacity'], message: 'need capacity: true, and a run of one block' });
  }
  if (precision !== undefined && (!capacity || partsOfCapacity !== undefined)) {
    problems.push({
      path: ['precision'],
      message: 'is of capacities in several blocks: it needs capacity: true, and no partsOfCapacity',
    });
  }
  return problems;
}

/** The entries that can be understood, whatever is wrong with the rest of the file. */
function listsOf(value: unknown): CellLists {
  return {
    deployments: soundEntries(value, 'deployments', deploymentEntry),
    workloads: soundEntries(value, 'workloads', workloadEntry),
  };
}

function soundEntries<T>(value: unknown, key: string, schema: z.ZodType<T>) {
  const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  if (!Array.isArray(list)) return { entries: [], areAll: list === undefined };
  const entries = list.flatMap((one, index): Entry<T>[] => {
    const parsed = schema.safeParse(one);
    return parsed.success ? [{ index, value: parsed.data }] : [];
  });
  return { entries, areAll: entries.length === list.length };
}

/** One error for all problems, in the order of the text. */
function refusal(problems: readonly FileProblem[], yaml: YamlText, file: string): LoadlineError {
  const remarks = problems.map(({ path, message }) => ({
    offset: yaml.offsetOf(path),
    sentence: `${keyOf(path)} ${message}`,
  }));
  const sentences = [...remarks, ...yaml.duplicateKeys]
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, sentence }) => `${file}:${yaml.placeOf(offset)} ${sentence}`);
  return new LoadlineError('experiment-invalid', [...new Set(sentences)].join('\n'));
}
