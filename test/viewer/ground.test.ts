/** Coastlines and graticules in the CRSs of TileMatrixSets: whole, and without lines that are none. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { coordinatesOf } from '../../src/crs/coordinates.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { getTileMatrixSet, tileMatrixSetNames } from '../../src/tms/registry.ts';
import { coastlines } from '../../src/viewer/page/map/ground/coastlines.ts';
import { CrsLines, type Piece } from '../../src/viewer/page/map/ground/crs-lines.ts';
import { graticule } from '../../src/viewer/page/map/ground/graticule.ts';
import type { Box } from '../../src/viewer/shared/messages.ts';

const RADIANS = Math.PI / 180;

/** Degrees between two places on a sphere. */
function angle([a, b]: readonly number[], [c, d]: readonly number[]): number {
  const [p, q] = [b! * RADIANS, d! * RADIANS];
  const h =
    Math.sin((q - p) / 2) ** 2 +
    Math.cos(p) * Math.cos(q) * Math.sin(((c! - a!) * RADIANS) / 2) ** 2;
  return (2 * Math.asin(Math.min(1, Math.sqrt(h)))) / RADIANS;
}

/** Length in degrees on the sphere of a line of longitudes and latitudes. */
function lengthOf(line: ArrayLike<number>): number {
  let length = 0;
  for (let k = 2; k < line.length; k += 2) {
    length += angle([line[k - 2]!, line[k - 1]!], [line[k]!, line[k + 1]!]);
  }
  return length;
}

const coasts = coastlines();
const source = coasts.reduce((sum, line) => sum + lengthOf(line), 0);

test('coastlines are those of the Earth, and have no sides of the map in them', () => {
  assert.ok(coasts.length > 120, `${coasts.length}`);
  for (const line of coasts) {
    for (let k = 0; k < line.length; k += 2) {
      assert.ok(Math.abs(line[k]!) <= 180.01 && Math.abs(line[k + 1]!) <= 90.01);
      const isSide = k > 0 && Math.abs(line[k]!) > 179.99 && Math.abs(line[k - 2]!) > 179.99;
      assert.ok(!isSide, `${line[k]}, ${line[k + 1]}`);
    }
  }
  // Capes that everybody knows, within a degree.
  for (const cape of [
    [18.47, -34.35],
    [-67.27, -55.98],
    [25.78, 71.17],
    [-9.5, 38.78],
  ]) {
    const nearest = Math.min(
      ...coasts.flatMap((line) =>
        Array.from({ length: line.length / 2 }, (_, k) =>
          angle([line[2 * k]!, line[2 * k + 1]!], cape),
        ),
      ),
    );
    assert.ok(nearest < 1, `${cape}: ${nearest}`);
  }
});

suite('in every TileMatrixSet', () => {
  for (const name of tileMatrixSetNames()) {
    test(name, () => {
      const { crs, matrix } = openSet(name);
      const { definition } = crs;
      const lines = new CrsLines(definition);
      const { toDegrees } = coordinatesOf(definition);
      const degrees = ({ xy }: Piece): Float64Array => {
        const out = xy.slice();
        toDegrees?.(out, 0, out.length / 2);
        return out;
      };
      /** The middle of each part is near both of its ends on the Earth: it is no line across the map. */
      const check = (piece: Piece, most: number): void => {
        const ends = degrees(piece);
        for (let k = 2; k < ends.length; k += 2) {
          const middle = Float64Array.of(
            (piece.xy[k - 2]! + piece.xy[k]!) / 2,
            (piece.xy[k - 1]! + piece.xy[k + 1]!) / 2,
          );
          toDegrees?.(middle, 0, 1);
          const [a, b] = [ends.subarray(k - 2, k), ends.subarray(k, k + 2)];
          const far = Math.max(angle([...a], [...middle]), angle([...b], [...middle]));
          assert.ok(far <= most, `${[...a]} – ${[...b]}: ${far}`);
        }
      };
      const pieces = coasts.flatMap((line) => lines.project(line));
      for (const piece of pieces) check(piece, 4);
      const length = pieces.reduce((sum, piece) => sum + lengthOf(degrees(piece)), 0);
      assert.ok(length < source * 1.01, `${length} of ${source}`);
      if (crs.geographic) assert.ok(length > source * 0.995, `${length} of ${source}`);

      const extent = matrix.extent() as Box;
      const [minX, minY, maxX, maxY] = extent;
      const [x, y] = [(minX + maxX) / 2, (minY + maxY) / 2];
      for (const part of [1, 0.3, 0.01, 1e-4, 1e-6]) {
        const [dx, dy] = [((maxX - minX) * part) / 2, ((maxY - minY) * part) / 2];
        // Beside the middle, which for many is a pole.
        const [ox, oy] = part === 1 ? [0, 0] : [(maxX - minX) * 0.11, (maxY - minY) * 0.07];
        const view: Box = [x + ox - dx, y + oy - dy, x + ox + dx, y + oy + dy];
        const found = graticule(lines, view);
        assert.ok(found.length > 3 && found.length < 40, `${part}: ${found.length} lines`);
        assert.equal(
          new Set(found.map(({ label, isMeridian }) => `${label} ${isMeridian}`)).size,
          found.length,
          'each once',
        );
        for (const { pieces } of found) for (const piece of pieces) check(piece, 12);
      }
    });
  }
});

function openSet(name: string) {
  const set = getTileMatrixSet(name);
  return { crs: resolveCrs(set.crs), matrix: set.tileMatrices[0]! };
}
