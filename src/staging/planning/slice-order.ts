/**
 * All slices of a run, in the order in which they are best staged: those that share tiles one after the
 * other, so that each tile has all of its rows soon.
 */

import { hilbertDistance } from '../../geometry/hilbert.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import type { InputCrs } from '../inputs/input-crs.ts';
import type { PlannedInput } from './plan.ts';
import { TileToucher, type TouchedTiles } from './slice-tiles.ts';

/** Two coordinates of so many bits make a distance that a double holds. */
const HILBERT_BITS = 26;
/**
 * Tiles of all slices that are listed, of eight bytes each, and some fifty more in a group's map; and of one slice
 * that are in any case.
 */
const MOST_KEYS = 2 ** 22;
const FEW_KEYS = 256;

/** What of the input decides. */
type SlicedInput = Pick<PlannedInput, 'name' | 'placing' | 'slices' | 'extents' | 'bytes'>;

/** A slice of an input, and where it is thought to be. */
export interface PlacedSlice<Input = PlannedInput> {
  input: Input;
  /** Index in `input.slices`. */
  slice: number;
  /**
   * row · matrixWidth + column of each tile that it may touch, in ascending order; null if nothing is known, or
   * they are very many. A hint: it may touch others.
   */
  tiles: Float64Array | null;
}

/**
 * First those that may touch any tile, as all tiles wait for them; then the others. Of both in the order of the
 * Hilbert curve through the middles of their extents; then those without one, the biggest first. Slices with one
 * place are ordered by name, then position.
 * @param mostKeys - tiles of all slices together that are listed; slices after these may be anywhere
 */
export function orderSlices<Input extends SlicedInput>(
  planned: readonly Input[],
  tms: TileMatrixSet,
  z: number,
  mostKeys = MOST_KEYS,
): PlacedSlice<Input>[] {
  const matrix = tms.matrix(z);
  const touch = tilesToucher(tms, z);
  let kept = 0;
  const all = planned.flatMap((input) =>
    input.slices.map((_, slice) => {
      const { tiles: touched, middle } = touch(input, slice);
      const count = touched?.length ?? 0;
      const tiles = count > FEW_KEYS && kept + count > mostKeys ? null : touched;
      if (tiles !== null) kept += count;
      const distance = middle === null ? Infinity : distanceOf(middle, matrix);
      const weight = input.bytes / input.slices.length;
      return { placed: { input, slice, tiles }, distance, weight };
    }),
  );
  all.sort((a, b) => {
    const isUnknown = a.placed.tiles === null;
    if (isUnknown !== (b.placed.tiles === null)) return isUnknown ? -1 : 1;
    if (a.distance !== b.distance) return a.distance < b.distance ? -1 : 1;
    if (a.distance === Infinity && a.weight !== b.weight) return b.weight - a.weight;
    const [one, other] = [a.placed.input.name, b.placed.input.name];
    return one === other ? a.placed.slice - b.placed.slice : one < other ? -1 : 1;
  });
  return all.map(({ placed }) => placed);
}

const NOWHERE: TouchedTiles = { tiles: null, middle: null };

/** Where a slice is; kept for each way from a CRS to the tiles, of which a run has few. */
function tilesToucher(
  tms: TileMatrixSet,
  z: number,
): (input: SlicedInput, slice: number) => TouchedTiles {
  const known = new Map<InputCrs['crs'], Map<string, TileToucher>>();
  const toucherOf = ({ crs, operation }: InputCrs): TileToucher => {
    let ofCrs = known.get(crs);
    if (ofCrs === undefined) {
      ofCrs = new Map();
      known.set(crs, ofCrs);
    }
    const key = JSON.stringify(operation.steps);
    let toucher = ofCrs.get(key);
    if (toucher === undefined) {
      toucher = new TileToucher(crs, tms, z, operation);
      ofCrs.set(key, toucher);
    }
    return toucher;
  };
  return ({ placing, extents }, slice) => {
    const extent = extents[slice] ?? null;
    if (placing === null || extent === null) return NOWHERE;
    try {
      return toucherOf(placing).touch(extent);
    } catch {
      // A grid of the operation is damaged: the task that reads the slice says so.
      return NOWHERE;
    }
  };
}

function distanceOf(
  [column, row]: [number, number],
  { matrixWidth, matrixHeight }: TileMatrix,
): number {
  const cells = 2 ** HILBERT_BITS - 1;
  const scale = cells / Math.max(matrixWidth, matrixHeight);
  return hilbertDistance(Math.floor(column * scale), Math.floor(row * scale), HILBERT_BITS);
}
