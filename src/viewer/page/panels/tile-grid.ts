/** Where tiles are: what the page knows of the tile matrix, and of the tiles that were sent. */

import type { Grid } from '../../shared/grid-format.ts';
import type { Box, FolderInfo } from '../../shared/messages.ts';
import type { TilePlace } from '../map/cell-store.ts';
import { levelOf, makeScale, type Scale } from '../map/ramp.ts';
import type { ColorBy } from '../state.ts';

export class TileGrid {
  readonly grid: Grid;
  readonly #info: FolderInfo;
  /** Cells of the grid by the column and row where they begin. */
  readonly #places = new Map<string, number>();

  constructor(grid: Grid, info: FolderInfo) {
    this.grid = grid;
    this.#info = info;
    for (let c = 0; c < grid.count; c++) this.#places.set(`${grid.x[c]}/${grid.y[c]}`, c);
  }

  /** Of a tile or a block. */
  box(c: number): Box {
    const { grid } = this;
    return boxOf(this.#info, grid.x[c]!, grid.y[c]!, grid.width[c]!, grid.factor);
  }

  name(c: number): string {
    return `${this.#info.z}/${this.grid.x[c]}/${this.grid.y[c]}`;
  }

  /** Number of the tile with this column and row; −1 where there is none. */
  find(x: number, y: number): number {
    return this.#places.get(`${x}/${y}`) ?? -1;
  }

  /** Number of the tile or block at a place; −1 where there is none. */
  at(x: number, y: number): number {
    const { originX, originY, spanX, spanY, topLeft } = this.#info.matrix;
    const column = Math.floor((x - originX) / spanX);
    const row = Math.floor((topLeft ? originY - y : y - originY) / spanY);
    const { factor } = this.grid;
    const exact = this.#places.get(
      `${Math.floor(column / factor) * factor}/${Math.floor(row / factor) * factor}`,
    );
    if (exact !== undefined) return exact;
    // Wider tiles, near the poles of some sets, begin further west.
    for (let c = 0; c < this.grid.count; c++) {
      const first = this.grid.x[c]!;
      if (this.grid.y[c] === row && column >= first && column < first + this.grid.width[c]!)
        return c;
    }
    return -1;
  }

  /** Numbers of the tiles or blocks in view. */
  in(view: Box): number[] {
    const found: number[] = [];
    for (let c = 0; c < this.grid.count; c++) {
      const box = this.box(c);
      if (box[0] < view[2] && box[2] > view[0] && box[1] < view[3] && box[3] > view[1])
        found.push(c);
    }
    return found;
  }

  place(c: number): TilePlace {
    return { name: this.name(c), box: this.box(c) };
  }

  value(c: number, color: ColorBy): number {
    const { rows, area, ground } = this.grid;
    if (color === 'count') return rows[c]!;
    return color === 'area' ? area[c]! : rows[c]! / (ground[c]! / 1e6);
  }

  /** The scale of all values, and each one's number in the ramp. */
  levels(color: ColorBy): { scale: Scale; levels: Uint8Array } {
    const values = Float64Array.from({ length: this.grid.count }, (_, c) => this.value(c, color));
    const scale = makeScale(values);
    return { scale, levels: Uint8Array.from(values, (value) => levelOf(scale, value)) };
  }
}

/** Bounds of `columns` × `rows` tiles from a column and a row on. */
export function boxOf(
  { matrix }: FolderInfo,
  x: number,
  y: number,
  columns: number,
  rows: number,
): Box {
  const { originX, originY, spanX, spanY, topLeft } = matrix;
  const minX = originX + x * spanX;
  const maxX = originX + (x + columns) * spanX;
  const step = topLeft ? -spanY : spanY;
  const [near, far] = [originY + y * step, originY + (y + rows) * step];
  return [minX, Math.min(near, far), maxX, Math.max(near, far)];
}
