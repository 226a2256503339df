/** PROJ strings → CrsDefinition. */

import type {
  AxisDirection,
  CrsDefinition,
  Datum,
  Ellipsoid,
  GivenShift,
} from '../../definition.ts';
import { type Axes, axesOf } from '../axes.ts';
import { axesWith, conversionOf } from '../conversion.ts';
import { ellipsoidOf, ellipsoidOfAxes } from '../ellipsoid.ts';
import { meridianByName } from '../prime-meridians.ts';
import { excerpt, refusal } from '../refusal.ts';
import { rotatedPole } from '../rotated-pole.ts';
import { PROJ_UNITS } from '../units.ts';
import { type ProjParameters, projMethod } from './methods.ts';
import { PROJ_DATUMS, PROJ_ELLIPSOIDS } from './tables.ts';
import { parseAngle, parseNumber, parseRatio } from './value.ts';

const MAX_LENGTH = 4096;
/** A parameter; a grid's name may be quoted and hold spaces. */
const TOKEN = /[^\s=]+="[^"]*"|\S+/g;
const GEOGRAPHIC = new Set(['longlat', 'lonlat', 'latlong', 'latlon']);
/** These are about heights, or say nothing. */
const PASSED_OVER = new Set(
  ['no_defs', 'wktext', 'type', 'over', 'title', 'geoidgrids', 'geoid_crs', 'vunits'].concat([
    ...['vto_meter', 'lon_wrap', 'no_cut', 'defs', 'a_orig'],
  ]),
);

/** Whether a text is a PROJ string, well-formed or not. */
export function isProjString(text: string): boolean {
  return (
    /^\s*\+?[A-Za-z]\w*(?:=|\s)/.test(text) &&
    /(?:^|\s)\+?(?:proj|init)=/.test(text.slice(0, MAX_LENGTH))
  );
}

/**
 * @throws TilewrightError `crs-unknown` for anything in the string that is not understood, that
 *   the projection does not use, or that contradicts itself
 */
export function parseProjString(text: string): CrsDefinition {
  if (text.length > MAX_LENGTH) throw refusal('The PROJ string is too long');
  const given = new Reader(text);
  const proj = given.word('proj');
  if (given.has('init')) {
    throw refusal(`${excerpt(text)} is made of a code and of parameters: give one or the other`);
  }
  if (!proj) throw refusal(`The PROJ string "${excerpt(text)}" has no +proj`);
  const type = given.word('type');
  if (type !== undefined && type !== 'crs') throw refusal(`+type=${excerpt(type)} is no CRS`);
  const definition = readCrs(proj, given, text);
  given.refuseRest(proj);
  return definition;
}

function readCrs(proj: string, given: Reader, text: string): CrsDefinition {
  if (/^(?:geocent|cart|pipeline|topocentric)$/.test(proj)) {
    throw refusal(`+proj=${proj} is no CRS of two horizontal axes`);
  }
  const { datum, onSphere } = readDatum(proj, given);
  const name = excerpt(text.trim());
  const common = { name, id: null, baseName: 'unknown', baseId: null, datum };
  const axes = readAxes(given.word('axis'));
  if (proj === 'ob_tran') {
    const conversion = rotatedPole(given.word('o_proj'), {
      latitudeOfPoint1: given.angle('o_lat_p') ?? Number.NaN,
      longitudeOfPoint1: given.angle('o_lon_p') ?? 0,
      longitudeOfOrigin: given.angle('lon_0') ?? 0,
    });
    angularUnit(given);
    if (onSphere || datum.primeMeridian !== 0) {
      throw refusal('+proj=ob_tran with +pm or with a sphere for the ellipsoid is not supported');
    }
    return { ...common, ...conversion, ...DEGREES, axes: axes ?? ['east', 'north'] };
  }
  if (GEOGRAPHIC.has(proj)) {
    if (onSphere)
      throw refusal(`+proj=${proj} can't be given on a sphere and an ellipsoid at once`);
    const middle = given.angle('lon_wrap');
    const lon0 = given.angle('lon_0') ?? 0;
    if (lon0 !== 0) throw refusal(`+proj=${proj} takes no +lon_0`);
    angularUnit(given);
    return {
      ...common,
      method: null,
      parameters: middle === undefined ? {} : { middleLongitude: middle + datum.primeMeridian },
      ...DEGREES,
      axes: axes ?? ['east', 'north'],
    };
  }
  const { method, parameters } = projMethod(proj, given, datum.ellipsoid, onSphere);
  // What PROJ gives for axes of west and south is −(x₀ + …): the sign of the frame of eastings.
  const framed = { ...method, negated: [] };
  const conversion = conversionOf(framed, parameters, datum.ellipsoid, datum.primeMeridian);
  const unit = linearUnit(given);
  return {
    ...common,
    ...webMercator(conversion, datum),
    ...unit,
    axes: axesWith(axes, conversion),
  };
}

