/**
 * Which tiles the features of a job are in, and how many: each input is a rectangle of even
 * density, whose features lie in it row by row, as the sample scenes' do.
 */

import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import { partitionOf } from '../../src/staging/rows/shuffle-format.ts';
import { TILE_MATRIX_SET, Z } from './folder-settings.ts';
import type { ForgedInput } from './forge.ts';
import type { StageOrder } from './pipeline.ts';

/** Metres between the samples: a tile at z 13 is 2.4 km high and, at 70° north, 0.8 km wide. */
const SAMPLE_METRES = 300;

/** A tile of the job. */
export interface JobTile {
  x: number;
  y: number;
  partition: number;
  rows: number;
  /** Pieces of shuffle files that hold them. */
  segments: number;
}

export interface InputRows {
  input: number;
  tile: number;
  rows: number;
}

export interface GroundCover {
  tiles: JobTile[];
  /** Rows of each input in each tile that it has features in, input by input. */
  byInput: InputRows[];
}

/**
 * @param slices - how many slices each input has
 * @param rowsPerFeature - above 1 for the features that are in several tiles
 */
export function coverGround(
  inputs: readonly ForgedInput[],
  slices: readonly number[],
  rowsPerFeature: number,
): GroundCover {
  const matrix = TILE_MATRIX_SET.matrix(Z);
  const transform = createTransform(
    resolveCrs(parseCrs('EPSG:3413')),
    resolveCrs(TILE_MATRIX_SET.crs),
  );
  const index = new Map<number, number>();
  const tiles: JobTile[] = [];
  const byInput: InputRows[] = [];
  for (const [i, input] of inputs.entries()) {
    const columns = Math.max(1, Math.round(input.width / SAMPLE_METRES));
    const lines = Math.max(1, Math.round(input.height / SAMPLE_METRES));
    const samples = columns * lines;
    const xy = new Float64Array(2 * samples);
    for (let k = 0; k < samples; k++) {
      xy[2 * k] = input.originX + (input.width * ((k % columns) + 0.5)) / columns;
      xy[2 * k + 1] = input.originY + (input.height * (Math.floor(k / columns) + 0.5)) / lines;
    }
    transform.apply(xy, 0, samples);
    const found = new Map<number, { samples: number; slices: Set<number> }>();
    for (let k = 0; k < samples; k++) {
      const x = matrix.column(xy[2 * k]!);
      const y = matrix.row(xy[2 * k + 1]!);
      const key = y * matrix.matrixWidth + x;
      let tile = index.get(key);
      if (tile === undefined) {
        tile = tiles.length;
        index.set(key, tile);
        tiles.push({ x, y, partition: partitionOf(x, y), rows: 0, segments: 0 });
      }
      let part = found.get(tile);
      if (part === undefined) {
        part = { samples: 0, slices: new Set() };
        found.set(tile, part);
      }
      part.samples++;
      part.slices.add(Math.floor((k * slices[i]!) / samples));
    }
    for (const [tile, part] of found) {
      const rows = Math.max(1, (input.polygons * rowsPerFeature * part.samples) / samples);
      byInput.push({ input: i, tile, rows });
      tiles[tile]!.rows += rows;
      tiles[tile]!.segments += part.slices.size;
    }
  }
  return { tiles, byInput };
}

/** How many tasks stage each input, by its name in staging. */
export function slicesOf(tasks: readonly StageOrder[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { input } of tasks) counts.set(input, (counts.get(input) ?? 0) + 1);
  return counts;
}
