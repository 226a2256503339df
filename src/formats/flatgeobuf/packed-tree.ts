/**
 * The index of a FlatGeobuf: a packed R-tree, level by level from the root. A node has minX, minY, maxX,
 * maxY and an offset: of a leaf where its feature begins, from the first feature on; of the others the
 * number of the first node below.
 */

import type { Bounds } from '../../tms/tile-matrix.ts';
import type { Bytes } from './sealed-window.ts';

export const NODE_BYTES = 40;

/** Numbers of nodes of each level, leaves first, the root last. @param items - at least one */
export function levelSizes(items: number, nodeSize: number): number[] {
  const sizes = [items];
  do sizes.push(Math.ceil(sizes.at(-1)! / nodeSize));
  while (sizes.at(-1)! > 1);
  return sizes;
}

/** @param nodeSize - at least 2 */
export function packedTreeBytes(items: number, nodeSize: number): number {
  if (items === 0) return 0;
  return NODE_BYTES * levelSizes(items, nodeSize).reduce((sum, size) => sum + size, 0);
}

export class PackedTree {
  readonly items: number;
  /** By level, leaves first. */
  readonly #windows: Bytes[] = [];
  readonly #at: number;
  readonly #nodeSize: number;
  /** Offset of the first node of each level in the file, leaves first. */
  readonly #levelAt: number[] = [];
  /** Leaves below a node of each level. */
  readonly #spans: number[] = [];

  /**
   * @param open - gives what a level is read through, each of which is read on in turns with the others
   * @param at - of its root in the file
   */
  constructor(open: () => Bytes, at: number, items: number, nodeSize: number) {
    this.#at = at;
    this.#nodeSize = nodeSize;
    this.items = items;
    let end = at + packedTreeBytes(items, nodeSize);
    let span = 1;
    for (const size of levelSizes(items, nodeSize)) {
      end -= NODE_BYTES * size;
      this.#levelAt.push(end);
      this.#spans.push(span);
      this.#windows.push(open());
      span *= nodeSize;
    }
  }

  /** The same, read through another window. */
  through(window: Bytes): PackedTree {
    return new PackedTree(() => window, this.#at, this.items, this.#nodeSize);
  }

  /** Where the feature of leaf i begins, from the first feature on. */
  offsetOf(i: number): number {
    const at = this.#levelAt[0]! + NODE_BYTES * i + 32;
    const window = this.#windows[0]!;
    return window.uint32LE(at) + window.uint32LE(at + 4) * 2 ** 32;
  }

  /** Fills `box` with the box of leaf i: minX, minY, maxX, maxY. */
  boxOf(i: number, box: Float64Array): void {
    const at = this.#levelAt[0]! + NODE_BYTES * i;
    for (let k = 0; k < 4; k++) box[k] = this.#windows[0]!.float64LE(at + 8 * k);
  }

  /** The first leaf i, start ≤ i < end, whose box touches the closed box; else `end`. */
  next(start: number, end: number, box: Bounds): number {
    const spans = this.#spans;
    let i = start;
    while (i < end) {
      // The highest node that begins with leaf i and does not touch the box is passed over.
      let level = 0;
      while (level + 1 < spans.length && i % spans[level + 1]! === 0) level++;
      while (level >= 0 && this.#touches(level, i / spans[level]!, box)) level--;
      if (level < 0) return i;
      i += spans[level]!;
    }
    return end;
  }

  #touches(level: number, node: number, [minX, minY, maxX, maxY]: Bounds): boolean {
    const at = this.#levelAt[level]! + NODE_BYTES * node;
    const window = this.#windows[level]!;
    return (
      window.float64LE(at) <= maxX &&
      window.float64LE(at + 16) >= minX &&
      window.float64LE(at + 8) <= maxY &&
      window.float64LE(at + 24) >= minY
    );
  }
}
