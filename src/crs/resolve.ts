/** CrsReference → Crs: what a reference means, ready to be transformed from and to. */

import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import { coordinatesOf } from './coordinates.ts';
import type { CrsDefinition, Datum } from './definition.ts';
import { formatWkt1 } from './notations/format-wkt1.ts';
import { formatWkt2 } from './notations/format-wkt2.ts';
import { parseDefinition } from './notations/parse.ts';
import { excerpt } from './notations/refusal.ts';
import type { CrsReference } from './reference.ts';
import { sameNumbers } from './same.ts';
import { identify } from './table/identify.ts';
import { crsByCode, type KnownCrs } from './table/lookup.ts';
import type { Bounds } from './table/records.ts';

/** A CRS of two horizontal axes, easting or longitude first. Plain data: it crosses threads. */
export interface Crs {
  /** For example `EPSG:3413`; null when only a definition is known. */
  id: string | null;
  name: string;
  /** For a GeoPackage's gpkg_spatial_ref_sys. */
  wkt: string;
  geographic: boolean;
  /** Metres in a unit of the axes; along the equator for a geographic CRS. */
  metersPerUnit: number;
  definition: CrsDefinition;
  /** Where it is meant to be used; empty when that is not known. */
  areas: Bounds[];
}

/** OGC's own codes of geographic CRSs with longitude first, as everything here has them. */
const OGC_NAMES: ReadonlyMap<string, string> = new Map([
  ['OGC:CRS84', 'EPSG:4326'],
  ['OGC:CRS83', 'EPSG:4269'],
  ['OGC:CRS27', 'EPSG:4267'],
]);

/**
 * @throws TilewrightError `crs-unknown` for codes and definitions that can't be resolved, for a
 *   code and definitions that contradict each other, and for vertical, geocentric, engineering
 *   and undefined CRSs
 */
export function resolveCrs(reference: CrsReference): Crs {
  const { definition, otherDefinition } = reference;
  const crs = resolveFirst(reference);
  if (otherDefinition === undefined) return crs;
  const written = readable(otherDefinition, crs.definition.datum);
  if (written === null || sameNumbers(crs.definition, written)) return crs;
  throw unknown(
    `Two definitions of one CRS contradict each other: "${excerpt(definition ?? crs.name)}" is not ` +
      `"${excerpt(otherDefinition)}". Say which one is meant.`,
  );
}

function resolveFirst(reference: CrsReference): Crs {
  const { authority, code, definition } = reference;
  const id = authority === undefined || code === undefined ? null : idOf(authority, code);
  const found = id === null ? null : known(id);
  if (found !== null) {
    const written = definition === undefined ? null : readable(definition, found.definition.datum);
    if (written !== null) checkAgreement(id!, found.definition, written, definition!);
    return fromTable(id!, found);
  }
  if (definition === undefined) {
    if (id === null) throw unknown('The CRS has neither a code nor a definition.');
    throw unknown(
      `${excerpt(id)} is not among the known codes of EPSG, ESRI, IAU and OGC. Give a PROJ string ` +
        'or WKT instead.',
    );
  }
  const parsed = parseDefinition(definition);
  const read = identify(parsed);
  // A text that brings its code means what that means, if its numbers say so too. A code that only
  // its names tell doesn't overrule a shift that the text gives.
  const isOverruled = parsed.id === null && parsed.datum.given !== null;
  const coded = read.id === null || isOverruled ? null : known(read.id);
  if (coded !== null) {
    const isSame = sameNumbers(coded.definition, identify(parsed, coded.definition.datum));
    if (isSame) return fromTable(read.id!, coded);
    if (parsed.id !== null) throw contradiction(read.id!, coded.definition, definition);
  }
  const own = id ?? (coded === null && !isOverruled ? read.id : null);
  const name = read.name === '' ? (reference.name ?? excerpt(definition)) : read.name;
  return made({ ...read, id: own, name }, [], definition);
}

function known(id: string): KnownCrs | null {
  return crsByCode(OGC_NAMES.get(id) ?? id);
}

/** `IAU_2015:49910` and `IAU:49910` are one. */
function idOf(authority: string, code: string): string {
  return `${authority.toUpperCase().replace(/^IAU_2015$/, 'IAU')}:${code.toUpperCase()}`;
}

function fromTable(id: string, { definition, areas }: KnownCrs): Crs {
  if (!OGC_NAMES.has(id)) return made(definition, areas, null);
  const crs = made(definition, areas, null);
  return { ...crs, id, name: `${crs.name} (${id.slice('OGC:'.length)})` };
}

function made(definition: CrsDefinition, areas: Bounds[], text: string | null): Crs {
  try {
    coordinatesOf(definition);
  } catch (error) {
    throw unknown(
      `The CRS ${excerpt(definition.id ?? definition.name)} can't be used: ` +
        `${toTilewrightError(error).message}. Reproject the data to another CRS first.`,
      error,
    );
  }
  const geographic = definition.method === null || definition.method === 'rotated-pole';
  return {
    id: definition.id,
    name: definition.name,
    wkt: text?.includes('[') ? text : (formatWkt1(definition) ?? formatWkt2(definition)),
    geographic,
    metersPerUnit: geographic
      ? (definition.datum.ellipsoid.a * Math.PI * definition.unit) / 180
      : definition.unit,
    definition,
    areas,
  };
}

/** What a definition beside a code says; null where it can't be read: then the code is all. */
function readable(definition: string, datum: Datum): CrsDefinition | null {
  try {
    return identify(parseDefinition(definition), datum);
  } catch {
    // A broken text beside a code that is known costs nothing: the code says it all.
    return null;
  }
}

function checkAgreement(
  id: string,
  known: CrsDefinition,
  written: CrsDefinition,
  text: string,
): void {
  if (!sameNumbers(known, written)) throw contradiction(id, known, text);
}

function contradiction(id: string, known: CrsDefinition, text: string): TilewrightError {
  return unknown(
    `The code ${id} (${known.name}) and the definition "${excerpt(text)}" beside it contradict each ` +
      'other.',
  );
}

function unknown(message: string, cause?: unknown): TilewrightError {
  return new TilewrightError('crs-unknown', message, { cause });
}
