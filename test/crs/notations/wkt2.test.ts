import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { differences } from './compare.ts';
import { noPyproj, projjsonOf } from './pyproj.ts';

const DEGREE = 'ANGLEUNIT["degree",0.0174532925199433]';
const DATUM =
  'DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]]';
const METRES = 'AXIS["(E)",east,ORDER[1]],AXIS["(N)",north,ORDER[2]],LENGTHUNIT["metre",1]';
/** A geographic CRS of one datum. */
const PLAIN = `GEOGCRS["x",${DATUM},PRIMEM["Greenwich",0,${DEGREE}],CS[ellipsoidal,2],AXIS["lat",north,ORDER[1],${DEGREE}],AXIS["lon",east,ORDER[2],${DEGREE}]]`;
const GEOGRAPHIC =
  `GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["World Geodetic System 1984 (Transit)"],` +
  'MEMBER["World Geodetic System 1984 (G730)"],ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]],' +
  `ENSEMBLEACCURACY[2.0]],PRIMEM["Greenwich",0,${DEGREE}],CS[ellipsoidal,2],` +
  `AXIS["geodetic latitude (Lat)",north,ORDER[1],${DEGREE}],AXIS["geodetic longitude (Lon)",east,ORDER[2],${DEGREE}],` +
  'USAGE[SCOPE["Horizontal component of 3D system."],AREA["World."],BBOX[-90,-180,90,180]],ID["EPSG",4326]]';

function projcrs(
  method: string,
  parameters: string,
  { datum = DATUM, axes = METRES } = {},
): string {
  return (
    `PROJCRS["test",BASEGEODCRS["base",${datum},PRIMEM["Greenwich",0,${DEGREE}]],` +
    `CONVERSION["c",METHOD[${method}]${parameters}],CS[Cartesian,2],${axes}]`
  );
}

const TM = '"Transverse Mercator",ID["EPSG",9807]';

/** Texts of both editions, with units where and how they may be. */
const TEXTS: [string, string][] = [
  ['geographic, of an ensemble', GEOGRAPHIC],
  [
    'units of each parameter',
    projcrs(
      TM,
      ',PARAMETER["Longitude of natural origin",10,ANGLEUNIT["grad",0.015707963267949]],PARAMETER["Scale factor at natural origin",999600,SCALEUNIT["parts per million",1E-6]],PARAMETER["False easting",5,LENGTHUNIT["kilometre",1000]]',
    ),
  ],
  [
    'units that are left out',
    projcrs(
      TM,
      ',PARAMETER["Longitude of natural origin",10],PARAMETER["Scale factor at natural origin",0.9996],PARAMETER["False easting",500]',
    ),
  ],
  [
    'UNIT of 2015',
    projcrs(
      TM,
      ',PARAMETER["Longitude of natural origin",10,UNIT["degree",0.0174532925199433]],PARAMETER["False easting",5,UNIT["kilometre",1000]],PARAMETER["Scale factor at natural origin",0.9,UNIT["unity",1]]',
    ),
  ],
  [
    'axes in feet, each with its unit',
    projcrs(TM, '', {
      axes: 'AXIS["(E)",east,ORDER[1],LENGTHUNIT["US survey foot",0.304800609601219]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["US survey foot",0.304800609601219]]',
    }).replace('METHOD', 'METHOD'),
  ],
  [
    'northing first',
    projcrs(TM, '', {
      axes: 'AXIS["(N)",north,ORDER[1]],AXIS["(E)",east,ORDER[2]],LENGTHUNIT["metre",1]',
    }),
  ],
  [
    'westing and southing',
    projcrs(
      '"Transverse Mercator (South Orientated)",ID["EPSG",9808]',
      ',PARAMETER["Longitude of natural origin",29]',
      { axes: 'AXIS["Y",west,ORDER[1]],AXIS["X",south,ORDER[2]],LENGTHUNIT["metre",1]' },
    ),
  ],
  [
    'an ellipsoid in feet',
    projcrs(TM, '', {
      datum: 'DATUM["d",ELLIPSOID["Clarke 1858",20926348,294.26,LENGTHUNIT["foot",0.3048]]]',
    }),
  ],
  [
    'a meridian in grads',
    PLAIN.replace(
      `PRIMEM["Greenwich",0,${DEGREE}]`,
      'PRIMEM["Paris",2.5969213,ANGLEUNIT["grad",0.015707963267949]]',
    ),
  ],
  [
    'bound by a coordinate frame rotation',
    `BOUNDCRS[SOURCECRS[${projcrs(TM, '')}],TARGETCRS[${GEOGRAPHIC}],ABRIDGEDTRANSFORMATION["t",METHOD["Coordinate Frame rotation (geog2D domain)",ID["EPSG",9607]],PARAMETER["X-axis translation",1,ID["EPSG",8605]],PARAMETER["Y-axis translation",2,ID["EPSG",8606]],PARAMETER["Z-axis translation",3,ID["EPSG",8607]],PARAMETER["X-axis rotation",4,ID["EPSG",8608]],PARAMETER["Y-axis rotation",5,ID["EPSG",8609]],PARAMETER["Z-axis rotation",6,ID["EPSG",8610]],PARAMETER["Scale difference",1.000007,ID["EPSG",8611]]]]`,
  ],
  [
    'compound',
    `COMPOUNDCRS["c",${projcrs(TM, '')},VERTCRS["h",VDATUM["h"],CS[vertical,1],AXIS["up (H)",up],LENGTHUNIT["metre",1]]]`,
  ],
  [
    'Hotine, by codes of parameters',
    projcrs(
      '"Hotine Oblique Mercator (variant B)",ID["EPSG",9815]',
      ',PARAMETER["lat",46.95,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8811]],PARAMETER["lon",7.43,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8812]],PARAMETER["azimuth",90,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8813]],PARAMETER["angle",90,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8814]],PARAMETER["scale",1,SCALEUNIT["unity",1],ID["EPSG",8815]],PARAMETER["e",2600000,LENGTHUNIT["metre",1],ID["EPSG",8816]],PARAMETER["n",1200000,LENGTHUNIT["metre",1],ID["EPSG",8817]]',
    ),
  ],
]; // prettier-ignore

