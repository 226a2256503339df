import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform, cyclicX, sameCrs } from '../../src/crs/transform.ts';

const data = join(import.meta.dirname, '../../../shared/data');
const skip = existsSync(data) ? false : `no test data at ${data}`;
const crs = (text: string): Crs => resolveCrs(parseCrs(text));
const unnamed = (text: string): Crs => ({ ...crs(text), id: null });

/** How ESRI writes EPSG:3413 into a .prj file. */
const ESRI_3413 =
  'PROJCS["WGS_1984_NSIDC_Sea_Ice_Polar_Stereographic_North",GEOGCS["GCS_WGS_1984",' +
  'DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],' +
  'UNIT["Degree",0.0174532925199433]],PROJECTION["Stereographic_North_Pole"],' +
  'PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],' +
  'PARAMETER["Central_Meridian",-45.0],PARAMETER["Standard_Parallel_1",70.0],UNIT["Meter",1.0]]';
const WKT2_3413 =
  'PROJCRS["mine",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",' +
  'ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],' +
  'PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4326]],' +
  'CONVERSION["c",METHOD["Polar Stereographic (variant B)",ID["EPSG",9829]],' +
  'PARAMETER["Latitude of standard parallel",70,ANGLEUNIT["degree",0.0174532925199433]],' +
  'PARAMETER["Longitude of origin",-45,ANGLEUNIT["degree",0.0174532925199433]],' +
  'PARAMETER["False easting",0,LENGTHUNIT["metre",1]],' +
  'PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],CS[Cartesian,2],' +
  'AXIS["easting (X)",south],AXIS["northing (Y)",south],LENGTHUNIT["metre",1]]';

