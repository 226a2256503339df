import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CrsDefinition } from '../../../src/crs/definition.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { differences } from './compare.ts';
import { noPyproj, projjsonOf } from './pyproj.ts';
import { PROJ_STRINGS } from './texts.ts';

describe('PROJ reads the same', { skip: noPyproj }, () => {
  const texts = PROJ_STRINGS.map((text) => (text.includes('+type=') ? text : `${text} +type=crs`));
  const expected = noPyproj ? [] : projjsonOf(texts);
  texts.forEach((text, i) => {
    test(text, () => {
      assert.equal(expected[i]?.error, undefined, 'PROJ refuses it');
      assert.deepEqual(differences(parseDefinition(text), parseDefinition(expected[i]!)), []);
    });
  });
});

function refused(text: string, words: RegExp): void {
  assert.throws(
    () => parseDefinition(text),
    (error: { code: string; message: string }) =>
      error.code === 'crs-unknown' && words.test(error.message) && error.message.length < 500,
  );
}

describe('what a PROJ string must not have is refused by name', () => {
  const cases: [string, RegExp][] = [
    ['+proj=foo', /foo/],
    ['+proj=utm +zone=61', /zone/],
    ['+proj=utm +zone=33 +k=3', /\+k /],
    ['+proj=utm', /zone/],
    ['+proj=merc +lat_0=10', /latitude/],
    ['+proj=merc +lat_ts=ten', /lat_ts/],
    ['+proj=merc +lat_ts=100', /100/],
    ['+proj=merc +wobble=3', /wobble/],
    ['+proj=merc +k=0', /scale factor of 0/],
    ['+proj=merc +lon_0=1 +lon_0=2', /lon_0/],
    ['+proj=lcc +lat_0=1', /lat_1/],
    ['+proj=lcc +lat_1=49', /lat_0/],
    ['+proj=stere +lat_0=-90 +lat_ts=71', /lat_ts/],
    ['+proj=omerc +lat_0=4 +lonc=115', /alpha/],
    ['+proj=omerc +lat_0=4 +lonc=115 +alpha=3 +no_rot', /no_rot/],
    ['+proj=longlat +lon_0=10', /lon_0/],
    ['+proj=longlat +to_meter=0.0157', /0.0157/],
    ['+proj=longlat +ellps=nope', /nope/],
    ['+proj=longlat +datum=nope', /nope/],
    ['+proj=longlat +datum=WGS84 +ellps=bessel', /ellps/],
    ['+proj=longlat +rf=298', /\+a/],
    ['+proj=longlat +a=6378137 +b=7000000', /semi-axes/],
    ['+proj=longlat +a=6378137 +rf=298 +b=6356752', /more than once/],
    ['+proj=longlat +a=-1', /ellipsoid/],
    ['+proj=longlat +a=6378137 +es=1.5', /ellipsoid/],
    ['+proj=longlat +towgs84=1,2', /towgs84/],
    ['+proj=longlat +towgs84=1,2,x', /towgs84/],
    ['+proj=longlat +nadgrids=', /nadgrids/],
    ['+proj=longlat +pm=nowhere', /nowhere/],
    ['+proj=tmerc +axis=ewu', /axes/],
    ['+proj=tmerc +axis=xyz', /xyz/],
    ['+proj=tmerc +units=ell', /ell/],
    ['+proj=tmerc +to_meter=0', /to_meter/],
    ['+proj=tmerc +to_meter=1/0', /to_meter/],
    ['+proj=geocent +datum=WGS84', /geocent/],
    ['+proj=pipeline +step +proj=merc', /pipeline|twice/],
    ['+init=epsg:4326 +pm=paris', /code/],
    ['+proj=merc +type=other', /other/],
    ['+proj=', /proj/],
    [`+proj=merc ${'+x=1 '.repeat(2000)}`, /too long/],
  ];
  for (const [text, words] of cases) test(text.slice(0, 80), () => refused(text, words));
});

describe('of PROJ strings that say more than PROJ makes of them', () => {
  const parse = (text: string): CrsDefinition => parseDefinition(text);
  test('ratios as units', () => {
    const { unit } = parse('+proj=tmerc +to_meter=12/39.37');
    assert.equal(unit, 12 / 39.37);
  });
  test('radii of spheres instead of the ellipsoid: Snyder (1987), table 1 and eq. 3-13', () => {
    const radius = (key: string) => parse(`+proj=merc +ellps=WGS84 +${key}`).datum.ellipsoid.a;
    // The mean radii of WGS 84 in NGA.STND.0036, table 3.6: R₁, R₂ (equal area), R₃ (equal volume).
    assert.ok(Math.abs(radius('R_a') - (2 * 6378137 + 6356752.3142) / 3) > 1);
    assert.ok(Math.abs(radius('R_A') - 6371007.1809) < 1e-3);
    assert.ok(Math.abs(radius('R_V') - 6371000.79) < 1e-2);
    assert.deepEqual(parse('+proj=merc +ellps=WGS84 +R_V').datum.given, {
      kind: 'grids',
      names: ['@null'],
    });
    refused('+proj=merc +datum=OSGB36 +R_V', /R_V/);
  });
  test('one parallel that is not the origin', () => {
    const { method, parameters } = parse('+proj=lcc +lat_1=49 +lat_0=47 +k_0=0.9998');
    assert.equal(method, 'lambert-conformal-1sp-b');
    const { latitudeOfNaturalOrigin, latitudeOfOrigin, scaleFactor } = parameters;
    assert.deepEqual([latitudeOfNaturalOrigin, latitudeOfOrigin, scaleFactor], [49, 47, 0.9998]);
  });
  test('methods with a form of their own for the authalic sphere', () => {
    const methodOf = (text: string) => parse(text).method;
    assert.equal(
      methodOf('+proj=laea +R_A +ellps=clrk66'),
      'lambert-azimuthal-equal-area-spherical',
    );
    assert.equal(methodOf('+proj=cea +R_A +ellps=WGS84'), 'cylindrical-equal-area-spherical');
    assert.equal(methodOf('+proj=laea +R_A +R=6371000'), 'lambert-azimuthal-equal-area');
    assert.equal(methodOf('+proj=ortho +f=0 +ellps=WGS84'), 'orthographic-spherical');
  });
  test('the middle of the longitudes', () => {
    const { parameters } = parse('+proj=longlat +datum=WGS84 +lon_wrap=180');
    assert.deepEqual(parameters, { middleLongitude: 180 });
  });
  test('as in R and in old GDAL: without a plus, units of longlat, no +type', () => {
    const { method, parameters } = parse('proj=merc lat_ts=56.5 ellps=GRS80');
    assert.deepEqual([method, parameters.standardParallel1], ['mercator-b', 56.5]);
    assert.equal(parse('+proj=longlat +ellps=WGS84 +units=m +no_defs').unit, 1);
    assert.equal(parse('+proj=utm +zone=33 +datum=WGS84 +geoidgrids=egm96.gtx +vunits=m').unit, 1);
  });
});