const DEGREES = { unit: 1, unitName: 'degree', unitId: 'EPSG:9122' };

/** Mercator on a sphere whose coordinates are those of WGS 84: the sphere is no datum then. */
function webMercator(
  { method, parameters }: Pick<CrsDefinition, 'method' | 'parameters'>,
  datum: Datum,
): Pick<CrsDefinition, 'method' | 'parameters' | 'datum'> {
  const { ellipsoid, given } = datum;
  const isNull = given?.kind === 'grids' && given.names.join() === '@null';
  const plain =
    method === 'mercator-a' ? parameters.scaleFactor === 1 : parameters.standardParallel1 === 0;
  if (!isNull || ellipsoid.es !== 0 || ellipsoid.a !== 6378137 || !plain) {
    return { method, parameters, datum };
  }
  if (method !== 'mercator-a' && method !== 'mercator-b') return { method, parameters, datum };
  const { longitudeOfOrigin = 0, falseEasting = 0, falseNorthing = 0 } = parameters;
  return {
    method: 'pseudo-mercator',
    parameters: { latitudeOfOrigin: 0, longitudeOfOrigin, falseEasting, falseNorthing },
    datum: { ...datum, ...namedDatum('WGS84'), given: null },
  };
}

function namedDatum(id: string): { name: string; id: string; ellipsoid: Ellipsoid } {
  const row = PROJ_DATUMS.get(id);
  if (row === undefined) throw refusal(`The datum +datum=${excerpt(id)} is not known`);
  const [name, code, ellps] = row;
  return { name, id: `EPSG:${code}`, ellipsoid: namedEllipsoid(ellps) };
}

function namedEllipsoid(id: string): Ellipsoid {
  const row = PROJ_ELLIPSOIDS.get(id);
  if (row === undefined) throw refusal(`The ellipsoid +ellps=${excerpt(id)} is not known`);
  return ellipsoidOf(row.name, row.a, row.inverseFlattening);
}

function readDatum(proj: string, given: Reader): { datum: Datum; onSphere: boolean } {
  const datumId = given.word('datum');
  const ellps = given.word('ellps');
  const named = datumId === undefined || datumId === 'none' ? null : namedDatum(datumId);
  let base: Ellipsoid | null = named?.ellipsoid ?? null;
  if (ellps !== undefined) {
    const ellipsoid = namedEllipsoid(ellps);
    if (base !== null && Math.abs(base.a - ellipsoid.a) + Math.abs(base.es - ellipsoid.es) > 1e-9) {
      throw refusal(`+datum=${datumId} has another ellipsoid than +ellps=${ellps}`);
    }
    base = ellipsoid;
  }
  // Orthographic on a sphere of the ellipsoid's semi-major axis, as PROJ says it.
  const flat = proj === 'ortho' && base !== null && base.es > 0 && given.number('f') === 0;
  const own = flat ? null : numericEllipsoid(given, base);
  if (own !== null && named !== null && Math.abs(own.es - named.ellipsoid.es) > 1e-9) {
    throw refusal(`+datum=${datumId} can't have another ellipsoid`);
  }
  const implied = own !== null || base !== null ? null : proj === 'krovak' ? 'bessel' : 'WGS84';
  const wgs84 = implied === 'WGS84' ? namedDatum('WGS84') : null;
  const datum: Datum = {
    name: named?.name ?? wgs84?.name ?? null,
    id: named?.id ?? wgs84?.id ?? null,
    ellipsoid: own ?? base ?? namedEllipsoid(implied!),
    ...primeMeridian(given.word('pm')),
    given: readShift(given),
  };
  const sphere = SPHERES.find(([key]) => given.flag(key));
  if (sphere === undefined || datum.ellipsoid.es === 0) return { datum, onSphere: flat };
  // These methods have a form of their own for the authalic sphere.
  if (sphere[0] === 'R_A' && /^(?:laea|cea|mill|vandg)$/.test(proj))
    return { datum, onSphere: true };
  return { datum: onOwnSphere(datum, sphere), onSphere: false };
}

