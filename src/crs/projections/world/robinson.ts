/**
 * Robinson, on the sphere: lengths of parallels and their distances from the equator at each 5°
 * of latitude (Snyder and Voxland 1989, p. 82), with a cubic between. Robinson left open how to
 * interpolate. These are the cubics that PROJ and GDAL, and so most maps in files, have: four
 * numbers of single precision for every 5°, in degrees from its lower end.
 */

import { DEGREES, RADIANS } from '../given.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical } from '../pseudocylindrical.ts';

const NODES = 18;
const WIDTH = 0.8487;
const HEIGHT = 1.3523;

// biome-ignore format: a row is one cubic
const LENGTHS = Float32Array.of(
  1, 2.2199e-17, -7.15515e-5, 3.1103e-6,
  0.9986, -0.000482243, -2.4897e-5, -1.3309e-6,
  0.9954, -0.00083103, -4.48605e-5, -9.86701e-7,
  0.99, -0.00135364, -5.9661e-5, 3.6777e-6,
  0.9822, -0.00167442, -4.49547e-6, -5.72411e-6,
  0.973, -0.00214868, -9.03571e-5, 1.8736e-8,
  0.96, -0.00305085, -9.00761e-5, 1.64917e-6,
  0.9427, -0.00382792, -6.53386e-5, -2.6154e-6,
  0.9216, -0.00467746, -0.00010457, 4.81243e-6,
  0.8962, -0.00536223, -3.23831e-5, -5.43432e-6,
  0.8679, -0.00609363, -0.000113898, 3.32484e-6,
  0.835, -0.00698325, -6.40253e-5, 9.34959e-7,
  0.7986, -0.00755338, -5.00009e-5, 9.35324e-7,
  0.7597, -0.00798324, -3.5971e-5, -2.27626e-6,
  0.7186, -0.00851367, -7.01149e-5, -8.6303e-6,
  0.6732, -0.00986209, -0.000199569, 1.91974e-5,
  0.6213, -0.010418, 8.83923e-5, 6.24051e-6,
  0.5722, -0.00906601, 0.000182, 6.24051e-6,
  0.5322, -0.00677797, 0.000275608, 6.24051e-6,
);

// biome-ignore format: a row is one cubic
const DISTANCES = Float32Array.of(
  -5.20417e-18, 0.0124, 1.21431e-18, -8.45284e-11,
  0.062, 0.0124, -1.26793e-9, 4.22642e-10,
  0.124, 0.0124, 5.07171e-9, -1.60604e-9,
  0.186, 0.0123999, -1.90189e-8, 6.00152e-9,
  0.248, 0.0124002, 7.10039e-8, -2.24e-8,
  0.31, 0.0123992, -2.64997e-7, 8.35986e-8,
  0.372, 0.0124029, 9.88983e-7, -3.11994e-7,
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: a distance, no logarithm
  0.434, 0.0123893, -3.69093e-6, -4.35621e-7,
  0.4958, 0.0123198, -1.02252e-5, -3.45523e-7,
  0.5571, 0.0121916, -1.54081e-5, -5.82288e-7,
  0.6176, 0.0119938, -2.41424e-5, -5.25327e-7,
  0.6769, 0.011713, -3.20223e-5, -5.16405e-7,
  0.7346, 0.0113541, -3.97684e-5, -6.09052e-7,
  0.7903, 0.0109107, -4.89042e-5, -1.04739e-6,
  0.8435, 0.0103431, -6.4615e-5, -1.40374e-9,
  0.8936, 0.00969686, -6.4636e-5, -8.547e-6,
  0.9394, 0.00840947, -0.000192841, -4.2106e-6,
  0.9761, 0.00616527, -0.000256, -4.2106e-6,
  1, 0.00328947, -0.000319159, -4.2106e-6,
);

function cubic(table: Float32Array, node: number, z: number): number {
  const k = 4 * node;
  return table[k]! + z * (table[k + 1]! + z * (table[k + 2]! + z * table[k + 3]!));
}

function interpolated(table: Float32Array, phi: number): number {
  const degrees = Math.abs(phi) * DEGREES;
  const node = Math.min(NODES, Math.floor(degrees / 5 + 1e-15));
  return cubic(table, node, degrees - 5 * node);
}

function ofHeight(y: number): number {
  const distance = Math.abs(y) / HEIGHT;
  if (!(distance < 1)) return distance <= 1 + 1e-7 ? Math.sign(y) * (Math.PI / 2) : Number.NaN;
  let node = Math.floor(distance * NODES);
  while (node > 0 && DISTANCES[4 * node]! > distance) node--;
  while (node < NODES - 1 && DISTANCES[4 * node + 4]! <= distance) node++;
  const k = 4 * node;
  let z = (5 * (distance - DISTANCES[k]!)) / (DISTANCES[k + 4]! - DISTANCES[k]!);
  for (let step = 0; step < 20; step++) {
    const slope = DISTANCES[k + 1]! + z * (2 * DISTANCES[k + 2]! + z * 3 * DISTANCES[k + 3]!);
    const move = (cubic(DISTANCES, node, z) - distance) / slope;
    z -= move;
    if (Math.abs(move) < 1e-14) break;
  }
  return Math.sign(y) * Math.min(90, 5 * node + z) * RADIANS;
}

export const robinson: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, {
    width: (phi) => WIDTH * interpolated(LENGTHS, phi),
    height: (phi) => HEIGHT * Math.sign(phi) * interpolated(DISTANCES, phi),
    ofHeight,
  });
