/** Parquet of which bytes are other ones: the rows of DuckDB, or an error by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { rowsOfDuckDb, rowsOfProject, type Table } from '../geoparquet/parquet-duckdb.ts';
import { readMutations } from './mutations.ts';
import { parquetNumbers, randomParquet } from './parquet-files.ts';
import { polygonsOfWkb } from './plain-wkb.ts';
import { type FoundLayer, readInput } from './read-input.ts';

interface Found {
  /** All columns, those of geometries as bytes. */
  table: Table;
  /** Null where it is no layer, by name: without a geometry that is read. */
  layer: FoundLayer | null;
}

/** A year past 9999 or before 0 without the zeros and the plus of ISO 8601's longer form. */
const shortYear = (text: string | null): string | null =>
  text?.replace(/^(?:\+|(-))0*(?=\d{4,}-\d\d-\d\dT)/, '$1') ?? null;

function difference({ table, layer }: Found, answer: Table): string | null {
  if (answer.names.length === 0) return null;
  if (table.rows.length !== answer.rows.length) {
    return `${table.rows.length} rows, and ${answer.rows.length} by DuckDB`;
  }
  const places = answer.names.map((name) => table.names.indexOf(name));
  for (const [i, row] of answer.rows.entries()) {
    for (const [k, value] of row.entries()) {
      // Where text comes from DuckDB, its first character is taken for a mark of bytes.
      const own = table.rows[i]![places[k]!]?.replace(/^\ufeff/, '') ?? null;
      if (own !== value && own !== shortYear(value))
        return `${answer.names[k]} of row ${i}: ${own}, and by DuckDB ${value}`;
    }
  }
  const geometry = answer.names.indexOf('geometry');
  for (const { position, polygons } of geometry < 0 ? [] : (layer?.rows ?? [])) {
    const hex = answer.rows[position - 1]![geometry]!;
    // That of native geometries is no text of hexadecimal digits.
    if (!/^[\da-f]*$/.test(hex)) break;
    const theirs = polygonsOfWkb(Buffer.from(hex, 'hex'));
    if (String(polygons) !== String(theirs))
      return `geometry of ${position}: ${polygons} for ${hex}`;
  }
  return null;
}

test('mutations of GeoParquet', async (t) => {
  const counts = await readMutations<Found, Table>(t, {
    format: 'GeoParquet',
    async sound(random, folder) {
      const bytes = await randomParquet(random, folder);
      return [{ name: 'a.parquet', bytes, places: parquetNumbers(bytes) }];
    },
    async read(path, random) {
      const table = rowsOfProject(path);
      try {
        return { table, layer: [...(await readInput(path, random)).values()][0]! };
      } catch (error) {
        if (!(error instanceof TilewrightError) || error.code === 'internal') throw error;
        return { table, layer: null };
      }
    },
    second: (path) => rowsOfDuckDb(path).catch(() => null),
    difference,
  });
  assert.ok(counts.compared > 30 && counts.refused > 100, JSON.stringify(counts));
});
