/**
 * Cells of tiles (see shared/cell-format.ts): those in view are fetched, from the middle outwards,
 * what has left the view is not waited for, and what was seen stays up to a limit of memory.
 */

import {
  type Cell,
  cellBounds,
  cellsAlong,
  MAX_LEVEL,
  pixelSize,
  UNITS_PER_PIXEL,
} from '../../shared/cell-format.ts';
import type { Box } from '../../shared/messages.ts';
import * as api from '../api.ts';

/** Narrower tiles are too small for their polygons to be seen. */
const LEAST_TILE_PIXELS = 90;
/** Of cells and their images; those in view stay whatever they take. */
const MAX_BYTES = 192 << 20;
const MAX_REQUESTS = 4;

export interface LoadedCell {
  box: Box;
  cell: Cell;
  /** What was drawn of it. */
  image: HTMLCanvasElement | null;
  /** Which colours it was drawn with. */
  colors: string;
  bytes: number;
}

export interface WantedCell {
  key: string;
  tile: TilePlace;
  level: number;
  i: number;
  j: number;
  box: Box;
  /** Units of the CRS in a pixel of its level. */
  pixel: number;
}

export interface TilePlace {
  /** As z/x/y. */
  name: string;
  box: Box;
}

export class CellStore {
  /** Messages of cells that could not be read, by cell. */
  readonly failed = new Map<string, string>();
  readonly #cells = new Map<string, LoadedCell>();
  readonly #running = new Map<string, AbortController>();
  readonly #spanX: number;
  readonly #onChange: () => void;
  #wanted: WantedCell[] = [];
  #bytes = 0;
  #inputs = '';
  #by = '';

  /** @param spanX - width of a column of the tile matrix */
  constructor(spanX: number, onChange: () => void) {
    this.#spanX = spanX;
    this.#onChange = onChange;
  }

  get isLoading(): boolean {
    return this.#running.size > 0;
  }

