/** Staged tiles as FlatGeobufs. */

import { basename, extname } from 'node:path';
import type { StagedFormat } from '../staged-format.ts';
import { TileFile } from './tile-file.ts';
import { TileWriter } from './write/tile-writer.ts';

export const flatGeobufTiles: StagedFormat = {
  name: 'flatgeobuf',
  extension: '.fgb',
  // A value could name sixteen times as many; the header has all of them.
  maxColumns: 4096,
  create: (output, layer) => new TileWriter(output, layer),
  open: (path, layer = basename(path, extname(path))) => new TileFile(path, layer),
};
