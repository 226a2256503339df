/**
 * The form of cylindrical and pseudo-cylindrical methods: parallels are straight and equally
 * divided, x = λ w(θ), y = h(θ), where θ is the latitude or a parameter that stands for it.
 */

import type { Parameters } from '../definition.ts';
import { longitudeUpToCut, plane } from './plane.ts';
import type { Projection } from './projection.ts';

/** Radians and radii. Functions of y give NaN outside the map. */
export interface Parallels {
  /** The parameter θ of a latitude; θ = φ if it is left out. */
  parameter?: (phi: number) => number;
  /** w(θ): length on the parallel of one radian of longitude. */
  width(theta: number): number;
  /** h(θ) */
  height(theta: number): number;
  /** The inverse of h. */
  ofHeight(y: number): number;
  /** The latitude of a parameter. */
  latitude?: (theta: number) => number;
}

/**
 * @param radius - in the unit of eastings and northings
 * @param cylindrical - whether the map goes on past the cut at ±180°
 */
export function pseudocylindrical(
  radius: number,
  parameters: Parameters,
  { parameter = same, width, height, ofHeight, latitude = same }: Parallels,
  cylindrical = false,
): Projection {
  return plane(
    radius,
    parameters,
    {
      forward(lambda, phi, out) {
        const theta = parameter(phi);
        out[0] = lambda * width(theta);
        out[1] = height(theta);
      },
      inverse(x, y, out) {
        const theta = ofHeight(y);
        const scale = width(theta);
        out[0] = cylindrical ? x / scale : longitudeUpToCut(x, scale);
        out[1] = latitude(theta);
      },
    },
    true,
    cylindrical,
  );
}

function same(phi: number): number {
  return phi;
}

/**
 * Solves f(θ) = value for an increasing f between two ends, by Newton's steps, with bisection
 * where those leave what still brackets the solution.
 * @returns NaN if the value is outside by more than 1e-7; the end if it is by less
 */
export function solveBetween(
  low: number,
  high: number,
  value: number,
  f: (theta: number) => number,
  slope: (theta: number) => number,
): number {
  const atLow = f(low);
  const atHigh = f(high);
  if (!(value > atLow)) return value >= atLow - 1e-7 ? low : Number.NaN;
  if (!(value < atHigh)) return value <= atHigh + 1e-7 ? high : Number.NaN;
  let from = low;
  let to = high;
  let theta = low + ((high - low) * (value - atLow)) / (atHigh - atLow);
  let before = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 100; step++) {
    const off = f(theta) - value;
    if (off === 0) break;
    if (off < 0) from = theta;
    else to = theta;
    let next = theta - off / slope(theta);
    if (!(next >= from && next <= to)) next = (from + to) / 2;
    const moved = Math.abs(next - theta);
    theta = next;
    // Newton's steps shrink until nothing but rounding is left of them.
    if (moved <= 2e-16 * Math.abs(theta) || (moved < 1e-12 && moved >= before)) break;
    before = moved;
  }
  return theta;
}
