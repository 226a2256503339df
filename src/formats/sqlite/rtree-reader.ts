/**
 * Searches an R-tree of SQLite's R*Tree module (https://www.sqlite.org/rtree.html, section 6) by
 * its nodes, without SQLite. Boxes are in single precision, rounded outwards. A node of fifty is one
 * blob: 200,000 boxes are looked through in some 35 ms.
 */

import type { BoxVisitor } from '../staged-format.ts';
import { corrupt } from './damage.ts';
import type { PageFile } from './page-file.ts';
import { ValueWalk } from './record.ts';
import { TableCursor } from './table-cursor.ts';

const CELL_BYTES = 24;
const HEADER_BYTES = 4;
/** The module's own limit. */
const MAX_DEPTH = 40;
/** Columns of a node's row: its number, and its cells. */
const NODE_COLUMNS = 2;

export class RTreeReader {
  readonly #path: string;
  readonly #nodes: TableCursor;
  readonly #values = new ValueWalk(NODE_COLUMNS);

  /** @param root - page of the table of nodes, e.g. `rtree_895_geom_node` */
  constructor(pages: PageFile, root: number) {
    this.#path = pages.path;
    this.#nodes = new TableCursor(pages, root);
  }

  /**
   * Visits rows whose boxes touch the closed box, in the order of the tree. No node is visited
   * twice: a damaged tree can lead in circles.
   * @param isCancelled - asked at each node; ends the search
   * @returns whether the search came to its end
   * @throws TilewrightError input-corrupt
   */
  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled: () => boolean = () => false,
  ): boolean {
    const root = this.#read(1);
    // An empty tree is a root without cells.
    const depth = (root[0]! << 8) | root[1]!;
    if (depth > MAX_DEPTH) throw this.#damaged();
    const numbers = [1];
    const levels = [depth];
    const visited = new Set(numbers);
    while (numbers.length > 0) {
      const number = numbers.pop()!;
      const level = levels.pop()!;
      if (isCancelled()) return false;
      const data = number === 1 ? root : this.#read(number);
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const count = view.getUint16(2);
      if (HEADER_BYTES + count * CELL_BYTES > data.length) throw this.#damaged();
      for (let c = 0, at = HEADER_BYTES; c < count; c++, at += CELL_BYTES) {
        const west = view.getFloat32(at + 8);
        const east = view.getFloat32(at + 12);
        const south = view.getFloat32(at + 16);
        const north = view.getFloat32(at + 20);
        if (!(west <= maxX && east >= minX && south <= maxY && north >= minY)) continue;
        const id = view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
        if (level > 0) {
          if (visited.size === visited.add(id).size) throw this.#damaged();
          numbers.push(id);
          levels.push(level - 1);
        } else if (visit(id, west, south, east, north) === false) return false;
      }
    }
    return true;
  }

  /** A copy: what is visited may read other nodes. */
  #read(number: number): Uint8Array {
    const nodes = this.#nodes;
    const values = this.#values;
    if (!nodes.find(number) || !values.walkRecord(nodes.payload, nodes.payloadStart)) {
      throw this.#damaged();
    }
    const data = values.value(nodes.payload, 1);
    if (!(data instanceof Uint8Array) || data.length < HEADER_BYTES) throw this.#damaged();
    return data;
  }

  #damaged(): Error {
    return corrupt(this.#path, 'a node of its R-tree can’t be read');
  }
}
