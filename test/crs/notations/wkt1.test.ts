import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Parameters } from '../../../src/crs/definition.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { NTF, projcs, WGS84 } from './texts.ts';

function refused(text: string, words: RegExp): void {
  assert.throws(
    () => parseDefinition(text),
    (error: { code: string; message: string }) =>
      error.code === 'crs-unknown' && words.test(error.message) && error.message.length < 500,
    text.slice(0, 200),
  );
}

function assertParameters(text: string, method: string, expected: Parameters): void {
  const { method: found, parameters } = parseDefinition(text);
  assert.equal(found, method);
  for (const [name, value] of Object.entries(expected)) {
    const actual = parameters[name as keyof Parameters];
    assert.ok(Math.abs((actual ?? Number.NaN) - value) < 1e-9, `${name}: ${actual}, not ${value}`);
  }
}

describe('methods and parameters of WKT 1', () => {
  const cases: [string, Record<string, number>, string, Parameters][] = [
    [
      'Transverse_Mercator',
      { central_meridian: -120 },
      'transverse-mercator',
      { scaleFactor: 1, longitudeOfOrigin: -120, falseEasting: 0 },
    ],
    [
      'Gauss_Kruger',
      { Central_Meridian: 9, False_Easting: 3500000 },
      'transverse-mercator',
      { falseEasting: 3500000 },
    ],
    [
      'Lambert_Conformal_Conic',
      { Standard_Parallel_1: 49, Standard_Parallel_2: 44, Scale_Factor: 1 },
      'lambert-conformal-2sp',
      { standardParallel1: 49, standardParallel2: 44 },
    ],
    [
      'Lambert_Conformal_Conic',
      { Standard_Parallel_1: 49, Standard_Parallel_2: 44, Scale_Factor: 1.00003 },
      'lambert-conformal-2sp-michigan',
      { ellipsoidScale: 1.00003 },
    ],
    [
      'Lambert_Conformal_Conic',
      { Standard_Parallel_1: 52, Latitude_Of_Origin: 52, Scale_Factor: 0.99 },
      'lambert-conformal-1sp',
      { latitudeOfOrigin: 52, scaleFactor: 0.99 },
    ],
    [
      'Lambert_Conformal_Conic',
      { Standard_Parallel_1: 52, Latitude_Of_Origin: 50, Scale_Factor: 0.99 },
      'lambert-conformal-1sp-b',
      { latitudeOfNaturalOrigin: 52, latitudeOfOrigin: 50, scaleFactor: 0.99 },
    ],
    [
      'Mercator',
      { Standard_Parallel_1: -41, Central_Meridian: 100 },
      'mercator-b',
      { standardParallel1: -41, longitudeOfOrigin: 100 },
    ],
    ['Mercator_1SP', { latitude_of_origin: 40 }, 'mercator-b', { standardParallel1: 40 }],
    [
      'Mercator_Auxiliary_Sphere',
      { Standard_Parallel_1: 0, Auxiliary_Sphere_Type: 0 },
      'pseudo-mercator',
      { falseEasting: 0 },
    ],
    [
      'Equidistant_Cylindrical',
      { Standard_Parallel_1: 60 },
      'equidistant-cylindrical-spherical',
      { standardParallel1: 60 },
    ],
    [
      'Plate_Carree',
      { Central_Meridian: 7 },
      'equidistant-cylindrical-spherical',
      { standardParallel1: 0, longitudeOfOrigin: 7 },
    ],
    ['Behrmann', {}, 'cylindrical-equal-area', { standardParallel1: 30 }],
    ['Behrmann', { Standard_Parallel_1: 40 }, 'cylindrical-equal-area', { standardParallel1: 40 }],
    [
      'Polar_Stereographic',
      { latitude_of_origin: 70, central_meridian: -45 },
      'polar-stereographic-b',
      { standardParallel1: 70, longitudeOfOrigin: -45 },
    ],
    [
      'Polar_Stereographic',
      { latitude_of_origin: -90, scale_factor: 0.994 },
      'polar-stereographic-a',
      { latitudeOfOrigin: -90, scaleFactor: 0.994 },
    ],
    [
      'Stereographic_North_Pole',
      { Standard_Parallel_1: 70, Central_Meridian: -45 },
      'polar-stereographic-b',
      { standardParallel1: 70 },
    ],
    [
      'Stereographic_South_Pole',
      { Standard_Parallel_1: -71 },
      'polar-stereographic-b',
      { standardParallel1: -71 },
    ],
    [
      'Stereographic_South_Pole',
      {},
      'polar-stereographic-a',
      { latitudeOfOrigin: -90, scaleFactor: 1 },
    ],
    [
      'Stereographic',
      { Latitude_Of_Origin: 90 },
      'polar-stereographic-a',
      { latitudeOfOrigin: 90 },
    ],
    [
      'Stereographic',
      { Latitude_Of_Origin: 50, Scale_Factor: 0.9999 },
      'stereographic',
      { latitudeOfOrigin: 50, scaleFactor: 0.9999 },
    ],
    [
      'Double_Stereographic',
      { Latitude_Of_Origin: 52.1 },
      'oblique-stereographic',
      { latitudeOfOrigin: 52.1 },
    ],
    [
      'Hotine_Oblique_Mercator_Azimuth_Center',
      { Azimuth: 90, Latitude_Of_Center: 46.95 },
      'hotine-b',
      { azimuth: 90, rectifiedGridAngle: 90, latitudeOfOrigin: 46.95 },
    ],
    [
      'Hotine_Oblique_Mercator',
      { azimuth: 53.3, rectified_grid_angle: 53.13 },
      'hotine-a',
      { azimuth: 53.3, rectifiedGridAngle: 53.13 },
    ],
    [
      'Rectified_Skew_Orthomorphic_Natural_Origin',
      { Azimuth: -36.97, XY_Plane_Rotation: -36.87 },
      'hotine-a',
      { azimuth: -36.97, rectifiedGridAngle: -36.87 },
    ],
    ['Bonne', { Standard_Parallel_1: 39.5 }, 'bonne', { latitudeOfOrigin: 39.5 }],
    ['Loximuthal', { Central_Parallel: 40 }, 'loximuthal', { latitudeOfOrigin: 40 }],
    [
      'Cassini',
      { Scale_Factor: 1, Latitude_Of_Origin: 25 },
      'cassini-soldner',
      { latitudeOfOrigin: 25 },
    ],
    [
      'Krovak',
      {
        Pseudo_Standard_Parallel_1: 78.5,
        Azimuth: 30.28813975277778,
        X_Scale: -1,
        Y_Scale: 1,
        XY_Plane_Rotation: 90,
      },
      'krovak',
      { colatitudeOfConeAxis: 30.28813975277778, standardParallel1: 78.5 },
    ],
    ['IGAC_Plano_Cartesiano', { Height: 100 }, 'colombia-urban', { height: 100 }],
  ]; // prettier-ignore
  for (const [projection, given, method, expected] of cases) {
    test(`${projection} ${JSON.stringify(given)}`, () => {
      assertParameters(projcs(projection, given), method, expected);
      // Case and order of names are no matter, nor are brackets and white space.
      const turned = Object.fromEntries(
        Object.entries(given)
          .reverse()
          .map(([name, value]) => [name.toUpperCase(), value]),
      );
      const text = projcs(projection.toLowerCase(), turned);
      const brackets = text.replaceAll('[', ' (').replaceAll(']', '\n)').replaceAll(',', ', ');
      assertParameters(brackets, method, expected);
    });
  }
});

