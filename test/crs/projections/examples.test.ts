/** The worked examples of IOGP Publication 373-7-2, EPSG Guidance Note 7-2, and of surveys. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MethodName, Parameters } from '../../../src/crs/definition.ts';
import { projectionOf } from '../../../src/crs/projections/registry.ts';

/** Degrees of degrees, minutes and seconds. */
const dms = (degrees: number, minutes = 0, seconds = 0): number =>
  degrees + minutes / 60 + seconds / 3600;

const AIRY = [6377563.396, 299.3249646];
const BESSEL = [6377397.155, 299.1528128];
const CLARKE_1866 = [6378206.4, 294.978698214];
const CLARKE_1880_IGN = [6378249.2, 293.466021294];
const INTERNATIONAL = [6378388, 297];
const KRASSOWSKY = [6378245, 298.3];
const EVEREST = [6377298.556, 300.8017];
const WGS_84 = [6378137, 298.257223563];
const US_FOOT = 1200 / 3937;
const CLARKES_LINK = 0.201166195164;

interface Example {
  name: string;
  method: MethodName;
  ellipsoid: number[];
  /** Metres in a unit of eastings, northings and their false ones; 1 if left out. */
  unit?: number;
  parameters: Parameters;
  /** Longitude and latitude in degrees, easting and northing. */
  point: [lon: number, lat: number, easting: number, northing: number];
  /** Units: half of the last digit that is given, or what the digits of the angles allow. */
  within?: number;
}

const BORNEO: Parameters = {
  latitudeOfOrigin: 4,
  longitudeOfOrigin: 115,
  azimuth: dms(53, 18, 56.9537),
  rectifiedGridAngle: dms(53, 7, 48.3685),
  scaleFactor: 0.99984,
};

const CASPIAN: Parameters = { standardParallel1: 42, longitudeOfOrigin: 51 };

const KROVAK: Parameters = {
  latitudeOfOrigin: 49.5,
  longitudeOfOrigin: dms(24, 50),
  colatitudeOfConeAxis: dms(30, 17, 17.3031),
  standardParallel1: 78.5,
  scaleFactor: 0.9999,
};

const SWISS: Parameters = {
  latitudeOfOrigin: dms(46, 57, 8.66),
  longitudeOfOrigin: dms(7, 26, 22.5),
  scaleFactor: 1,
  falseEasting: 2600000,
  falseNorthing: 1200000,
};

