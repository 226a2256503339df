/** PROJ's methods and their parameters, in the terms of EPSG. */

import type { Ellipsoid, ParameterName, Parameters } from '../../definition.ts';
import { type Method, methodByEpsg, methodByName } from '../methods.ts';
import { refusal } from '../refusal.ts';

/** The parameters of a PROJ string that are left to be read. */
export interface ProjParameters {
  /** Decimal number or angle in degrees; undefined when it is not given. */
  angle(key: string): number | undefined;
  /** Undefined when it is not given. */
  number(key: string): number | undefined;
  /** A parameter without a value; false when it is not given. */
  flag(key: string): boolean;
  /** Undefined when it is not given. */
  word(key: string): string | undefined;
}

/** What a key means, where a method does not mean something else. */
const KEYS: ReadonlyMap<string, ParameterName> = new Map([
  ['lat_0', 'latitudeOfOrigin'],
  ['lon_0', 'longitudeOfOrigin'],
  ['lonc', 'longitudeOfOrigin'],
  ['lat_1', 'standardParallel1'],
  ['lat_2', 'standardParallel2'],
  ['lat_ts', 'standardParallel1'],
  ['alpha', 'azimuth'],
  ['azi', 'azimuth'],
  ['gamma', 'rectifiedGridAngle'],
  ['k', 'scaleFactor'],
  ['k_0', 'scaleFactor'],
  ['x_0', 'falseEasting'],
  ['y_0', 'falseNorthing'],
  ['h', 'height'],
  ['h_0', 'height'],
]);
const NUMBERS = new Set(['k', 'k_0', 'x_0', 'y_0', 'h', 'h_0']);

const OFFSETS = 'x_0 y_0';
const LONGITUDE = `lon_0 ${OFFSETS}`;
const NATURAL = `lat_0 ${LONGITUDE}`;
const SCALED = `${NATURAL} k k_0`;

/** PROJ's name, the method's name, its keys (with what they mean, if it is not the usual). */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['tmerc', 'Transverse Mercator', SCALED],
  ['etmerc', 'Transverse Mercator', SCALED],
  ['sterea', 'Oblique Stereographic', SCALED],
  ['gstmerc', 'Gauss Schreiber Transverse Mercator', SCALED],
  ['cass', 'Cassini-Soldner', NATURAL],
  ['poly', 'American Polyconic', NATURAL],
  ['aea', 'Albers Equal Area', `${NATURAL} lat_1 lat_2`],
  ['eqdc', 'Equidistant Conic', `${NATURAL} lat_1 lat_2`],
  ['laea', 'Lambert Azimuthal Equal Area', NATURAL],
  ['aeqd', 'Azimuthal Equidistant', NATURAL],
  ['ortho', 'Orthographic', NATURAL],
  ['gnom', 'Gnomonic', NATURAL],
  ['labrd', 'Laborde Oblique Mercator', `${SCALED} azi`],
  ['eqc', 'Equidistant Cylindrical', `${NATURAL} lat_ts`],
  ['cea', 'Lambert Cylindrical Equal Area', `${LONGITUDE} lat_ts`],
  ['bonne', 'Bonne', `${LONGITUDE} lat_1:latitudeOfOrigin`],
  ['loxim', 'Loximuthal', `${LONGITUDE} lat_1:latitudeOfOrigin`],
  [
    'tpeqd',
    'Two Point Equidistant',
    `${OFFSETS} lat_1:latitudeOfPoint1 lon_1:longitudeOfPoint1 lat_2:latitudeOfPoint2 lon_2:longitudeOfPoint2`,
  ],
  ['nsper', 'Vertical Perspective', `${NATURAL} h`],
  ['geos', 'Geostationary Satellite (Sweep Y)', `${LONGITUDE} h`],
  ['col_urban', 'Colombia Urban', `${NATURAL} h_0`],
  ['wink1', 'Winkel I', `${LONGITUDE} lat_ts`],
  ['wink2', 'Winkel II', `${LONGITUDE} lat_1`],
  ['wintri', 'Winkel Tripel', `${LONGITUDE} lat_1`],
  ['peirce_q', 'Peirce Quincuncial (Square)', SCALED],
  ['adams_ws2', 'Adams_Square_II', LONGITUDE],
  ['eqearth', 'Equal Earth', LONGITUDE],
  ['mill', 'Miller Cylindrical', LONGITUDE],
  ['comill', 'Compact Miller', LONGITUDE],
  ['gall', 'Gall Stereographic', LONGITUDE],
  ['patterson', 'Patterson', LONGITUDE],
  ['sinu', 'Sinusoidal', LONGITUDE],
  ['moll', 'Mollweide', LONGITUDE],
  ['robin', 'Robinson', LONGITUDE],
  ['natearth', 'Natural Earth', LONGITUDE],
  ['natearth2', 'Natural Earth II', LONGITUDE],
  ['eck1', 'Eckert I', LONGITUDE],
  ['eck2', 'Eckert II', LONGITUDE],
  ['eck3', 'Eckert III', LONGITUDE],
  ['eck4', 'Eckert IV', LONGITUDE],
  ['eck5', 'Eckert V', LONGITUDE],
  ['eck6', 'Eckert VI', LONGITUDE],
  ['wag4', 'Wagner IV', LONGITUDE],
  ['wag5', 'Wagner V', LONGITUDE],
  ['wag7', 'Wagner VII', LONGITUDE],
  ['vandg', 'Van Der Grinten', LONGITUDE],
  ['crast', 'Craster Parabolic', LONGITUDE],
  ['mbtfpq', 'Flat Polar Quartic', LONGITUDE],
  ['qua_aut', 'Quartic Authalic', LONGITUDE],
  ['times', 'Times', LONGITUDE],
  ['aitoff', 'Aitoff', LONGITUDE],
  ['hammer', 'Hammer_Aitoff', LONGITUDE],
  ['goode', 'Goode Homolosine', LONGITUDE],
  ['igh', 'Interrupted Goode Homolosine', LONGITUDE],
  ['igh_o', 'Interrupted Goode Homolosine Ocean', LONGITUDE],
];

