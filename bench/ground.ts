/**
 * Synthetic ground: ice-wedge polygons as a patchwork of roundish cells, endless, and the same for
 * a seed wherever a scene looks at it, so that scenes which overlap show the same polygons.
 *
 * Cells sit on a hexagonal lattice in rows, each centre moved by a hash of its column and row. The
 * outline of a cell is star-shaped around its centre: at each angle the radius is a soft minimum
 * of the distances to the bisectors with the six neighbours and of a largest radius. Neighbours on
 * the lattice therefore never overlap, and a ring never crosses itself.
 */

import { hash32, type Random } from '../src/core/random.ts';

/** Centres move by at most this part of the lattice's spacing, in x and in y. */
const JITTER = 0.2;
/** No outline is farther than this from its centre, in metres. */
const MAX_RADIUS = 14;
const ROW_HEIGHT = Math.sqrt(3) / 2;

/** A cell by column and row, with its centre; reused from cell to cell. */
export interface Cell {
  column: number;
  row: number;
  x: number;
  y: number;
}

export class Ground {
  readonly seed: number;
  /** Distance of two neighbours on the lattice, in metres. */
  readonly spacing: number;

  /** @param cellArea - square metres of ground per polygon */
  constructor(seed: number, cellArea: number) {
    this.seed = seed;
    this.spacing = Math.sqrt(cellArea / ROW_HEIGHT);
  }

  centreX(column: number, row: number): number {
    const jitter = (hash32(this.seed, column, row) & 0xffff) / 0x10000 - 0.5;
    return (column + (row & 1) / 2 + 2 * JITTER * jitter) * this.spacing;
  }

  centreY(column: number, row: number): number {
    const jitter = (hash32(this.seed, column, row) >>> 16) / 0x10000 - 0.5;
    return (row * ROW_HEIGHT + 2 * JITTER * jitter) * this.spacing;
  }

  /** Calls `visit` for each cell whose centre is in [minX, maxX) × [minY, maxY), row by row. */
  forEachCell(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: (cell: Cell) => void,
  ): void {
    const { spacing } = this;
    const firstRow = Math.floor(minY / (spacing * ROW_HEIGHT)) - 1;
    const lastRow = Math.ceil(maxY / (spacing * ROW_HEIGHT)) + 1;
    const firstColumn = Math.floor(minX / spacing) - 2;
    const lastColumn = Math.ceil(maxX / spacing) + 1;
    const cell: Cell = { column: 0, row: 0, x: 0, y: 0 };
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        const x = this.centreX(column, row);
        const y = this.centreY(column, row);
        if (x < minX || x >= maxX || y < minY || y >= maxY) continue;
        cell.column = column;
        cell.row = row;
        cell.x = x;
        cell.y = y;
        visit(cell);
      }
    }
  }

  countCells(minX: number, minY: number, maxX: number, maxY: number): number {
    let count = 0;
    this.forEachCell(minX, minY, maxX, maxY, () => {
      count++;
    });
    return count;
  }
}

/** Draws outlines of cells; one scene has one, with the random numbers of its own noise. */
export class OutlineTracer {
  readonly #ground: Ground;
  readonly #random: Random;
  readonly #directions = new Map<number, Float64Array>();
  /** Each bisector as a vector: the dot product with a direction is 1 / distance. */
  readonly #bisectors = new Float64Array(12);

  constructor(ground: Ground, random: Random) {
    this.#ground = ground;
    this.#random = random;
  }

  /**
   * Writes the closed ring of `vertices` vertices (the last repeats the first) around a cell into
   * `ring`: interleaved x, y in metres, counter-clockwise.
   */
  trace(cell: Cell, vertices: number, ring: Float64Array): void {
    this.#findBisectors(cell);
    const bisectors = this.#bisectors;
    const random = this.#random;
    const corners = vertices - 1;
    const directions = this.#directionsOf(corners);
    const turn = (2 * Math.PI * random.next()) / corners;
    const cosine = Math.cos(turn);
    const sine = Math.sin(turn);
    const size =
      0.45 + (0.55 * (hash32(~this.#ground.seed, cell.column, cell.row) >>> 8)) / 2 ** 24;
    const cap = 1 / (MAX_RADIUS * size);
    const capToFourth = cap * cap * cap * cap;
    const { x, y } = cell;
    for (let i = 0; i < corners; i++) {
      const tableX = directions[2 * i]!;
      const tableY = directions[2 * i + 1]!;
      const towardsX = tableX * cosine - tableY * sine;
      const towardsY = tableX * sine + tableY * cosine;
      // (Σ tᵏ)^(−1/k) ≤ min 1 / t: below every distance, and round where two bisectors meet.
      let sum = capToFourth;
      for (let k = 0; k < 12; k += 2) {
        const t = bisectors[k]! * towardsX + bisectors[k + 1]! * towardsY;
        if (t > 0) sum += t * t * t * t;
      }
      const radius = (0.88 + 0.1 * random.next()) / Math.sqrt(Math.sqrt(sum));
      ring[2 * i] = x + radius * towardsX;
      ring[2 * i + 1] = y + radius * towardsY;
    }
    ring[2 * corners] = ring[0]!;
    ring[2 * corners + 1] = ring[1]!;
  }

  #findBisectors({ column, row, x, y }: Cell): void {
    const left = column - 1 + (row & 1);
    this.#findBisector(0, column - 1, row, x, y);
    this.#findBisector(1, column + 1, row, x, y);
    this.#findBisector(2, left, row - 1, x, y);
    this.#findBisector(3, left + 1, row - 1, x, y);
    this.#findBisector(4, left, row + 1, x, y);
    this.#findBisector(5, left + 1, row + 1, x, y);
  }

  #findBisector(index: number, column: number, row: number, x: number, y: number): void {
    const dx = this.#ground.centreX(column, row) - x;
    const dy = this.#ground.centreY(column, row) - y;
    const scale = 2 / (dx * dx + dy * dy);
    this.#bisectors[2 * index] = dx * scale;
    this.#bisectors[2 * index + 1] = dy * scale;
  }

  #directionsOf(corners: number): Float64Array {
    let directions = this.#directions.get(corners);
    if (directions === undefined) {
      directions = new Float64Array(2 * corners);
      for (let i = 0; i < corners; i++) {
        directions[2 * i] = Math.cos((2 * Math.PI * i) / corners);
        directions[2 * i + 1] = Math.sin((2 * Math.PI * i) / corners);
      }
      this.#directions.set(corners, directions);
    }
    return directions;
  }
}
