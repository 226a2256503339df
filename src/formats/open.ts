/** Opens a file with the reader of its format, and tells which files that reader reads. */

import { extname } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { openGeoPackage } from './geopackage/source.ts';
import { shapefileParts } from './shapefile/files.ts';
import { openShapefile } from './shapefile/source.ts';
import type { OpenOptions, VectorSource } from './source.ts';
import { databaseParts } from './sqlite/page-file.ts';

interface InputFormat {
  open: (path: string, options: OpenOptions) => VectorSource;
  /** The files beside the main one that `open` reads, by what they are; null: not there. */
  parts: (path: string) => object;
}

const FORMATS: Readonly<Record<string, InputFormat>> = {
  '.gpkg': { open: openGeoPackage, parts: databaseParts },
  '.shp': { open: openShapefile, parts: shapefileParts },
};

/**
 * Opens an input, by its extension. Close it when it is done with.
 * @throws TilewrightError `input-format` for an extension that no reader has, and the reader's own
 */
export function openSource(path: string, options: OpenOptions = {}): VectorSource {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format === undefined) {
    throw new TilewrightError(
      'input-format',
      `${path}: files that end in "${extname(path)}" can't be read; these can: ` +
        Object.keys(FORMATS).join(', '),
      { input: path },
    );
  }
  return format.open(path, options);
}

/**
 * The file and those beside it that are read with it, in an order of the format; null for one that
 * is not there.
 */
export function sourceFiles(path: string): (string | null)[] {
  const parts = FORMATS[extname(path).toLowerCase()]?.parts(path) ?? {};
  return [path, ...(Object.values(parts) as (string | null)[])];
}
