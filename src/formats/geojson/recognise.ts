/** GeoJSON by its first bytes. */

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
  const { keys, type, inner } = lookInto(Buffer.from(head).toString('latin1'));
  if (OTHERS.some((key) => keys.has(key))) return false;
  if (type !== null) return TYPES.has(type);
  if (inner.has('attributes') || inner.has('rings')) return false;
  if (keys.has('features')) return inner.has('geometry') || inner.has('properties');
  return keys.has('geometry') && (inner.has('coordinates') || inner.has('type'));
}

/** Keys of the first object, its type, and keys of what is in it, as far as the text goes. */
function lookInto(text: string): { keys: Set<string>; inner: Set<string>; type: string | null } {
  const keys = new Set<string>();
  const inner = new Set<string>();
  let type: string | null = null;
  const body = text
    .replace(/^\xef\xbb\xbf/, '')
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
