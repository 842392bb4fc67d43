/**
 * How many requests each worker has been assigned, as a tree of minima: that with fewest is found, and a change is noted,
 * in steps that grow with the logarithm of the number of workers.
 */
export class Assignments {
  /** The root is 1, the children of a node are 2 node and 2 node + 1, the leaves are the workers. */
  readonly #least: Int32Array;
  readonly #leaves: number;

  constructor(workers: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(workers));
    this.#least = new Int32Array(2 * this.#leaves);
    // Leaves without a worker are never chosen, nor are nodes above such leaves alone.
    for (let worker = workers; worker < this.#leaves; worker++) this.add(worker, 0x7fff_ffff);
  }

  of(worker: number): number {
    return this.#least[this.#leaves + worker] as number;
  }

  add(worker: number, more: number): void {
    const least = this.#least;
    let node = this.#leaves + worker;
    let value = (least[node] as number) + more;
    least[node] = value;
    while (node > 1) {
      const other = least[node ^ 1] as number;
      if (other < value) value = other;
      node >>= 1;
      if (least[node] === value) return;
      least[node] = value;
    }
  }

  /** The worker with fewest; of equal ones the first from `turn` on, and after the last from the first on. */
  fewestFrom(turn: number): number {
    const least = this.#least;
    const fewest = least[1];
    let node = this.#leaves + turn;
    if (least[node] === fewest) return turn;
    // Up, until there is one with fewest to the right; at the root: there is none, and the first is it.
    while (node > 1) {
      if ((node & 1) === 0 && least[node + 1] === fewest) {
        node++;
        break;
      }
      node >>= 1;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (least[node] !== fewest) node++;
    }
    return node - this.#leaves;
  }
}
