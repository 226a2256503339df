/** Crs × Crs → a function over batches of vertices. */

import { chain, coordinatesOf } from './coordinates.ts';
import type { CrsDefinition } from './definition.ts';
import { gridLoop, OutsideGrids } from './grids/loop.ts';
import {
  type DatumOperation,
  type DatumStep,
  datumOperation,
} from './operations/datum-operation.ts';
import { helmertLoop } from './operations/helmert.ts';
import type { Loop } from './projections/projection.ts';
import type { Crs } from './resolve.ts';
import { sameDefinition } from './same.ts';
import type { Bounds } from './table/records.ts';

export interface Transform {
  /** Whether nothing changes. */
  readonly identity: boolean;
  /**
   * Degrees of longitude. Between two vertices that come out farther apart the edge goes the other
   * way round, across the antimeridian or past a pole. Infinity where the input's plane goes on past
   * ±180 as longitudes do: there an edge is meant as it is drawn.
   */
  readonly longestEdge: number;
  /** How the datums are led into one another. */
  readonly operation: DatumOperation;
  /**
   * Transforms vertices start ≤ v < end of interleaved x, y in place. Easting or longitude comes
   * first, in the CRS's own unit; a point that can't be transformed becomes NaN, NaN. Where x goes
   * round the Earth it goes on past the ends of the axis, as longitudes do past ±180: see `cyclicX`.
   * @throws TilewrightError crs-grid for a grid that is damaged or not what it was
   */
  apply(xy: Float64Array, start: number, end: number): void;
  /** Whether one of the vertices start ≤ v < end was outside of a grid when `apply` met it last. */
  outsideGrids(start: number, end: number): boolean;
}

/** Whether coordinates in `a` are coordinates in `b` as they are. */
export function sameCrs(a: Crs, b: Crs): boolean {
  return sameDefinition(a.definition, b.definition);
}

/** A CRS as the choice of operations sees it. */
export function placeOf(crs: Crs): { id: string | null; datum: CrsDefinition['datum'] } {
  const { baseId, datum } = crs.definition;
  return { id: baseId, datum };
}

/** @param operation - between the datums; where it is left out, that for the CRSs' areas of use */
export function createTransform(
  from: Crs,
  to: Crs,
  operation: DatumOperation = operationBetween(from, to),
): Transform {
  const source = coordinatesOf(from.definition);
  const target = coordinatesOf(to.definition);
  const isSame = operation.steps.length === 0 && sameCrs(from, to);
  const missed = new OutsideGrids();
  const steps = operation.steps.map((step) => stepLoop(step, missed));
  const loop = isSame ? null : chain(source.toDegrees, ...steps, target.fromDegrees);
  return {
    identity: loop === null,
    longestEdge: source.longestEdge,
    operation,
    apply: (xy, start, end) => {
      missed.clear();
      loop?.(xy, start, end);
    },
    outsideGrids: (start, end) => missed.hasAny(start, end),
  };
}

/** The operation for the area that both CRSs are made for, as far as that is known. */
export function operationBetween(from: Crs, to: Crs): DatumOperation {
  const [a] = from.areas;
  const [b] = to.areas;
  const area = a === undefined ? b : b === undefined || isSmaller(a, b) ? a : b;
  return datumOperation(placeOf(from), placeOf(to), area ?? null, null);
}

function isSmaller(a: Bounds, b: Bounds): boolean {
  const size = ([west, south, east, north]: Bounds): number =>
    ((((east - west) % 360) + 360) % 360 || 360) * (north - south);
  return size(a) <= size(b);
}

/** @param missed - takes vertices that are outside of a grid */
function stepLoop(step: DatumStep, missed: OutsideGrids): Loop {
  if (step.kind === 'helmert') return helmertLoop(step.shift, step.inverse, step.from, step.to);
  if (step.kind === 'grid') return gridLoop(step, missed);
  const { longitude, latitude } = step;
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      xy[i]! += longitude;
      xy[i + 1]! += latitude;
    }
  };
}

/**
 * The x axis of a CRS that goes round the Earth: coordinates x and x + period are the same
 * meridian, and x runs from minX to minX + period. Null for every other CRS.
 */
export function cyclicX({ definition }: Crs): { period: number; minX: number } | null {
  const { middle, fromDegrees } = coordinatesOf(definition);
  const [first] = definition.axes;
  if (middle === null || (first !== 'east' && first !== 'west')) return null;
  const xy = Float64Array.of(middle, 0, middle + 180, 0);
  fromDegrees?.(xy, 0, 2);
  const half = Math.abs(xy[2]! - xy[0]!);
  return { period: 2 * half, minX: xy[0]! - half };
}
