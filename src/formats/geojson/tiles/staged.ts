/**
 * Staged tiles as newline-delimited GeoJSON: a Feature a line, with the box of its geometry. GDAL's driver GeoJSONSeq
 * reads them.
 */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../../core/files/output-file.ts';
import type { StagedFile, StagedLayer, StagedWriter } from '../../staged-format.ts';
import { GeoJsonTile } from './tile-file.ts';
import { GeoJsonTileWriter } from './writer.ts';

export { refusal } from './crs.ts';

export function createTile(output: OutputFile, layer: StagedLayer): StagedWriter {
  return new GeoJsonTileWriter(output, layer);
}

export function openTile(path: string, layer = basename(path, extname(path))): StagedFile {
  return new GeoJsonTile(path, layer);
}
