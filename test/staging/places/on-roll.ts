/**
 * Stages polygons in memory, and says where they belong by brute force: in a plane in which the tiles are
 * repeated every period.
 */

import assert from 'node:assert/strict';
import { DropCounter } from '../../../src/core/drops.ts';
import { parseCrs } from '../../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../../src/crs/resolve.ts';
import { cyclicX, operationBetween } from '../../../src/crs/transform.ts';
import { type FeatureBatch, MULTI } from '../../../src/geometry/batch.ts';
import { featureIntersectsRectangle } from '../../../src/geometry/rectangle.ts';
import { FeatureProcessor } from '../../../src/staging/rows/process.ts';
import type { TileMatrixSet } from '../../../src/tms/tile-matrix-set.ts';
import { batchOf, polygonsOf } from '../../conformance/jts.ts';

/** Polygons → rings → x, y, x, y, … */
export type Polygons = number[][][];

export interface Staged {
  tiles: string[];
  area: number;
  x: number;
  y: number;
  polygons: Polygons;
  isMulti: boolean;
}

export const crs = (text: string): Crs => resolveCrs(parseCrs(text));
export const RADIUS = 6378137;
/** Half the circumference. */
export const HALF = Math.PI * RADIUS;

function batch(...features: Polygons[]): FeatureBatch {
  return batchOf(
    ...features.map((polygons) => ({
      type: polygons.length > 1 ? 'MULTIPOLYGON' : 'POLYGON',
      coordinates: polygons.flat(2),
      polygons,
    })),
  );
}

/** What becomes of each feature; null for those that are dropped, whose reasons are in `drops`. */
export function stage(
  source: string,
  tms: TileMatrixSet,
  z: number,
  features: Polygons[],
  drops = new DropCounter(),
): (Staged | null)[] {
  const from = crs(source);
  const operation = operationBetween(from, resolveCrs(tms.crs));
  const results: (Staged | null)[] = features.map(() => null);
  new FeatureProcessor(from, tms, z, null, operation, null).process(batch(...features), drops, {
    add(processed, i, bounds, [area, x, y], tiles) {
      const polygons = polygonsOf(processed, i);
      const xs = polygons.flat(2).filter((_, k) => k % 2 === 0);
      assert.deepEqual([bounds[0], bounds[2]], [Math.min(...xs), Math.max(...xs)]);
      const list = Array.from(tiles.columns.subarray(0, tiles.length), (column, t) => {
        return `${column}/${tiles.rows[t]}`;
      });
      results[processed.positions[i]!] = {
        tiles: list.sort(),
        area: area!,
        x: x!,
        y: y!,
        polygons,
        isMulti: (processed.flags[i]! & MULTI) !== 0,
      };
    },
  });
  const staged = results.filter((result) => result !== null).length;
  assert.equal(staged + drops.total, features.length, 'each feature is accounted for');
  return results;
}

export function stageOne(
  source: string,
  tms: TileMatrixSet,
  z: number,
  polygons: Polygons,
): Staged {
  const [result] = stage(source, tms, z, [polygons]);
  assert.ok(result, 'it is staged');
  return result;
}

/** Tiles that a polygon meets, with the tiles repeated to both sides: by brute force. */
export function tilesOnRoll(
  tms: TileMatrixSet,
  z: number,
  unrolled: Polygons,
  period: number,
): string[] {
  const matrix = tms.matrix(z);
  const drawn = batch(unrolled);
  const tiles: string[] = [];
  for (let row = 0; row < matrix.matrixHeight; row++) {
    for (let column = 0; column < matrix.matrixWidth; column++) {
      if (!matrix.has(column, row)) continue;
      const [minX, minY, maxX, maxY] = matrix.bounds(column, row);
      const meets = [-2, -1, 0, 1, 2].some((k) =>
        featureIntersectsRectangle(drawn, 0, minX + k * period, minY, maxX + k * period, maxY),
      );
      if (meets) tiles.push(`${column}/${row}`);
    }
  }
  return tiles.sort();
}

