import { type Deployment, deploymentName } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import { blockName, type Cell, cellName, type Experiment, type Trial } from '../../model/experiment.ts';
import { checkContract } from './reference-service.ts';
import type { Endpoint, Runtime, Stack } from './runtime.ts';

export interface StacksOptions {
  readonly signal: AbortSignal;
  /** What is being done, in a phrase for whoever waits. */
  readonly onStep: (step: string) => void;
}

/** A stack that answers as the contract says. */
interface Deployed {
  readonly stack: Stack;
  /** `undefined`: for the whole run. */
  readonly block: number | undefined;
  readonly deployments: ReadonlySet<string>;
  /** Names of the cells that are warm. */
  readonly warm: Set<string>;
}

/**
 * The stacks of a run, one at a time: with one block a single one for the whole run; with several a fresh one for each
 * block, with no more than what the block's trials need, so that what differs from one start to the next shows between
 * blocks and not as if it were the deployments' own.
 */
export class Stacks implements AsyncDisposable {
  readonly #experiment: Experiment;
  readonly #runtime: Runtime;
  readonly #options: StacksOptions;
  #deployed: Deployed | undefined;

  constructor(experiment: Experiment, runtime: Runtime, options: StacksOptions) {
    this.#experiment = experiment;
    this.#runtime = runtime;
    this.#options = options;
  }

  /** A stack on which the first of these trials of a block can be made, and the others after it. */
  async deployedFor(trials: readonly [Trial, ...Trial[]]): Promise<Stack> {
    const [{ block, cell }] = trials;
    const { blocks, cells } = this.#experiment;
    const isThere =
      this.#deployed?.deployments.has(deploymentName(cell.deployment)) &&
      (this.#deployed.block === undefined || this.#deployed.block === block);
    if (this.#deployed && isThere) return this.#deployed.stack;
    await this.stop();
    const own = ofBlock(trials, block);
    return blocks > 1 ? this.#start(own, block) : this.#start([...cells, ...own], undefined);
  }

  /** Makes every cell warm that the stack has and that these trials are for. */
  async warmUp(trials: readonly Trial[], inUnits: (cell: Cell) => Cell): Promise<void> {
    const { signal, onStep } = this.#options;
    if (this.#deployed === undefined) throw new RangeError('what is not deployed cannot be warmed up');
    const { stack, warm, deployments, block } = this.#deployed;
    const wanted =
      block === undefined ? [...this.#experiment.cells, ...trials.map(trial => trial.cell)] : ofBlock(trials, block);
    const cold = distinct(wanted.filter(cell => deployments.has(deploymentName(cell.deployment)))).filter(
      cell => !warm.has(cellName(cell)),
    );
    for (const [index, cell] of cold.entries()) {
      if (stack.endpoints.length > 0) onStep(`warming up ${cellName(cell)} (${index + 1} of ${cold.length})`);
      await stack.warmUp(inUnits(cell), signal);
      warm.add(cellName(cell));
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
    const { signal, onStep } = this.#options;
    const deployments = deploymentsOf(cells);
    const names = deployments.map(deploymentName);
    const name = block === undefined ? undefined : blockName({ block }, this.#experiment);
    onStep(`${name === undefined ? '' : `${name}: `}deploying ${names.join(', ')}`);
    const stack = await this.#runtime.start(deployments, signal, this.#experiment);
    this.#deployed = { stack, block, deployments: new Set(names), warm: new Set() };
    // A hidden deployment may be any service.
    const told = stack.endpoints.filter(({ deployment }) => !deployment.hidden);
    if (told.length > 0) onStep('checking that every topology answers alike');
    await requireContract(told, signal);
    return stack;
  }
}

/** The deployments of some cells, each once. */
export function deploymentsOf(cells: readonly Cell[]): Deployment[] {
  return [...new Map(cells.map(({ deployment }) => [deploymentName(deployment), deployment])).values()];
}

function ofBlock(trials: readonly Trial[], block: number): Cell[] {
  return trials.filter(trial => trial.block === block).map(({ cell }) => cell);
}

function distinct(cells: readonly Cell[]): Cell[] {
  return [...new Map(cells.map(cell => [cellName(cell), cell])).values()];
}

async function requireContract(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<void> {
  const violations = await checkContract(endpoints, signal);
  if (violations.length === 0) return;
  const shown = violations.slice(0, 10).map(violation => `  ${violation}`);
  if (violations.length > shown.length) shown.push(`  and ${violations.length - shown.length} more`);
  throw new LoadlineError(
    'contract-broken',
    `Nothing more was measured: the deployments do not all answer as the contract says.\n${shown.join('\n')}`,
  );
}