describe('PROJ reads the same WKT 2', { skip: noPyproj }, () => {
  const expected = noPyproj ? [] : projjsonOf(TEXTS.map(([, text]) => text));
  TEXTS.forEach(([name, text], i) => {
    test(name, () => {
      assert.equal(expected[i]?.error, undefined, 'PROJ refuses it');
      const definition = parseDefinition(text);
      assert.deepEqual(differences(definition, parseDefinition(expected[i]!)), []);
      // Text and object are one.
      assert.deepEqual(parseDefinition(JSON.stringify(expected[i])), parseDefinition(expected[i]!));
    });
  });
});

test('numbers of units, shifts and signs, by hand', () => {
  const { parameters } = parseDefinition(TEXTS[1]![1]);
  assert.ok(Math.abs(parameters.longitudeOfOrigin! - 9) < 1e-12);
  assert.ok(Math.abs(parameters.scaleFactor! - 0.9996) < 1e-12);
  assert.equal(parameters.falseEasting, 5000);
  const bound = parseDefinition(TEXTS[9]![1]).datum.given;
  assert.deepEqual(bound, { kind: 'position-vector', parameters: [1, 2, 3, -4, -5, -6, 7] });
  const lcc = projcrs(
    '"Lambert Conic Conformal (West Orientated)",ID["EPSG",9826]',
    ',PARAMETER["Latitude of natural origin",30],PARAMETER["False easting",500000],PARAMETER["False northing",300000]',
    { axes: 'AXIS["N",north,ORDER[1]],AXIS["W",west,ORDER[2]],LENGTHUNIT["metre",1]' },
  );
  const west = parseDefinition(lcc);
  assert.deepEqual(west.axes, ['west', 'north']);
  assert.deepEqual(
    [west.parameters.falseEasting, west.parameters.falseNorthing],
    [-500000, 300000],
  );
  const oneB = projcrs(
    '"Lambert Conic Conformal (1SP variant B)",ID["EPSG",1102]',
    ',PARAMETER["Latitude of natural origin",49],PARAMETER["Latitude of false origin",47],PARAMETER["Longitude of false origin",3]',
  );
  const { latitudeOfNaturalOrigin, latitudeOfOrigin } = parseDefinition(oneB).parameters;
  assert.deepEqual([latitudeOfNaturalOrigin, latitudeOfOrigin], [49, 47]);
});

