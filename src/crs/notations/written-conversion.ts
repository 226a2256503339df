/** The method and parameters of a CrsDefinition as EPSG has them: signs, units, prime meridian. */

import type { CrsDefinition, ParameterName } from '../definition.ts';
import { type Method, methodRow } from './methods.ts';
import { defaultOf, kindOf, type Parameter, type ParameterKind } from './parameter-names.ts';

export interface WrittenParameter {
  parameter: Parameter;
  kind: ParameterKind;
  /** Angles in the unit of the base CRS from its prime meridian, lengths in the unit of the axes. */
  value: number;
}

export interface WrittenConversion {
  method: Method;
  parameters: WrittenParameter[];
}

const LONGITUDES: readonly ParameterName[] = [
  'longitudeOfOrigin',
  'longitudeOfPoint1',
  'longitudeOfPoint2',
];
/** Methods of which only one parameter of their name is in use. */
const SELDOM = ['equidistant-cylindrical', 'equidistant-cylindrical-spherical'];

/** Null for a geographic CRS. */
export function writtenConversion(definition: CrsDefinition): WrittenConversion | null {
  const { method: name, axes, datum, unit, baseUnit } = definition;
  if (name === null) return null;
  const method = methodRow(name, axes);
  const parameters: WrittenParameter[] = [];
  for (const parameter of method.takes) {
    const { parameter: key } = parameter;
    let value = definition.parameters[key] ?? defaultOf(key);
    if (SELDOM.includes(name) && key === 'latitudeOfOrigin' && value === 0) continue;
    if (method.negated.includes(key)) value = -value;
    if (LONGITUDES.includes(key)) value -= datum.primeMeridian;
    const kind = kindOf(key);
    const size = { length: unit, angle: baseUnit?.size ?? 1, scale: 1 }[kind];
    parameters.push({ parameter, kind, value: value / size });
  }
  return { method, parameters };
}
