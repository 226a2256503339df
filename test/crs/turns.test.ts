/** What is past ±180 in a CRS that goes round the Earth, and in one that doesn't. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform, cyclicX } from '../../src/crs/transform.ts';
import { seededRandom } from '../geometry/random.ts';

const crs = (text: string): Crs => resolveCrs(parseCrs(text));

describe('x of every kind of CRS', () => {
  const targets = (
    'EPSG:3857 EPSG:3395 EPSG:3832 EPSG:3994 EPSG:4087 EPSG:6933 EPSG:4807 EPSG:4326 ESRI:54034 ' +
    'ESRI:54003 ESRI:54002 ESRI:54016 ESRI:54017 EPSG:3413 EPSG:3035 EPSG:2193 EPSG:3978 EPSG:3338 ' +
    'EPSG:3572 EPSG:32660 ESRI:54009 ESRI:54030 ESRI:54012 ESRI:54027'
  ).split(' ');
  for (const code of targets) {
    test(`${code}: whole turns are whole periods, or nothing`, () => {
      const target = crs(code);
      const axis = cyclicX(target);
      const toTarget = createTransform(crs('EPSG:4326'), target);
      const random = seededRandom(50);
      for (let round = 0; round < 50; round++) {
        const lon = 170 + random() * 5;
        const lat = 30 + random() * 40;
        const turns = [0, -3, -1, 1, 2];
        const xy = Float64Array.from(turns.flatMap((k) => [lon + 360 * k, lat]));
        toTarget.apply(xy, 0, turns.length);
        for (const [k, turn] of turns.entries()) {
          const expected = xy[0]! + turn * (axis?.period ?? 0);
          const off = Math.abs(xy[2 * k]! - expected) + Math.abs(xy[2 * k + 1]! - xy[1]!);
          assert.ok(off < 1e-6 || Number.isNaN(xy[0]!), `${lon} ${lat}, ${turn} turns: ${off}`);
        }
      }
    });
  }
});