const EXAMPLES: Example[] = [
  {
    name: 'NAD27 / Texas South Central',
    method: 'lambert-conformal-2sp',
    ellipsoid: CLARKE_1866,
    unit: US_FOOT,
    parameters: {
      latitudeOfOrigin: dms(27, 50),
      longitudeOfOrigin: -99,
      standardParallel1: dms(28, 23),
      standardParallel2: dms(30, 17),
      falseEasting: 2000000,
    },
    point: [-96, 28.5, 2963503.91, 254759.8],
  },
  {
    name: 'JAD69 / Jamaica National Grid',
    method: 'lambert-conformal-1sp',
    ellipsoid: CLARKE_1866,
    parameters: {
      latitudeOfOrigin: 18,
      longitudeOfOrigin: -77,
      falseEasting: 250000,
      falseNorthing: 150000,
    },
    point: [-dms(76, 56, 37.26), dms(17, 55, 55.8), 255966.58, 142493.51],
  },
  {
    name: 'Belge 1972 / Belge Lambert 72',
    method: 'lambert-conformal-2sp-belgium',
    ellipsoid: INTERNATIONAL,
    parameters: {
      latitudeOfOrigin: 90,
      longitudeOfOrigin: dms(4, 21, 24.983),
      standardParallel1: dms(49, 50),
      standardParallel2: dms(51, 10),
      falseEasting: 150000.01,
      falseNorthing: 5400088.44,
    },
    point: [dms(5, 48, 26.533), dms(50, 40, 46.461), 251763.2, 153034.13],
    within: 0.02,
  },
  {
    name: 'NAD27 / Michigan Central',
    method: 'lambert-conformal-2sp-michigan',
    ellipsoid: CLARKE_1866,
    unit: US_FOOT,
    parameters: {
      latitudeOfOrigin: dms(43, 19),
      longitudeOfOrigin: -dms(84, 20),
      standardParallel1: dms(44, 11),
      standardParallel2: dms(45, 42),
      ellipsoidScale: 1.0000382,
      falseEasting: 2000000,
    },
    point: [-dms(83, 10), 43.75, 2308335.75, 160210.48],
  },
  {
    name: 'Deir ez Zor / Levant Zone',
    method: 'lambert-near-conformal',
    ellipsoid: CLARKE_1880_IGN,
    parameters: {
      latitudeOfOrigin: dms(34, 39),
      longitudeOfOrigin: dms(37, 21),
      scaleFactor: 0.9996256,
      falseEasting: 300000,
      falseNorthing: 300000,
    },
    point: [dms(34, 8, 11.291), dms(37, 31, 17.625), 15707.96, 623165.96],
  },
  {
    name: 'S-JTSK (Ferro) / Krovak',
    method: 'krovak',
    ellipsoid: BESSEL,
    parameters: KROVAK,
    point: [dms(16, 50, 59.179), dms(50, 12, 32.442), -568991, -1050538.64],
    within: 0.02,
  },
  {
    name: 'S-JTSK/05 (Ferro) / Modified Krovak',
    method: 'krovak-modified',
    ellipsoid: BESSEL,
    parameters: { ...KROVAK, falseEasting: 5000000, falseNorthing: 5000000 },
    point: [dms(16, 50, 59.179), dms(50, 12, 32.442), -5568990.91, -6050538.71],
    within: 0.02,
  },
  {
    name: 'Makassar / NEIEZ',
    method: 'mercator-a',
    ellipsoid: BESSEL,
    parameters: {
      longitudeOfOrigin: 110,
      scaleFactor: 0.997,
      falseEasting: 3900000,
      falseNorthing: 900000,
    },
    point: [120, -3, 5009726.58, 569150.82],
  },
  {
    name: 'Pulkovo 1942 / Caspian Sea Mercator',
    method: 'mercator-b',
    ellipsoid: KRASSOWSKY,
    parameters: CASPIAN,
    point: [53, 53, 165704.29, 5171848.07],
  },
  {
    name: 'Pulkovo 1942 / Caspian Sea Mercator, from 42° N',
    method: 'mercator-c',
    ellipsoid: KRASSOWSKY,
    parameters: { ...CASPIAN, latitudeOfOrigin: 42 },
    point: [53, 53, 165704.29, 1351950.22],
  },
  {
    name: 'WGS 84 / Pseudo-Mercator',
    method: 'pseudo-mercator',
    ellipsoid: WGS_84,
    parameters: {},
    point: [-dms(100, 20), dms(24, 22, 54.433), -11169055.58, 2800000],
    within: 0.02,
  },
  {
    name: 'Trinidad 1903 / Trinidad Grid',
    method: 'cassini-soldner',
    ellipsoid: [31706587.88 * CLARKES_LINK, 294.26067636926],
    unit: CLARKES_LINK,
    parameters: {
      latitudeOfOrigin: dms(10, 26, 30),
      longitudeOfOrigin: -dms(61, 20),
      falseEasting: 430000,
      falseNorthing: 325000,
    },
    point: [-62, 10, 66644.94, 82536.22],
  },
  {
    name: 'OSGB 1936 / British National Grid',
    method: 'transverse-mercator',
    ellipsoid: AIRY,
    parameters: {
      latitudeOfOrigin: 49,
      longitudeOfOrigin: -2,
      scaleFactor: 0.9996012717,
      falseEasting: 400000,
      falseNorthing: -100000,
    },
    point: [0.5, 50.5, 577274.99, 69740.5],
    within: 0.01,
  },
  {
    name: 'Timbalai 1948 / RSO Borneo',
    method: 'hotine-b',
    ellipsoid: EVEREST,
    parameters: { ...BORNEO, falseEasting: 590476.87, falseNorthing: 442857.65 },
    point: [dms(115, 48, 19.8196), dms(5, 23, 14.1129), 679245.73, 596562.78],
    within: 0.02,
  },
  {
    name: 'Timbalai 1948 / RSO Borneo, from the equator',
    method: 'hotine-a',
    ellipsoid: EVEREST,
    parameters: BORNEO,
    point: [dms(115, 48, 19.8196), dms(5, 23, 14.1129), 679245.73, 596562.78],
    within: 0.02,
  },
  {
    name: 'Tananarive / Laborde Grid',
    method: 'laborde',
    ellipsoid: INTERNATIONAL,
    parameters: {
      latitudeOfOrigin: -dms(18, 54),
      longitudeOfOrigin: dms(46, 26, 14.025),
      azimuth: dms(18, 54),
      scaleFactor: 0.9995,
      falseEasting: 400000,
      falseNorthing: 800000,
    },
    point: [dms(44, 27, 27.26), -dms(16, 11, 23.28), 188333.848, 1098841.091],
    within: 0.02,
  },
  {
    name: 'Amersfoort / RD New',
    method: 'oblique-stereographic',
    ellipsoid: BESSEL,
    parameters: {
      latitudeOfOrigin: dms(52, 9, 22.178),
      longitudeOfOrigin: dms(5, 23, 15.5),
      scaleFactor: 0.9999079,
      falseEasting: 155000,
      falseNorthing: 463000,
    },
    point: [6, 53, 196105.283, 557057.739],
    within: 0.001,
  },
  {
    name: 'WGS 84 / UPS North',
    method: 'polar-stereographic-a',
    ellipsoid: WGS_84,
    parameters: {
      latitudeOfOrigin: 90,
      scaleFactor: 0.994,
      falseEasting: 2000000,
      falseNorthing: 2000000,
    },
    point: [44, 73, 3320416.75, 632668.43],
  },
  {
    name: 'WGS 84 / Australian Antarctic Polar Stereographic',
    method: 'polar-stereographic-b',
    ellipsoid: WGS_84,
    parameters: {
      standardParallel1: -71,
      longitudeOfOrigin: 70,
      falseEasting: 6000000,
      falseNorthing: 6000000,
    },
    point: [120, -75, 7255380.79, 7053389.56],
  },
  {
    name: 'Petrels 1972 / Terre Adelie Polar Stereographic',
    method: 'polar-stereographic-c',
    ellipsoid: INTERNATIONAL,
    parameters: {
      standardParallel1: -67,
      longitudeOfOrigin: 140,
      falseEasting: 300000,
      falseNorthing: 200000,
    },
    point: [dms(140, 4, 17.04), -dms(66, 36, 18.82), 303169.52, 244055.72],
    within: 0.02,
  },
  {
    // Of Land Information New Zealand
    name: 'NZGD49 / New Zealand Map Grid',
    method: 'new-zealand-map-grid',
    ellipsoid: INTERNATIONAL,
    parameters: {
      latitudeOfOrigin: -41,
      longitudeOfOrigin: 173,
      falseEasting: 2510000,
      falseNorthing: 6023150,
    },
    point: [172.739194, -34.444066, 2487100.638, 6751049.719],
    within: 0.1,
  },
  {
    name: 'Carthage (Paris) / Tunisia Mining Grid, in kilometres',
    method: 'tunisia-mining',
    ellipsoid: CLARKE_1880_IGN,
    unit: 1000,
    parameters: {
      latitudeOfOrigin: 36.5964 * 0.9,
      longitudeOfOrigin: 7.83445 * 0.9 + dms(2, 20, 14.025),
      falseEasting: 270,
      falseNorthing: 360,
    },
    point: [8.22437 * 0.9 + dms(2, 20, 14.025), 38.97997 * 0.9, 302, 598],
    within: 1e-3,
  },
  {
    name: 'the old observatory of Bern',
    method: 'hotine-b',
    ellipsoid: BESSEL,
    parameters: { ...SWISS, azimuth: 90, rectifiedGridAngle: 90 },
    point: [dms(7, 26, 22.5), dms(46, 57, 8.66), 2600000, 1200000],
    within: 1e-6,
  },
  {
    // Of swisstopo, Formulas and constants, §5.1
    name: 'Rigi in CH1903',
    method: 'swiss-oblique-mercator',
    ellipsoid: BESSEL,
    parameters: { ...SWISS, falseEasting: 600000, falseNorthing: 200000 },
    point: [dms(8, 29, 11.111572), dms(47, 3, 28.956592), 679520.05, 212273.44],
    within: 0.01,
  },
];

