/** Geometries as well-known binary. */

import type { DropReason } from '../../core/drops.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import { decodeWkb, FIRST_DROP, WKB_DROPPED_M } from '../../geometry/wkb.ts';
import { dropReason } from '../geopackage/geometry-blob.ts';
import { FlatColumn } from '../parquet/attributes/flat.ts';
import type { ParquetFile } from '../parquet/file.ts';
import type { PageBudget } from '../parquet/page-budget.ts';
import type { Leaf } from '../parquet/schema.ts';

/** Geometries of rows of one row group, in ascending order. */
export interface Geometries {
  /** Whether M values of the last one were left out. */
  droppedM: boolean;
  /** Appends that of a row to the feature that was begun last; or says why not: then it is to be dropped. */
  decode(batch: FeatureBatch, row: number): DropReason | null;
}

export class WkbGeometries implements Geometries {
  droppedM = false;
  readonly #column: FlatColumn;

  constructor(file: ParquetFile, group: number, leaf: Leaf, row: number, budget: PageBudget) {
    this.#column = new FlatColumn(file, group, leaf, row, budget);
  }

  decode(batch: FeatureBatch, row: number): DropReason | null {
    const i = this.#column.entryOf(row);
    const { vector } = this.#column;
    if (!vector.has(i)) return 'null geometry';
    const code = decodeWkb(batch, vector.bytes, vector.starts[i]!, vector.ends[i]!);
    if (code >= FIRST_DROP) return dropReason(code);
    this.droppedM = code === WKB_DROPPED_M;
    return null;
  }
}
