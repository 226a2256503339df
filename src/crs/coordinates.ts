/**
 * A CRS's own coordinates ↔ longitude and latitude in degrees from Greenwich, on its own datum.
 * Nothing here asks for a file, so the viewer's page can use it as it is.
 */

import type { AxisDirection, CrsDefinition, ParameterName, Parameters } from './definition.ts';
import { withinHalfTurn } from './projections/given.ts';
import type { Loop, Projection } from './projections/projection.ts';
import { projectionOf } from './projections/registry.ts';

export interface Coordinates {
  /** Null where coordinates are degrees from Greenwich already. */
  toDegrees: Loop | null;
  fromDegrees: Loop | null;
  /**
   * Degrees of longitude. Between two vertices that are farther apart the edge goes the other way
   * round: see `continuous` and `coneConstant` in Projection. Infinity where edges are meant as drawn.
   */
  longestEdge: number;
  /** The longitude in the middle of an x axis that goes round the Earth; null for any other axis. */
  middle: number | null;
}

const LENGTHS: readonly ParameterName[] = ['falseEasting', 'falseNorthing', 'height'];

/** @throws Error for a method without formulas, and for parameters that make no projection */
export function coordinatesOf(definition: CrsDefinition): Coordinates {
  const axes = axesLoops(definition.axes);
  if (definition.method === null) {
    const { unit, datum, parameters } = definition;
    return {
      toDegrees: chain(axes.toEastNorth, degreesLoop(unit, datum.primeMeridian)),
      fromDegrees: chain(unitsLoop(unit, datum.primeMeridian), axes.fromEastNorth),
      longestEdge: Number.POSITIVE_INFINITY,
      middle: parameters.middleLongitude ?? datum.primeMeridian,
    };
  }
  const projection = projectionIn(definition);
  return {
    toDegrees: chain(axes.toEastNorth, projection.inverse),
    fromDegrees: chain(projection.forward, axes.fromEastNorth),
    longestEdge: projection.continuous ? 180 / Math.abs(projection.coneConstant ?? 0) : 180,
    middle: projection.cylindrical
      ? withinHalfTurn(definition.parameters.longitudeOfOrigin ?? 0)
      : null,
  };
}

/** The projection in the CRS's own unit: its formulas are the same in any unit of length. */
function projectionIn({ method, datum, parameters, unit }: CrsDefinition): Projection {
  const factory = projectionOf(method!);
  if (factory === null) throw new Error(`there are no formulas for the method ${method}`);
  const { a, es } = datum.ellipsoid;
  if (method === 'rotated-pole') return factory(a, es, parameters);
  const scaled: Parameters = { ...parameters };
  for (const name of LENGTHS) if (scaled[name] !== undefined) scaled[name] /= unit;
  return factory(a / unit, es, scaled);
}

/** Loops one after the other; null is nothing to do. */
export function chain(...loops: readonly (Loop | null)[]): Loop | null {
  const all = loops.filter((loop) => loop !== null);
  if (all.length <= 1) return all[0] ?? null;
  return (xy, start, end) => {
    for (const loop of all) loop(xy, start, end);
  };
}

function degreesLoop(unit: number, primeMeridian: number): Loop | null {
  if (unit === 1 && primeMeridian === 0) return null;
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      xy[i] = xy[i]! * unit + primeMeridian;
      xy[i + 1]! *= unit;
    }
  };
}

function unitsLoop(unit: number, primeMeridian: number): Loop | null {
  if (unit === 1 && primeMeridian === 0) return null;
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      xy[i] = (xy[i]! - primeMeridian) / unit;
      xy[i + 1]! /= unit;
    }
  };
}

function axesLoops([first, second]: readonly [AxisDirection, AxisDirection]): {
  toEastNorth: Loop | null;
  fromEastNorth: Loop | null;
} {
  const signX = first === 'west' || first === 'south' ? -1 : 1;
  const signY = second === 'west' || second === 'south' ? -1 : 1;
  const isSwapped = first === 'north' || first === 'south';
  if (!isSwapped && signX === 1 && signY === 1) return { toEastNorth: null, fromEastNorth: null };
  const loop =
    (forX: number, forY: number): Loop =>
    (xy, start, end) => {
      for (let i = start * 2; i < end * 2; i += 2) {
        const x = xy[i]!;
        const y = xy[i + 1]!;
        xy[i] = forX * (isSwapped ? y : x);
        xy[i + 1] = forY * (isSwapped ? x : y);
      }
    };
  return isSwapped
    ? { toEastNorth: loop(signY, signX), fromEastNorth: loop(signX, signY) }
    : { toEastNorth: loop(signX, signY), fromEastNorth: loop(signX, signY) };
}
