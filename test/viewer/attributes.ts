/** An input whose columns have what polygons are coloured by: few values, many, none. */

import { Random } from '../../src/core/random.ts';
import { polygonWkb } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';

export const KINDS = [
  'low',
  'high',
  'flat',
  'trough',
  'pond',
  'rim',
  'mound',
  'gully',
  'scarp',
  '',
];

export interface Attributes {
  kind: string | null;
  wet: number | null;
  depth: number | null;
  grade: number;
}

/**
 * Squares around a place, in degrees, that lie apart from one another.
 * @returns their attributes, in their order
 */
export function writeAttributes(
  path: string,
  [west, south]: readonly [number, number],
  columns = 30,
  step = 0.0015,
): Attributes[] {
  const random = new Random(11);
  const all = Array.from({ length: columns * columns }, (): Attributes => {
    const part = random.next();
    return {
      // The first of them are the most frequent.
      kind: random.next() < 0.1 ? null : KINDS[Math.floor(part * part * KINDS.length)]!,
      wet: random.next() < 0.1 ? null : random.next() < 0.3 ? 1 : 0,
      depth: random.next() < 0.15 ? null : Math.round(10 ** (4 * random.next() - 1) * 100) / 100,
      grade: Math.floor(random.next() * 4),
    };
  });
  const rows = all.map((values, n) => {
    const [x, y] = [west + 2.5 * (n % columns) * step, south + Math.floor(n / columns) * step];
    const [w, h] = [1.7 * step, 0.7 * step];
    const ring = [
      [x, y],
      [x + w, y],
      [x + w, y + h],
      [x, y + h],
      [x, y],
    ];
    return {
      wkb: polygonWkb([ring]),
      values: [values.kind, values.wet, values.depth, values.grade, '2020-06-30'],
    };
  });
  writeGeoPackage(path, {
    layer: 'polygons',
    srsId: 4326,
    columns: [
      { name: 'kind', type: 'TEXT' },
      { name: 'wet', type: 'BOOLEAN' },
      { name: 'depth', type: 'REAL' },
      { name: 'grade', type: 'INTEGER' },
      { name: 'seen', type: 'DATE' },
    ],
    rows,
  });
  return all;
}
