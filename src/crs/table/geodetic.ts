/** Geodetic CRSs, datums, ellipsoids and prime meridians of the table. */

import type { AxisDirection, Datum, Ellipsoid } from '../definition.ts';
import { areasOf, type Bounds, linesOf, recordOf } from './records.ts';
import { angleOf } from './units.ts';

export interface KnownGeodetic {
  id: string;
  name: string;
  kind: 'geographic-2d' | 'geographic-3d' | 'geocentric' | 'other';
  datum: Datum;
  /** Degrees in a unit of its axes. */
  unit: number;
  unitId: string;
  /** As the authority orders them. */
  axes: string;
  areas: Bounds[];
  deprecated: boolean;
}

const KINDS: Readonly<Record<string, KnownGeodetic['kind']>> = {
  2: 'geographic-2d',
  3: 'geographic-3d',
  X: 'geocentric',
  O: 'other',
};

const DIRECTIONS: Readonly<Record<string, AxisDirection>> = {
  e: 'east',
  n: 'north',
  w: 'west',
  s: 'south',
};

/**
 * The letters of two axes in the order in which files hold the coordinates: GDAL's traditional
 * GIS order exchanges latitude or northing before longitude or easting, and nothing else.
 * Null for axes that point elsewhere.
 */
export function axesInFiles(letters: string): readonly [AxisDirection, AxisDirection] | null {
  const pair = letters.slice(0, 2);
  const [x, y] = pair === 'ne' ? 'en' : pair === 'nw' ? 'wn' : pair;
  const first = DIRECTIONS[x ?? ''];
  const second = DIRECTIONS[y ?? ''];
  return first === undefined || second === undefined ? null : [first, second];
}

const geodetic = new Map<string, KnownGeodetic | null>();

export function geodeticById(id: string): KnownGeodetic | null {
  const before = geodetic.get(id);
  if (before !== undefined) return before;
  const record = recordOf('geodetic', id);
  const found = record === null ? null : parseGeodetic(record);
  geodetic.set(id, found);
  return found;
}

function parseGeodetic(record: string[]): KnownGeodetic | null {
  const [id, kind, name, datumId, system, areas, deprecated] = record;
  const datum = datumById(datumId ?? '');
  if (datum === null) return null;
  const [unitId = '', axes = ''] = (system ?? '').split(' ');
  return {
    id: id!,
    name: name!,
    kind: KINDS[kind!] ?? 'other',
    datum,
    unit: kind === 'X' ? 1 : angleOf(1, unitId),
    unitId,
    axes,
    areas: areasOf(areas),
    deprecated: deprecated === '1',
  };
}

/** WKT of a geodetic CRS that the table has no numbers for; null for all others. */
export function geodeticText(id: string): string | null {
  return recordOf('geodetic', id)?.[8] ?? null;
}

export function datumById(id: string): Datum | null {
  const record = id === '' ? null : recordOf('datums', id);
  if (record === null) return null;
  const meridian = recordOf('prime-meridians', record[3]!);
  return {
    name: record[1]!,
    id,
    ellipsoid: ellipsoidById(record[2]!)!,
    primeMeridian: Number(meridian?.[2] ?? 0),
    primeMeridianName: meridian?.[1] ?? 'Greenwich',
    primeMeridianId: record[3]!,
    given: null,
  };
}

/** Ids of the members of a datum ensemble and its accuracy in metres; none for a datum. */
export function ensembleMembers(datumId: string): { members: string[]; accuracy: number } {
  const record = recordOf('datums', datumId);
  const members = record?.[5] ?? '';
  return { members: members === '' ? [] : members.split(' '), accuracy: Number(record?.[4] ?? 0) };
}

function ellipsoidById(id: string): Ellipsoid | null {
  const record = recordOf('ellipsoids', id);
  if (record === null) return null;
  const a = Number(record[2]);
  const inverse = record[3] ?? '';
  const b = record[4] ?? '';
  const flattening =
    b === '' ? (inverse === '' || inverse === '0' ? 0 : 1 / Number(inverse)) : (a - Number(b)) / a;
  return {
    name: record[1]!,
    a,
    es: flattening * (2 - flattening),
    inverseFlattening: b === '' ? Number(inverse) : flattening === 0 ? 0 : 1 / flattening,
    id,
  };
}

let byDatum: Map<string, string[]> | undefined;

/** Ids of the geodetic CRSs that a datum is used in. */
export function geodeticOfDatum(datumId: string): string[] {
  if (byDatum === undefined) {
    byDatum = new Map();
    for (const line of linesOf('geodetic')) {
      const [id, , , datum] = line.split('\t', 4);
      const list = byDatum.get(datum!);
      if (list === undefined) byDatum.set(datum!, [id!]);
      else list.push(id!);
    }
  }
  return byDatum.get(datumId) ?? [];
}
