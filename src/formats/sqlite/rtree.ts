/**
 * A packed R-tree in the three shadow tables of SQLite's R*Tree module
 * (https://www.sqlite.org/rtree.html, section 6): rows are sorted along a Hilbert curve and fill
 * node after node, which is far cheaper than inserting them one by one, and searches faster.
 */

import { grow } from '../../geometry/batch.ts';
import { hilbertDistance } from '../../geometry/hilbert.ts';
import { type DatabaseWriter, TableWriter } from './database-writer.ts';
import { RowWriter, recordHeaderLength } from './record.ts';
import { writeVarint } from './varint.ts';

/** Cells of a node: the module's limit, which pages of 2,048 bytes and more reach. */
const CELLS = 51;
const CELL_BYTES = 24;
/** The module's node size for pages of at least 1,292 bytes. */
const NODE_BYTES = 4 + CELLS * CELL_BYTES;
/** Hilbert cells along one axis, as bits; with 26 bits for the row they fit a double. */
const HILBERT_BITS = 13;
const ROW_BITS = 2 ** 26;

export interface RTreeRoots {
  node: number;
  parent: number;
  rowid: number;
}

export class RTreeBuilder {
  #count = 0;
  /** minX, maxX, minY, maxY of each row, rounded outwards to single precision. */
  #boxes = new Float32Array(4 * 1024);

