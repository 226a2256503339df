/** Writes the index of packed-tree.ts: leaves in the order of the rows. */

import { grow } from '../../../geometry/batch.ts';
import type { EncodedRow } from '../../encoded-row.ts';
import { levelSizes, NODE_BYTES } from '../packed-tree.ts';

export const NODE_SIZE = 16;
/** minX, minY, maxX, maxY and where the feature begins. */
const NUMBERS = 5;
const BLOCK_NODES = 1 << 14;

export class TreeWriter {
  count = 0;
  #leaves = new Float64Array(64 * NUMBERS);

  /** @param offset - of the row's feature, from the first on */
  add({ minX, minY, maxX, maxY }: EncodedRow, offset: number): void {
    const at = NUMBERS * this.count++;
    if (at + NUMBERS > this.#leaves.length) this.#leaves = grow(this.#leaves, at + NUMBERS);
    const leaves = this.#leaves;
    leaves[at] = minX;
    leaves[at + 1] = minY;
    leaves[at + 2] = maxX;
    leaves[at + 3] = maxY;
    leaves[at + 4] = offset;
  }

  /** Gives all nodes in order, block by block; there is at least one leaf. Returns the box of all. */
  write(take: (bytes: Uint8Array, length: number) => void): Float64Array {
    const levels = this.#levels();
    const block = new Uint8Array(NODE_BYTES * Math.min(BLOCK_NODES, this.count + 1));
    const view = new DataView(block.buffer);
    let at = 0;
    for (const level of levels.toReversed()) {
      for (let k = 0; k < level.length; k += NUMBERS) {
        for (let n = 0; n < 4; n++) view.setFloat64(at + 8 * n, level[k + n]!, true);
        const offset = level[k + 4]!;
        view.setUint32(at + 32, offset % 2 ** 32, true);
        view.setUint32(at + 36, offset / 2 ** 32, true);
        at += NODE_BYTES;
        if (at < block.length) continue;
        take(block, at);
        at = 0;
      }
    }
    take(block, at);
    return levels.at(-1)!.subarray(0, 4);
  }

  /** Nodes of each level, leaves first. */
  #levels(): Float64Array[] {
    const sizes = levelSizes(this.count, NODE_SIZE);
    const levels = [this.#leaves.subarray(0, NUMBERS * this.count)];
    // Numbers of nodes count from the root on.
    let first = sizes.reduce((sum, size) => sum + size, 0);
    for (const [depth, size] of sizes.slice(1).entries()) {
      first -= sizes[depth]!;
      const below = levels[depth]!;
      const level = new Float64Array(NUMBERS * size);
      for (let node = 0; node < size; node++) {
        const from = NUMBERS * NODE_SIZE * node;
        joinBoxes(below.subarray(from, from + NUMBERS * NODE_SIZE), level, NUMBERS * node);
        level[NUMBERS * node + 4] = first + NODE_SIZE * node;
      }
      levels.push(level);
    }
    return levels;
  }
}

function joinBoxes(below: Float64Array, level: Float64Array, at: number): void {
  level.set(below.subarray(0, 4), at);
  for (let k = NUMBERS; k < below.length; k += NUMBERS) {
    level[at] = Math.min(level[at]!, below[k]!);
    level[at + 1] = Math.min(level[at + 1]!, below[k + 1]!);
    level[at + 2] = Math.max(level[at + 2]!, below[k + 2]!);
    level[at + 3] = Math.max(level[at + 3]!, below[k + 3]!);
  }
}
