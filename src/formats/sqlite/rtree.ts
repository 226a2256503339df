/**
 * A packed R-tree in the three shadow tables of SQLite's R*Tree module
 * (https://www.sqlite.org/rtree.html, section 6): rows are sorted along a Hilbert curve and fill
 * node after node, which is far cheaper than inserting them one by one, and searches faster.
 */

import type { DatabaseWriter } from './database-writer.ts';
import { HilbertOrder } from './hilbert-order.ts';
import { TableWriter } from './table-writer.ts';
import { writeVarint } from './varint.ts';

/** Cells of a node: the module's limit, which pages of 2,048 bytes and more reach. */
const CELLS = 51;
const CELL_BYTES = 24;
/** The module's node size for pages of at least 1,292 bytes. */
const NODE_BYTES = 4 + CELLS * CELL_BYTES;
const MOST_ROWS = 2 ** 26;
/** Memory is kept for trees of up to so many rows, 30 bytes each. */
const KEPT_ROWS = 2 ** 20;

export interface RTreeRoots {
  node: number;
  parent: number;
  rowid: number;
}

/** Memory that a tree is built in. */
class Scratch {
  /** minX, maxX, minY, maxY of each row, rounded outwards to single precision. */
  boxes = new Float32Array(4 * 1024);
  leafOf = new Int32Array(0);
  readonly order = new HilbertOrder();
}

/** Of the builder that has finished: a worker mostly builds one tree after the other. */
let idle: Scratch | undefined;

export class RTreeBuilder {
  #count = 0;
  readonly #scratch: Scratch;
  #boxes: Float32Array;
  #bits: Int32Array;

  constructor() {
    this.#scratch = idle ?? new Scratch();
    idle = undefined;
    this.#boxes = this.#scratch.boxes;
    this.#bits = new Int32Array(this.#boxes.buffer);
  }

