/** Two CRSs are one if all their numbers are, as far as proj4's positions tell them apart. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import proj4 from 'proj4';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';

const crs = (text: string): Crs => resolveCrs(parseCrs(text));
const isSame = (a: string, b: string): boolean => createTransform(crs(a), crs(b)).identity;

/** A CRS, a point of it in degrees, and one number after the other that is another. */
const CASES: [base: string, at: [number, number], changes: string[]][] = [
  [
    '+proj=tmerc +lat_0=10 +lon_0=15 +k=0.9996 +x_0=500000 +y_0=1000 +datum=NAD83',
    [17, 48],
    ['lat_0=11', 'lon_0=16', 'k=0.9998', 'x_0=500001', 'y_0=1001', 'datum=WGS84', 'datum=NAD27'],
  ],
  [
    '+proj=tmerc +lon_0=15 +datum=NAD83',
    [17, 48],
    ['k=0.9996', 'x_0=1', 'units=us-ft', 'axis=nwu'],
  ],
  ['+proj=merc +datum=NAD83', [17, 48], ['k=0.5', 'lat_ts=40', 'lon_0=1', 'units=km']],
  [
    '+proj=lcc +lat_1=46 +lat_0=46 +lon_0=2 +k_0=0.99 +datum=NAD83',
    [3, 47],
    ['k_0=1', 'lat_0=45', 'lat_1=47', 'lon_0=3'],
  ],
  [
    '+proj=lcc +lat_1=44 +lat_2=49 +lat_0=46 +lon_0=3 +datum=NAD83',
    [5, 47],
    ['lat_1=45', 'lat_2=48'],
  ],
  ['+proj=stere +lat_0=90 +lon_0=0 +k=0.994 +datum=WGS84', [20, 80], ['k=0.995', 'lat_0=-90']],
  [
    '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84',
    [20, 80],
    ['lat_ts=71', 'lon_0=-44'],
  ],
  [
    '+proj=sterea +lat_0=52 +lon_0=5 +k=0.9999 +x_0=155000 +datum=NAD83',
    [6, 53],
    ['k=1', 'x_0=0', 'datum=WGS84'],
  ],
  [
    '+proj=omerc +lat_0=4 +lonc=102 +alpha=323 +k=0.99984 +gamma=323 +datum=NAD83',
    [103, 5],
    ['k=1', 'alpha=322', 'lonc=103'],
  ],
  [
    '+proj=aea +lat_1=29 +lat_2=45 +lat_0=23 +lon_0=-96 +datum=NAD83',
    [-90, 40],
    ['lat_2=46', 'lat_0=24'],
  ],
  ['+proj=longlat +datum=NAD83', [10, 50], ['pm=paris', 'axis=wnu']],
];

function changed(base: string, change: string): string {
  const [name] = change.split('=');
  const rest = base.split(' ').filter((word) => !word.startsWith(`+${name}=`));
  return [...rest, `+${change}`].join(' ');
}

test('one number that differs makes another CRS, a scale factor too', () => {
  const far: string[] = [];
  for (const [base, at, changes] of CASES) {
    assert.equal(isSame(base, base), true, base);
    for (const change of changes) {
      const other = changed(base, change);
      // Datums and axes may leave proj4's position of longitude and latitude where it was.
      const [x, y] = proj4(base).forward([...at]);
      const [u, v] = proj4(other).forward([...at]);
      if (Math.hypot(x - u, y - v) > 1e-4) far.push(other);
      assert.equal(isSame(base, other), false, other);
      assert.equal(isSame(other, base), false, `${other}, the other way round`);
    }
  }
  assert.ok(far.length >= 24, `${far.length}`);
});

test('what is left out is the number that it has then; digits that rounding leaves are none', () => {
  for (const [base, given] of [
    ['+proj=tmerc +lon_0=15 +datum=NAD83', '+k=1 +x_0=0 +y_0=0 +lat_0=0'],
    ['+proj=merc +datum=NAD83', '+k=1 +lon_0=0'],
    ['+proj=stere +lat_0=52 +lon_0=5 +datum=NAD83', '+k_0=1'],
  ] as const) {
    assert.equal(isSame(base, `${base} ${given}`), true, base);
    assert.equal(isSame(`${base} ${given}`, base), true, base);
  }
  const at = (degrees: string): string => `+proj=tmerc +lon_0=${degrees} +datum=NAD83`;
  assert.equal(isSame(at('15'), at('15.0000000000001')), true);
  assert.equal(isSame(at('15'), at('15.00000001')), false);
});

test('a text beside a code is compared with it by all its numbers', () => {
  const utm = '+proj=tmerc +lon_0=15 +k=0.9996 +x_0=500000 +datum=WGS84';
  const beside = (definition: string): Crs =>
    resolveCrs({ authority: 'EPSG', code: '32633', definition });
  assert.equal(beside(utm).name, crs('EPSG:32633').name);
  for (const change of ['k=1', 'k=0.9999', 'x_0=500100', 'lon_0=16', 'y_0=10000000', 'units=km']) {
    assert.throws(() => beside(changed(utm, change)), /contradict/, change);
  }
});