const BY_NAME: ReadonlyMap<string, readonly [string, string]> = new Map(
  ROWS.map(([proj, name, keys]) => [proj, [name, keys]]),
);

export interface ProjMethod {
  method: Method;
  /** Angles in degrees, longitudes from the prime meridian, lengths in metres. */
  parameters: Parameters;
}

/**
 * @throws TilewrightError `crs-unknown` for methods that are not known, and combinations of
 *   parameters that say nothing, or that versions of PROJ read differently
 */
export function projMethod(
  proj: string,
  given: ProjParameters,
  ellipsoid: Ellipsoid,
  onSphere: boolean,
): ProjMethod {
  switch (proj) {
    case 'utm':
      return utm(given);
    case 'ups':
      return ups(given);
    case 'lcc':
      return lambert(given);
    case 'merc':
      return mercator(given);
    case 'webmerc':
      return { method: methodByEpsg(1024)!, parameters: read(LONGITUDE, given) };
    case 'stere':
      return stereographic(given);
    case 'omerc':
      return oblique(given);
    case 'somerc':
      return {
        method: methodByEpsg(9815)!,
        parameters: { ...read(SCALED, given), azimuth: 90, rectifiedGridAngle: 90 },
      };
    case 'krovak':
      return krovak(given);
    case 'nzmg':
      return newZealand(given);
  }
  const row = BY_NAME.get(proj);
  if (row === undefined)
    throw refusal(`The PROJ projection +proj=${proj.slice(0, 40)} is not supported`);
  const [name, keys] = row;
  const parameters = read(keys, given);
  let method = methodByName(name)!;
  if (proj === 'tmerc' || proj === 'etmerc') passAlgorithm(given);
  else if (proj === 'aeqd' && given.flag('guam')) method = methodByEpsg(9831)!;
  else if (proj === 'cass' && given.flag('hyperbolic')) method = methodByEpsg(9833)!;
  else if (proj === 'geos') method = sweep(given, method);
  else if (proj === 'laea' && onSphere) method = methodByEpsg(1027)!;
  else if (proj === 'ortho' && onSphere) method = methodByName('Orthographic (Spherical)')!;
  else if (proj === 'cea') {
    parameters.standardParallel1 ??= parallelOfScale(given, ellipsoid);
    if (onSphere) method = methodByEpsg(9834)!;
  } else if (proj === 'wintri') parameters.standardParallel1 ??= WINKEL_PARALLEL;
  else if (proj === 'peirce_q') {
    const shape = given.word('shape');
    if (shape !== 'square') throw refusal(`+proj=peirce_q with +shape=${shape} is not supported`);
  }
  return { method, parameters };
}

