import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { blockName, type Cell, cellName, type Experiment, type Trial } from '../../model/experiment.ts';
import { checkContract } from './reference-service.ts';
import type { Endpoint, Runtime, Stack } from './runtime.ts';

interface Deployed {
  readonly stack: Stack;
  /** `undefined`: for the whole run. */
  readonly block: number | undefined;
  readonly deployments: ReadonlySet<string>;
  /** Names of the cells that are warm. */
  readonly warm: Set<string>;
}

/**
 * The stacks of a run, one at a time. With one block, one stack for the whole run; with several, a fresh one for each
 * block with only what its trials need, so that differences from one start to the next show between blocks.
 */
export class Stacks implements AsyncDisposable {
  readonly #experiment: Experiment;
  readonly #runtime: Runtime;
  readonly #signal: AbortSignal;
  readonly #onStep: (step: string) => void;
  #deployed: Deployed | undefined;

  /** `onStep` hears what is being done, in a phrase. */
  constructor(experiment: Experiment, runtime: Runtime, signal: AbortSignal, onStep: (step: string) => void) {
    this.#experiment = experiment;
    this.#runtime = runtime;
    this.#signal = signal;
    this.#onStep = onStep;
  }

  /** A stack on which the first of these trials can be made, and the others of its block after it. */
  async deployedFor(trials: readonly [Trial, ...Trial[]]): Promise<Stack> {
    const [{ block, cell }] = trials;
    const deployed = this.#deployed;
    const isThere = deployed?.deployments.has(deploymentName(cell.deployment)) ?? false;
    if (deployed && isThere && (deployed.block === undefined || deployed.block === block)) return deployed.stack;
    await this.stop();
    const own = cellsIn(trials, block);
    const { blocks, cells } = this.#experiment;
    return blocks > 1 ? this.#start(own, block) : this.#start([...cells, ...own], undefined);
  }

  /** Warms up every cell that the stack has and that these trials are for. */
  async warmUp(trials: readonly Trial[], inUnits: (cell: Cell) => Cell): Promise<void> {
    if (this.#deployed === undefined) throw new RangeError('there is no stack to warm up');
    const { stack, warm, deployments, block } = this.#deployed;
    const wanted =
      block === undefined ? [...this.#experiment.cells, ...trials.map(trial => trial.cell)] : cellsIn(trials, block);
    const byName = new Map(wanted.map(cell => [cellName(cell), cell]));
    const cold = [...byName].filter(
      ([name, { deployment }]) => deployments.has(deploymentName(deployment)) && !warm.has(name),
    );
    for (const [index, [name, cell]] of cold.entries()) {
      if (stack.endpoints.length > 0) this.#onStep(`warming up ${name} (${index + 1} of ${cold.length})`);
      await stack.warmUp(inUnits(cell), this.#signal);
      warm.add(name);
    }
  }

  /** Stops what is deployed: the next trial gets a fresh stack. */
  async stop(): Promise<void> {
    const deployed = this.#deployed;
    this.#deployed = undefined;
    await deployed?.stack.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(cells: readonly Cell[], block: number | undefined): Promise<Stack> {
    const deployments = listDeployments(cells);
    const names = deployments.map(deploymentName);
    const name = block === undefined ? undefined : blockName({ block }, this.#experiment);
    this.#onStep(`${name === undefined ? '' : `${name}: `}deploying ${names.join(', ')}`);
    const stack = await this.#runtime.start(deployments, this.#signal, this.#experiment);
    this.#deployed = { stack, block, deployments: new Set(names), warm: new Set() };
    // A hidden deployment may be any service.
    const told = stack.endpoints.filter(({ deployment }) => !deployment.hidden);
    if (told.length > 0) this.#onStep('checking that every topology answers alike');
    await requireContract(told, this.#signal);
    return stack;
  }
}

/** The deployments of some cells, each once. */
export function listDeployments(cells: readonly Cell[]): Deployment[] {
  return [...new Map(cells.map(({ deployment }) => [deploymentName(deployment), deployment])).values()];
}

function cellsIn(trials: readonly Trial[], block: number): Cell[] {
  return trials.filter(trial => trial.block === block).map(({ cell }) => cell);
}

async function requireContract(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<void> {
  const violations = await checkContract(endpoints, signal);
  if (violations.length === 0) return;
  const shown = violations.slice(0, 10).map(violation => `  ${violation}`);
  if (violations.length > shown.length) shown.push(`  and ${violations.length - shown.length} more`);
  throw new LoadlineError(
    'contract-broken',
    `The deployments do not all answer as the contract says; no more was measured.\n${shown.join('\n')}`,
  );
}
