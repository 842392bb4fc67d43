import { LoadlineError } from '../../model/errors.ts';
import { type Cell, type ClaimId, claimIds } from '../../model/experiment.ts';
import type { NamedCell } from './cells.ts';
import { noneOf } from './closest-word.ts';

/**
 * What is left of an experiment's cells and claims when only these words are wanted; without words, all of it. Words of
 * one kind add up, and those of two kinds narrow each other: `sync,hybrid,wait` is two topologies on one workload.
 * A claim may be named that the experiment does not list.
 */
export function narrowed(
  cells: readonly NamedCell[],
  claims: readonly ClaimId[],
  words: readonly string[] = [],
): { cells: Cell[]; claims: ClaimId[] } {
  if (words.length === 0) return { cells: cells.map(({ cell }) => cell), claims: [...claims] };
  const workloads = new Set(cells.map(({ cell }) => cell.workload.name));
  const deployments = new Set(cells.flatMap(({ names }) => names));
  const valid = [...workloads, ...deployments, ...claimIds];
  const unknown = words.find(word => !valid.includes(word));
  if (unknown !== undefined) throw new LoadlineError('usage', `A word of --only ${noneOf(unknown, valid)}.`);

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
