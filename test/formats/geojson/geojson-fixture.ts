/** Writes described inputs as GeoJSON, for the contract of input formats. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnType, Value } from '../../../src/core/columns.ts';
import { GEOJSON } from '../../../src/formats/geojson/format.ts';
import type { ContractEntry, Described, Shape } from '../contract/contract-inputs.ts';

const polygon = (coordinates: unknown): object => ({ type: 'Polygon', coordinates });

function geometryOf(shape: Shape): object | null {
  if (typeof shape !== 'string') {
    return shape.length === 1 ? polygon(shape[0]!) : { type: 'MultiPolygon', coordinates: shape };
  }
  switch (shape) {
    case 'empty geometry':
      return polygon([]);
    case 'not a polygon':
      return { type: 'Point', coordinates: [0, 0] };
    case 'curved polygon':
      return { type: 'CurvePolygon', geometries: [] };
    case 'malformed geometry':
      return polygon([[[0, 0], [0]]]);
    case 'unclosed ring':
      return polygon([
        [
          [0, 0],
          [0, 1],
          [1, 1],
          [1, 0],
        ],
      ]);
    case 'too few points':
      return polygon([
        [
          [0, 0],
          [1, 1],
        ],
      ]);
    case 'non-finite coordinate':
      return polygon([
        [
          [0, 0],
          [0, 1],
          ['NaN', 1],
          [0, 0],
        ],
      ]);
    default:
      return null;
  }
}

/** A value as its text in JSON; reals are spelt as such, or they would be integers. */
function jsonOf(value: Value, type: ColumnType): string {
  if (value === null) return 'null';
  if (type === 'boolean') return String(value === 1);
  if (typeof value === 'string') return JSON.stringify(value);
  return type === 'real' && /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
}

export function featureText(
  { columns }: Described,
  { shape, values }: Described['features'][number],
): string {
  const members = values.map(
    (value, c) => `${JSON.stringify(columns[c]!.name)}:${jsonOf(value, columns[c]!.type)}`,
  );
  const geometry = JSON.stringify(geometryOf(shape)).replace('"NaN"', 'NaN');
  return `{"type":"Feature","properties":{${members.join(',')}},"geometry":${geometry}}`;
}

/** In the words of GeoJSON 2008. */
function crsText(crs: Described['crs']): string {
  if (crs === null) return '"crs":null,';
  const name = crs === 'unknown' ? 'urn:ogc:def:crs:NOBODY::1' : `urn:ogc:def:crs:EPSG::${crs}`;
  return `"crs":{"type":"name","properties":{"name":${JSON.stringify(name)}}},`;
}

export const GEOJSON_ENTRY: ContractEntry = {
  format: GEOJSON,
  write(folder, stem, described) {
    const path = join(folder, `${stem}.geojson`);
    const features = described.features.map((feature) => featureText(described, feature));
    writeFileSync(
      path,
      `{"type":"FeatureCollection",${crsText(described.crs)}"features":[\n${features.join(',\n')}\n]}`,
    );
    return path;
  },
  without: ['deleted row'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 63n - 1n, -(2n ** 63n)],
    real: [0.5, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, 2 ** 53, 1e21],
    text: ['', 'x'.repeat(70_000), 'Grüße 🧊', '\'"\n', '\0', '2026-11-28', '\\u0041'],
    date: ['0001-01-01', '9999-12-31'],
    datetime: [
      '2026-11-28T19:30:00.123Z',
      '2026-11-28T19:30:00.000',
      '2026-11-28T19:30:00.000+05:30',
    ],
  },
  nameBytes: 500,
  sidecars: {},
  key: null,
};