/** Radii of spheres that stand for an ellipsoid with semi-axes a and b; Snyder (1987), eq. 3-13. */
const SPHERES: readonly (readonly [string, (a: number, b: number, es: number) => number])[] = [
  ['R_A', authalicRadius],
  ['R_V', (a, b) => Math.cbrt(a * a * b)],
  ['R_a', (a, b) => (a + b) / 2],
  ['R_g', (a, b) => Math.sqrt(a * b)],
  ['R_h', (a, b) => (2 * a * b) / (a + b)],
];

function authalicRadius(a: number, _b: number, es: number): number {
  const e = Math.sqrt(es);
  return a * Math.sqrt((1 + ((1 - es) / e) * Math.atanh(e)) / 2);
}

/** Latitude and longitude go over to the sphere as they are, so they must be WGS 84's. */
function onOwnSphere(datum: Datum, [key, radius]: (typeof SPHERES)[number]): Datum {
  const { a, es } = datum.ellipsoid;
  const isNull =
    datum.given === null || (datum.given.kind === 'grids' && datum.given.names.join() === '@null');
  if (!isNull || (datum.id !== null && datum.id !== 'EPSG:6326')) {
    throw refusal(`+${key} with a datum of its own is not supported`);
  }
  const ellipsoid = ellipsoidOf('', radius(a, a * Math.sqrt(1 - es), es), 0);
  return { ...datum, name: null, id: null, ellipsoid, given: { kind: 'grids', names: ['@null'] } };
}

function numericEllipsoid(given: Reader, base: Ellipsoid | null): Ellipsoid | null {
  const radius = given.number('R');
  const [a, b] = [given.number('a'), given.number('b')];
  const [rf, f] = [given.number('rf'), given.number('f')];
  const [es, e] = [given.number('es'), given.number('e')];
  const shapes = [b, rf, f, es, e].filter((value) => value !== undefined);
  if (radius !== undefined) {
    if (a !== undefined && a !== radius) throw refusal(`+R=${radius} and +a=${a} differ`);
    if (shapes.length > 0 && b !== radius) throw refusal(`+R=${radius} can't have a flattening`);
    return ellipsoidOf('', radius, 0);
  }
  if (a === undefined && shapes.length === 0) return null;
  const major = a ?? base?.a;
  if (major === undefined) throw refusal('The PROJ string has a flattening, but no +a');
  if (shapes.length > 1) throw refusal('The PROJ string gives the flattening more than once');
  if (shapes.length === 0) {
    return base === null
      ? ellipsoidOf('', major, 0)
      : ellipsoidOf('', major, base.inverseFlattening);
  }
  if (b !== undefined) return ellipsoidOfAxes('', major, b);
  if (rf !== undefined) return ellipsoidOf('', major, rf);
  if (f !== undefined) return ellipsoidOf('', major, f === 0 ? 0 : 1 / f);
  const squared = es ?? e! * e!;
  // NaN, which ellipsoidOf refuses, where there is no such ellipse.
  return ellipsoidOf('', major, squared === 0 ? 0 : 1 / (1 - Math.sqrt(1 - squared)));
}

function primeMeridian(text: string | undefined): {
  primeMeridian: number;
  primeMeridianName: string;
} {
  if (text === undefined) return { primeMeridian: 0, primeMeridianName: 'Greenwich' };
  const named = meridianByName(text);
  const longitude = named ?? parseAngle(text);
  if (longitude === null || Math.abs(longitude) > 360) {
    throw refusal(`The prime meridian +pm=${excerpt(text)} is not known`);
  }
  const name = named === null ? 'unknown' : text[0]!.toUpperCase() + text.slice(1).toLowerCase();
  return { primeMeridian: longitude, primeMeridianName: longitude === 0 ? 'Greenwich' : name };
}

function readShift(given: Reader): GivenShift | null {
  const grids = given.word('nadgrids');
  const towgs84 = given.word('towgs84');
  const parameters = towgs84?.split(',').map((value) => parseNumber(value.trim()) ?? Number.NaN);
  if (parameters !== undefined) {
    const count = parameters.length;
    if ((count !== 3 && count !== 7) || parameters.some(Number.isNaN)) {
      throw refusal(`+towgs84=${excerpt(towgs84!)} is not 3 or 7 numbers`);
    }
  }
  if (grids !== undefined) {
    const names = grids.replaceAll('"', '').split(',');
    if (names.some((name) => name === ''))
      throw refusal(`+nadgrids=${excerpt(grids)} names no grid`);
    if (parameters?.some((value) => value !== 0))
      throw refusal('The PROJ string has +towgs84 and +nadgrids');
    return { kind: 'grids', names };
  }
  return parameters === undefined ? null : { kind: 'position-vector', parameters };
}