describe('resolveCrs', () => {
  test('a code yields identifier, name, WKT, units and method', () => {
    const polar = crs('EPSG:3413');
    assert.equal(polar.id, 'EPSG:3413');
    assert.equal(polar.name, 'WGS 84 / NSIDC Sea Ice Polar Stereographic North');
    assert.match(polar.wkt ?? '', /^PROJCS\["WGS 84 \/ NSIDC/);
    assert.equal(polar.geographic, false);
    assert.equal(polar.metersPerUnit, 1);
    const geographic = crs('EPSG:4326');
    assert.equal(geographic.geographic, true);
    assert.ok(Math.abs(geographic.metersPerUnit - 111319.49079327358) < 1e-6);
    assert.ok(Math.abs(crs('EPSG:2263').metersPerUnit - 1200 / 3937) < 1e-15);
    assert.deepEqual(structuredClone(polar), polar, 'it crosses threads');
  });

  test('EPSG:3413 is the same CRS as ESRI, WKT1, WKT2 and PROJ write it', () => {
    const polar = unnamed('EPSG:3413');
    const texts = [
      ESRI_3413,
      WKT2_3413,
      polar.wkt!.replace(/,AUTHORITY\["EPSG","3413"\]\]$/, ']'),
      '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84 +units=m',
    ];
    for (const text of texts) {
      assert.equal(crs(text).definition.method, 'polar-stereographic-b', text);
      assert.ok(sameCrs(polar, crs(text)), text);
    }
    const south = ESRI_3413.replace('North_Pole', 'South_Pole').replace('70.0', '-71.0');
    assert.ok(sameCrs(unnamed('EPSG:3031'), crs(south.replace('-45.0', '0.0'))));
    assert.equal(crs(ESRI_3413).wkt, ESRI_3413);
  });

  test('web Mercator as ESRI writes it is EPSG:3857, and so is +proj=webmerc', () => {
    const esri =
      'PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",' +
      'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],' +
      'UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],' +
      'PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],' +
      'PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],' +
      'PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]';
    assert.ok(sameCrs(unnamed('EPSG:3857'), crs(esri)));
    assert.ok(sameCrs(unnamed('EPSG:3857'), crs('+proj=webmerc +datum=WGS84')));
    assert.ok(!sameCrs(unnamed('EPSG:3857'), crs('EPSG:3395')));
  });

  test('an ellipsoidal Mercator that is called web Mercator is it, as in GDAL', () => {
    const wgs84 =
      'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
      'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]';
    const mercator = (name: string, projection: string, more = ''): string =>
      `PROJCS["${name}",${wgs84},PROJECTION["${projection}"],PARAMETER["central_meridian",0],` +
      `PARAMETER["false_easting",0],PARAMETER["false_northing",0]${more}`;
    const ends = ',UNIT["metre",1],AUTHORITY["EPSG","3857"]]';
    const scaled = ',PARAMETER["scale_factor",1]';
    const texts = [
      `${mercator('WGS 84 / Pseudo-Mercator', 'Mercator_1SP', scaled)}${ends}`,
      `${mercator('WGS 84 / Pseudo-Mercator', 'Mercator_1SP', scaled)},UNIT["metre",1]]`,
      `${mercator('mine', 'Mercator_1SP')}${ends}`,
      `${mercator('WGS_1984_Web_Mercator', 'Mercator')},UNIT["Meter",1]]`,
      // GeoTools writes the axes of the sphere.
      `${mercator('x', 'Popular Visualisation Pseudo Mercator', ',PARAMETER["semi_minor",6378137.0]')}${ends}`,
    ];
    for (const text of texts) {
      const xy = Float64Array.of(1e6, 6e6);
      createTransform(crs(text), crs('EPSG:4326')).apply(xy, 0, 1);
      // By PROJ 9.1.
      assert.ok(Math.abs(xy[1]! - 47.353704702433106) < 1e-9, text);
      resolveCrs({ authority: 'EPSG', code: '3857', definition: text });
    }
    const plain = crs(`${mercator('World Mercator', 'Mercator_1SP')},UNIT["metre",1]]`);
    assert.ok(sameCrs(plain, unnamed('EPSG:3395')));
    const squeezed = mercator('x', 'Mercator_1SP', ',PARAMETER["semi_minor",6356000]');
    assert.throws(() => crs(`${squeezed},UNIT["metre",1]]`), /semi_minor/);
  });

  test('a shift that a text gives counts where the text names no code', () => {
    const ed50 = (more: string): string =>
      'GEOGCS["ED50",DATUM["European_Datum_1950",SPHEROID["International 1924",6378388,297],' +
      `TOWGS84[-87,-98,-121,0,0,0,0]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]${more}]`;
    const xy = Float64Array.of(10, 50);
    createTransform(crs(ed50('')), crs('EPSG:4326')).apply(xy, 0, 1);
    // By GDAL 3.6, which takes ED50 to WGS 84 (1) for the code.
    assert.ok(Math.abs(xy[0]! - 9.998864620044543) < 1e-9);
    assert.ok(Math.abs(xy[1]! - 49.99919859156166) < 1e-9);
    assert.equal(crs(ed50(',AUTHORITY["EPSG","4230"]')).id, 'EPSG:4230');
  });

  test('one id does not make two definitions one', () => {
    const mine = (k: number): Crs =>
      resolveCrs({
        authority: 'ACME',
        code: '7',
        definition: `+proj=tmerc +lon_0=9 +k=${k} +datum=WGS84`,
      });
    assert.ok(sameCrs(mine(1), mine(1)));
    assert.ok(!sameCrs(mine(1), mine(0.9996)));
  });

  test('longitude and latitude on WGS 84, whatever the name', () => {
    assert.equal(crs('OGC:CRS84').id, 'OGC:CRS84');
    assert.ok(sameCrs(crs('OGC:CRS84'), crs('EPSG:4326')));
    assert.ok(sameCrs(crs('+proj=longlat +datum=WGS84'), crs('EPSG:4326')));
    assert.ok(!sameCrs(crs('EPSG:4267'), crs('EPSG:4326')));
  });

  test('codes that are not known fall back on the definition', () => {
    const definition = '+proj=laea +lat_0=90 +lon_0=0 +R=6371228 +units=m';
    const found = resolveCrs({ authority: 'EPSG', code: '999999', definition });
    assert.equal(found.id, 'EPSG:999999');
    assert.equal(found.definition.datum.ellipsoid.a, 6371228);
    assert.throws(() => crs('EPSG:999999'), refusal(/EPSG:999999.*PROJ string or WKT/));
  });

  test('a code and a definition that contradict each other', () => {
    const utm = '+proj=utm +zone=33 +datum=WGS84';
    assert.equal(
      resolveCrs({ authority: 'EPSG', code: '32633', definition: utm }).id,
      'EPSG:32633',
    );
    assert.throws(
      () => resolveCrs({ authority: 'EPSG', code: '32634', definition: utm }),
      refusal(/EPSG:32634.*contradict/),
    );
    const broken = { authority: 'EPSG', code: '32634', definition: 'PROJCS["x"' };
    assert.equal(resolveCrs(broken).id, 'EPSG:32634');
  });

  test('codes from a file never leave the folder of codes', () => {
    for (const code of ['../../package', '3413/../4326', '3413.json', '123456789', '-1', '1e3']) {
      assert.throws(() => resolveCrs({ authority: 'EPSG', code }), refusal(/not among the known/));
    }
  });

  test('the horizontal part of a compound CRS', () => {
    assert.equal(crs('EPSG:7415').id, 'EPSG:28992');
    const vertical = 'VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]';
    assert.ok(sameCrs(unnamed('EPSG:3413'), crs(`COMPD_CS["both",${ESRI_3413},${vertical}]`)));
  });

  test('grads and other prime meridians: EPSG:4807', () => {
    const paris = crs('EPSG:4807');
    assert.ok(Math.abs(paris.metersPerUnit - (6378249.2 * Math.PI) / 200) < 1e-6);
    const xy = Float64Array.of(0, 50);
    const plain = crs('+proj=longlat +ellps=clrk80ign');
    createTransform(paris, plain).apply(xy, 0, 1);
    assert.ok(Math.abs(xy[0]! - 2.33722917) < 1e-12 && Math.abs(xy[1]! - 45) < 1e-9, `${xy}`);
  });

  test('what places no polygon on the Earth is refused by its kind', () => {
    const wkt = 'VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]';
    assert.throws(() => crs('EPSG:5703'), refusal(/vertical/));
    assert.throws(() => crs('EPSG:4978'), refusal(/geocentric/));
    assert.throws(() => crs(wkt), refusal(/vertical/));
    assert.throws(() => crs('LOCAL_CS["Undefined Cartesian SRS"]'), refusal(/engineering/));
    assert.throws(() => crs('+proj=geocent +datum=WGS84'), refusal(/geocent/));
    assert.throws(() => resolveCrs({ definition: 'undefined' }), refusal(/"undefined"/));
    assert.throws(() => resolveCrs({}), refusal(/neither a code nor a definition/));
  });

  test('PROJ strings that would be misread are refused', () => {
    const texts: [string, RegExp][] = [
      ['+proj=nonsense', /nonsense/],
      ['+proj=merc +R_C +ellps=WGS84', /R_C/],
      ['+proj=tmerc +lat_0=4x30', /lat_0/],
      ['+proj=utm +zone=61', /zone/],
      ['+proj=longlat +ellps=nonsense', /nonsense/],
      ['+proj=longlat +datum=nonsense', /nonsense/],
      ['+proj=pipeline +step +proj=merc', /pipeline/],
      ['+proj=merc +a=-1 +b=1', /-1/],
    ];
    for (const [text, message] of texts) assert.throws(() => crs(text), refusal(message), text);
  });
});

describe('datums', () => {
  test("OSGB 36 to WGS 84: Ordnance Survey's Caister water tower, within 6 m", () => {
    // ETRS89 52.658007833, 1.716073973 by OSTN15; without a shift it is 100 m off.
    const xy = Float64Array.of(651409.804, 313177.45);
    createTransform(crs('EPSG:27700'), crs('EPSG:4326')).apply(xy, 0, 1);
    const north = (xy[1]! - 52.658007833) * 111_000;
    const east = (xy[0]! - 1.716073973) * 67_500;
    assert.ok(Math.hypot(east, north) < 6, `${xy}`);
  });

  test('a geographic CRS of 3 or 7 parameters goes to another and back', () => {
    const xy = Float64Array.of(10, 50, 12, 48);
    const there = createTransform(crs('EPSG:4314'), crs('EPSG:4230'));
    const back = createTransform(crs('EPSG:4230'), crs('EPSG:4314'));
    assert.equal(there.operation.kind, 'known');
    there.apply(xy, 0, 2);
    back.apply(xy, 0, 2);
    for (const [i, value] of [10, 50, 12, 48].entries()) {
      assert.ok(Math.abs(xy[i]! - value) < 1e-6, `${xy}`);
    }
  });
});

describe('cyclicX', () => {
  test('geographic and Mercator CRSs go round, others do not', () => {
    assert.deepEqual(cyclicX(crs('EPSG:4326')), { period: 360, minX: -180 });
    for (const code of ['EPSG:3857', 'EPSG:3395']) {
      const { period, minX } = cyclicX(crs(code))!;
      assert.ok(Math.abs(period - 2 * Math.PI * 6378137) < 1e-7);
      assert.ok(Math.abs(minX + Math.PI * 6378137) < 1e-7);
    }
    const { period, minX } = cyclicX(crs('EPSG:4807'))!;
    assert.ok(Math.abs(period - 400) < 1e-9 && Math.abs(minX + 200) < 1e-9);
    // Mercator 150, whose map is cut at 30° W.
    assert.ok(Math.abs(cyclicX(crs('EPSG:3832'))!.minX + Math.PI * 6378137) < 1e-7);
    for (const code of ['3413', '32631', '3035', '2193']) {
      assert.equal(cyclicX(crs(`EPSG:${code}`)), null, code);
    }
  });
});

describe('CRSs of data and TileMatrixSets', { skip }, () => {
  test("Natural Earth's .prj files are WGS 84", () => {
    const folder = join(data, 'real/natural-earth');
    const files = readdirSync(folder).filter((name) => name.endsWith('.prj'));
    assert.equal(files.length, 4);
    for (const file of files) {
      const found = crs(readFileSync(join(folder, file), 'utf8'));
      assert.ok(sameCrs(found, crs('EPSG:4326')), file);
      assert.equal(createTransform(found, crs('EPSG:4326')).identity, true);
    }
  });

  test('all 13 TileMatrixSets: a point goes there from EPSG:4326 and back', () => {
    const folder = join(data, 'conformance/morecantile/data');
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    assert.equal(files.length, 13);
    for (const file of files) {
      const set = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      const target = crs(set.crs ?? set.supportedCRS);
      // A point in each CRS's area of use
      const inside: Record<string, [number, number]> = {
        '3978': [-100, 60],
        '3035': [10, 52],
        '5482': [170, -80],
        '5042': [20, -75],
        '5041': [20, 75],
        '2193': [174, -41],
        '32631': [3.5, 47],
      };
      const point = inside[target.id!.replace('EPSG:', '')] ?? [12.5, 41.9];
      const xy = Float64Array.from(point);
      createTransform(crs('EPSG:4326'), target).apply(xy, 0, 1);
      if (!target.geographic) assert.ok(Math.abs(xy[0]! - point[0]) > 1000, file);
      createTransform(target, crs('EPSG:4326')).apply(xy, 0, 1);
      assert.ok(Math.hypot(xy[0]! - point[0], xy[1]! - point[1]) < 1e-9, `${file}: ${xy}`);
    }
  });
});

function refusal(message: RegExp) {
  return (error: unknown) =>
    error instanceof TilewrightError && error.code === 'crs-unknown' && message.test(error.message);
}