  /** Adds the box of the next row; rowids count from 1. */
  add(minX: number, maxX: number, minY: number, maxY: number): void {
    if (this.#count === ROW_BITS) {
      throw new RangeError(
        `A layer holds at most ${ROW_BITS} features. Choose a higher zoom level`,
      );
    }
    const at = 4 * this.#count++;
    if (at + 4 > this.#boxes.length) {
      const grown = new Float32Array(this.#boxes.length * 2);
      grown.set(this.#boxes);
      this.#boxes = grown;
    }
    this.#boxes[at] = roundDown(minX);
    this.#boxes[at + 1] = roundUp(maxX);
    this.#boxes[at + 2] = roundDown(minY);
    this.#boxes[at + 3] = roundUp(maxY);
  }

  /** Writes the three tables; returns their root pages. */
  finish(database: DatabaseWriter): RTreeRoots {
    const order = this.#order();
    const levels = this.#levels(order);
    // Node 1 is the root. The others are numbered from the leaves upwards.
    const firstNumber: number[] = [];
    let number = 2;
    for (const [depth, level] of levels.entries()) {
      const isRoot = depth === levels.length - 1;
      firstNumber.push(isRoot ? 1 : number);
      if (!isRoot) number += level.length / 4;
    }
    return {
      node: this.#writeNodes(database, order, levels, firstNumber),
      parent: writeParents(database, levels, firstNumber),
      rowid: this.#writeRowids(database, order, firstNumber[0]!),
    };
  }

  /** Rows (from 0) in Hilbert order of their boxes' centres. */
  #order(): Float64Array {
    const count = this.#count;
    const boxes = this.#boxes;
    let west = Infinity;
    let east = -Infinity;
    let south = Infinity;
    let north = -Infinity;
    for (let i = 0; i < 4 * count; i += 4) {
      const x = boxes[i]! + boxes[i + 1]!;
      const y = boxes[i + 2]! + boxes[i + 3]!;
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < south) south = y;
      if (y > north) north = y;
    }
    const cells = 2 ** HILBERT_BITS - 1;
    const scaleX = east > west ? cells / (east - west) : 0;
    const scaleY = north > south ? cells / (north - south) : 0;
    const keys = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      const i = 4 * row;
      const x = Math.floor((boxes[i]! + boxes[i + 1]! - west) * scaleX);
      const y = Math.floor((boxes[i + 2]! + boxes[i + 3]! - south) * scaleY);
      keys[row] = hilbertDistance(x, y, HILBERT_BITS) * ROW_BITS + row;
    }
    if (count > CELLS) keys.sort();
    for (let i = 0; i < count; i++) keys[i] = keys[i]! % ROW_BITS;
    return keys;
  }

  /** Boxes of the nodes of each level, leaves first; the last level is the root alone. */
  #levels(order: Float64Array): Float32Array[] {
    const leaves = new Float32Array(4 * Math.max(1, Math.ceil(this.#count / CELLS)));
    for (let node = 0; node < leaves.length / 4; node++) {
      const end = Math.min(this.#count, (node + 1) * CELLS);
      emptyBox(leaves, node);
      for (let k = node * CELLS; k < end; k++) extendBox(leaves, node, this.#boxes, order[k]!);
    }
    const levels = [leaves];
    for (let below = leaves; below.length > 4; ) {
      const level = new Float32Array(4 * Math.ceil(below.length / 4 / CELLS));
      for (let node = 0; node < level.length / 4; node++) {
        const end = Math.min(below.length / 4, (node + 1) * CELLS);
        emptyBox(level, node);
        for (let k = node * CELLS; k < end; k++) extendBox(level, node, below, k);
      }
      levels.push(level);
      below = level;
    }
    return levels;
  }

  #writeNodes(
    database: DatabaseWriter,
    order: Float64Array,
    levels: Float32Array[],
    firstNumber: number[],
  ): number {
    const table = new TableWriter(database);
    const payload = new Uint8Array(4 + NODE_BYTES);
    // Header: its length (4), the key as NULL, a blob of NODE_BYTES as a two-byte varint.
    payload[0] = 4;
    payload[1] = 0;
    writeVarint(payload, 2, 12 + 2 * NODE_BYTES);
    const view = new DataView(payload.buffer);
    const write = (depth: number, node: number): void => {
      const below = depth === 0 ? this.#boxes : levels[depth - 1]!;
      const items = depth === 0 ? this.#count : below.length / 4;
      const start = node * CELLS;
      const end = Math.min(items, start + CELLS);
      payload.fill(0, 4);
      view.setUint16(4, depth === levels.length - 1 ? depth : 0);
      view.setUint16(6, end - start);
      for (let k = start, at = 8; k < end; k++, at += CELL_BYTES) {
        const item = depth === 0 ? order[k]! : k;
        view.setUint32(at + 4, depth === 0 ? item + 1 : firstNumber[depth - 1]! + k);
        for (let side = 0; side < 4; side++) {
          view.setFloat32(at + 8 + 4 * side, below[4 * item + side]!);
        }
      }
      table.add(firstNumber[depth]! + node, payload, 0, payload.length);
    };
    write(levels.length - 1, 0);
    for (let depth = 0; depth < levels.length - 1; depth++) {
      for (let node = 0; node < levels[depth]!.length / 4; node++) write(depth, node);
    }
    return table.finish();
  }

  #writeRowids(database: DatabaseWriter, order: Float64Array, firstLeaf: number): number {
    let leafOf = new Int32Array(16);
    if (this.#count > leafOf.length) leafOf = grow(leafOf, this.#count);
    for (let k = 0; k < this.#count; k++) leafOf[order[k]!] = firstLeaf + Math.floor(k / CELLS);
    const rows = new SmallRows(database);
    for (let row = 0; row < this.#count; row++) rows.add(row + 1, leafOf[row]!);
    return rows.finish();
  }
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

/** A table of a key and one integer. */
class SmallRows {
  readonly #table: TableWriter;
  readonly #writer = new RowWriter();
  readonly #payload = new Uint8Array(16);

  constructor(database: DatabaseWriter) {
    this.#table = new TableWriter(database);
  }

  add(key: number, value: number): void {
    const writer = this.#writer;
    writer.clear();
    writer.null();
    writer.integer(value);
    const payload = this.#payload;
    payload[0] = recordHeaderLength(2);
    payload[1] = writer.types[0]!;
    payload[2] = writer.types[1]!;
    for (let i = 0; i < writer.bodyLength; i++) payload[3 + i] = writer.body[i]!;
    this.#table.add(key, payload, 0, 3 + writer.bodyLength);
  }

  finish(): number {
    return this.#table.finish();
  }
}

function emptyBox(boxes: Float32Array, i: number): void {
  boxes[4 * i] = Infinity;
  boxes[4 * i + 1] = -Infinity;
  boxes[4 * i + 2] = Infinity;
  boxes[4 * i + 3] = -Infinity;
}

function extendBox(boxes: Float32Array, i: number, others: Float32Array, k: number): void {
  boxes[4 * i] = Math.min(boxes[4 * i]!, others[4 * k]!);
  boxes[4 * i + 1] = Math.max(boxes[4 * i + 1]!, others[4 * k + 1]!);
  boxes[4 * i + 2] = Math.min(boxes[4 * i + 2]!, others[4 * k + 2]!);
  boxes[4 * i + 3] = Math.max(boxes[4 * i + 3]!, others[4 * k + 3]!);
}

/** Of one call. */
const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);

/** The largest single-precision number that is not above `value`. */
function roundDown(value: number): number {
  single[0] = value;
  if (single[0]! > value) step(-1);
  return single[0]!;
}

/** The smallest single-precision number that is not below `value`. */
function roundUp(value: number): number {
  single[0] = value;
  if (single[0]! < value) step(1);
  return single[0]!;
}

/** Moves `single` to the next number in the given direction: its bits are ordered as integers. */
function step(direction: 1 | -1): void {
  if (single[0] === 0) bits[0] = direction > 0 ? 1 : 0x80000001 | 0;
  else bits[0]! += single[0]! > 0 === direction > 0 ? 1 : -1;
}