const LETTERS: ReadonlyMap<string, AxisDirection> = new Map([
  ['e', 'east'],
  ['n', 'north'],
  ['w', 'west'],
  ['s', 'south'],
]);

function readAxes(text: string | undefined): Axes | null {
  if (text === undefined) return null;
  if (!/^[ewns][ewns][ud]?$/.test(text)) throw refusal(`+axis=${excerpt(text)} is not known`);
  const written = [...text.slice(0, 2)].map((letter) => LETTERS.get(letter)!);
  return axesOf(written);
}

function linearUnit(given: Reader): Pick<CrsDefinition, 'unit' | 'unitName' | 'unitId'> {
  const name = given.word('units');
  const ratio = given.word('to_meter');
  const named = name === undefined ? undefined : PROJ_UNITS.get(name);
  if (name !== undefined && named === undefined)
    throw refusal(`+units=${excerpt(name)} is not known`);
  const size = ratio === undefined ? undefined : parseRatio(ratio);
  if (size === null || (size !== undefined && !(size > 0))) {
    throw refusal(`+to_meter=${excerpt(ratio!)} is no length`);
  }
  // +to_meter counts where both are given.
  if (size === undefined || (named && Math.abs(size / named[0] - 1) < 1e-9)) {
    const [unit, unitName] = named ?? [1, 'metre'];
    return { unit, unitName, unitId: unitName === 'metre' ? 'EPSG:9001' : null };
  }
  const known = [...PROJ_UNITS.values()].find(([metres]) => Math.abs(size / metres - 1) < 1e-9);
  return { unit: known?.[0] ?? size, unitName: known?.[1] ?? 'unknown', unitId: null };
}

/** Degrees, which some writers say in metres or radians that PROJ does not use. */
function angularUnit(given: Reader): void {
  const unit = given.word('units');
  const ratio = given.word('to_meter');
  const radians = ratio === undefined ? Math.PI / 180 : parseRatio(ratio);
  const isDegree = radians !== null && Math.abs((radians / Math.PI) * 180 - 1) < 1e-8;
  if ((unit !== undefined && unit !== 'm' && unit !== 'deg') || !isDegree) {
    throw refusal(`A geographic CRS in units of ${excerpt(unit ?? ratio ?? '')} is not supported`);
  }
}

/** The parameters of a string, each of which is to be read. */
class Reader implements ProjParameters {
  readonly #parameters = new Map<string, string | null>();
  readonly #read = new Set<string>();

  constructor(text: string) {
    for (const token of text.trim().match(TOKEN) ?? []) {
      const match = /^\+?([A-Za-z]\w*)(?:=(.*))?$/s.exec(token);
      if (match === null) throw refusal(`"${excerpt(token)}" is not a PROJ parameter`);
      const [, key = '', value = null] = match;
      const before = this.#parameters.get(key);
      if (before !== undefined && before !== value) {
        throw refusal(
          `The PROJ parameter +${excerpt(key)} is given twice, as ${before} and ${value}`,
        );
      }
      this.#parameters.set(key, value);
    }
  }

  has(key: string): boolean {
    return this.#parameters.has(key);
  }

  word(key: string): string | undefined {
    this.#read.add(key);
    const value = this.#parameters.get(key);
    if (value === null || value === '') throw refusal(`The PROJ parameter +${key} lacks its value`);
    return value;
  }

  flag(key: string): boolean {
    this.#read.add(key);
    return this.#parameters.has(key) && !/^f/i.test(this.#parameters.get(key) ?? '');
  }

  number(key: string): number | undefined {
    return this.#number(key, parseNumber);
  }

  angle(key: string): number | undefined {
    return this.#number(key, parseAngle);
  }

  #number(key: string, parse: (text: string) => number | null): number | undefined {
    const text = this.word(key);
    const value = text === undefined ? undefined : parse(text);
    if (value === null) {
      throw refusal(`The PROJ parameter +${key} wants a number, not "${excerpt(text!)}"`);
    }
    return value;
  }

  /** What no one has read must be without effect. */
  refuseRest(proj: string): void {
    for (const [key, value] of this.#parameters) {
      if (this.#read.has(key) || PASSED_OVER.has(key)) continue;
      const number = value === null ? null : parseAngle(value);
      const isDefault = /^k(?:_0)?$/.test(key) ? number === 1 : number === 0;
      if (!isDefault) {
        throw refusal(`The PROJ parameter +${excerpt(key)} is not used by +proj=${excerpt(proj)}`);
      }
    }
  }
}
