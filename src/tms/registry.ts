/** TileMatrixSets by name, or from a JSON file. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { TilewrightError } from '../core/errors.ts';
import { didYouMean, editDistance } from '../core/nearest.ts';
import { isRemote } from '../core/remote-name.ts';
import { causeText } from '../core/system-causes.ts';
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
  if (/[/\\]|\.json$/i.test(nameOrPath) && !isRemote(nameOrPath))
    return readTileMatrixSet(nameOrPath);
  const names = tileMatrixSetNames().filter((name) => !ZONE.test(name));
  throw new TilewrightError(
    'tms-unknown',
    `There is no TileMatrixSet "${nameOrPath}".${suggestion(nameOrPath, names)} Known are ` +
      `${names.join(', ')}, ${ZONES}, and the path of a JSON file.`,
  );
}

/** The sets of UTM's zones, 60 names that differ in two digits, are told as one. */
const ZONE = /^UTM\d+WGS84Quad$/;
const ZONES = 'UTM01WGS84Quad to UTM60WGS84Quad';

/** What other programs call a set, in lower case without signs. */
const ALIASES: Readonly<Record<string, string>> = {
  wgs84: 'WGS1984Quad',
  wgs84quad: 'WGS1984Quad',
  geodetic: 'WGS1984Quad',
  globalgeodetic: 'WGS1984Quad',
  epsg4326: 'WGS1984Quad',
  '4326': 'WGS1984Quad',
  crs84: 'WorldCRS84Quad',
  ogccrs84: 'WorldCRS84Quad',
  inspirecrs84quad: 'WorldCRS84Quad',
  webmercator: 'WebMercatorQuad',
  mercator: 'WebMercatorQuad',
  globalmercator: 'WebMercatorQuad',
  pseudomercator: 'WebMercatorQuad',
  googlemapscompatible: 'WebMercatorQuad',
  googlemaps: 'WebMercatorQuad',
  google: 'WebMercatorQuad',
  slippymap: 'WebMercatorQuad',
  xyz: 'WebMercatorQuad',
  epsg900913: 'WebMercatorQuad',
};

/**
 * What other programs or the registry's URIs call a set; a zone of UTM; then two letters more or less
 * (WGS84Quad), which weigh less than a whole word (UPSArcticWGS84Quad); then the sets in a CRS that is
 * named.
 * @param names - those that are no zones of UTM
 */
function suggestion(name: string, names: string[]): string {
  const last = name.slice(-64).replace(/^.*\//s, '');
  const word = last.toLowerCase().replace(/[\s:_.-]/g, '');
  const alias = Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined;
  if (alias !== undefined) return ` Did you mean ${alias}?`;
  if (word.startsWith('utm')) return ` Did you mean ${zoneOf(word) ?? `one of ${ZONES}`}?`;
  const close = names.find((known) => editDistance(known.toLowerCase(), word) <= 2);
  if (close !== undefined) return ` Did you mean ${close}?`;
  const code = /^(?:epsg)?(\d+)$/.exec(word)?.[1];
  if (code !== undefined) return inCrs(code);
  return didYouMean(name, names);
}

/** The set of the zone that `utm5`, `utmzone33n` or `utm33wgs84` mean. */
function zoneOf(word: string): string | undefined {
  const zone = /^utm(?:zone)?0*(\d{1,2})(?!\d)/.exec(word)?.[1];
  const name = `UTM${(zone ?? '').padStart(2, '0')}WGS84Quad`;
  return Object.hasOwn(DEFINITIONS, name) ? name : undefined;
}

function inCrs(code: string): string {
  const sets = tileMatrixSetNames().filter((known) => {
    const { crs } = getTileMatrixSet(known);
    return typeof crs === 'object' && 'code' in crs && crs.code === code;
  });
  if (sets.length === 1) return ` Did you mean ${sets[0]}?`;
  return ` ${sets.length === 0 ? 'None' : sets.join(' and ')} is in EPSG:${code}.`;
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
      `The TileMatrixSet file ${path} can't be read as JSON: ${causeText(error)}`,
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
