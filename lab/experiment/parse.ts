import type { z } from 'zod';
import { LoadlineError } from '../../model/errors.ts';
import {
  type Cell,
  type ClaimId,
  cellName,
  claimIds,
  type Experiment,
  type Load,
  type Noise,
} from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import { topologies } from '../../model/topology.ts';
import { combineCells, type Entry, type NamedCell } from './cells.ts';
import { describeProblems, type FileProblem, readYaml, rejectWord, writeKey, type YamlText } from './problems.ts';
import { deploymentEntry, type ExperimentFile, experimentFile, type LoadEntry, workloadEntry } from './schema.ts';

/** The machine that an experiment is parsed for; `file` is the name that errors give. */
interface ParseOptions {
  readonly file: string;
  readonly cpus: number;
  /** In place of the file's. */
  readonly seed?: number;
  readonly budget?: Seconds;
  /** Only what these words mean: topologies, deployments, workloads, claims. */
  readonly only?: readonly string[];
}

/** The noise of a machine that is not calibrated. */
const assumedNoise: Noise = { betweenTrials: 0.03, betweenBlocks: 0.03, source: 'assumed' };

/** With fewer starts of the workers no claim could be decided. */
const CLAIM_BLOCKS = 4;

/** Parses the YAML text of an experiment; refuses all that is invalid at once, with line, column and key. */
export function parseExperiment(text: string, options: ParseOptions): Experiment {
  const { file, cpus, only } = options;
  const yaml = readYaml(text, file);
  const parsed = experimentFile.safeParse(yaml.value, { reportInput: true });
  const lists = {
    deployments: readEntries(yaml.value, 'deployments', deploymentEntry),
    workloads: readEntries(yaml.value, 'workloads', workloadEntry),
  };
  const { cells, problems } = combineCells(lists, cpus);
  if (!parsed.success) throw refusal([...parsed.error.issues.flatMap(describeProblems), ...problems], yaml, file);
  const { deployments: _, workloads: __, claims, loads, limits, precision, partsOfCapacity, ...plain } = parsed.data;
  const { name, blocks } = plain;
  problems.push(...findUnfit(parsed.data));
  if (problems.length > 0 || yaml.duplicateKeys.length > 0) throw refusal(problems, yaml, file);
  const { claims: wanted, ...left } = narrow(cells, claims, only);
  const kept = new Set(left.cells);
  const heldOut = cells.flatMap(({ cell, heldOut }) => (heldOut && kept.has(cell) ? [cellName(cell)] : []));
  if (wanted.length > 0 && blocks < CLAIM_BLOCKS) {
    throw new LoadlineError(
      'usage',
      `--only ${wanted.join(',')} needs an experiment of ${CLAIM_BLOCKS} blocks, and ${name} has ${blocks}: measure claims with experiments/article.yaml.`,
    );
  }
  const { memory, databaseConnections } = limits;
  return {
    ...plain,
    seed: options.seed ?? plain.seed,
    budget: options.budget ?? plain.budget,
    cpus,
    topologies,
    ...left,
    claims: wanted,
    ...(precision !== undefined && { precision }),
    loads: loads.map(readLoad),
    ...(partsOfCapacity && { partsOfCapacity }),
    ...(heldOut.length > 0 && { heldOut }),
    limits: {
      ...(memory !== undefined && { memory }),
      ...(databaseConnections !== undefined && { databaseConnections }),
    },
    noise: assumedNoise,
  };
}

/**
 * Keeps the cells and claims that the words of --only mean; without words, all. Words of one kind add up, and words of two
 * kinds narrow each other: `sync,hybrid,wait` is two topologies on one workload. Any claim may be named.
 */
function narrow(
  cells: readonly NamedCell[],
  claims: readonly ClaimId[],
  words: readonly string[] = [],
): { cells: Cell[]; claims: ClaimId[] } {
  if (words.length === 0) return { cells: cells.map(({ cell }) => cell), claims: [...claims] };
  const workloads = new Set(cells.map(({ cell }) => cell.workload.name));
  const deployments = new Set(cells.flatMap(({ names }) => names));
  const valid = [...workloads, ...deployments, ...claimIds];
  const unknown = words.find(word => !valid.includes(word));
  if (unknown !== undefined) throw new LoadlineError('usage', `A word of --only ${rejectWord(unknown, valid)}.`);

  const wantedWorkloads = words.filter(word => workloads.has(word));
  const wantedDeployments = words.filter(word => deployments.has(word));
  const isWanted = ({ cell, names }: NamedCell) =>
    (wantedWorkloads.length === 0 || wantedWorkloads.includes(cell.workload.name)) &&
    (wantedDeployments.length === 0 || names.some(name => wantedDeployments.includes(name)));
  const someCells = wantedWorkloads.length + wantedDeployments.length > 0;
  const left = someCells ? cells.filter(isWanted).map(({ cell }) => cell) : [];
  if (someCells && left.length === 0) {
    throw new LoadlineError(
      'usage',
      `--only ${words.join(',')} leaves nothing: ${wantedWorkloads.join(', ')} does not run on ${wantedDeployments.join(', ')} there.`,
    );
  }
  return { cells: left, claims: claimIds.filter(id => words.includes(id)) };
}

function readLoad(entry: LoadEntry): Load {
  if (typeof entry === 'number') return { model: 'open', arrivalRate: entry };
  if ('burst' in entry) return { model: 'burst', requests: entry.burst };
  return { model: 'closed', users: entry.users, thinkTime: entry.thinkTime };
}

/** Finds what is wrong with a file whose parts are all valid: it asks for nothing, or for what does not go together. */
function findUnfit({
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
      message: 'needs capacity: true, and no partsOfCapacity',
    });
  }
  return problems;
}

/** The entries of a list that can be understood, whatever is wrong with the rest of the file. */
function readEntries<T>(value: unknown, key: string, schema: z.ZodType<T>) {
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
    sentence: `${writeKey(path)} ${message}`,
  }));
  const sentences = [...remarks, ...yaml.duplicateKeys]
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, sentence }) => `${file}:${yaml.placeOf(offset)} ${sentence}`);
  return new LoadlineError('experiment-invalid', [...new Set(sentences)].join('\n'));
}