describe('units', () => {
  test('angles are in the unit of the GEOGCS, lengths in that of the PROJCS, meridians in degrees', () => {
    const text = projcs(
      'Lambert_Conformal_Conic',
      {
        Standard_Parallel_1: 52,
        Latitude_Of_Origin: 52,
        Scale_Factor: 0.99987742,
        False_Easting: 600,
      },
      { ...NTF, unit: 'UNIT["Kilometer",1000.0]' },
    );
    const { parameters, datum, unit } = parseDefinition(text);
    assert.ok(Math.abs(parameters.latitudeOfOrigin! - 46.8) < 1e-12);
    assert.ok(Math.abs(parameters.longitudeOfOrigin! - 2.5969213 * 0.9) < 1e-12);
    assert.equal(parameters.falseEasting, 600000);
    assert.equal(unit, 1000);
    assert.ok(Math.abs(datum.primeMeridian - 2.33722917) < 1e-9);
  });

  test('a prime meridian in the unit of the GEOGCS is known by its name', () => {
    const grads = NTF.base.replace('2.33722917', '2.5969213');
    assert.ok(Math.abs(parseDefinition(grads).datum.primeMeridian - 2.33722917) < 1e-9);
    refused(NTF.base.replace('"Paris",2.33722917', '"Home",5'), /Home/);
  });

  test('US survey feet keep all their digits', () => {
    const text = projcs(
      'Transverse_Mercator',
      { False_Easting: 2000000 },
      {
        unit: 'UNIT["Foot_US",0.3048006096012192]',
      },
    );
    assert.equal(parseDefinition(text).unit, 12 / 39.37);
  });

  for (const unit of ['UNIT["Meter",0]', 'UNIT["Meter",-1]', 'UNIT["Meter",x]', 'UNIT["Meter"]']) {
    test(unit, () => refused(projcs('Mercator', {}, { unit }), /Meter/));
  }
  test('a unit that its name contradicts', () => {
    refused(projcs('Mercator', {}, { unit: 'UNIT["Foot",1.0]' }), /Foot/);
    refused(WGS84.replace('0.0174532925199433', '1'), /degree/);
    refused(WGS84.replace('0.0174532925199433', '0'), /degree/);
  });
});

