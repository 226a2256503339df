/**
 * Which tiles the features of a job are in, and how many: each input is a rectangle of even
 * density, whose features lie in it row by row, as the sample scenes' do.
 */

import { parse } from 'node:path';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import type { Plan } from '../../src/staging/planning/plan.ts';
import { samplesFor } from '../../src/staging/planning/slice-extents.ts';
import { partitionOf } from '../../src/staging/rows/shuffle-format.ts';
import type { Bounds } from '../../src/tms/tile-matrix.ts';
import { TILE_MATRIX_SET, Z } from './folder-settings.ts';
import type { ForgedInput } from './forge.ts';

/** Metres between the samples: a tile at z 13 is 2.4 km high and, at 70° north, 0.8 km wide. */
const SAMPLE_METRES = 300;

/** A slice is taken for higher than it is by so many distances of what is looked at in it: see sampled-extent.ts. */
const GAPS = 3;

/** A tile of the job. */
export interface JobTile {
  x: number;
  y: number;
  partition: number;
  rows: number;
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
  /** By input, and slice: rows in each tile. */
  slices: { tile: number; rows: number }[][][];
  /** Indexes of inputs by their names in staging. */
  indexOf: Map<string, number>;
}

/**
 * @param plan - of these inputs
 * @param rowsPerFeature - above 1 for the features that are in several tiles
 */
export function coverGround(
  inputs: readonly ForgedInput[],
  { planned }: Plan,
  rowsPerFeature: number,
): GroundCover {
  const indexes = new Map(inputs.map(({ stem }, i) => [stem, i]));
  const indexOf = new Map(planned.map(({ name }) => [name, indexes.get(parse(name).name)!]));
  const counts = new Map(planned.map(({ name, slices }) => [indexOf.get(name)!, slices.length]));
  const matrix = TILE_MATRIX_SET.matrix(Z);
  const transform = createTransform(
    resolveCrs(parseCrs('EPSG:3413')),
    resolveCrs(TILE_MATRIX_SET.crs),
  );
  const index = new Map<number, number>();
  const tiles: JobTile[] = [];
  const byInput: InputRows[] = [];
  const slices: GroundCover['slices'] = [];
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
    const count = counts.get(i)!;
    const rowsPerSample = (input.polygons * rowsPerFeature) / samples;
    const found = new Map<number, number>();
    const parts = Array.from({ length: count }, () => new Map<number, number>());
    for (let k = 0; k < samples; k++) {
      const x = matrix.column(xy[2 * k]!);
      const y = matrix.row(xy[2 * k + 1]!);
      const key = y * matrix.matrixWidth + x;
      let tile = index.get(key);
      if (tile === undefined) {
        tile = tiles.length;
        index.set(key, tile);
        tiles.push({ x, y, partition: partitionOf(x, y), rows: 0 });
      }
      found.set(tile, (found.get(tile) ?? 0) + rowsPerSample);
      const part = parts[Math.floor((k * count) / samples)]!;
      part.set(tile, (part.get(tile) ?? 0) + rowsPerSample);
    }
    for (const [tile, rows] of found) {
      byInput.push({ input: i, tile, rows: Math.max(1, rows) });
      tiles[tile]!.rows += rows;
    }
    slices.push(parts.map((part) => [...part].map(([tile, rows]) => ({ tile, rows }))));
  }
  return { tiles, byInput, slices, indexOf };
}

/**
 * The plan with the place of each slice, as far as the planner would find it in features: forged files have
 * none. Features of an input lie in it row by row.
 */
export function placeSlices(plan: Plan, inputs: readonly ForgedInput[]): Plan {
  const byStem = new Map(inputs.map((input) => [input.stem, input]));
  const margin = GAPS / samplesFor(inputs.length);
  const planned = plan.planned.map((input) => {
    const { originX, originY, width, height } = byStem.get(parse(input.name).name)!;
    const count = input.slices.length;
    const extents = input.slices.map((_, k): Bounds => {
      const minY = originY + height * Math.max(0, (k - margin) / count);
      const maxY = originY + height * Math.min(1, (k + 1 + margin) / count);
      return [originX, minY, originX + width, maxY];
    });
    return { ...input, extents };
  });
  return { ...plan, planned };
}
