/** Shifts by grids as a loop over vertices, and which vertices no grid holds. */

import type { Loop } from '../projections/projection.ts';
import { GridForest } from './forest.ts';
import type { GridSource } from './grid-file.ts';
import { openGrids } from './open-grid.ts';

/** Plain data: which files are applied, and in which direction. */
export interface GridStep {
  kind: 'grid';
  /** The first one that holds a point is taken for it. */
  files: GridSource[];
  inverse: boolean;
  /** Points that are in none: they have no image, or stay as they are (`null` in +nadgrids). */
  outside: 'nothing' | 'same';
}

/** Vertices that a grid is asked for and does not hold. */
export class OutsideGrids {
  #marks = new Uint8Array(0);
  #isEmpty = true;

  clear(): void {
    if (!this.#isEmpty) this.#marks.fill(0);
    this.#isEmpty = true;
  }

  add(vertex: number): void {
    if (vertex >= this.#marks.length) {
      const marks = new Uint8Array(Math.max(2 * this.#marks.length, vertex + 1));
      marks.set(this.#marks);
      this.#marks = marks;
    }
    this.#marks[vertex] = 1;
    this.#isEmpty = false;
  }

  /** Whether one of the vertices start ≤ v < end is among them. */
  hasAny(start: number, end: number): boolean {
    return !this.#isEmpty && this.#marks.subarray(start, end).includes(1);
  }
}

/** Forests that a thread keeps open: inputs with one operation have one. */
const KEPT = 4;
const kept = new Map<string, GridForest>();

/** @throws TilewrightError crs-grid for a file that is damaged or not what it was */
function forestOf(files: readonly GridSource[]): GridForest {
  const key = JSON.stringify(files);
  const forest = kept.get(key) ?? new GridForest(files.map(openGrids));
  kept.delete(key);
  kept.set(key, forest);
  for (const [oldest, unused] of kept) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
    unused.close();
  }
  return forest;
}

/**
 * The loop of a step. A vertex that no grid holds becomes NaN, NaN and is noted in `outside`.
 * It throws TilewrightError crs-grid where a file turns out to be damaged.
 */
export function gridLoop({ files, inverse, outside }: GridStep, missed: OutsideGrids): Loop {
  const isRefused = outside === 'nothing';
  return (xy, start, end) => {
    const forest = forestOf(files);
    for (let v = start; v < end; v++) {
      const i = 2 * v;
      if (inverse ? forest.inverse(xy, i) : forest.forward(xy, i)) continue;
      // What has no place already has not lost it here.
      if (!isRefused || Number.isNaN(xy[i]! + xy[i + 1]!)) continue;
      missed.add(v);
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
    }
  };
}
