/** TileMatrixSets by name, or from a JSON file. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { TilewrightError } from '../core/errors.ts';
import { didYouMean, editDistance } from '../core/nearest.ts';
import { DEFINITIONS } from './definitions.ts';
import { parseTileMatrixSet } from './parse.ts';
import type { TileMatrixSet } from './tile-matrix-set.ts';

/** Bytes; the biggest registered set has a fiftieth of that. */
const MAX_FILE = 1 << 24;

const made = new Map<string, TileMatrixSet>();

/** Names that `getTileMatrixSet` knows, in alphabetical order. */
export function tileMatrixSetNames(): string[] {
  return Object.keys(DEFINITIONS).sort();
}

/**
 * A TileMatrixSet, by its name or from a file.
 * @param nameOrPath - one of `tileMatrixSetNames()`, or the path of a JSON file, which ends in
 *   `.json` or has a slash
 * @throws TilewrightError `tms-unknown` for a name or file that isn't there, `tms-invalid` for a
 *   file that is no TileMatrixSet
 */
export function getTileMatrixSet(nameOrPath: string): TileMatrixSet {
  const known = made.get(nameOrPath);
  if (known !== undefined) return known;
  if (Object.hasOwn(DEFINITIONS, nameOrPath)) {
    const tileMatrixSet = parseTileMatrixSet(DEFINITIONS[nameOrPath]!());
    made.set(nameOrPath, tileMatrixSet);
    return tileMatrixSet;
  }
  if (/[/\\]|\.json$/i.test(nameOrPath)) return readTileMatrixSet(nameOrPath);
  const names = tileMatrixSetNames();
  throw new TilewrightError(
    'tms-unknown',
    `There is no TileMatrixSet "${nameOrPath}".${suggestion(nameOrPath, names)} Known are ` +
      `${names.join(', ')}, and the path of a JSON file.`,
  );
}

/** Two letters more or less (WGS84Quad) weigh less than a whole word (UPSArcticWGS84Quad). */
function suggestion(name: string, names: string[]): string {
  const word = name.slice(0, 64).toLowerCase();
  const close = names.find((known) => editDistance(known.toLowerCase(), word) <= 2);
  return close === undefined ? didYouMean(name, names) : ` Did you mean ${close}?`;
}

function readTileMatrixSet(path: string): TileMatrixSet {
  if (!existsSync(path)) {
    throw new TilewrightError('tms-unknown', `There is no TileMatrixSet file ${path}.`);
  }
  let json: unknown;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE) throw new Error(`it has ${size} bytes, more than ${MAX_FILE}`);
    json = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new TilewrightError(
      'tms-invalid',
      `The TileMatrixSet file ${path} can't be read as JSON: ${(error as Error).message}`,
      { cause: error },
    );
  }
  try {
    return parseTileMatrixSet(json);
  } catch (error) {
    if (!(error instanceof TilewrightError)) throw error;
    throw new TilewrightError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
