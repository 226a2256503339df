/** Staged tiles as GeoParquet: a file for each, or many in one. */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { RowWriter } from '../sqlite/record.ts';
import type { StagedFormat, StagedLayer, StagedRows, StagedWriter } from '../staged-format.ts';
import { keyValues, seal } from './tiles/file-metadata.ts';
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
};

class TileWriter implements StagedWriter {
  readonly #rows: RowsWriter;
  readonly #layer: StagedLayer;

  constructor(output: OutputFile, layer: StagedLayer) {
    this.#rows = new RowsWriter(output, layer.columns);
    this.#layer = layer;
  }

  get rows(): number {
    return this.#rows.rows;
  }

  add(row: EncodedRow, more: EncodedValues): void {
    this.#rows.add(row, more);
  }

  copy({ row }: StagedRows): void {
    this.#rows.add(row, NOTHING);
  }

  finish(): void {
    const writer = this.#rows;
    const { extent } = writer.endTile();
    const { exact, geometryTypes } = writer;
    writer.parquet.finish(keyValues(this.#layer, extent, geometryTypes, { exact }), seal);
  }
}

function openTile(path: string, layer: string): GeoParquetTile {
  const own = new OwnFile(path);
  try {
    const { metadata, file } = own;
    if (metadata.layer !== layer || metadata.tiles !== undefined) throw notOurs(path);
    const { rows } = file;
    const groups = file.metadata.rowGroups.length;
    const tile = { rows, extent: metadata.extent, firstGroup: 0, groups };
    return new GeoParquetTile(own, tile, () => own.close());
  } catch (error) {
    own.close();
    throw error;
  }
}
