/** The union of square cells that hold features: valid polygons with holes. */

import type { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { featureIntersectsRectangle } from '../../geometry/rectangle.ts';

/** Cells that a union may have: its outline is made in memory. */
export const MOST_CELLS = 1_000_000;

/** A ring of corners of cells, as x, y, …, closed. */
type Corners = number[];

export class CellUnion {
  readonly #size: number;
  /** By row, the columns of its cells. */
  readonly #rows = new Map<number, Set<number>>();
  #count = 0;
  readonly #bounds = new Float64Array(4);

  /** @param size - of a cell, in the unit of the coordinates; cell 0 begins at 0 */
  constructor(size: number) {
    this.#size = size;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the cells that the features intersect. @returns false when there are too many */
  add(batch: FeatureBatch): boolean {
    const size = this.#size;
    for (let i = 0; i < batch.featureCount; i++) {
      featureBounds(batch, i, this.#bounds, 0);
      // One more on each side, as a quotient may be rounded over a whole number.
      const [minX, minY, maxX, maxY] = [...this.#bounds].map((n) => Math.floor(n / size)) as [
        number,
        number,
        number,
        number,
      ];
      if ((maxX - minX + 1) * (maxY - minY + 1) > MOST_CELLS) return false;
      for (let row = minY - 1; row <= maxY + 1; row++) {
        for (let column = minX - 1; column <= maxX + 1; column++) {
          if (this.#has(column, row)) continue;
          const [x, y] = [column * size, row * size];
          const [right, top] = [(column + 1) * size, (row + 1) * size];
          if (featureIntersectsRectangle(batch, i, x, y, right, top)) this.#set(column, row);
        }
      }
      if (this.#count > MOST_CELLS) return false;
    }
    return true;
  }

  #has(column: number, row: number): boolean {
    return this.#rows.get(row)?.has(column) ?? false;
  }

  #set(column: number, row: number): void {
    const columns = this.#rows.get(row) ?? new Set();
    this.#rows.set(row, columns.add(column));
    this.#count++;
  }

  /** Polygons → rings → x, y, …: shells counter-clockwise, holes clockwise. They touch in corners alone. */
  polygons(): number[][][] {
    const shells = new Map<number, number[][]>();
    const holes: { part: number; ring: number[] }[] = [];
    const parts = this.#parts();
    for (const { ring, column, row } of this.#rings()) {
      const part = parts.get(row)!.get(column)!;
      const placed = ring.map((n) => n * this.#size);
      if (signedArea(ring) > 0) shells.set(part, [placed]);
      else holes.push({ part, ring: placed });
    }
    for (const { part, ring } of holes) shells.get(part)!.push(ring);
    return [...shells.values()];
  }

  /** By row and column, the number of the part that the cell is in: cells are joined by their sides. */
  #parts(): Map<number, Map<number, number>> {
    const parts = new Map([...this.#rows.keys()].map((row) => [row, new Map<number, number>()]));
    let part = 0;
    for (const [firstRow, columns] of this.#rows) {
      for (const first of columns) {
        if (parts.get(firstRow)!.has(first)) continue;
        const open: [number, number][] = [[first, firstRow]];
        parts.get(firstRow)!.set(first, part);
        for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
          const [column, row] = cell;
          for (const [x, y] of [
            [column + 1, row],
            [column - 1, row],
            [column, row + 1],
            [column, row - 1],
          ] as const) {
            if (!this.#has(x, y) || parts.get(y)!.has(x)) continue;
            parts.get(y)!.set(x, part);
            open.push([x, y]);
          }
        }
        part++;
      }
    }
    return parts;
  }

  /**
   * Rings along the sides of cells that have no neighbour there, with the cell on the left, each with a
   * cell of it. Where two cells touch in a corner a ring stays at its own cell; if it comes there again
   * it is two rings.
   */
  *#rings(): Generator<{ ring: Corners; column: number; row: number }> {
    /** Sides by where they begin: x, y and direction 0 east, 1 north, 2 west, 3 south. */
    const sides = new Map<string, { column: number; row: number }>();
    for (const [row, columns] of this.#rows) {
      for (const column of columns) {
        const cell = { column, row };
        if (!this.#has(column, row - 1)) sides.set(`${column} ${row} 0`, cell);
        if (!this.#has(column + 1, row)) sides.set(`${column + 1} ${row} 1`, cell);
        if (!this.#has(column, row + 1)) sides.set(`${column + 1} ${row + 1} 2`, cell);
        if (!this.#has(column - 1, row)) sides.set(`${column} ${row + 1} 3`, cell);
      }
    }
    const done = new Set<string>();
    for (const [key, cell] of sides) {
      if (done.has(key)) continue;
      const [x, y, direction] = key.split(' ').map(Number) as [number, number, number];
      for (const ring of simpleRings(trace(sides, done, x, y, direction))) {
        yield { ring: withoutStraight(ring), ...cell };
      }
    }
  }
}

const DX = [1, 0, -1, 0];
const DY = [0, 1, 0, -1];

/** Follows sides from this one until it is there again. */
function trace(
  sides: ReadonlyMap<string, unknown>,
  done: Set<string>,
  x: number,
  y: number,
  direction: number,
): Corners {
  const ring: Corners = [];
  for (;;) {
    const key = `${x} ${y} ${direction}`;
    if (done.has(key)) return ring;
    done.add(key);
    ring.push(x, y);
    x += DX[direction]!;
    y += DY[direction]!;
    // Left first, which is round the same cell; then on, then right.
    const next = [1, 0, 3].map((turn) => (direction + turn) % 4);
    direction = next.find((one) => sides.has(`${x} ${y} ${one}`)) ?? direction;
  }
}

/** A ring that comes to a corner twice as several, closed, that do not. */
function simpleRings(corners: Corners): Corners[] {
  const rings: Corners[] = [];
  const path: Corners = [];
  const at = new Map<string, number>();
  for (let k = 0; k <= corners.length; k += 2) {
    const x = corners[k % corners.length]!;
    const y = corners[(k + 1) % corners.length]!;
    const before = at.get(`${x} ${y}`);
    if (before !== undefined) {
      const ring = path.splice(before);
      for (let i = 0; i < ring.length; i += 2) at.delete(`${ring[i]} ${ring[i + 1]}`);
      rings.push([...ring, x, y]);
    }
    at.set(`${x} ${y}`, path.length);
    path.push(x, y);
  }
  return rings;
}

/** A closed ring with corners only where it turns. */
function withoutStraight(ring: Corners): Corners {
  const count = ring.length / 2 - 1;
  const kept: Corners = [];
  for (let k = 0; k < count; k++) {
    const before = 2 * ((k + count - 1) % count);
    const after = 2 * (k + 1);
    const isStraight = ring[before] === ring[after] || ring[before + 1] === ring[after + 1];
    if (!isStraight) kept.push(ring[2 * k]!, ring[2 * k + 1]!);
  }
  return [...kept, kept[0]!, kept[1]!];
}

function signedArea(ring: Corners): number {
  let sum = 0;
  for (let k = 0; k + 3 < ring.length; k += 2) {
    sum += ring[k]! * ring[k + 3]! - ring[k + 2]! * ring[k + 1]!;
  }
  return sum / 2;
}
