/** What a reader is told of a selection: which rows and columns of a layer are asked for. */

import type { Bounds } from '../../tms/tile-matrix.ts';
import type { Condition } from './condition.ts';

/** A condition on the attributes of a layer's rows. */
export interface Where {
  /** For readers that can tell from statistics that it is true nowhere. */
  readonly condition: Condition;
  /** Ascending indexes into LayerInfo.columns of those that it asks for. */
  readonly columns: readonly number[];
  /**
   * Whether it is true of an encoded row: serial types types[typesStart … typesEnd), values from
   * body[bodyStart] on. The row has a value for each of the layer's columns, in their order; of those
   * that it doesn't ask for any value will do, and after the last that it asks for the row may end.
   */
  isTrue(
    types: Uint8Array,
    typesStart: number,
    typesEnd: number,
    body: Uint8Array,
    bodyStart: number,
  ): boolean;
}

/**
 * Rows that are not selected are as if they were not in the input: a reader that leaves one out counts
 * it neither in `rowsRead` nor in `drops`. Every row that it gives is looked at again, so all is
 * for speed, but for one thing: what a reader drops nobody can look at again. So it drops no row for which
 * `where` is not true; test it before the geometry is decoded.
 */
export interface ReadSelection {
  /**
   * [minX, minY, maxX, maxY] in the layer's CRS, closed. Rows whose boxes do not touch it may be left
   * out; what is dropped is counted by nobody. Null: none.
   */
  readonly bbox: Bounds | null;
  /** Rows for which it is not true are left out. Null: none. */
  readonly where: Where | null;
  /**
   * Ascending indexes into LayerInfo.columns of those that are needed, `where`'s among them; the others
   * may be given as NULL. Null: all.
   */
  readonly columns: readonly number[] | null;
}

/** All rows and columns. */
export const EVERYTHING: ReadSelection = { bbox: null, where: null, columns: null };
