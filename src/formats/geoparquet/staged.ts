/** Staged tiles as GeoParquet: a file for each, or many in one. */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { RowWriter } from '../sqlite/record.ts';
import type { StagedFormat, StagedLayer, StagedRows, StagedWriter } from '../staged-format.ts';
import { geoParquetPacks } from './pack.ts';
import { notOurs, OwnFile } from './tiles/own-file.ts';
import { RowsWriter } from './tiles/rows-writer.ts';
import { GeoParquetTile } from './tiles/tile-file.ts';

const NOTHING = new RowWriter();

export const geoParquetTiles: StagedFormat = {
  name: 'geoparquet',
  extension: '.parquet',
  // As many as the other formats have room for: a table is nothing to be staged in columns alone.
  maxColumns: 1998,
  create: (output, layer) => new TileWriter(output, layer),
  open: (path, layer = basename(path, extname(path))) => openTile(path, layer),
  pack: geoParquetPacks,
};

class TileWriter implements StagedWriter {
  readonly #rows: RowsWriter;
  readonly #layer: StagedLayer;
  #finished: number | null = null;

  constructor(output: OutputFile, layer: StagedLayer) {
    this.#rows = new RowsWriter(output, layer.columns);
    this.#layer = layer;
  }

  get rows(): number {
    return this.#finished ?? this.#rows.rows;
  }

  add(row: EncodedRow, more: EncodedValues): void {
    this.#rows.add(row, more);
  }

  copy({ row }: StagedRows): void {
    this.#rows.add(row, NOTHING);
  }

  finish(): void {
    const { rows, extent } = this.#rows.endTile();
    this.#finished = rows;
    this.#rows.finish(this.#layer, extent);
  }
}

function openTile(path: string, layer: string): GeoParquetTile {
  const own = new OwnFile(path);
  try {
    const { layer: name, tiles, rows, extent, groups } = own.metadata;
    if (name !== layer || tiles !== undefined) throw notOurs(path);
    const tile = { rows, extent, firstGroup: 0, groups: groups[2], groupsAt: 0 };
    return new GeoParquetTile(own, tile, groups[1], () => own.close());
  } catch (error) {
    own.close();
    throw error;
  }
}
