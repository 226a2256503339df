/** Mutations as GDAL reads them, where it does so without a word. */

import type { ColumnType } from '../../../src/core/columns.ts';
import type { GdalLayer, GdalReader } from '../gdal-rows.ts';
import { polygonsOfWkb } from './plain-wkb.ts';
import type { FoundLayer } from './read-input.ts';

/** Of a ring that ends at another height it is, too, and such are read. */
const HARMLESS = /^Non closed ring detected/;

/** The layers of a file; null for what it refuses, or reads with a warning. */
export async function layersOfGdal(gdal: GdalReader, path: string): Promise<GdalLayer[] | null> {
  const file = await gdal.read(path);
  if (file === null || file.layers.length === 0) return null;
  return file.warnings.every((one) => HARMLESS.test(one)) ? file.layers : null;
}

const TIME = /^\d{4}-[01]\d-[0-3]\d(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z?)?$/;

/** As both say it: for GDAL a text ends at a NUL, bytes that are no UTF-8 are others, and some integers are reals. */
function plain(value: unknown, type: ColumnType): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const json = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const text = json
    .replace(/\0.*/su, '')
    .toWellFormed()
    .replaceAll(/\ufffd+/g, '\ufffd')
    .trim();
  switch (type) {
    case 'boolean':
      return /^([TtYy1]|true)$/.test(text) ? '1' : /^([FfNn0]|false)$/.test(text) ? '0' : '';
    case 'integer':
    case 'real':
      // NaN is NULL here.
      return text === '' || text === 'nan' ? '' : String(Number(Number(text).toPrecision(15)));
    case 'datetime':
      // Fractions are rounded.
      return text.slice(0, 19);
    default:
      return /^[[{]/.test(text) ? text.replaceAll(/\s/g, '') : text;
  }
}

const ascii = (found: string): string => found.replaceAll(/[^!-~]+/g, ' ').trim();

/** Which rings of a shapefile are holes, and of what, is not said in it, and of damaged ones readers guess otherwise. */
const joined = (rings: string[], areApart: boolean): string[] =>
  areApart ? rings : [rings.join()];

/**
 * What GDAL has otherwise, in words. What is dropped here by a name it may have, as NaN among coordinates. Columns go
 * by their places.
 * @param isShapefile - its rows are numbered by what it calls their FID, from 0, not as they come
 */
export function differenceFromGdal(
  own: FoundLayer,
  gdal: GdalLayer,
  isShapefile = false,
): string | null {
  const deleted = own.drops['deleted row']?.count ?? 0;
  if (own.rowsRead - deleted !== gdal.rows.length) {
    return `${own.rowsRead - deleted} rows, and ${gdal.rows.length} by GDAL`;
  }
  const byNumber = new Map(gdal.rows.map((row, i) => [isShapefile ? row[0] + 1 : i + 1, row]));
  const isComparable = own.columns.length === gdal.columns.length;
  for (const { polygons, values, position, odd } of own.rows) {
    const [, wkb, theirValues] = byNumber.get(position) ?? [0, null, []];
    const theirs = polygonsOfWkb(Buffer.from(wkb ?? '', 'hex')) ?? [];
    const texts = theirs.flatMap((rings) => joined(rings, isShapefile)).sort();
    const ours = polygons.flatMap((rings) => joined(rings, isShapefile)).sort();
    if (String(texts) !== String(ours)) {
      return `geometry of ${position}: ${ours.join(' | ')}, and by GDAL ${texts.join(' | ')}`;
    }
    for (const [c, value] of isComparable ? values.entries() : []) {
      const { type } = own.info.columns[c]!;
      if (type.startsWith('date') && !TIME.test(String(value))) continue;
      // Of a column of integers: here it stays as it is.
      if (odd && type === 'integer' && !Number.isInteger(value)) continue;
      const [ownText, itsText] = [plain(value, type), plain(theirValues[c], type)];
      // In which encoding a table is, is a guess for both.
      const isSame = isShapefile ? ascii(ownText) === ascii(itsText) : ownText === itsText;
      if (!isSame) return `${type} ${c} of ${position}: ${ownText}, and by GDAL ${itsText}`;
    }
  }
  return null;
}
