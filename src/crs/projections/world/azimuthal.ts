/**
 * Maps made of an azimuthal one by stretching longitudes, on the sphere: Aitoff, Hammer, Wagner VII
 * and Winkel tripel. Formulas: Snyder and Voxland 1989, p. 130, 132; Wagner, K.-H. (1949),
 * Kartographische Netzentwürfe, with the rounded constants in use.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { longitudeUpToCut, plane, upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

const { PI, sin, cos, sqrt, atan2, hypot, asin } = Math;

/**
 * Lambert's azimuthal map of a hemisphere or less, of λ times `share` and sin φ times `rise`.
 * @param width - the x of the map, in that of Lambert's
 * @param height - likewise y
 */
function ofHammersForm(
  share: number,
  rise: number,
  width: number,
  height: number,
): ProjectionFactory {
  return (a, _es, parameters) =>
    plane(
      a,
      parameters,
      {
        forward(lambda, phi, out) {
          const up = rise * sin(phi);
          const across = sqrt(cos(phi) ** 2 + (1 - rise * rise) * sin(phi) ** 2);
          const k = sqrt(2 / (1 + across * cos(share * lambda)));
          out[0] = width * k * across * sin(share * lambda);
          out[1] = height * k * up;
        },
        inverse(x, y, out) {
          const [u, v] = [x / width, y / height];
          const half = (u * u + v * v) / 4;
          const k = sqrt(1 - half);
          const up = v * k;
          const across = hypot(u * k, 1 - 2 * half);
          out[0] = longitudeUpToCut((across * atan2(u * k, 1 - 2 * half)) / share, across);
          out[1] = rise === 1 ? atan2(up, across) : asin(upToOne(up / rise));
        },
      },
      true,
    );
}

export const hammer = ofHammersForm(1 / 2, 1, 2, 1);
/** sin 65° */
export const wagner7 = ofHammersForm(1 / 3, 0.90630778703665, 2.66723, 1.24104);

/** x, y of the azimuthal equidistant map of half the longitude, x doubled. */
function forwardAitoff(lambda: number, phi: number, out: Float64Array): void {
  const east = cos(phi) * sin(lambda / 2);
  const up = sin(phi);
  const sine = hypot(east, up);
  const away = atan2(sine, cos(phi) * cos(lambda / 2));
  const k = sine > 0 ? away / sine : 1;
  out[0] = 2 * k * east;
  out[1] = k * up;
}

function inverseAitoff(x: number, y: number, out: Float64Array): void {
  const away = hypot(x / 2, y);
  // The edge, λ = ±π, is a quarter of a great circle away from the centre.
  if (!(away <= PI / 2 + 1e-7)) return;
  const angle = Math.min(away, PI / 2);
  const k = away > 0 ? sin(angle) / away : 1;
  const [east, up, outward] = [(x / 2) * k, y * k, Math.max(0, cos(angle))];
  out[0] = 2 * atan2(east, outward);
  out[1] = atan2(up, hypot(east, outward));
}

export const aitoff: ProjectionFactory = (a, _es, parameters) =>
  plane(a, parameters, { forward: forwardAitoff, inverse: inverseAitoff }, true);

/** Mean of Aitoff's map and an equirectangular one; its parallel is Winkel's arccos(2/π) if left out. */
export const winkelTripel: ProjectionFactory = (a, _es, parameters) => {
  const { standardParallel1 } = parameters;
  const cos1 =
    standardParallel1 === undefined
      ? 2 / PI
      : cos(givenLatitude(parameters, 'standardParallel1') * RADIANS);
  const forward = (lambda: number, phi: number, out: Float64Array): void => {
    forwardAitoff(lambda, phi, out);
    out[0] = (out[0]! + lambda * cos1) / 2;
    out[1] = (out[1]! + phi) / 2;
  };
  return plane(
    a,
    parameters,
    { forward, inverse: (x, y, out) => inverseWinkel(x, y, cos1, out) },
    true,
  );
};

/** Newton's steps in two dimensions, halved while they lead away. */
function inverseWinkel(x: number, y: number, cos1: number, out: Float64Array): void {
  let phi = Math.max(-1.57, Math.min(1.57, y));
  let lambda = Math.max(-PI, Math.min(PI, (2 * x) / (1 + cos1)));
  let off = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 60; step++) {
    const sinPhi = sin(phi);
    const cosPhi = cos(phi);
    const sinHalf = sin(lambda / 2);
    const cosHalf = cos(lambda / 2);
    const east = cosPhi * sinHalf;
    const outward = cosPhi * cosHalf;
    const square = east * east + sinPhi * sinPhi;
    const sine = sqrt(square);
    const k = sine > 0 ? atan2(sine, outward) / sine : 1;
    // dk/d(outward)
    const slope = square > 1e-6 ? (outward * k - 1) / square : -1 / 3 - (2 / 15) * square;
    const du = k * east + (lambda * cos1) / 2 - x;
    const dv = (k * sinPhi + phi) / 2 - y;
    off = hypot(du, dv);
    const outPhi = -sinPhi * cosHalf;
    const outLambda = (-cosPhi * sinHalf) / 2;
    const xPhi = slope * outPhi * east - k * sinPhi * sinHalf;
    const xLambda = slope * outLambda * east + (k * cosPhi * cosHalf) / 2 + cos1 / 2;
    const yPhi = (slope * outPhi * sinPhi + k * cosPhi + 1) / 2;
    const yLambda = (slope * outLambda * sinPhi) / 2;
    const determinant = xPhi * yLambda - xLambda * yPhi;
    const dPhi = (du * yLambda - dv * xLambda) / determinant;
    const dLambda = (dv * xPhi - du * yPhi) / determinant;
    const largest = Math.max(Math.abs(dPhi) / 0.5, Math.abs(dLambda), 1);
    phi = Math.max(-PI / 2, Math.min(PI / 2, phi - dPhi / largest));
    lambda = Math.max(-PI - 1e-3, Math.min(PI + 1e-3, lambda - dLambda / largest));
    if (Math.abs(dPhi) < 1e-15 && Math.abs(dLambda) < 1e-15) break;
  }
  if (!(off < 1e-7)) return;
  out[0] = longitudeUpToCut(lambda, 1);
  out[1] = phi;
}
