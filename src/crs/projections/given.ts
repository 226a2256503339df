/** How a method takes its parameters: what is absent has its default, what is no number is refused. */

import type { ParameterName, Parameters } from '../definition.ts';

export const RADIANS = Math.PI / 180;
export const DEGREES = 180 / Math.PI;

/** @throws Error if the parameter is absent and has no default, or is not finite */
export function given(parameters: Parameters, name: ParameterName, otherwise?: number): number {
  const value = parameters[name] ?? otherwise;
  if (value === undefined) throw new Error(`${name} is missing`);
  if (!Number.isFinite(value)) throw new Error(`${name} is ${value}`);
  return value;
}

/** Degrees, −90 … 90. */
export function givenLatitude(
  parameters: Parameters,
  name: ParameterName,
  otherwise?: number,
): number {
  const value = given(parameters, name, otherwise);
  if (Math.abs(value) > 90) throw new Error(`${name} is ${value}, no latitude`);
  return value;
}

/** Degrees, −180 … 180. */
export function givenLongitude(parameters: Parameters, name: ParameterName): number {
  return withinHalfTurn(given(parameters, name, 0));
}

/** Not 0: that would put all points on one. Negative where axes point west and south. */
export function givenScale(parameters: Parameters): number {
  const value = given(parameters, 'scaleFactor', 1);
  if (value === 0) throw new Error('scaleFactor is 0');
  return value;
}

export function falseOrigin(parameters: Parameters): [x0: number, y0: number] {
  return [given(parameters, 'falseEasting', 0), given(parameters, 'falseNorthing', 0)];
}

/** Degrees, −180 … 180; as it is if it is there already. */
export function withinHalfTurn(degrees: number): number {
  return Math.abs(degrees) <= 180 ? degrees : degrees - 360 * Math.round(degrees / 360);
}
