/** GeoParquet, as an input and as tiles, and Parquet as a table. */

import type { Column } from '../../core/columns.ts';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { InputFormat } from '../input-format.ts';
import { lazily } from '../lazily.ts';
import type { StagedFormat } from '../staged-format.ts';
import type { PlainTableWriter } from './plain-table.ts';

const source = lazily<typeof import('./source.ts')>(import.meta.url, 'source');
const staged = lazily<typeof import('./staged.ts')>(import.meta.url, 'staged');
const pack = lazily<typeof import('./pack.ts')>(import.meta.url, 'pack');
const table = lazily<typeof import('./plain-table.ts')>(import.meta.url, 'plain-table');

export const GEOPARQUET: InputFormat = {
  name: 'GeoParquet',
  extensions: ['.parquet', '.geoparquet'],
  sidecars: [],
  companions: [],
  recognises: (head) => Buffer.from(head.subarray(0, 4)).toString('latin1') === 'PAR1',
  open: async (path, options) => new (source().GeoParquetSource)(path, options),
};

export const geoParquetTiles: StagedFormat = {
  name: 'geoparquet',
  extension: '.parquet',
  // As many as the other formats have room for: a table is nothing to be staged in columns alone.
  maxColumns: 1998,
  create: (output, layer) => staged().createTile(output, layer),
  open: (path, layer) => staged().openTile(path, layer),
  pack: {
    create: (output, layer) => pack().createPack(output, layer),
    open: (path) => pack().openPack(path),
  },
};

/** Begins a table without geometries. @param output - nothing is in it yet; the caller closes it */
export function createTable(output: OutputFile, columns: readonly Column[]): PlainTableWriter {
  return new (table().PlainTableWriter)(output, columns);
}