function shoelace(ring: number[]): number {
  let sum = 0;
  for (let k = 0; k + 3 < ring.length; k += 2) {
    sum +=
      (ring[k]! - ring[0]!) * (ring[k + 3]! - ring[1]!) -
      (ring[k + 2]! - ring[0]!) * (ring[k + 1]! - ring[1]!);
  }
  return Math.abs(sum / 2);
}

export function areaOf(polygons: Polygons): number {
  return polygons.reduce(
    (sum, [shell, ...holes]) =>
      sum + shoelace(shell!) - holes.reduce((all, hole) => all + shoelace(hole), 0),
    0,
  );
}

export const box = (minX: number, minY: number, maxX: number, maxY: number): Polygons => [
  [[minX, minY, maxX, minY, maxX, maxY, minX, maxY, minX, minY]],
];

export const shifted = (polygons: Polygons, by: number): Polygons =>
  polygons.map((rings) => rings.map((ring) => ring.map((v, k) => (k % 2 === 0 ? v + by : v))));

/** Multiples of 2^-20 degrees, so that whole turns can be added without rounding. */
const grain = (value: number): number => Math.round(value * 2 ** 20) / 2 ** 20;

/** A star-shaped ring, of which all within 0.4 of the radii is inside. */
export function star(
  random: () => number,
  x: number,
  y: number,
  width: number,
  height: number,
): number[] {
  const corners = 5 + Math.floor(random() * 20);
  const ring: number[] = [];
  for (let k = 0; k < corners; k++) {
    const angle = (2 * Math.PI * (k + random() * 0.6)) / corners;
    const r = 0.5 + 0.5 * random();
    ring.push(grain(x + width * r * Math.cos(angle)), grain(y + height * r * Math.sin(angle)));
  }
  ring.push(ring[0]!, ring[1]!);
  return ring;
}

/** One or two parts about x, some with a hole. */
export function randomPolygons(
  random: () => number,
  x: number,
  widths: readonly number[],
): Polygons {
  const polygons: Polygons = [];
  const parts = random() < 0.3 ? 2 : 1;
  for (let part = 0; part < parts; part++) {
    const width = widths[Math.floor(random() * widths.length)]!;
    const height = Math.min(width, 8);
    const middle = x + (random() - 0.5) * width;
    // Parts of one feature don't touch.
    const y = 30 * part + random() * 20;
    const rings = [star(random, middle, y, width, height)];
    if (random() < 0.5) rings.push(star(random, middle, y, width / 5, height / 5));
    polygons.push(rings);
  }
  return polygons;
}

/** The same x but for whole periods. */
export function assertSameX(a: number, b: number, period: number, message: string): void {
  const turns = (a - b) / period;
  assert.ok(Math.abs(turns - Math.round(turns)) < 1e-9, `${message}: x ${a} and ${b}`);
}

/** Everything that is asked of a result is as in the plane with repeated tiles. */
export function assertOnRoll(
  result: Staged | null,
  unrolled: Polygons,
  tms: TileMatrixSet,
  z: number,
  message: string,
): void {
  const { period, minX } = cyclicX(resolveCrs(tms.crs))!;
  assert.ok(result, message);
  assert.deepEqual(result.tiles, tilesOnRoll(tms, z, unrolled, period), message);
  const area = areaOf(unrolled);
  const close = 1e-9 * area + 1e-13 * period ** 2;
  assert.ok(Math.abs(result.area / area - 1) < 1e-7, `${message}: ${result.area} of ${area}`);
  assert.ok(Math.abs(areaOf(result.polygons) - area) < close, `${message}: area of the pieces`);
  for (const x of result.polygons.flat(2).filter((_, k) => k % 2 === 0)) {
    assert.ok(x >= minX && x <= minX + period, `${message}: x = ${x}`);
  }
  assert.ok(result.x >= minX && result.x <= minX + period, message);
}
