/**
 * Searches an R-tree of SQLite's R*Tree module (https://www.sqlite.org/rtree.html, section 6) by
 * its nodes. SQLite's own search hands over one row at a time; here a node of fifty is one blob, so
 * that a million boxes are looked through in a tenth of a second.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { corrupt } from './damage.ts';

const CELL_BYTES = 24;
const HEADER_BYTES = 4;
/** The module's own limit. */
const MAX_DEPTH = 40;
/** No node is larger than a page. */
const MAX_NODE_BYTES = 1 << 16;

/**
 * Called for each row whose box touches the one that is searched. Boxes are in single precision,
 * rounded outwards. Returning false ends the search.
 */
export type BoxVisitor = (
  rowid: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
) => boolean | undefined;

export class RTreeReader {
  readonly #path: string;
  readonly #node: StatementSync;
  readonly #isCancelled: () => boolean;

  /**
   * @param name - of the virtual table, e.g. `rtree_895_geom`
   * @param isCancelled - asked at each node; ends a search
   * @throws SQLite's error if there is none
   */
  constructor(
    db: DatabaseSync,
    path: string,
    name: string,
    isCancelled: () => boolean = () => false,
  ) {
    this.#path = path;
    this.#isCancelled = isCancelled;
    const table = `"${name.replaceAll('"', '""')}_node"`;
    this.#node = db.prepare(
      `select data from ${table} where nodeno = ? and length(data) <= ${MAX_NODE_BYTES}`,
    );
    this.#node.setReturnArrays(true);
  }

  /**
   * Visits rows whose boxes touch the closed box, in the order of the tree. No node is visited
   * twice: a damaged tree can lead in circles.
   * @returns whether the search came to its end
   * @throws TilewrightError input-corrupt
   */
  search(minX: number, minY: number, maxX: number, maxY: number, visit: BoxVisitor): boolean {
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
      if (this.#isCancelled()) return false;
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

  #read(number: number): Uint8Array {
    const row = this.#node.get(number) as unknown as [unknown] | undefined;
    const data = row?.[0];
    if (!(data instanceof Uint8Array) || data.length < HEADER_BYTES) throw this.#damaged();
    return data;
  }

  #damaged(): Error {
    return corrupt(this.#path, 'a node of its R-tree can’t be read');
  }
}
