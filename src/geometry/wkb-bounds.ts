/** The box of a polygon in well-known binary of which only the beginning may be there. */

const POLYGON = 3;
const MULTI_POLYGON = 6;

/**
 * Fills `box` with minX, minY, maxX, maxY of the vertices of the first ring that lie in
 * [start, end): of a polygon, or of a multipolygon's first.
 * @returns whether there is such a vertex, and nothing that is not understood
 */
export function polygonBounds(
  view: DataView,
  start: number,
  end: number,
  box: Float64Array,
): boolean {
  let at = start;
  let little = true;
  let doubles = 2;
  for (let kind = MULTI_POLYGON; kind !== POLYGON; ) {
    if (at + 9 > end) return false;
    little = view.getUint8(at) === 1;
    const code = view.getUint32(at + 1, little);
    const iso = code & 0x1fffffff;
    const dimensions = Math.trunc(iso / 1000);
    const hasZ = code >= 0x80000000 || dimensions === 1 || dimensions === 3;
    const hasM = (code & 0x40000000) !== 0 || dimensions === 2 || dimensions === 3;
    doubles = 2 + (hasZ ? 1 : 0) + (hasM ? 1 : 0);
    kind = iso % 1000;
    if (dimensions > 3 || (kind !== POLYGON && kind !== MULTI_POLYGON)) return false;
    // Type, perhaps an SRID, and the number of polygons or of rings.
    at += (code & 0x20000000) === 0 ? 9 : 13;
  }
  if (at + 4 > end) return false;
  const count = view.getUint32(at, little);
  at += 4;
  box[0] = box[1] = Number.POSITIVE_INFINITY;
  box[2] = box[3] = Number.NEGATIVE_INFINITY;
  const last = Math.min(at + count * 8 * doubles, end) - 16;
  for (; at <= last; at += 8 * doubles) {
    const x = view.getFloat64(at, little);
    const y = view.getFloat64(at + 8, little);
    if (x < box[0]!) box[0] = x;
    if (y < box[1]!) box[1] = y;
    if (x > box[2]!) box[2] = x;
    if (y > box[3]!) box[3] = y;
  }
  return box[0]! <= box[2]! && box[1]! <= box[3]!;
}
