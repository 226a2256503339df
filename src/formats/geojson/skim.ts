/** Passes over geometries: of most, no number is looked at. */

import type { FeatureVisitor } from './feature-walk.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  type JsonCursor,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  STRING,
} from './json-cursor.ts';
import { COORDINATES, memberOf, TYPE } from './members.ts';

/**
 * Passes over the geometry at whose first byte the cursor is.
 * @returns its type; '' if it is none that a text names
 */
export function skimGeometry(cursor: JsonCursor): string {
  if (cursor.bytes[cursor.at] !== OPEN_BRACE) {
    cursor.value();
    return '';
  }
  let type = '';
  for (let more = cursor.openObject(); more; more = cursor.nextMember()) {
    const member = memberOf(cursor, cursor.string());
    const first = cursor.colon();
    if (member === COORDINATES && first === OPEN_BRACKET && skimArray(cursor)) continue;
    const isText = cursor.value() === STRING;
    if (member === TYPE && isText) type = typeName(cursor);
  }
  return type;
}

/**
 * Goes behind an array without looking into it, if it is the value of a member and holds no text and no object: then
 * it ends before the next quote or brace, behind a bracket. Whether it is JSON is found when it is read.
 */
function skimArray(cursor: JsonCursor): boolean {
  const { bytes, at, end } = cursor;
  const quote = bytes.indexOf(QUOTE, at);
  const brace = bytes.indexOf(CLOSE_BRACE, at);
  const stop = quote < 0 ? brace : brace < 0 ? quote : Math.min(quote, brace);
  // The array itself says so, if it is whole.
  if (stop < 0 || stop >= end) return false;
  const inner = bytes.indexOf(OPEN_BRACE, at);
  if (inner >= 0 && inner < stop) return false;
  let last = behindSpace(bytes, stop);
  if (stop === quote) {
    if (bytes[last - 1] !== COMMA) return false;
    last = behindSpace(bytes, last - 1);
  }
  if (bytes[last - 1] !== CLOSE_BRACKET || last <= at) return false;
  cursor.at = last;
  return true;
}

/** Where the white space before `end` begins. */
function behindSpace(bytes: Uint8Array, end: number): number {
  let at = end;
  while (bytes[at - 1]! <= 0x20) at--;
  return at;
}

const KNOWN = ['Polygon', 'MultiPolygon'].map((name) => [Buffer.from(name), name] as const);

function typeName(cursor: JsonCursor): string {
  for (const [bytes, name] of KNOWN) if (cursor.textIs(bytes)) return name;
  return cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd);
}

/** Goes from feature to feature. */
export const SKIM: FeatureVisitor = {
  begin: () => undefined,
  geometry: skimGeometry,
  key: () => undefined,
  property: () => undefined,
  id: () => undefined,
  crs: () => undefined,
  foreign: () => undefined,
};