  /**
   * The level that suits a resolution; null where polygons are too small to be shown.
   * @param least - pixels of a tile from which on they are
   */
  levelFor(resolution: number, least = LEAST_TILE_PIXELS): number | null {
    if (this.#spanX / resolution < least) return null;
    const level = Math.round(Math.log2(this.#spanX / resolution / 128));
    return Math.min(MAX_LEVEL, Math.max(0, level));
  }

  /** The cells of these tiles that are in view, from its middle outwards. */
  cellsIn(tiles: readonly TilePlace[], view: Box, level: number): WantedCell[] {
    const pixel = pixelSize(this.#spanX, level);
    const middle = [(view[0] + view[2]) / 2, (view[1] + view[3]) / 2] as const;
    const cells: (WantedCell & { distance: number })[] = [];
    for (const tile of tiles) {
      const [minX, minY, maxX, maxY] = tile.box;
      const columns = cellsAlong(maxX - minX, pixel);
      const rows = cellsAlong(maxY - minY, pixel);
      const [width, height] = [(maxX - minX) / columns, (maxY - minY) / rows];
      const first = Math.max(0, Math.floor((view[0] - minX) / width));
      const last = Math.min(columns - 1, Math.floor((view[2] - minX) / width));
      const top = Math.max(0, Math.floor((maxY - view[3]) / height));
      const bottom = Math.min(rows - 1, Math.floor((maxY - view[1]) / height));
      for (let j = top; j <= bottom; j++) {
        for (let i = first; i <= last; i++) {
          const box = cellBounds(tile.box, pixel, i, j);
          const distance = Math.hypot(
            (box[0] + box[2]) / 2 - middle[0],
            (box[1] + box[3]) / 2 - middle[1],
          );
          cells.push({ key: keyOf(tile, level, i, j), tile, level, i, j, box, pixel, distance });
        }
      }
    }
    return cells.sort((a, b) => a.distance - b.distance);
  }

  /** Fetches these cells and no others. */
  want(cells: WantedCell[]): void {
    this.#wanted = cells;
    const keys = new Set(cells.map(({ key }) => key));
    for (const [key, controller] of this.#running) if (!keys.has(key)) controller.abort();
    this.#fetch();
  }

  /** A cell that is there; it counts as seen just now. */
  get(key: string): LoadedCell | undefined {
    const found = this.#cells.get(key);
    if (found !== undefined) {
      this.#cells.delete(key);
      this.#cells.set(key, found);
    }
    return found;
  }

  setImage(cell: LoadedCell, image: HTMLCanvasElement, colors: string): void {
    const bytes = cell.cell.bytes + 4 * image.width * image.height;
    this.#bytes += bytes - cell.bytes;
    cell.bytes = bytes;
    cell.image = image;
    cell.colors = colors;
  }

  /** Cells of other levels that show some of what this one will, coarse ones first. */
  *standIns({ tile, level, box }: WantedCell): Generator<LoadedCell> {
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] as const;
    for (let other = level - 1; other >= Math.max(0, level - 5); other--) {
      const found = this.#at(tile, other, middle[0], middle[1]);
      if (found !== undefined) {
        yield found;
        break;
      }
    }
    for (const x of [0.25, 0.75]) {
      for (const y of [0.25, 0.75]) {
        const found = this.#at(
          tile,
          level + 1,
          box[0] + x * (box[2] - box[0]),
          box[1] + y * (box[3] - box[1]),
        );
        if (found !== undefined) yield found;
      }
    }
  }

  /** Forgets everything: the folder, the choice of inputs, or the column that colours is another. */
  clear(inputs: string, by: string): void {
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
    this.#cells.clear();
    this.failed.clear();
    this.#bytes = 0;
    this.#wanted = [];
    this.#inputs = inputs;
    this.#by = by;
  }

  #at(tile: TilePlace, level: number, x: number, y: number): LoadedCell | undefined {
    const pixel = pixelSize(this.#spanX, level);
    const [minX, minY, maxX, maxY] = tile.box;
    const part = (at: number, length: number): number => {
      const cells = cellsAlong(length, pixel);
      return Math.min(cells - 1, Math.max(0, Math.floor((at / length) * cells)));
    };
    const i = part(x - minX, maxX - minX);
    const j = part(maxY - y, maxY - minY);
    return this.get(keyOf(tile, level, i, j));
  }

  #fetch(): void {
    for (const wanted of this.#wanted) {
      if (this.#running.size >= MAX_REQUESTS) return;
      const { key } = wanted;
      if (this.#cells.has(key) || this.#running.has(key) || this.failed.has(key)) continue;
      void this.#load(wanted);
    }
  }

  async #load({ key, box }: WantedCell): Promise<void> {
    const controller = new AbortController();
    this.#running.set(key, controller);
    try {
      const cell = await api.cell(key, this.#inputs, this.#by, controller.signal);
      if (controller.signal.aborted) return;
      this.#cells.set(key, { box, cell, image: null, colors: '', bytes: cell.bytes });
      this.#bytes += cell.bytes;
      this.#evict();
    } catch (error) {
      if (!api.isAbort(error)) this.failed.set(key, (error as Error).message);
    } finally {
      if (this.#running.get(key) === controller) this.#running.delete(key);
      this.#fetch();
      this.#onChange();
    }
  }

  #evict(): void {
    const inView = new Set(this.#wanted.map(({ key }) => key));
    for (const [key, { bytes }] of this.#cells) {
      if (this.#bytes <= MAX_BYTES) return;
      if (inView.has(key)) continue;
      this.#cells.delete(key);
      this.#bytes -= bytes;
    }
  }
}

function keyOf(tile: TilePlace, level: number, i: number, j: number): string {
  return `${tile.name}/${level}/${i}/${j}`;
}

/** Numbers of the cell's polygons whose boxes touch the view, in units of the CRS. */
export function polygonsInView({ cell, box }: LoadedCell, pixel: number, view: Box): number[] {
  const unit = UNITS_PER_PIXEL / pixel;
  const [minX, maxX] = [(view[0] - box[0]) * unit, (view[2] - box[0]) * unit];
  const [minY, maxY] = [(box[3] - view[3]) * unit, (box[3] - view[1]) * unit];
  const { xy, ends, rings } = cell;
  const found: number[] = [];
  let vertex = 0;
  for (let p = 0; p < cell.polygons; p++) {
    const end = ends[rings[p]! - 1]!;
    let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity];
    for (; vertex < end; vertex++) {
      const [x, y] = [xy[2 * vertex]!, xy[2 * vertex + 1]!];
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < north) north = y;
      if (y > south) south = y;
    }
    if (west <= maxX && east >= minX && north <= maxY && south >= minY) found.push(p);
  }
  return found;
}
