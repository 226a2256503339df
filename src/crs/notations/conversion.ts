/** A method and parameters as some dialect names them → those of a CrsDefinition. */

import type {
  AxisDirection,
  Ellipsoid,
  MethodName,
  ParameterName,
  Parameters,
} from '../definition.ts';
import type { Method } from './methods.ts';
import { foldName } from './names.ts';
import {
  defaultOf,
  kindOf,
  type ParameterKind,
  parameterByEpsg,
  parameterByName,
} from './parameter-names.ts';
import { excerpt, refusal } from './refusal.ts';
import type { Unit } from './units.ts';

/** A parameter as it is written. */
export interface Given {
  name: string;
  /** EPSG's; null where the text gives none. */
  code?: number | null;
  value: number;
  /** Null where the text leaves it to the unit of the CRS. */
  unit: Unit | null;
}

/** Units of parameters that bring none; null where they must. */
export interface DefaultUnits {
  length: Unit | null;
  angle: Unit | null;
}

export interface Conversion {
  method: MethodName;
  parameters: Parameters;
  /** That the method's own coordinates have, where the text says nothing of axes. */
  axes: readonly [AxisDirection, AxisDirection];
  /** Of a negative scale, which turns both axes whatever the text calls them. */
  isTurned?: true;
}

const LATITUDES: readonly ParameterName[] = [
  'latitudeOfOrigin',
  'latitudeOfNaturalOrigin',
  'standardParallel1',
  'standardParallel2',
  'latitudeOfPoint1',
  'latitudeOfPoint2',
];
const LONGITUDES: readonly ParameterName[] = [
  'longitudeOfOrigin',
  'longitudeOfPoint1',
  'longitudeOfPoint2',
];

/** PROJ's formulas have no place for it: it can only be 0. */
const HEIGHT_OF_ORIGIN = 'ellipsoidalheightoftopocentricorigin';

/**
 * @param method - whose names and codes of parameters come first, where it is known
 * @throws TilewrightError `crs-unknown` for a parameter that no method has, or given twice
 */
export function namedParameters(
  given: readonly Given[],
  units: DefaultUnits,
  method: Method | null = null,
): Parameters {
  const parameters: Parameters = {};
  for (const one of given) {
    const { name, value } = one;
    if (value === 0 && foldName(name) === HEIGHT_OF_ORIGIN) continue;
    const parameter = parameterOf(one, method);
    if (parameter === null) throw refusal(`The parameter "${excerpt(name)}" is not known`);
    const kind = kindOf(parameter);
    const converted = value * sizeOf(one, kind, units);
    if (!Number.isFinite(converted)) {
      throw refusal(`The parameter "${excerpt(name)}" can't be ${value}`);
    }
    const before = parameters[parameter];
    if (before !== undefined && Math.abs(before - converted) > 1e-9) {
      throw refusal(
        `The parameter "${excerpt(name)}" is given twice, as ${before} and ${converted}`,
      );
    }
    parameters[parameter] = converted;
  }
  return parameters;
}

function parameterOf({ name, code }: Given, method: Method | null): ParameterName | null {
  const folded = foldName(name);
  const own =
    method?.takes.find((parameter) => code != null && parameter.code === code) ??
    method?.takes.find((parameter) => foldName(parameter.name) === folded);
  return own?.parameter ?? (code ? parameterByEpsg(code) : null) ?? parameterByName(name);
}

function sizeOf({ name, value, unit }: Given, kind: ParameterKind, units: DefaultUnits): number {
  if (unit !== null && unit.kind !== kind) {
    throw refusal(`The parameter "${excerpt(name)}" can't be in the unit "${excerpt(unit.name)}"`);
  }
  if (unit !== null) return unit.size;
  if (kind === 'scale' || value === 0) return 1;
  const common = units[kind];
  if (common === null) throw refusal(`The parameter "${excerpt(name)}" has no unit`);
  return common.size;
}

/**
 * What a method makes of parameters by their usual names: every one is used or at its default.
 * @param given - angles in degrees, longitudes from the prime meridian, lengths in metres
 * @param primeMeridian - degrees east of Greenwich
 * @throws TilewrightError `crs-unknown` for parameters that the method does not take or can't have
 */
