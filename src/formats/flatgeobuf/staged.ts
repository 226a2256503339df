/** Staged tiles as FlatGeobufs. */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/files/output-file.ts';
import type { StagedFile, StagedLayer, StagedWriter } from '../staged-format.ts';
import { TileFile } from './tile-file.ts';
import { TileWriter } from './write/tile-writer.ts';

export function createTile(output: OutputFile, layer: StagedLayer): StagedWriter {
  return new TileWriter(output, layer);
}

export function openTile(path: string, layer = basename(path, extname(path))): StagedFile {
  return new TileFile(path, layer);
}
