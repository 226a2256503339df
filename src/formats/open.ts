/** Opens a file with the reader of its format. */

import { extname } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { openGeoPackage } from './geopackage/source.ts';
import { openShapefile } from './shapefile/source.ts';
import type { OpenOptions, VectorSource } from './source.ts';

const READERS: Readonly<Record<string, (path: string, options: OpenOptions) => VectorSource>> = {
  '.gpkg': openGeoPackage,
  '.shp': openShapefile,
};

/**
 * Opens an input, by its extension. Close it when it is done with.
 * @throws TilewrightError `input-format` for an extension that no reader has, and the reader's own
 */
export function openSource(path: string, options: OpenOptions = {}): VectorSource {
  const reader = READERS[extname(path).toLowerCase()];
  if (reader === undefined) {
    throw new TilewrightError(
      'input-format',
      `${path}: files that end in "${extname(path)}" can't be read; these can: ` +
        Object.keys(READERS).join(', '),
      { input: path },
    );
  }
  return reader(path, options);
}