describe('axes', () => {
  const krovak = { Azimuth: 30.28813975277778 };
  const cases: [string, string[]][] = [
    [WGS84, ['east', 'north']],
    [WGS84.replace(/]$/, ',AXIS["Lat",NORTH],AXIS["Lon",EAST]]'), ['east', 'north']],
    [projcs('Mercator', {}, { rest: ',AXIS["X",NORTH],AXIS["Y",EAST]' }), ['east', 'north']],
    [projcs('Mercator', {}, { rest: ',AXIS["X",WEST],AXIS["Y",SOUTH]' }), ['west', 'south']],
    [projcs('Mercator', {}, { rest: ',AXIS["X",SOUTH],AXIS["Y",WEST]' }), ['south', 'west']],
    [projcs('Transverse_Mercator_South_Orientated', {}), ['west', 'south']],
    [projcs('Transverse_Mercator', { Scale_Factor: -1 }), ['west', 'south']],
    [
      projcs('Krovak', { ...krovak, X_Scale: -1, Y_Scale: 1, XY_Plane_Rotation: 90 }),
      ['east', 'north'],
    ],
    [
      projcs('Krovak', { ...krovak, X_Scale: 1, Y_Scale: 1, XY_Plane_Rotation: 0 }),
      ['south', 'west'],
    ],
    [projcs('Krovak', krovak, { rest: ',AXIS["X",SOUTH],AXIS["Y",WEST]' }), ['south', 'west']],
  ]; // prettier-ignore
  for (const [text, axes] of cases) {
    test(text.slice(-90), () => assert.deepEqual(parseDefinition(text).axes, axes));
  }
  test('of a false origin in westings the sign turns', () => {
    const text = projcs('Transverse_Mercator_South_Orientated', { false_easting: 500 });
    assert.equal(parseDefinition(text).parameters.falseEasting, -500);
    const negative = projcs('Transverse_Mercator', { Scale_Factor: -1, False_Easting: 500 });
    assert.equal(parseDefinition(negative).parameters.falseEasting, -500);
    assert.equal(parseDefinition(negative).parameters.scaleFactor, 1);
  });
  test('a negative scale turns axes that are called easting and northing', () => {
    const rest = ',AXIS["Easting",EAST],AXIS["Northing",NORTH]';
    const text = projcs('Transverse_Mercator', { Scale_Factor: -1 }, { rest });
    assert.deepEqual(parseDefinition(text).axes, ['west', 'south']);
    refused(text.replace('EAST', 'WEST').replace('NORTH', 'SOUTH'), /negative scale/);
  });
  test('Krovak without a word of axes', () => refused(projcs('Krovak', krovak), /Krovak/));
  test('two axes east', () => {
    refused(projcs('Mercator', {}, { rest: ',AXIS["X",EAST],AXIS["Y",WEST]' }), /axes/);
  });
});