for (const { name, method, ellipsoid, unit = 1, parameters, point, within } of EXAMPLES) {
  test(`${method}: ${name}`, () => {
    const [a, inverseFlattening] = ellipsoid as [number, number];
    const f = 1 / inverseFlattening;
    const es = f * (2 - f);
    const projection = projectionOf(method)!(a / unit, es, parameters);
    const [lon, lat, easting, northing] = point;
    const tolerance = within ?? 0.0051;
    const xy = Float64Array.of(lon, lat);
    projection.forward(xy, 0, 1);
    assert.ok(Math.abs(xy[0]! - easting) <= tolerance, `easting ${xy[0]}`);
    assert.ok(Math.abs(xy[1]! - northing) <= tolerance, `northing ${xy[1]}`);
    projection.inverse(xy, 0, 1);
    assert.ok(Math.abs(xy[0]! - lon) < 1e-11, `longitude ${xy[0]}`);
    assert.ok(Math.abs(xy[1]! - lat) < 1e-11, `latitude ${xy[1]}`);
  });
}

test('variant B of LCC (1SP) is variant A, counted from another parallel', () => {
  const parameters = { longitudeOfOrigin: 9, scaleFactor: 0.9996 };
  const [a, es] = [6378137, 0.0066943799901413];
  const natural = projectionOf('lambert-conformal-1sp')!(a, es, {
    ...parameters,
    latitudeOfOrigin: 50,
  });
  const shifted = projectionOf('lambert-conformal-1sp-b')!(a, es, {
    ...parameters,
    latitudeOfNaturalOrigin: 50,
    latitudeOfOrigin: 48,
  });
  const origin = Float64Array.of(9, 48, 12, 53);
  const point = origin.slice();
  natural.forward(origin, 0, 2);
  shifted.forward(point, 0, 2);
  assert.ok(Math.hypot(point[0]!, point[1]!) < 1e-8);
  assert.ok(Math.abs(point[2]! - origin[2]!) < 1e-8);
  assert.ok(Math.abs(point[3]! - (origin[3]! - origin[1]!)) < 1e-8);
});
