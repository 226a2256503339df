/**
 * Definitions that bring no code, or codes of somebody else: which known datum and geographic CRS
 * they mean. Names and numbers must agree, as with PROJ; then operations between datums are found
 * for a .prj file as for a code.
 */

import type { CrsDefinition, Datum, Ellipsoid } from '../definition.ts';
import { foldName } from '../notations/names.ts';
import { datumById, geodeticById, geodeticOfDatum } from './geodetic.ts';
import { linesOf } from './records.ts';

/**
 * The definition with the ids of its datum and its geographic CRS, where they can be told.
 * @param expected - datum of a code beside the definition: of several datums that go by the name
 *   it is the one that is meant
 */
export function identify(definition: CrsDefinition, expected?: Datum): CrsDefinition {
  const datum = knownDatum(definition, expected?.id ?? null);
  if (datum === null) {
    const plain = { ...definition.datum, id: null };
    return { ...definition, datum: plain, baseId: null };
  }
  const baseId = geographicOf(datum, definition);
  const { given } = definition.datum;
  return {
    ...definition,
    datum: { ...datum, ellipsoid: definition.datum.ellipsoid, given },
    baseId,
    id: definition.method === null && definition.id === null ? baseId : definition.id,
  };
}

/** By the ids that are given, then by the name of the datum, then by that of the geographic CRS. */
function knownDatum(definition: CrsDefinition, expected: string | null): Datum | null {
  for (const id of candidates(definition, expected)) {
    const known = datumById(id);
    if (known !== null && agrees(known, definition.datum)) return known;
  }
  return null;
}

/** One after the other, for the index of names takes a while. */
function* candidates(
  { datum, baseId, baseName }: CrsDefinition,
  expected: string | null,
): Generator<string> {
  if (datum.id !== null) yield datum.id;
  if (baseId !== null) yield geodeticById(baseId)?.datum.id ?? '';
  const byName = [
    ...(datum.name === null ? [] : named('datums', datum.name)),
    ...named('geodetic', baseName).map((id) => geodeticById(id)?.datum.id ?? ''),
  ];
  if (expected !== null && byName.includes(expected)) yield expected;
  yield* byName;
}

/** Whether ellipsoid and prime meridian are those of the text, but for rounding there. */
function agrees(known: Datum, written: Datum): boolean {
  return (
    sameEllipsoid(known.ellipsoid, written.ellipsoid) &&
    Math.abs(known.primeMeridian - written.primeMeridian) < 1e-7
  );
}

/** A millimetre on the ellipsoid; texts round the flattening to some ten digits. */
export function sameEllipsoid(p: Ellipsoid, q: Ellipsoid): boolean {
  return Math.abs(p.a - q.a) < 1e-3 && Math.abs(p.es - q.es) < 2e-10;
}

/** The geographic CRS of two dimensions on the datum: that of the name, or else EPSG's. */
function geographicOf(datum: Datum, { baseId, baseName }: CrsDefinition): string | null {
  const onDatum = geodeticOfDatum(datum.id!).filter(
    (id) => geodeticById(id)?.kind === 'geographic-2d',
  );
  if (baseId !== null && onDatum.includes(baseId)) return baseId;
  const byName = named('geodetic', baseName).find((id) => onDatum.includes(id));
  if (byName !== undefined) return byName;
  const valid = onDatum.filter((id) => !geodeticById(id)!.deprecated);
  return valid.find((id) => id.startsWith('EPSG:')) ?? valid[0] ?? onDatum[0] ?? null;
}

const names = new Map<'datums' | 'geodetic', Map<string, string[]>>();

/** Ids of what goes by the name: EPSG's before others', valid ones before deprecated ones. */
function named(table: 'datums' | 'geodetic', name: string): string[] {
  let index = names.get(table);
  if (index === undefined) {
    index = new Map();
    for (const line of linesOf(table)) {
      const cells = line.split('\t');
      const [own, aliases] = table === 'datums' ? [cells[1]!, cells[6]] : [cells[2]!, cells[7]];
      for (const spelling of [own, ...(aliases ?? '').split('|')]) {
        const key = foldName(spelling);
        if (key === '') continue;
        const list = index.get(key);
        if (list === undefined) index.set(key, [cells[0]!]);
        else if (!list.includes(cells[0]!)) list.push(cells[0]!);
      }
    }
    names.set(table, index);
  }
  const found = index.get(foldName(name)) ?? [];
  return [...found].sort((a, b) => rank(table, a) - rank(table, b));
}

function rank(table: 'datums' | 'geodetic', id: string): number {
  const deprecated = table === 'geodetic' && geodeticById(id)?.deprecated === true;
  return (deprecated ? 2 : 0) + (id.startsWith('EPSG:') ? 0 : 1);
}
