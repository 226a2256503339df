/** The coastlines of Natural Earth, 1 : 110 million, as the package world-atlas has them. */

import topology from 'world-atlas/land-110m.json' with { type: 'json' };

export const COASTLINE_SOURCE = 'Coastlines: Natural Earth';

/** Where data is cut at the antimeridian, in degrees from it. */
const CUT = 0.01;

/**
 * Lines of longitude, latitude, longitude, … in degrees. Each arc is delta-encoded in whole steps
 * (TopoJSON 1.0, 2.1.4); the sides of land that is cut at the antimeridian are no coasts.
 */
export function coastlines(): number[][] {
  const { scale, translate } = topology.transform;
  const lines: number[][] = [];
  for (const arc of topology.arcs) {
    let [column, row] = [0, 0];
    let line: number[] = [];
    for (const [columns, rows] of arc) {
      column += columns!;
      row += rows!;
      const longitude = column * scale[0]! + translate[0]!;
      const isCut = Math.abs(longitude) > 180 - CUT && Math.abs(line.at(-2) ?? 0) > 180 - CUT;
      if (isCut) {
        lines.push(line);
        line = [];
      }
      line.push(longitude, row * scale[1]! + translate[1]!);
    }
    lines.push(line);
  }
  return lines.filter(({ length }) => length >= 4);
}
