/** Many tiles in one GeoParquet file: row groups of their own, one tile after the other, and an index. */

import type { Column } from '../../core/columns.ts';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { RowWriter } from '../sqlite/record.ts';
import type {
  PackWriter,
  StagedFile,
  StagedLayer,
  StagedPack,
  StagedRows,
  StagedWriter,
} from '../staged-format.ts';
import type { Extent, PackedTile } from './tiles/file-metadata.ts';
import { notOurs, OwnFile } from './tiles/own-file.ts';
import { RowsWriter } from './tiles/rows-writer.ts';
import { GeoParquetTile } from './tiles/tile-file.ts';

const NOTHING = new RowWriter();

export function createPack(output: OutputFile, layer: StagedLayer): PackWriter {
  return new GeoParquetPackWriter(output, layer);
}

export function openPack(path: string): StagedPack {
  return new GeoParquetPack(path);
}

class GeoParquetPackWriter implements PackWriter {
  readonly #rows: RowsWriter;
  readonly #layer: StagedLayer;
  readonly #tiles: PackedTile[] = [];
  #extent: Extent | null = null;

  constructor(output: OutputFile, layer: StagedLayer) {
    this.#rows = new RowsWriter(output, layer.columns);
    this.#layer = layer;
  }

  tile(x: number, y: number): StagedWriter {
    const writer = this.#rows;
    const end = (): void => {
      const { rows, extent, firstGroup, groups, groupsAt } = writer.endTile();
      this.#tiles.push([x, y, firstGroup, groups, rows, ...(extent ?? NO_EXTENT), groupsAt]);
      if (extent !== null) this.#extent = united(this.#extent, extent);
    };
    return new PackedTileWriter(writer, end);
  }

  finish(): void {
    this.#rows.finish(this.#layer, this.#extent, this.#tiles);
  }
}

const NO_EXTENT = [null, null, null, null] as const;

function united(a: Extent | null, b: Extent): Extent {
  if (a === null) return b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

class PackedTileWriter implements StagedWriter {
  readonly #writer: RowsWriter;
  readonly #end: () => void;
  /** Once it is finished. */
  #rows: number | null = null;

  constructor(writer: RowsWriter, end: () => void) {
    this.#writer = writer;
    this.#end = end;
  }

  get rows(): number {
    return this.#rows ?? this.#writer.rows;
  }

  add(row: EncodedRow, more: EncodedValues): void {
    this.#writer.add(row, more);
  }

  copy({ row }: StagedRows): void {
    this.#writer.add(row, NOTHING);
  }

  finish(): void {
    this.#rows = this.#writer.rows;
    this.#end();
  }
}

class GeoParquetPack implements StagedPack {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly #own: OwnFile;
  readonly #tiles: readonly PackedTile[];
  /** Index in the list of tiles, by `x/y`. */
  readonly #byPlace: ReadonlyMap<string, number>;

  constructor(path: string) {
    const own = new OwnFile(path);
    const { tiles } = own.metadata;
    this.path = path;
    this.#own = own;
    this.columns = own.columns;
    this.#tiles = tiles ?? [];
    this.#byPlace = new Map(this.#tiles.map(([x, y], i) => [`${x}/${y}`, i]));
    if (tiles !== undefined) return;
    own.close();
    throw notOurs(path);
  }

  tiles(): { x: number; y: number; rows: number }[] {
    return this.#tiles.map(([x, y, , , rows]) => ({ x, y, rows }));
  }

  tile(x: number, y: number): StagedFile | null {
    const i = this.#byPlace.get(`${x}/${y}`);
    if (i === undefined) return null;
    const [, , firstGroup, groups, rows, minX, minY, maxX, maxY, groupsAt] = this.#tiles[i]!;
    const extent = minX === null ? null : ([minX, minY, maxX, maxY] as Extent);
    const end = this.#tiles[i + 1]?.[9] ?? this.#own.metadata.groups[1];
    const tile = { rows, extent, firstGroup, groups, groupsAt };
    return new GeoParquetTile(this.#own, tile, end, () => undefined);
  }

  close(): void {
    this.#own.close();
  }
}