export function conversionOf(
  method: Method,
  given: Parameters,
  ellipsoid: Ellipsoid,
  primeMeridian: number,
): Conversion {
  const named: Parameters = {};
  for (const [name, value] of entries(given)) {
    const renamed = method.renames[name] ?? name;
    if (named[renamed] !== undefined && named[renamed] !== value) {
      throw refusal(`${method.name} has two values for one parameter: ${named[renamed]}, ${value}`);
    }
    named[renamed] = value;
  }
  const parameters: Parameters = {};
  for (const { parameter } of method.takes) {
    const missing =
      parameter === 'rectifiedGridAngle'
        ? (named.azimuth ?? 0)
        : (method.defaults[parameter] ?? defaultOf(parameter));
    parameters[parameter] = named[parameter] ?? missing;
  }
  for (const [name, value] of entries(named)) {
    if (parameters[name] === undefined && value !== defaultOf(name)) {
      throw refusal(`${method.name} takes no ${wordsOf(name)}, but ${value} is given`);
    }
  }
  checkRanges(method, parameters);
  for (const name of LONGITUDES) {
    if (parameters[name] !== undefined) parameters[name] += primeMeridian;
  }
  for (const name of method.negated) {
    if (parameters[name]) parameters[name] = -parameters[name];
  }
  return settle({ method: method.method, parameters, axes: method.axes }, ellipsoid);
}

function checkRanges(method: Method, parameters: Parameters): void {
  for (const name of LATITUDES) {
    const value = parameters[name] ?? 0;
    if (Math.abs(value) > 90.0000000001) {
      throw refusal(`${method.name} can't have a ${wordsOf(name)} of ${value} degrees`);
    }
    // 100 grads are 90 degrees, give or take the last digit.
    if (Math.abs(value) > 90) parameters[name] = Math.sign(value) * 90;
  }
  for (const name of LONGITUDES) {
    const value = parameters[name] ?? 0;
    if (Math.abs(value) > 720) {
      throw refusal(`${method.name} can't have a ${wordsOf(name)} of ${value} degrees`);
    }
  }
  const scale = parameters.scaleFactor ?? 1;
  // ESRI writes systems of westings and southings with a scale of −1.
  const turned = method.method === 'transverse-mercator' && method.axes[0] === 'east';
  if (scale === 0 || (scale < 0 && !turned)) {
    throw refusal(`${method.name} can't have a scale factor of ${scale}`);
  }
  if (parameters.ellipsoidScale !== undefined && !(parameters.ellipsoidScale > 0)) {
    throw refusal(`${method.name} can't scale its ellipsoid by ${parameters.ellipsoidScale}`);
  }
  if (/^(?:geostationary|vertical)/.test(method.method) && !((parameters.height ?? 0) > 0)) {
    throw refusal(`${method.name} can't have a height of ${parameters.height ?? 0} m`);
  }
}

/** One form for what several methods say alike. */
function settle({ method, parameters, axes }: Conversion, ellipsoid: Ellipsoid): Conversion {
  const { standardParallel1 = 0, latitudeOfOrigin = 0, scaleFactor = 1 } = parameters;
  if (method === 'transverse-mercator' && scaleFactor < 0) {
    const turned = {
      ...parameters,
      scaleFactor: -scaleFactor,
      falseEasting: minus(parameters.falseEasting),
      falseNorthing: minus(parameters.falseNorthing),
    };
    return { method, parameters: turned, axes: ['west', 'south'], isTurned: true };
  }
  if (method === 'polar-stereographic-b' && Math.abs(standardParallel1) === 90) {
    const { standardParallel1: _, ...rest } = parameters;
    const polar = { latitudeOfOrigin: standardParallel1, ...rest, scaleFactor: 1 };
    return { method: 'polar-stereographic-a', parameters: polar, axes };
  }
  if (method === 'stereographic' && Math.abs(latitudeOfOrigin) === 90) {
    return { method: 'polar-stereographic-a', parameters, axes };
  }
  if (method === 'polar-stereographic-a' && Math.abs(latitudeOfOrigin) !== 90) {
    throw refusal(`Polar stereographic (variant A) can't have an origin at ${latitudeOfOrigin}°`);
  }
  if (method === 'mercator-a' && latitudeOfOrigin !== 0) {
    throw refusal(
      `Mercator (variant A) can't have an origin at a latitude of ${latitudeOfOrigin}°`,
    );
  }
  if (ellipsoid.es === 0 && method.endsWith('-spherical')) {
    return { method: method.slice(0, -'-spherical'.length) as MethodName, parameters, axes };
  }
  return { method, parameters, axes };
}

function minus(value: number | undefined): number {
  return value ? -value : 0;
}

function entries(parameters: Parameters): [ParameterName, number][] {
  return Object.entries(parameters) as [ParameterName, number][];
}

/** `falseEasting` as `false easting`. */
function wordsOf(name: ParameterName): string {
  return name.replace(/[A-Z1-9]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * Where coordinates point to, by the text or else by the method.
 * @throws TilewrightError `crs-unknown` where a negative scale and axes of west and south are both said
 */
export function axesWith(
  written: Conversion['axes'] | null,
  { axes, isTurned }: Conversion,
): Conversion['axes'] {
  if (written === null || isTurned !== true) return written ?? axes;
  if (written.join() === 'east,north') return axes;
  throw refusal(`Axes ${written.join(' and ')} don't go with a negative scale`);
}
