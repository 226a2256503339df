/** A small shapefile of all kinds of shapes and fields, and where its files keep their numbers. */

import type { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import {
  type DbfField,
  dbfBytes,
  NULL_SHAPE,
  pointContent,
  polygonContent,
  type Ring,
  shapefileBytes,
  square,
} from '../shapefile/shapefile-fixture.ts';
import type { Place } from './mutate.ts';
import type { Sound } from './mutations.ts';

const POLYGON_TYPES = [5, 5, 15, 25];
const HEADER_BYTES = 100;

function randomContent(random: Random, type: number): Buffer {
  const kind = random.integer(12);
  if (kind === 0) return NULL_SHAPE;
  if (kind === 1) return pointContent(random.integer(9), 2);
  const [x, y] = [random.integer(1000) / 8, random.integer(600) / 8];
  const rings: Ring[] = [square(x, y, 2)];
  if (random.integer(2) === 0) rings.push(square(x + 0.5, y + 0.5, 0.5, false));
  if (random.integer(3) === 0) rings.push(square(x + 4, y, 1));
  // A ring ends where it begins, also in its heights.
  const numbers = rings.flatMap((ring) => ring.map((_, i) => (i === ring.length - 1 ? 0 : i)));
  if (type === 15)
    return polygonContent(type, rings, numbers, random.integer(2) === 0 ? numbers : undefined);
  return polygonContent(type, rings, undefined, type === 25 ? numbers : undefined);
}

const FIELDS: DbfField[] = [
  { name: 'ID', type: 'N', width: 9 },
  { name: 'NAME', type: 'C', width: 20 },
  { name: 'AREA', type: 'N', width: 15, decimals: 3 },
  { name: 'WIDE', type: 'F', width: 24, decimals: 10 },
  { name: 'YES', type: 'L', width: 1 },
  { name: 'DAY', type: 'D', width: 8 },
];

function randomRow(random: Random, n: number): string[] {
  const all = [
    String(n).padStart(9),
    ['grün', 'ice wedge', '', 'Kołobrzeg'][random.integer(4)]!,
    (random.next() * 1e5).toFixed(3).padStart(15),
    (random.next() * 1e9).toFixed(10).padStart(24),
    'TFYN? '[random.integer(6)]!,
    `2026${String(1 + random.integer(12)).padStart(2, '0')}${10 + random.integer(18)}`,
  ];
  return all.map((value) => (random.integer(8) === 0 ? '' : value));
}

/** The files of a shapefile, the main one first. */
export function randomShapefile(random: Random, stem: string): Sound[] {
  const count = random.integer(8) === 0 ? 0 : 1 + random.integer(8);
  const type = POLYGON_TYPES[random.integer(4)]!;
  const contents = Array.from({ length: count }, () => randomContent(random, type));
  const { shp, shx } = shapefileBytes(type, contents);
  const fields = FIELDS.filter((_, i) => i === 0 || random.integer(2) === 0);
  const rows = contents.map((_, n) =>
    randomRow(random, n).filter((_, i) => fields.includes(FIELDS[i]!)),
  );
  const deleted = count > 2 && random.integer(3) === 0 ? [1 + random.integer(count)] : [];
  const dbf = dbfBytes(fields, rows, random.integer(2) === 0 ? 0 : 0x57, deleted);
  const prj = Buffer.from(resolveCrs({ authority: 'EPSG', code: '3413' }).wkt!);
  const files: Sound[] = [
    { name: `${stem}.shp`, bytes: shp, places: shpNumbers(shp) },
    { name: `${stem}.shx`, bytes: shx, places: shxNumbers(shx) },
    { name: `${stem}.dbf`, bytes: dbf, places: dbfNumbers(fields.length) },
    { name: `${stem}.prj`, bytes: prj },
    { name: `${stem}.cpg`, bytes: Buffer.from('UTF-8') },
  ];
  return files.filter((_, i) => i < 3 || random.integer(3) > 0);
}

function header(): Place[] {
  const ends = [
    { at: 0, bytes: 4, big: true },
    { at: 24, bytes: 4, big: true },
  ] as const;
  const numbers = [28, 32].map((at): Place => ({ at, bytes: 4 }));
  return [...ends, ...numbers, ...[36, 44, 52, 60].map((at): Place => ({ at, bytes: 8 }))];
}

function shpNumbers(shp: Buffer): Place[] {
  const places = header();
  for (let at = HEADER_BYTES; at < shp.length; ) {
    const length = 2 * shp.readUInt32BE(at + 4);
    places.push({ at, bytes: 4, big: true }, { at: at + 4, bytes: 4, big: true });
    places.push({ at: at + 8, bytes: 4 });
    if (length > 44) {
      const parts = shp.readUInt32LE(at + 44);
      for (let k = 0; k < 2 + parts; k++) places.push({ at: at + 44 + 4 * k, bytes: 4 });
    }
    at += 8 + length;
  }
  return places;
}

function shxNumbers(shx: Buffer): Place[] {
  const places = header();
  for (let at = HEADER_BYTES; at + 4 <= shx.length; at += 4)
    places.push({ at, bytes: 4, big: true });
  return places;
}

/** Rows, bytes of the head and of a row, code page; of each field its type, width and decimals. */
function dbfNumbers(fields: number): Place[] {
  const places: Place[] = [
    { at: 0, bytes: 1 },
    { at: 4, bytes: 4 },
    { at: 8, bytes: 2 },
    { at: 10, bytes: 2 },
    { at: 29, bytes: 1 },
  ];
  for (let f = 1; f <= fields; f++) {
    for (const at of [0, 11, 16, 17]) places.push({ at: 32 * f + at, bytes: 1 });
  }
  places.push({ at: 32 * (fields + 1), bytes: 1 });
  return places;
}
