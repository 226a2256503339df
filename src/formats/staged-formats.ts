/** The formats in which tiles can be staged. */

import { TilewrightError } from '../core/errors.ts';
import { checkExtension, extensionOf } from './extensions.ts';
import { flatGeobufTiles } from './flatgeobuf/format.ts';
import { geoJsonTiles } from './geojson/format.ts';
import { geoPackageTiles } from './geopackage/staged.ts';
import { geoParquetTiles } from './geoparquet/format.ts';
import type { StagedFormat } from './staged-format.ts';

/** Name of the format of tiles that wait for being packed. */
export const LOOSE_FORMAT = geoPackageTiles.name;

const FORMATS = new Map<string, StagedFormat>(
  [geoPackageTiles, geoParquetTiles, flatGeobufTiles, geoJsonTiles].map((format) => [
    format.name,
    format,
  ]),
);

/**
 * Adds a format to those of this thread; again to no effect.
 * @internal for now: formats of others are not part of what the package exports yet
 * @throws TilewrightError usage for an extension that no tile would have, and if another format has
 *   its name or extension
 */
export function registerStagedFormat(format: StagedFormat): void {
  checkExtension(format.name, format.extension);
  for (const known of FORMATS.values()) {
    if (known === format) return;
    if (known.name !== format.name && known.extension !== format.extension) continue;
    throw new TilewrightError(
      'usage',
      `Two staged formats would be ${known.name} (${known.extension}) and ${format.name} (${format.extension})`,
    );
  }
  FORMATS.set(format.name, format);
}

/**
 * The format of a staged folder, as its settings name it.
 * @throws TilewrightError staged-folder for a name that no format has
 */
export function stagedFormat(name: string): StagedFormat {
  const format = FORMATS.get(name);
  if (format !== undefined) return format;
  throw new TilewrightError(
    'staged-folder',
    `The tiles are of the format ${JSON.stringify(name)}, which this version of Tilewright does not ` +
      `know. It knows ${[...FORMATS.keys()].join(', ')}`,
  );
}

/** The format of a file by the end of its name; undefined if there is none. */
export function stagedFormatOfFile(path: string): StagedFormat | undefined {
  const extension = extensionOf(path, stagedExtensions());
  return extension === undefined ? undefined : stagedFormatOf(extension);
}

/** The format of files with this extension; undefined if there is none. */
export function stagedFormatOf(extension: string): StagedFormat | undefined {
  return [...FORMATS.values()].find((format) => format.extension === extension);
}

/** The extension of tiles of a format, by its name (`geoparquet`) or by that (`parquet`); else as it is. */
export function stagedExtensionOf(text: string): string {
  const named = [...FORMATS.values()].find(
    ({ name, extension }) => name.toLowerCase() === text || extension === `.${text}`,
  );
  return named?.extension ?? text;
}

/** Words by which formats are asked for. */
export function stagedFormatWords(): string[] {
  return [...FORMATS.values()].map(stagedFormatWord);
}

export function stagedFormatWord({ name, extension }: StagedFormat): string {
  return name === LOOSE_FORMAT ? extension.slice(1) : name.toLowerCase();
}

export function stagedExtensions(): string[] {
  return [...FORMATS.values()].map(({ extension }) => extension);
}