/** Winkel's own choice, arccos(2/π). */
const WINKEL_PARALLEL = (Math.acos(2 / Math.PI) * 180) / Math.PI;

function read(keys: string, given: ProjParameters): Parameters {
  const parameters: Parameters = {};
  for (const entry of keys.split(' ')) {
    const [key = '', meaning] = entry.split(':');
    const name = (meaning as ParameterName | undefined) ?? KEYS.get(key)!;
    const value = NUMBERS.has(key) ? given.number(key) : given.angle(key);
    if (value !== undefined) parameters[name] = value;
  }
  return parameters;
}

function utm(given: ProjParameters): ProjMethod {
  passAlgorithm(given);
  const zone = given.number('zone');
  if (zone === undefined || !Number.isInteger(zone) || zone < 1 || zone > 60) {
    throw refusal('The PROJ parameter +zone wants a whole number from 1 to 60');
  }
  return {
    method: methodByEpsg(9807)!,
    parameters: {
      latitudeOfOrigin: 0,
      longitudeOfOrigin: zone * 6 - 183,
      scaleFactor: 0.9996,
      falseEasting: 500000,
      falseNorthing: given.flag('south') ? 10000000 : 0,
    },
  };
}

/** Universal polar stereographic: NGA.SIG.0012, §9. */
function ups(given: ProjParameters): ProjMethod {
  return {
    method: methodByEpsg(9810)!,
    parameters: {
      latitudeOfOrigin: given.flag('south') ? -90 : 90,
      scaleFactor: 0.994,
      falseEasting: 2000000,
      falseNorthing: 2000000,
    },
  };
}

/** +algo chooses between series of transverse Mercator that are to agree. */
function passAlgorithm(given: ProjParameters): void {
  const algorithm = given.word('algo') ?? 'auto';
  if (!/^(?:auto|evenden_snyder|poder_engsager)$/.test(algorithm)) {
    throw refusal(`+algo=${algorithm.slice(0, 40)} is not known`);
  }
  given.flag('approx');
}

function lambert(given: ProjParameters): ProjMethod {
  const parameters = read(`${SCALED} lat_1 lat_2`, given);
  const { standardParallel1, standardParallel2, latitudeOfOrigin, scaleFactor = 1 } = parameters;
  if (standardParallel1 === undefined) throw refusal('+proj=lcc lacks +lat_1');
  if (standardParallel2 !== undefined) {
    return { method: methodByEpsg(scaleFactor === 1 ? 9802 : 1051)!, parameters };
  }
  if (latitudeOfOrigin === undefined) {
    throw refusal('+proj=lcc without +lat_0 and +lat_2 is read differently by programs of PROJ');
  }
  delete parameters.standardParallel1;
  if (latitudeOfOrigin === standardParallel1) {
    return { method: methodByEpsg(9801)!, parameters };
  }
  parameters.latitudeOfNaturalOrigin = standardParallel1;
  return { method: methodByEpsg(1102)!, parameters };
}

function mercator(given: ProjParameters): ProjMethod {
  const parameters = read(`${SCALED} lat_ts`, given);
  if (parameters.standardParallel1 === undefined) {
    return { method: methodByEpsg(9804)!, parameters };
  }
  return { method: methodByEpsg(9805)!, parameters };
}

