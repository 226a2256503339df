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

/** A system of Paris or Greenwich on a datum that no table has. */
function own(changes: { datum?: string; spheroid?: string; meridian?: number; shift?: string }) {
  const { datum = 'Mine', spheroid = '6378137,298.257223563', meridian = 0, shift = '' } = changes;
  return (
    `GEOGCS["mine",DATUM["${datum}",SPHEROID["s",${spheroid}]${shift}],` +
    `PRIMEM["p",${meridian}],UNIT["degree",0.0174532925199433]]`
  );
}

test('a datum is another by its name, its ellipsoid, its shift or its prime meridian', () => {
  const local = (geographic: string): string =>
    `PROJCS["local",${geographic},PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",9],` +
    'PARAMETER["scale_factor",0.9996],UNIT["metre",1]]';
  const shift = ',TOWGS84[1,2,3,0,0,0,0]';
  for (const text of [own, (changes: object) => local(own(changes))]) {
    assert.equal(isSame(text({}), text({})), true);
    assert.equal(isSame(text({ shift }), text({ shift })), true);
    assert.equal(isSame(text({}), text({ meridian: 2.5 })), false);
  }
  for (const change of [
    { datum: 'Yours' },
    { spheroid: '6377397.155,299.1528128' },
    { shift: ',TOWGS84[1,2,4,0,0,0,0]' },
  ]) {
    assert.equal(isSame(local(own({ shift })), local(own({ shift, ...change }))), false);
  }
  for (const change of [{ datum: 'Yours' }, { spheroid: '6377397.155,299.1528128' }, { shift }]) {
    assert.equal(isSame(local(own({})), local(own(change))), false);
  }
  // Of two datums that nothing is known of, nobody knows that they are one.
  const unknown = '+proj=tmerc +lon_0=15 +ellps=intl';
  assert.equal(isSame(unknown, unknown), false);
});

test('web Mercator is the same by its sphere and by its ellipsoid, nothing else is', () => {
  const beside = (definition: string): Crs =>
    resolveCrs({ authority: 'EPSG', code: '3857', definition });
  const sphere = '+a=6378137 +b=6378137';
  for (const text of [`+proj=merc ${sphere}`, `+proj=merc +k=1 +lon_0=0 ${sphere}`]) {
    assert.equal(beside(text).name, crs('EPSG:3857').name, text);
  }
  assert.equal(beside('+proj=webmerc +datum=WGS84').name, crs('EPSG:3857').name);
  for (const text of [
    `+proj=eqc ${sphere}`,
    `+proj=merc +lon_0=10 ${sphere}`,
    `+proj=merc +lat_ts=30 ${sphere}`,
    `+proj=merc +x_0=2 ${sphere}`,
    '+proj=merc +a=6371000 +b=6371000',
    '+proj=merc +datum=WGS84',
    '+proj=merc +ellps=intl',
  ]) {
    assert.throws(() => beside(text), /contradict/, text);
  }
  const etrs89 = { authority: 'EPSG', code: '25833' };
  const onNad83 = { ...etrs89, definition: '+proj=utm +zone=33 +datum=NAD83' };
  assert.throws(() => resolveCrs(onNad83), /contradict/);
  const onItsEllipsoid = { ...etrs89, definition: '+proj=utm +zone=33 +ellps=GRS80' };
  assert.equal(resolveCrs(onItsEllipsoid).name, crs('EPSG:25833').name);
  const sphericalUtm = { definition: `+proj=tmerc +lon_0=15 +k=0.9996 +x_0=500000 ${sphere}` };
  const utm = { authority: 'EPSG', code: '32633', ...sphericalUtm };
  assert.throws(() => resolveCrs(utm), /contradict/);
});

test('other words for the same positions are no contradiction', () => {
  const known = '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84';
  const [, scaled] = proj4(known).forward([-45, 89.9]);
  const [, whole] = proj4('+proj=stere +lat_0=90 +lon_0=-45 +datum=WGS84').forward([-45, 89.9]);
  const byScale = (k: number): Crs =>
    resolveCrs({
      ...{ authority: 'EPSG', code: '3413' },
      definition: `+proj=stere +lat_0=90 +lon_0=-45 +k=${k} +datum=WGS84`,
    });
  assert.equal(byScale(scaled / whole).name, crs('EPSG:3413').name);
  assert.throws(() => byScale((scaled / whole) * 1.001), /contradict/);
});