describe('what is not understood is refused by name', () => {
  const cases: [string, RegExp][] = [
    [projcs('Berghaus_Star', {}), /Berghaus_Star/],
    [projcs('Mercator', { Wobble: 3 }), /Wobble/],
    [projcs('Mercator', { Standard_Parallel_2: 3 }), /standard parallel 2/],
    [projcs('Cassini', { Scale_Factor: 0.99 }), /scale factor/],
    [projcs('Mercator', { Standard_Parallel_1: 300 }), /300/],
    [projcs('Mercator_Auxiliary_Sphere', { Auxiliary_Sphere_Type: 3 }), /type 3/],
    [projcs('Goode_Homolosine', { Option: 7 }), /Goode/],
    [projcs('Mercator_1SP', { scale_factor: 0 }), /scale factor of 0/],
    [projcs('Albers', { central_meridian: 1, longitude_of_center: 2 }), /twice/],
    [projcs('Mercator', {}, { rest: ',SECRET["x"]' }), /SECRET/],
    [WGS84.replace('298.257223563', '0.5'), /ellipsoid/],
    [WGS84.replace('298.257223563', '-3'), /ellipsoid/],
    [WGS84.replace('6378137', '0'), /ellipsoid/],
    [WGS84.replace('6378137', '1e999'), /SPHEROID/],
    [WGS84.replace(/DATUM\[.*?\]\],/, ''), /datum/],
    ['LOCAL_CS["Undefined SRS",LOCAL_DATUM["x",0],UNIT["m",1]]', /engineering/],
    ['GEOCCS["x",DATUM["x",SPHEROID["x",6378137,298]]]', /geocentric/],
    ['VERT_CS["x",VERT_DATUM["x",2005],UNIT["m",1]]', /vertical/],
    ['FOO["bar"]', /FOO/],
    ['GEOGCS[', /too early/],
    ['GEOGCS[,]x', /empty/],
    [`${WGS84}]`, /not one CRS/],
    [`${WGS84.slice(0, -1)}`, /too early/],
    ['GEOGCS['.repeat(100_000), /too long|too deep/],
    ['undefined', /neither/],
    ['', /neither/],
  ];
  for (const [text, words] of cases) test(text.slice(-70), () => refused(text, words));
});

test('compound systems, shifts, codes and a PROJ string that prevails', () => {
  const coded = WGS84.replace(/]$/, ',AUTHORITY["EPSG","4326"]]');
  const shifted = coded.replace(']],PRIMEM', '],TOWGS84[1,2,3,4,5,6,7]],PRIMEM');
  const compound = `COMPD_CS["c",${shifted},VERT_CS["h",VERT_DATUM["h",2005],UNIT["m",1]]]`;
  const { id, datum } = parseDefinition(compound);
  assert.equal(id, 'EPSG:4326');
  assert.deepEqual(datum.given, { kind: 'position-vector', parameters: [1, 2, 3, 4, 5, 6, 7] });
  const web = projcs(
    'Mercator_1SP',
    { scale_factor: 1 },
    {
      rest: ',EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"]',
    },
  );
  assert.equal(parseDefinition(web).method, 'pseudo-mercator');
  const pair = `${projcs('Mercator', {})},VERTCS["h",VDATUM["h"],PARAMETER["Direction",1.0],UNIT["Meter",1.0]]`;
  assert.equal(parseDefinition(pair).method, 'mercator-b');
});
