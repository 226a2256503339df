/** GeoJSON by its first bytes. */

import iconv from 'iconv-lite';

const TYPES: ReadonlySet<string> = new Set([
  ...['Feature', 'FeatureCollection', 'Point', 'MultiPoint', 'LineString', 'MultiLineString'],
  ...['Polygon', 'MultiPolygon', 'GeometryCollection'],
]);
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;
/** Keys that other formats have beside, or in place of, those of GeoJSON. */
const OTHERS = ['arcs', 'tilejson', 'fieldAliases', 'geometryType', 'spatialReference'];

/**
 * Whether a file is GeoJSON, as far as its first bytes tell: by the type of its first object or, where that comes
 * later, by what stands before it.
 */
export function isGeoJson(head: Uint8Array): boolean {
  const wide = wideEncodingOf(head);
  const text =
    wide === null ? Buffer.from(head).toString('latin1') : iconv.decode(Buffer.from(head), wide);
  const { keys, type, inner } = lookInto(text);
  if (OTHERS.some((key) => keys.has(key))) return false;
  if (type !== null) return TYPES.has(type);
  if (inner.has('attributes') || inner.has('rings')) return false;
  if (keys.has('features')) return inner.has('geometry') || inner.has('properties');
  return keys.has('geometry') && (inner.has('coordinates') || inner.has('type'));
}

/**
 * The encoding of a text of JSON in units of several bytes, as programs name it: by the mark at its start, or by where
 * its first character, which is ASCII, has zeros. Null for none: GeoJSON has to be UTF-8.
 */
export function wideEncodingOf(head: Uint8Array): string | null {
  const [a = 0, b = 0, c = 0, d = 0] = head;
  if (head.length < 2) return null;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && head.length >= 4 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a === 0 && b === 0)
    return c === 0xfe && d === 0xff ? 'UTF-32' : isFirst(d) ? 'UTF-32BE' : null;
  if (a === 0 && isFirst(b)) return 'UTF-16BE';
  if (b !== 0 || !isFirst(a)) return null;
  return c === 0 && d === 0 ? 'UTF-32LE' : 'UTF-16LE';
}

/** Whether JSON may begin with it: a brace, a record separator or white space. */
function isFirst(c: number): boolean {
  return c === 0x7b || c === 0x1e || c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}

/** Keys of the first object, its type, and keys of what is in it, as far as the text goes. */
function lookInto(text: string): { keys: Set<string>; inner: Set<string>; type: string | null } {
  const keys = new Set<string>();
  const inner = new Set<string>();
  let type: string | null = null;
  const body = text
    .replace(/^(?:\xef\xbb\xbf|\ufeff)/, '')
    .replaceAll('\x1e', '')
    .trimStart();
  if (!body.startsWith('{')) return { keys, inner, type };
  let depth = 0;
  const tokens = body.match(TOKEN) ?? [];
  for (const [i, token] of tokens.entries()) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    // Of texts in a sequence the first one tells.
    if (depth === 0) break;
    if (token[0] !== '"' || tokens[i + 1] !== ':') continue;
    const name = token.slice(1, -1);
    (depth > 1 ? inner : keys).add(name);
    const value = tokens[i + 2];
    if (depth === 1 && name === 'type' && value?.[0] === '"') type ??= value.slice(1, -1);
  }
  return { keys, inner, type };
}
