/**
 * Shifts between two ellipsoids: geocentric translations, Helmert in both conventions of its
 * rotations, and Molodensky–Badekas. IOGP Publication 373-7-2, §4.3.3 (translations), §4.3.2
 * (Helmert), §4.3.1 and §4.1.1 (geographic ↔ geocentric).
 */

import type { Loop } from '../projections/projection.ts';

const RADIANS = Math.PI / 180;
const DEGREES = 180 / Math.PI;
const ARC_SECOND = RADIANS / 3600;

/** One similarity transformation of geocentric coordinates: X′ = T + P + (1 + s) R (X − P). */
export interface Helmert {
  /** Metres. */
  translation: readonly [number, number, number];
  /** Arc-seconds, as Position Vector has them; Coordinate Frame has the opposite signs. */
  rotation: readonly [number, number, number];
  /** Parts per million. */
  scale: number;
  /** Metres; the origin unless it is Molodensky–Badekas. */
  pivot: readonly [number, number, number];
}

/** Semi-major axis in metres, eccentricity squared. */
export interface Axes {
  a: number;
  es: number;
}

/** GRS 80 and WGS 84 differ by 3e-11 in eccentricity squared, 0.1 mm: they count as equal. */
const SAME_ES = 5e-11;

export function sameAxes(p: Axes, q: Axes): boolean {
  return p.a === q.a && Math.abs(p.es - q.es) < SAME_ES;
}

/** Whether nothing changes: no shift, and ellipsoids that are the same. */
export function isNull(shift: Helmert, from: Axes, to: Axes): boolean {
  const { translation, rotation, scale } = shift;
  return scale === 0 && [...translation, ...rotation].every((n) => n === 0) && sameAxes(from, to);
}

/**
 * Longitude and latitude in degrees, at height 0 on `from`, to those on `to`; the height that
 * comes out is dropped, as a 2D CRS has none. Longitudes past ±180 stay in their turn.
 * @param inverse - the shift leads from `to` to `from`: X = P + Rᵀ (X′ − T − P) / (1 + s), with
 *   the transposed matrix of small angles, as PROJ has it
 */
export function helmertLoop(shift: Helmert, inverse: boolean, from: Axes, to: Axes): Loop {
  const [px, py, pz] = shift.pivot;
  const sign = inverse ? -1 : 1;
  const rx = shift.rotation[0] * ARC_SECOND * sign;
  const ry = shift.rotation[1] * ARC_SECOND * sign;
  const rz = shift.rotation[2] * ARC_SECOND * sign;
  const m = inverse ? 1 / (1 + shift.scale * 1e-6) : 1 + shift.scale * 1e-6;
  // In both directions X′ = after + m R (X − before).
  const [tx, ty, tz] = shift.translation;
  const beforeX = inverse ? px + tx : px;
  const beforeY = inverse ? py + ty : py;
  const beforeZ = inverse ? pz + tz : pz;
  const afterX = inverse ? px : px + tx;
  const afterY = inverse ? py : py + ty;
  const afterZ = inverse ? pz : pz + tz;
  const { a, es } = from;
  const a2 = to.a;
  const es2 = to.es;
  const b2 = a2 * Math.sqrt(1 - es2);
  const ep2 = es2 / (1 - es2);
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      const lon = xy[i]!;
      const lat = xy[i + 1]!;
      if (!(Math.abs(lat) <= 90 + 1e-9)) {
        xy[i] = Number.NaN;
        xy[i + 1] = Number.NaN;
        continue;
      }
      const phi = lat * RADIANS;
      const lambda = lon * RADIANS;
      const sin = Math.sin(phi);
      const nu = a / Math.sqrt(1 - es * sin * sin);
      const across = nu * Math.cos(phi);
      const x = across * Math.cos(lambda) - beforeX;
      const y = across * Math.sin(lambda) - beforeY;
      const z = nu * (1 - es) * sin - beforeZ;
      const x2 = afterX + m * (x - rz * y + ry * z);
      const y2 = afterY + m * (rz * x + y - rx * z);
      const z2 = afterZ + m * (-ry * x + rx * y + z);
      const p = Math.sqrt(x2 * x2 + y2 * y2);
      // Bowring's formula with the reduced latitude β, twice: 1e-15 rad near the surface.
      let tan = (z2 / p) * (a2 / b2);
      for (let k = 0; k < 2; k++) {
        const cosB = 1 / Math.sqrt(1 + tan * tan);
        const sinB = tan * cosB;
        const t = (z2 + ep2 * b2 * sinB ** 3) / (p - es2 * a2 * cosB ** 3);
        tan = k === 0 ? (b2 / a2) * t : t;
      }
      let lon2 = Math.atan2(y2, x2) * DEGREES;
      const turns = Math.round((lon - lon2) / 360);
      if (turns !== 0) lon2 += 360 * turns;
      xy[i] = lon2;
      xy[i + 1] = p === 0 ? Math.sign(z2) * 90 : Math.atan(tan) * DEGREES;
    }
  };
}
