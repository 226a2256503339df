/** Names of members that GeoJSON gives a meaning to. */

import type { JsonCursor } from './json-cursor.ts';

export const FOREIGN = 0;
export const TYPE = 1;
export const GEOMETRY = 2;
export const PROPERTIES = 3;
export const ID = 4;
export const FEATURES = 5;
export const COORDINATES = 6;
const GEOMETRIES = 7;
export const CRS = 8;
/** What is passed over: extents, the name of the layer as GDAL writes it. */
const KNOWN = 9;

const MEMBERS: readonly [name: string, member: number][] = [
  ['type', TYPE],
  ['geometry', GEOMETRY],
  ['properties', PROPERTIES],
  ['id', ID],
  ['features', FEATURES],
  ['coordinates', COORDINATES],
  ['geometries', GEOMETRIES],
  ['crs', CRS],
  ['bbox', KNOWN],
  ['name', KNOWN],
];
const BY_NAME = new Map(MEMBERS);
const MOST_LENGTH = 11;
/** By length of the name. */
const BY_LENGTH = Array.from({ length: MOST_LENGTH + 1 }, (_, length) =>
  MEMBERS.filter(([name]) => name.length === length).map(
    ([name, member]) => [Buffer.from(name), member] as const,
  ),
);

/** The member whose key was read last. @param escaped - whether the key has escapes */
export function memberOf(cursor: JsonCursor, escaped: boolean): number {
  if (escaped) return BY_NAME.get(textOf(cursor)) ?? FOREIGN;
  const length = cursor.textEnd - cursor.textStart;
  if (length > MOST_LENGTH) return FOREIGN;
  for (const [name, member] of BY_LENGTH[length]!) if (cursor.textIs(name)) return member;
  return FOREIGN;
}

/** The string that was read last. */
export function textOf({ bytes, textStart, textEnd }: JsonCursor): string {
  return JSON.parse(bytes.toString('utf8', textStart - 1, textEnd + 1)) as string;
}
