/**
 * TileMatrixSets from JSON: version 2 (OGC 17-083r4, clause 7 and its JSON schemas) and version 1
 * (17-083r2, Annex C). Version 1 differs in its names and has no cell sizes: they follow from the
 * scale, for the standard's pixel of 0.28 mm.
 */

import { TilewrightError } from '../core/errors.ts';
import { parseCrs } from '../crs/parse.ts';
import type { CrsReference } from '../crs/reference.ts';
import { resolveCrs } from '../crs/resolve.ts';
import { areAxesNorthingFirst, isNorthingFirst } from './axis-order.ts';
import { JsonFields } from './json-fields.ts';
import { TileMatrix, type TileMatrixOptions, type VariableMatrixWidth } from './tile-matrix.ts';
import { TileMatrixSet } from './tile-matrix-set.ts';
import { isFolderName } from './tile-path.ts';

const MAX_TILES = 2 ** 31 - 1;
const MAX_CELLS = 2 ** 31 - 1;
/** Metres; 17-083r4, 6.1.1. */
const PIXEL = 0.00028;
/** The coarsest rounding among the registered sets is 8·10⁻⁵, of CDB1GlobalGrid's z = 21. */
const ROUNDING = 1e-4;

let lastDefinition = '';
let lastSet: TileMatrixSet | undefined;

/** The same as `parseTileMatrixSet`, which takes a millisecond, once for a run's one definition. */
export function tileMatrixSet(definition: unknown): TileMatrixSet {
  const text = JSON.stringify(definition);
  if (lastSet === undefined || text !== lastDefinition) {
    lastSet = parseTileMatrixSet(definition);
    lastDefinition = text;
  }
  return lastSet;
}

/**
 * Reads a TileMatrixSet in the JSON form of 17-083r4, or of 17-083r2.
 * @param json - the parsed JSON document
 * @throws TilewrightError `tms-invalid`, naming the tile matrix and the field that is wrong
 */
export function parseTileMatrixSet(json: unknown): TileMatrixSet {
  const anonymous: JsonFields = new JsonFields(json, 'TileMatrixSet');
  const version = anonymous.has('tileMatrices') ? 2 : 1;
  if (version === 1 && !anonymous.has('tileMatrix')) {
    anonymous.fail('tileMatrices', 'an array of tile matrices (tileMatrix in version 1)');
  }
  // Version 2's schema does without an id, but the tiles need the name of a folder.
  const idField = version === 2 ? 'id' : 'identifier';
  const id = anonymous.text(idField);
  const fields: JsonFields = anonymous.named(`TileMatrixSet ${id}`);
  if (!isFolderName(id)) fields.fail(idField, 'usable as the name of a folder');
  const given = fields.value('title');
  const title = typeof given === 'string' && given !== '' ? given : id;
  const crs = parseCrsField(fields, version === 2 ? 'crs' : 'supportedCRS');
  const northingFirst = readAxisOrder(fields, crs);
  const matrices = fields
    .array(version === 2 ? 'tileMatrices' : 'tileMatrix')
    .map((matrix, i) => parseTileMatrix(matrix, i, version, id, crs, northingFirst));
  numberMatrices(fields, matrices);
  refineCellSizes(matrices);
  const tileMatrices = matrices.map((options) => new TileMatrix(options));
  checkExtent(fields, crs, tileMatrices);
  return new TileMatrixSet(id, title, crs, tileMatrices, json);
}