test('poles of GRIB and netCDF are those of PROJ', () => {
  const rotated = (method: string, parameters: string) =>
    `GEOGCRS["r",BASEGEOGCRS["b",${DATUM},PRIMEM["Greenwich",0,${DEGREE}]],DERIVINGCONVERSION["c",METHOD["${method}"]` +
    `${parameters}],CS[ellipsoidal,2],AXIS["lat",north,ORDER[1],${DEGREE}],AXIS["lon",east,ORDER[2],${DEGREE}]]`;
  const grib = rotated(
    'Pole rotation (GRIB convention)',
    `,PARAMETER["Latitude of the southern pole (GRIB convention)",-39.25,${DEGREE}],PARAMETER["Longitude of the southern pole (GRIB convention)",18,${DEGREE}],PARAMETER["Axis rotation (GRIB convention)",5,${DEGREE}]`,
  );
  const netcdf = rotated(
    'Pole rotation (netCDF CF convention)',
    `,PARAMETER["Grid north pole latitude (netCDF CF convention)",39.25,${DEGREE}],PARAMETER["Grid north pole longitude (netCDF CF convention)",-162,${DEGREE}],PARAMETER["North pole grid longitude (netCDF CF convention)",-5,${DEGREE}]`,
  );
  const proj = parseDefinition(
    '+proj=ob_tran +o_proj=longlat +o_lat_p=39.25 +o_lon_p=-5 +lon_0=18',
  );
  for (const text of [grib, netcdf]) assert.deepEqual(differences(parseDefinition(text), proj), []);
});

describe('WKT 2 and PROJJSON that are refused by name', () => {
  const json = { type: 'GeographicCRS', name: 'x' };
  const cases: [string | object, RegExp][] = [
    [projcrs('"Fuller"', ''), /Fuller/],
    [projcrs('"Transverse Mercator",ID["EPSG",9801]', ''), /9801/],
    [projcrs(TM, ',PARAMETER["Wobble",1]'), /Wobble/],
    [projcrs(TM, ',PARAMETER["False easting",1,ANGLEUNIT["degree",0.0174532925199433]]'), /degree/],
    [projcrs(TM, ',PARAMETER["Latitude of 1st standard parallel",1]'), /standard parallel 1/],
    [projcrs(TM, ',PARAMETER["False easting",1,LENGTHUNIT["metre",0]]'), /metre/],
    [
      projcrs(TM, ',PARAMETER["False easting",500]', {
        axes: METRES.replace('"metre",1', '"foot",0.3048'),
      }),
      /no unit/,
    ],
    [projcrs(TM, '', { axes: METRES.replace(',LENGTHUNIT["metre",1]', '') }), /no unit/],
    [
      projcrs(TM, '', {
        axes: 'AXIS["E",east,LENGTHUNIT["metre",1]],AXIS["N",north,LENGTHUNIT["foot",0.3048]]',
      }),
      /two units/,
    ],
    [projcrs(TM, '', { axes: METRES.replace('north', 'northEast') }), /northEast/],
    [projcrs(TM, '', { datum: 'DATUM["d",ELLIPSOID["e",6378137,0.1]]' }), /ellipsoid/],
    [projcrs(TM, '').replace('CS[Cartesian,2]', 'CS[polar,2]'), /polar/],
    [GEOGRAPHIC.replace('ellipsoidal,2', 'Cartesian,3'), /geocentric/],
    [GEOGRAPHIC.replace('PRIMEM', 'SECRET[1],PRIMEM'), /SECRET/],
    ['ENGCRS["x",EDATUM["x"],CS[Cartesian,2]]', /engineering/],
    [
      `BOUNDCRS[SOURCECRS[${GEOGRAPHIC}],TARGETCRS[${GEOGRAPHIC.replace('"WGS 84"', '"ETRS89"')}],ABRIDGEDTRANSFORMATION["t",METHOD["m"]]]`,
      /ETRS89/,
    ],
    [
      `BOUNDCRS[SOURCECRS[${GEOGRAPHIC}],TARGETCRS[${GEOGRAPHIC}],ABRIDGEDTRANSFORMATION["t",METHOD["Molodensky"]]]`,
      /Molodensky/,
    ],
    [json, /datum/],
    [{ ...json, datum: { name: 'd', ellipsoid: { name: 'e', radius: 'big' } } }, /radius/],
    [{ type: 'EngineeringCRS', name: 'x' }, /engineering/],
    [{ type: '__proto__', name: 'x' }, /__proto__/],
    [{ type: 'constructor', name: 'x' }, /constructor/],
    ['{"type":', /JSON/],
    ['{}', /name/],
    [`{"a":${'['.repeat(100_000)}`, /JSON/],
  ]; // prettier-ignore
  for (const [text, words] of cases) {
    test(typeof text === 'string' ? text.slice(-60) : JSON.stringify(text).slice(0, 80), () => {
      assert.throws(
        () => parseDefinition(text),
        (error: { code: string; message: string }) =>
          error.code === 'crs-unknown' && words.test(error.message) && error.message.length < 600,
      );
    });
  }
});
