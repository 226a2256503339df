/**
 * Staged tiles as newline-delimited GeoJSON: a Feature a line, with the box of its geometry. GDAL's driver GeoJSONSeq
 * reads them.
 */

import { basename, extname } from 'node:path';
import type { StagedFormat } from '../../staged-format.ts';
import { refusal } from './crs.ts';
import { GeoJsonTile } from './tile-file.ts';
import { GeoJsonTileWriter } from './writer.ts';

export const geoJsonTiles: StagedFormat = {
  name: 'GeoJSONSeq',
  extension: '.geojsonl',
  maxColumns: 5000,
  refusal,
  create: (output, layer) => new GeoJsonTileWriter(output, layer),
  open: (path, layer = basename(path, extname(path))) => new GeoJsonTile(path, layer),
};