/** A CRS as a URI or, in version 2, also as an object with `uri` or `wkt`, which is PROJJSON. */
function parseCrsField(fields: JsonFields, field: string): CrsReference {
  const text = crsText(fields.value(field));
  if (text === null) fields.fail(field, 'a URI, or an object with a uri or a wkt that has an id');
  try {
    const crs = parseCrs(text);
    // Refused here, where it is known whose CRS it is: codes that nobody knows, heights, geocentric ones.
    resolveCrs(crs);
    return crs;
  } catch (error) {
    throw new TilewrightError(
      'tms-invalid',
      `Invalid ${fields.where}: ${field} can't be used. ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function crsText(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value !== 'object' || value === null) return null;
  const { uri, wkt } = value as { uri?: unknown; wkt?: unknown };
  if (typeof uri === 'string' && uri !== '') return uri;
  if (typeof wkt === 'string' && wkt !== '') return wkt;
  if (typeof wkt !== 'object' || wkt === null) return null;
  // PROJJSON is reduced to its identifier.
  const { id } = wkt as { id?: { authority?: unknown; code?: unknown } | null };
  return typeof id === 'object' && id !== null ? `${id.authority}:${id.code}` : null;
}

function readAxisOrder(fields: JsonFields, crs: CrsReference): boolean {
  if (!fields.has('orderedAxes')) return isNorthingFirst(crs);
  const axes = fields.array('orderedAxes');
  const northingFirst = axes.every((axis) => typeof axis === 'string')
    ? areAxesNorthingFirst(axes, crs)
    : null;
  return (
    northingFirst ??
    fields.fail('orderedAxes', 'two axes such as ["Lat","Lon"], ["E","N"], ["X","Y"] or ["Y","X"]')
  );
}

function parseTileMatrix(
  json: unknown,
  position: number,
  version: 1 | 2,
  tms: string,
  crs: CrsReference,
  northingFirst: boolean,
): TileMatrixOptions {
  const where = `of the TileMatrixSet ${tms}`;
  const anonymous: JsonFields = new JsonFields(
    json,
    `tile matrix at position ${position} ${where}`,
  );
  const id = anonymous.text(version === 2 ? 'id' : 'identifier');
  const fields: JsonFields = anonymous.named(`tile matrix "${id}" ${where}`);
  const originField = version === 2 ? 'pointOfOrigin' : 'topLeftCorner';
  const [first, second] = fields.pair(originField);
  const cornerOfOrigin = fields.has('cornerOfOrigin') ? fields.text('cornerOfOrigin') : 'topLeft';
  if (cornerOfOrigin !== 'topLeft' && cornerOfOrigin !== 'bottomLeft') {
    fields.fail('cornerOfOrigin', '"topLeft" or "bottomLeft"');
  }
  const scaleDenominator = fields.positive('scaleDenominator');
  const cellSize =
    version === 2 ? fields.positive('cellSize') : cellSizeOfScale(scaleDenominator, crs);
  const matrixWidth = fields.integer('matrixWidth', 1, MAX_TILES);
  const matrixHeight = fields.integer('matrixHeight', 1, MAX_TILES);
  const tileWidth = fields.integer('tileWidth', 1, MAX_CELLS);
  const tileHeight = fields.integer('tileHeight', 1, MAX_CELLS);
  const originX = northingFirst ? second : first;
  const originY = northingFirst ? first : second;
  // Edges of neighbouring columns and rows must be different doubles, with room to spare.
  const reach = cellSize * Math.max(tileWidth * matrixWidth, tileHeight * matrixHeight);
  const farthest = Math.max(Math.abs(originX), Math.abs(originY)) + reach;
  if (!(farthest < cellSize * Math.min(tileWidth, tileHeight) * 2 ** 44)) {
    fields.fail(originField, `nearer to the tiles, which are ${cellSize * tileWidth} wide`);
  }
  return {
    z: position,
    id,
    scaleDenominator,
    cellSize,
    originX,
    originY,
    cornerOfOrigin,
    tileWidth,
    tileHeight,
    matrixWidth,
    matrixHeight,
    variableMatrixWidths: parseVariableWidths(fields, matrixWidth, matrixHeight),
  };
}

/** 17-083r2, 6.1: cell size = scale denominator · 0.28 mm / metres per unit of the CRS. */
function cellSizeOfScale(scaleDenominator: number, crs: CrsReference): number {
  const cellSize = (scaleDenominator * PIXEL) / resolveCrs(crs).metersPerUnit;
  // Scales are published with 15 digits or fewer: what is beyond 14 in the quotient is noise,
  // 0.7031249999999982 where 0.703125 was meant.
  return Number(cellSize.toPrecision(14));
}

function parseVariableWidths(
  fields: JsonFields,
  matrixWidth: number,
  matrixHeight: number,
): VariableMatrixWidth[] {
  const name = 'variableMatrixWidths';
  if (!fields.has(name)) return [];
  const json = fields.value(name);
  if (!Array.isArray(json)) fields.fail(name, 'an array');
  const widths = json.map((item, i): VariableMatrixWidth => {
    const band: JsonFields = new JsonFields(item, `${name}[${i}] of the ${fields.where}`);
    const coalesce = band.integer('coalesce', 2, matrixWidth);
    if (matrixWidth % coalesce !== 0) {
      band.fail('coalesce', `a divisor of the matrixWidth, ${matrixWidth}`);
    }
    const minTileRow = band.integer('minTileRow', 0, matrixHeight - 1);
    const maxTileRow = band.integer('maxTileRow', minTileRow, matrixHeight - 1);
    return { coalesce, minTileRow, maxTileRow };
  });
  widths.sort((a, b) => a.minTileRow - b.minTileRow);
  for (let i = 1; i < widths.length; i++) {
    if (widths[i]!.minTileRow <= widths[i - 1]!.maxTileRow) {
      fields.fail(name, `without overlaps (row ${widths[i]!.minTileRow} is in two)`);
    }
  }
  return widths;
}

/** Gives each matrix its z: its identifier if all are integers, else its position. Sorts by z. */
function numberMatrices(fields: JsonFields, matrices: TileMatrixOptions[]): void {
  if (matrices.every(({ id }) => /^-?\d{1,9}$/.test(id))) {
    for (const matrix of matrices) matrix.z = Number(matrix.id);
    matrices.sort((a, b) => a.z - b.z);
  }
  const seen = new Set<string | number>();
  for (const { z, id } of matrices) {
    if (seen.has(id) || seen.has(z)) {
      throw new TilewrightError(
        'tms-invalid',
        `Invalid ${fields.where}: two of its tile matrices have the identifier "${id}".`,
      );
    }
    seen.add(id).add(z);
  }
}

/**
 * Cell sizes are published rounded, the finest to as few as four digits, which at the far end of
 * 10⁸ tiles adds up to many of them. Where a matrix has the same origin and tile size as the
 * coarsest before it and 2ⁿ times its columns and rows, so that the tiles are meant to nest, the
 * cell size is made exact: the coarsest one's divided by 2ⁿ.
 */
function refineCellSizes(matrices: TileMatrixOptions[]): void {
  let base = matrices[0]!;
  for (const matrix of matrices) {
    const times = matrix.matrixWidth / base.matrixWidth;
    const exact = base.cellSize / times;
    if (
      Number.isInteger(Math.log2(times)) &&
      matrix.matrixHeight / base.matrixHeight === times &&
      matrix.tileWidth === base.tileWidth &&
      matrix.tileHeight === base.tileHeight &&
      matrix.originX === base.originX &&
      matrix.originY === base.originY &&
      Math.abs(matrix.cellSize / exact - 1) < ROUNDING
    ) {
      matrix.cellSize = exact;
    } else {
      base = matrix;
    }
  }
}

/** Tiles in degrees that are all beyond the poles come from an axis order that was mixed up. */
function checkExtent(fields: JsonFields, crs: CrsReference, matrices: TileMatrix[]): void {
  const axes = fields.value('orderedAxes');
  const inDegrees =
    (Array.isArray(axes) && axes.some((axis) => /^l(?:at|on)/i.test(String(axis)))) ||
    (crs.authority === 'OGC' && /^CRS(?:84|83|27)$/.test(crs.code ?? '')) ||
    (crs.authority === 'EPSG' && crs.code === '4326');
  if (!inDegrees) return;
  for (const matrix of matrices) {
    const [minX, minY, maxX, maxY] = matrix.extent();
    if (minX < 360 && maxX > -360 && minY < 90 && maxY > -90) continue;
    throw new TilewrightError(
      'tms-invalid',
      `Invalid tile matrix "${matrix.id}" of the ${fields.where}: it covers longitudes ${minX} … ` +
        `${maxX} and latitudes ${minY} … ${maxY}. Is the point of origin in the order of the ` +
        'axes of the CRS?',
    );
  }
}