  /** Adds the box of the next row; rowids count from 1. */
  add(minX: number, maxX: number, minY: number, maxY: number): void {
    if (this.#count === MOST_ROWS) {
      throw new RangeError(
        `A layer holds at most ${MOST_ROWS} features. Choose a higher zoom level`,
      );
    }
    const at = 4 * this.#count++;
    if (at + 4 > this.#boxes.length) this.#grow();
    const boxes = this.#boxes;
    const bits = this.#bits;
    roundDown(boxes, bits, at, minX);
    roundUp(boxes, bits, at + 1, maxX);
    roundDown(boxes, bits, at + 2, minY);
    roundUp(boxes, bits, at + 3, maxY);
  }

  #grow(): void {
    const grown = new Float32Array(this.#boxes.length * 2);
    grown.set(this.#boxes);
    this.#scratch.boxes = grown;
    this.#boxes = grown;
    this.#bits = new Int32Array(grown.buffer);
  }

  /** Writes the three tables; returns their root pages. Nothing can be added afterwards. */
  finish(database: DatabaseWriter): RTreeRoots {
    // Up to one node's rows are in it as they came.
    const order =
      this.#count > CELLS ? this.#scratch.order.sort(this.#boxes, this.#count) : AS_THEY_CAME;
    const levels = this.#levels(order);
    // Node 1 is the root. The others are numbered from the leaves upwards.
    const firstNumber: number[] = [];
    let number = 2;
    for (const [depth, level] of levels.entries()) {
      const isRoot = depth === levels.length - 1;
      firstNumber.push(isRoot ? 1 : number);
      if (!isRoot) number += level.length / 4;
    }
    const roots = {
      node: this.#writeNodes(database, order, levels, firstNumber),
      parent: writeParents(database, levels, firstNumber),
      rowid: this.#writeRowids(database, order, firstNumber[0]!),
    };
    if (this.#boxes.length <= 4 * KEPT_ROWS) idle = this.#scratch;
    return roots;
  }

  /** Boxes of the nodes of each level, leaves first; the last level is the root alone. */
  #levels(order: Int32Array): Float32Array[] {
    const levels = [boxesOfNodes(this.#boxes, this.#count, order)];
    for (let below = levels[0]!; below.length > 4; ) {
      below = boxesOfNodes(below, below.length / 4, null);
      levels.push(below);
    }
    return levels;
  }

  #writeNodes(
    database: DatabaseWriter,
    order: Int32Array,
    levels: Float32Array[],
    firstNumber: number[],
  ): number {
    const table = new TableWriter(database);
    const write = (depth: number, node: number): void => {
      const below = depth === 0 ? this.#bits : new Int32Array(levels[depth - 1]!.buffer);
      const items = depth === 0 ? this.#count : below.length / 4;
      const start = node * CELLS;
      const end = Math.min(items, start + CELLS);
      table.begin(firstNumber[depth]! + node, 4 + NODE_BYTES);
      const { target, view } = table;
      let at = table.at;
      // Header: its length (4), the key as NULL, a blob of NODE_BYTES as a two-byte varint.
      target[at] = 4;
      target[at + 1] = 0;
      writeVarint(target, at + 2, 12 + 2 * NODE_BYTES);
      view.setUint16(at + 4, depth === levels.length - 1 ? depth : 0);
      view.setUint16(at + 6, end - start);
      const blobEnd = at + 4 + NODE_BYTES;
      at += 8;
      const firstItem = depth === 0 ? 1 : firstNumber[depth - 1]!;
      for (let k = start; k < end; k++, at += CELL_BYTES) {
        const item = depth === 0 ? order[k]! : k;
        view.setInt32(at, 0);
        view.setInt32(at + 4, firstItem + item);
        view.setInt32(at + 8, below[4 * item]!);
        view.setInt32(at + 12, below[4 * item + 1]!);
        view.setInt32(at + 16, below[4 * item + 2]!);
        view.setInt32(at + 20, below[4 * item + 3]!);
      }
      target.fill(0, at, blobEnd);
      table.end();
    };
    write(levels.length - 1, 0);
    for (let depth = 0; depth < levels.length - 1; depth++) {
      for (let node = 0; node < levels[depth]!.length / 4; node++) write(depth, node);
    }
    return table.finish();
  }

  #writeRowids(database: DatabaseWriter, order: Int32Array, firstLeaf: number): number {
    const count = this.#count;
    if (count > this.#scratch.leafOf.length) this.#scratch.leafOf = new Int32Array(count);
    const { leafOf } = this.#scratch;
    for (let k = 0, leaf = firstLeaf; k < count; leaf++) {
      for (const end = Math.min(count, k + CELLS); k < end; k++) leafOf[order[k]!] = leaf;
    }
    const rows = new SmallRows(database);
    for (let row = 0; row < count; row++) rows.add(row + 1, leafOf[row]!);
    return rows.finish();
  }
}

const AS_THEY_CAME = Int32Array.from({ length: CELLS }, (_, i) => i);

/** The boxes of nodes of up to CELLS boxes each. @param order - null: as they are */
function boxesOfNodes(boxes: Float32Array, count: number, order: Int32Array | null): Float32Array {
  const nodes = new Float32Array(4 * Math.max(1, Math.ceil(count / CELLS)));
  for (let node = 0, k = 0; node < nodes.length; node += 4) {
    let minX = Infinity;
    let maxX = -Infinity;
    let minY = Infinity;
    let maxY = -Infinity;
    for (const end = Math.min(count, k + CELLS); k < end; k++) {
      const at = 4 * (order === null ? k : order[k]!);
      minX = Math.min(minX, boxes[at]!);
      maxX = Math.max(maxX, boxes[at + 1]!);
      minY = Math.min(minY, boxes[at + 2]!);
      maxY = Math.max(maxY, boxes[at + 3]!);
    }
    nodes[node] = minX;
    nodes[node + 1] = maxX;
    nodes[node + 2] = minY;
    nodes[node + 3] = maxY;
  }
  return nodes;
}

function writeParents(
  database: DatabaseWriter,
  levels: Float32Array[],
  firstNumber: number[],
): number {
  const rows = new SmallRows(database);
  for (let depth = 0; depth < levels.length - 1; depth++) {
    for (let node = 0; node < levels[depth]!.length / 4; node++) {
      rows.add(firstNumber[depth]! + node, firstNumber[depth + 1]! + Math.floor(node / CELLS));
    }
  }
  return rows.finish();
}

/** A table of a key and the number of a node, 1 ≤ number < 2^31. */
class SmallRows {
  readonly #table: TableWriter;

  constructor(database: DatabaseWriter) {
    this.#table = new TableWriter(database);
  }

  add(key: number, number: number): void {
    const table = this.#table;
    // Integers of 0 to 4 bytes; what these say is their serial type too, but for the number 1.
    const bytes =
      number === 1 ? 0 : number < 0x80 ? 1 : number < 0x8000 ? 2 : number < 0x800000 ? 3 : 4;
    table.begin(key, 3 + bytes);
    const { target } = table;
    let at = table.at;
    target[at++] = 3;
    target[at++] = 0;
    target[at++] = bytes === 0 ? 9 : bytes;
    for (let shift = 8 * bytes - 8; shift >= 0; shift -= 8) target[at++] = number >> shift;
  }

  finish(): number {
    return this.#table.finish();
  }
}

/** Sets boxes[at] to the largest single-precision number that is not above `value`. */
function roundDown(boxes: Float32Array, bits: Int32Array, at: number, value: number): void {
  boxes[at] = value;
  if (Math.fround(value) > value) step(boxes, bits, at, -1);
}

/** Sets boxes[at] to the smallest single-precision number that is not below `value`. */
function roundUp(boxes: Float32Array, bits: Int32Array, at: number, value: number): void {
  boxes[at] = value;
  if (Math.fround(value) < value) step(boxes, bits, at, 1);
}

/** Moves a number to the next in the given direction: their bits are ordered as integers. */
function step(boxes: Float32Array, bits: Int32Array, at: number, direction: 1 | -1): void {
  if (boxes[at] === 0) bits[at] = direction > 0 ? 1 : 0x80000001 | 0;
  else bits[at]! += boxes[at]! > 0 === direction > 0 ? 1 : -1;
}
