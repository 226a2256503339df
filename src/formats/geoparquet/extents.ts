/** Where the features of slices are, roughly: by statistics, or by a few geometries. */

import { polygonBounds } from '../../geometry/wkb-bounds.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { FlatColumn } from '../parquet/attributes/flat.ts';
import type { ParquetFile } from '../parquet/file.ts';
import { PageBudget } from '../parquet/page-budget.ts';
import type { Leaf } from '../parquet/schema.ts';
import type { Vector } from '../parquet/values/vector.ts';
import { type BoxNear, SAMPLES, sampledExtents } from '../sampled-extent.ts';
import type { Slice } from '../source.ts';
import { groupBox } from './boxes.ts';
import type { GeometryColumn } from './geo-metadata.ts';

/** Pages of a slice that are read for it, at the most; they are to be so small a part of it, or one. */
const PAGES = 6;
const PART = 1 / 16;
/** Geometries in pages that are larger than this, on average, are not looked at. */
const MOST_PAGE_BYTES = 1 << 21;
/** Entries between those that are taken of a page: a prime. */
const STEP = 37;

export function extentsOf(
  file: ParquetFile,
  geometry: GeometryColumn,
  slices: readonly Slice[],
  most = SAMPLES,
): (Bounds | null)[] {
  const boxes = Array.from({ length: file.metadata.rowGroups.length }, (_, group) =>
    groupBox(file, group, geometry),
  );
  const told = slices.map((slice) => unionOf(file, boxes, slice));
  const { leaf } = geometry.field;
  if (geometry.encoding !== 'WKB' || leaf === null || !told.includes(null)) return told;
  const pageBytes = firstPageBytes(file, leaf);
  if (pageBytes > MOST_PAGE_BYTES) return told;
  const sliceBytes = bytesOf(file) / slices.length;
  const pages = Math.max(1, Math.min(PAGES, Math.floor((PART * sliceBytes) / pageBytes)));
  return told.map((box, i) => {
    const slice = slices[i]!;
    const every = slice.end - slice.start <= most ? 1 : Math.ceil(most / pages);
    return box ?? sampledExtents([slice], geometry.extent, boxNear(file, leaf, every), most)[0]!;
  });
}

/** Null where a row group's box is not told. */
function unionOf(
  file: ParquetFile,
  boxes: readonly (Bounds | null)[],
  { start, end }: Slice,
): Bounds | null {
  let union: Bounds | null = null;
  const last = Math.min(end - 1, file.rows);
  for (let row = Math.max(0, start - 1); row < last; ) {
    const group = file.groupOf(row);
    const box = boxes[group]!;
    if (box === null) return null;
    union =
      union === null
        ? box
        : [
            Math.min(union[0], box[0]),
            Math.min(union[1], box[1]),
            Math.max(union[2], box[2]),
            Math.max(union[3], box[3]),
          ];
    row = file.rowStarts[group + 1]!;
  }
  return union;
}

/** Of the first row group, which tells whether pages are decompressed in no time. */
function firstPageBytes(file: ParquetFile, leaf: Leaf): number {
  if (file.rows === 0) return Infinity;
  const column = new FlatColumn(file, file.groupOf(0), leaf, 0, new PageBudget());
  return column.firstPageBytes();
}

/** Of all row groups, compressed. */
function bytesOf(file: ParquetFile): number {
  const { rowGroups } = file.metadata;
  let bytes = 0;
  for (let group = 0; group < rowGroups.length; group++) bytes += rowGroups.bytesOf(group);
  return bytes;
}

/** Of `every` calls only the first may read a page: the others take what geometries they find in it. */
function boxNear(file: ParquetFile, leaf: Leaf, every: number): BoxNear {
  let calls = 0;
  let vector: Vector | null = null;
  /** Position of the vector's first entry. */
  let first = 0;
  return (position, box) => {
    const isInside = vector !== null && position >= first && position < first + vector.count;
    if (calls++ % every === 0 && !isInside) {
      const row = position - 1;
      if (!(row >= 0 && row < file.rows)) return Number.NaN;
      const group = file.groupOf(row);
      const at = row - file.rowStarts[group]!;
      const column = new FlatColumn(file, group, leaf, at, new PageBudget());
      first = position - column.entryOf(at);
      vector = column.vector;
    }
    if (vector === null) return Number.NaN;
    const found = position - first;
    const i = found >= 0 && found < vector.count ? found : (calls * STEP) % vector.count;
    if (!vector.has(i)) return Number.NaN;
    const { bytes, starts, ends } = vector;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return polygonBounds(view, starts[i]!, ends[i]!, box) ? first + i : Number.NaN;
  };
}
