/** Inputs of geometries with one fault each. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InvalidKind } from '../../src/geometry/validity/kinds.ts';
import {
  polygonContent,
  type Ring,
  shapefileBytes,
} from '../formats/shapefile/shapefile-fixture.ts';
import { multiPolygonWkb, polygonWkb } from './support.ts';
import type { Workplace } from './workplace.ts';

const ring = (...xy: number[]): Ring =>
  Array.from({ length: xy.length / 2 }, (_, k) => [xy[2 * k]!, xy[2 * k + 1]!]);
const box = (x: number, y: number, size: number): Ring =>
  ring(x, y, x + size, y, x + size, y + size, x, y + size, x, y);
const hole = (x: number, y: number, size: number): Ring => box(x, y, size).reverse();

interface Fault {
  kinds: InvalidKind[];
  /** Shells counter-clockwise. */
  polygons: Ring[][];
  /** Whether a shapefile can't tell it from another geometry, as it only lists rings. */
  notInShapefile?: true;
}

/** A kind or none each; what is wrong with them is told by OGC 06-103r4, and seen at once. */
export const FAULTS: Fault[] = [
  { kinds: [], polygons: [[box(0, 0, 4)]] },
  { kinds: ['self-crossing'], polygons: [[ring(0, 0, 2, 2, 2, 0, 0, 2, 0, 0)]] },
  { kinds: ['spike'], polygons: [[ring(0, 0, 2, 0, 2, 2, 2, 4, 2, 2, 0, 2, 0, 0)]] },
  { kinds: ['unclosed'], polygons: [[ring(0, 0, 2, 0, 2, 2, 0, 2)]] },
  { kinds: ['too few points'], polygons: [[ring(0, 0, 1, 1)]] },
  { kinds: ['too few points'], polygons: [[ring(0, 0, 1, 1, 1, 1, 0, 0)]] },
  { kinds: ['duplicate ring'], polygons: [[box(0, 0, 2), hole(0, 0, 2)]] },
  {
    kinds: ['hole outside its shell'],
    polygons: [[box(0, 0, 2), hole(4, 0, 2)]],
    notInShapefile: true,
  },
  { kinds: ['nested shells'], polygons: [[box(0, 0, 8)], [box(2, 2, 2)]] },
  { kinds: ['zero area'], polygons: [[ring(0, 0, 1, 1, 2, 2, 0, 0)]] },
  {
    kinds: ['nested holes'],
    polygons: [[box(0, 0, 8), hole(1, 1, 6), hole(3, 3, 2)]],
    notInShapefile: true,
  },
  { kinds: ['overlapping polygons'], polygons: [[box(0, 0, 4)], [box(2, 2, 4)]] },
  {
    kinds: ['disconnected interior'],
    polygons: [[box(0, 0, 4), ring(2, 0, 0, 2, 2, 4, 4, 2, 2, 0)]],
  },
  { kinds: ['wrong orientation'], polygons: [[hole(0, 0, 2)]] },
  { kinds: [], polygons: [[box(0, 0, 4), hole(1, 1, 2)], [box(6, 6, 1)]] },
];

/** Faults that leave no area. */
export const WITHOUT_AREA = ['too few points', 'duplicate ring', 'zero area'];

/** So that all coordinates are exact, and lie in one tile at z 13. */
const PLACE = [-153.2734375, 70.34375] as const;
const STEP = 2 ** -13;

const placed = (polygons: Ring[][]): Ring[][] =>
  polygons.map((rings) =>
    rings.map((points) =>
      points.map(([x, y]): [number, number] => [PLACE[0] + STEP * x, PLACE[1] + STEP * y]),
    ),
  );

/** Writes the faults so often; feature p has fault (p − 1) % FAULTS.length. */
export function writeFaults(at: Workplace, name: string, times = 1, faults = FAULTS): void {
  const all = Array.from({ length: times }, () => faults).flat();
  const rows = all.map(({ polygons }) => {
    const there = placed(polygons);
    const wkb = there.length === 1 ? polygonWkb(there[0]!) : multiPolygonWkb(there);
    return { wkb, values: [] };
  });
  if (name.endsWith('.gpkg')) {
    at.write(name, { layer: 'l', srsId: 4326, columns: [], geometryType: 'GEOMETRY', rows });
    return;
  }
  // As the format wants it: shells clockwise.
  const contents = all.map(({ polygons }) => {
    const rings = placed(polygons).flat();
    return polygonContent(
      5,
      rings.map((points) => points.toReversed()),
    );
  });
  const { shp, shx } = shapefileBytes(5, contents);
  writeFileSync(join(at.input, name), shp);
  writeFileSync(join(at.input, name.replace('.shp', '.shx')), shx);
}

/** Positions by kind, as they are counted. */
export function kindsOf(faults: readonly Fault[], times = 1) {
  const kinds: Record<string, { count: number; positions: number[] }> = {};
  for (let p = 1; p <= times * faults.length; p++) {
    for (const kind of faults[(p - 1) % faults.length]!.kinds) {
      kinds[kind] ??= { count: 0, positions: [] };
      kinds[kind].count++;
      if (kinds[kind].positions.length < 5) kinds[kind].positions.push(p);
    }
  }
  return kinds;
}
