/** How the contract of input formats writes a GeoParquet file. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnType, Value } from '../../../src/core/columns.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { GEOPARQUET } from '../../../src/formats/geoparquet/format.ts';
import { CONVERTED, type FixtureColumn, parquetBytes } from '../geoparquet/parquet-fixture.ts';
import type { ContractEntry } from './contract-inputs.ts';
import { wkbOf } from './contract-shapes.ts';

/** How a column is stored, and a value of it. */
const STORED: Record<ColumnType, [type: FixtureColumn['type'], converted?: number]> = {
  boolean: ['BOOLEAN'],
  integer: ['INT64'],
  real: ['DOUBLE'],
  text: ['BYTE_ARRAY', CONVERTED.UTF8],
  date: ['INT32', CONVERTED.DATE],
  datetime: ['INT64', CONVERTED.TIMESTAMP_MILLIS],
  blob: ['BYTE_ARRAY'],
};

function storedValue(value: Value, type: ColumnType): Value {
  if (value === null || (type !== 'date' && type !== 'datetime')) return value;
  const milliseconds = Date.parse(String(value));
  return type === 'date' ? milliseconds / 86_400_000 : milliseconds;
}

export const GEOPARQUET_ENTRY: ContractEntry = {
  format: GEOPARQUET,
  write(folder, stem, { columns, crs, features }) {
    const unknown = { type: 'EngineeringCRS', name: 'nobody knows' };
    const said = crs === null ? null : crs === 'unknown' ? unknown : undefined;
    const wkt = said === undefined && resolveCrs({ authority: 'EPSG', code: `${crs}` }).wkt;
    const geometry = { encoding: 'WKB', geometry_types: [], crs: wkt || said };
    const geo = { version: '1.1.0', primary_column: 'geometry', columns: { geometry } };
    const wkb: FixtureColumn = {
      ...{ name: 'geometry', type: 'BYTE_ARRAY' },
      values: features.map(({ shape }) => wkbOf(shape)),
    };
    const attributes = columns.map(({ name, type }, c): FixtureColumn => {
      const [stored, converted] = STORED[type];
      const values = features.map(({ values }) => storedValue(values[c]!, type));
      return { name, type: stored, values, ...(converted !== undefined && { converted }) };
    });
    // Without checksums, so that damage reaches the values.
    const options = {
      keyValues: { geo: JSON.stringify(geo) },
      groupRows: 150,
      pageRows: 40,
      checksums: false,
    };
    const path = join(folder, `${stem}.parquet`);
    writeFileSync(path, parquetBytes([wkb, ...attributes], options));
    return path;
  },
  without: ['deleted row'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 63n - 1n, -(2n ** 63n)],
    real: [0.5, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity],
    text: ['', 'x'.repeat(70_000), 'Grüße 🧊', '\'"\n', '\0'],
    date: ['0001-01-01', '9999-12-31', '1969-12-31', '2000-02-29'],
    datetime: ['2026-11-28T19:30:00.123Z', '1969-12-31T23:59:59.999Z', '0001-01-01T00:00:00.000Z'],
    blob: [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(9_000, 7)],
  },
  nameBytes: 500,
  sidecars: {},
  key: null,
};
