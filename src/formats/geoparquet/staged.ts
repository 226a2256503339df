/** Staged tiles as GeoParquet, a file for each. */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { RowWriter } from '../sqlite/record.ts';
import type { StagedLayer, StagedRows, StagedWriter } from '../staged-format.ts';
import { notOurs, OwnFile } from './tiles/own-file.ts';
import { RowsWriter } from './tiles/rows-writer.ts';
import { GeoParquetTile } from './tiles/tile-file.ts';

const NOTHING = new RowWriter();

export function createTile(output: OutputFile, layer: StagedLayer): StagedWriter {
  return new TileWriter(output, layer);
}

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

export function openTile(path: string, layer = basename(path, extname(path))): GeoParquetTile {
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