function stereographic(given: ProjParameters): ProjMethod {
  const parameters = read(`${SCALED} lat_ts`, given);
  const { latitudeOfOrigin = 0, standardParallel1, scaleFactor = 1 } = parameters;
  if (Math.abs(latitudeOfOrigin) !== 90)
    return { method: methodByName('Stereographic')!, parameters };
  if (standardParallel1 === undefined) return { method: methodByEpsg(9810)!, parameters };
  delete parameters.standardParallel1;
  if (standardParallel1 === latitudeOfOrigin) return { method: methodByEpsg(9810)!, parameters };
  if (standardParallel1 * latitudeOfOrigin <= 0 || scaleFactor !== 1) {
    throw refusal('+proj=stere has a +lat_ts that does not go with its +lat_0 or +k');
  }
  delete parameters.latitudeOfOrigin;
  return { method: methodByEpsg(9829)!, parameters: { ...parameters, standardParallel1 } };
}

function oblique(given: ProjParameters): ProjMethod {
  const variantA = given.flag('no_uoff') || given.flag('no_off');
  const points =
    'lat_1:latitudeOfPoint1 lon_1:longitudeOfPoint1 lat_2:latitudeOfPoint2 lon_2:longitudeOfPoint2';
  const keys = `lat_0 lonc alpha gamma k k_0 ${OFFSETS}`;
  const parameters = read(`${keys} ${points}`, given);
  if (parameters.latitudeOfPoint1 !== undefined) {
    if (variantA) throw refusal('+proj=omerc of two points with +no_uoff is not supported');
    const method = methodByName('Hotine Oblique Mercator (Two Point Natural Origin)')!;
    return { method, parameters };
  }
  if (parameters.azimuth === undefined) throw refusal('+proj=omerc lacks +alpha');
  return { method: methodByEpsg(variantA ? 9812 : 9815)!, parameters };
}

/** Of PROJ's defaults. Versions differ in the sign of a false origin. */
function krovak(given: ProjParameters): ProjMethod {
  const parameters = read(SCALED, given);
  if (parameters.falseEasting || parameters.falseNorthing) {
    throw refusal('+proj=krovak with +x_0 or +y_0 is read differently by versions of PROJ');
  }
  const method = methodByEpsg(1041)!;
  return {
    // +czech gives westings, then southings.
    method: given.flag('czech') ? { ...method, axes: ['west', 'south'] } : method,
    parameters: {
      latitudeOfOrigin: 49.5,
      longitudeOfOrigin: 24 + 5 / 6,
      scaleFactor: 0.9999,
      ...parameters,
      colatitudeOfConeAxis: given.angle('alpha') ?? 30.28813975277778,
      standardParallel1: 78.5,
    },
  };
}

/** The series hold for one origin alone. */
const NEW_ZEALAND: Parameters = {
  latitudeOfOrigin: -41,
  longitudeOfOrigin: 173,
  falseEasting: 2510000,
  falseNorthing: 6023150,
};

function newZealand(given: ProjParameters): ProjMethod {
  for (const [name, value] of Object.entries(read(NATURAL, given))) {
    if (value !== NEW_ZEALAND[name as ParameterName]) {
      throw refusal(`+proj=nzmg has an origin of its own, and not ${value}`);
    }
  }
  return { method: methodByEpsg(9811)!, parameters: NEW_ZEALAND };
}

function sweep(given: ProjParameters, method: Method): Method {
  const axis = given.word('sweep') ?? 'y';
  if (axis === 'y') return method;
  if (axis === 'x') return methodByName('Geostationary Satellite (Sweep X)')!;
  throw refusal(`+sweep=${axis.slice(0, 40)} is not known`);
}

/** The parallel φ where k = cos φ / √(1 − e² sin² φ); Snyder (1987), eq. 10-13. */
function parallelOfScale(given: ProjParameters, { es }: Ellipsoid): number {
  const k = given.number('k_0') ?? given.number('k') ?? 1;
  if (!(k > 0 && k <= 1)) throw refusal(`+proj=cea can't have a scale of ${k}`);
  return (Math.acos(k * Math.sqrt((1 - es) / (1 - k * k * es))) * 180) / Math.PI;
}
