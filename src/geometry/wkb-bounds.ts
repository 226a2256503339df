/** The box of a polygon in well-known binary of which only the beginning may be there. */

const POLYGON = 3;
const MULTI_POLYGON = 6;

/**
 * Fills `box` with minX, minY, maxX, maxY of the vertices of shells that lie in [start, end), of a polygon or
 * a multipolygon.
 * @returns whether there is such a vertex, and nothing before it that is not understood
 */
export function polygonBounds(
  view: DataView,
  start: number,
  end: number,
  box: Float64Array,
): boolean {
  box[0] = box[1] = Number.POSITIVE_INFINITY;
  box[2] = box[3] = Number.NEGATIVE_INFINITY;
  let polygons = 1;
  // The header of a multipolygon comes before those of its polygons.
  for (let at = start, isFirst = true; polygons > 0 && at + 9 <= end; isFirst = false) {
    const little = view.getUint8(at) === 1;
    const code = view.getUint32(at + 1, little);
    const dimensions = Math.trunc((code & 0x1fffffff) / 1000);
    const hasZ = code >= 0x80000000 || dimensions === 1 || dimensions === 3;
    const hasM = (code & 0x40000000) !== 0 || dimensions === 2 || dimensions === 3;
    const stride = 8 * (2 + (hasZ ? 1 : 0) + (hasM ? 1 : 0));
    const kind = (code & 0x1fffffff) % 1000;
    // Behind the code there may be an SRID.
    at += (code & 0x20000000) === 0 ? 5 : 9;
    if (dimensions > 3 || at + 4 > end) break;
    const count = view.getUint32(at, little);
    at += 4;
    if (isFirst && kind === MULTI_POLYGON) polygons = count;
    else if (kind !== POLYGON) break;
    else {
      at = extendByShell(view, at, end, count, stride, little, box);
      polygons--;
    }
  }
  return box[0]! <= box[2]! && box[1]! <= box[3]!;
}

/** Extends the box by the first of the rings that begin at `at`; returns where they end. */
function extendByShell(
  view: DataView,
  at: number,
  end: number,
  rings: number,
  stride: number,
  little: boolean,
  box: Float64Array,
): number {
  for (let ring = 0; ring < rings && at + 4 <= end; ring++) {
    const next = at + 4 + view.getUint32(at, little) * stride;
    const last = ring === 0 ? Math.min(next, end) - 16 : -1;
    for (at += 4; at <= last; at += stride) {
      const x = view.getFloat64(at, little);
      const y = view.getFloat64(at + 8, little);
      if (x < box[0]!) box[0] = x;
      if (y < box[1]!) box[1] = y;
      if (x > box[2]!) box[2] = x;
      if (y > box[3]!) box[3] = y;
    }
    at = next;
  }
  return at;
}
