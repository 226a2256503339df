/**
 * Goode's homolosine, on the sphere: the sinusoidal map up to 40° 44′, Mollweide's beyond; whole, or
 * interrupted in the oceans or on land. Formulas: Snyder and Voxland 1989, p. 66; Steinwand (1994),
 * Mapping raster imagery to the interrupted Goode homolosine projection, Int. J. of Remote Sensing
 * 15(17), for the lobes.
 */

import { RADIANS } from '../given.ts';
import { plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { type Parallels, pseudocylindrical } from '../pseudocylindrical.ts';
import { MOLLWEIDE } from './mollweide.ts';

const { parameter, width, height, ofHeight, latitude } = MOLLWEIDE;

/**
 * With θ = φ in both parts.
 * @param seam - the latitude on which parallels of both maps are equally long
 * @param shift - how much farther from the equator Mollweide's is
 */
function homolosine(seam: number, shift: number): Parallels {
  return {
    width: (phi) => (Math.abs(phi) <= seam ? Math.cos(phi) : width(parameter!(phi))),
    height: (phi) =>
      Math.abs(phi) <= seam ? phi : height(parameter!(phi)) - Math.sign(phi) * shift,
    ofHeight: (y) => (Math.abs(y) <= seam ? y : latitude!(ofHeight(y + Math.sign(y) * shift))),
  };
}

/** The shift is rounded in what is used of the whole map, and not in what is of the interrupted. */
const WHOLE = homolosine(0.7109307819790236, 0.0528);
const SEAM = (40 + 44 / 60 + 11.8 / 3600) * RADIANS;
const INTERRUPTED = homolosine(SEAM, height(parameter!(SEAM)) - SEAM);

export const goodeHomolosine: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, WHOLE);

/** A lobe's western and eastern end and its own central meridian; degrees from the map's. */
type Lobe = readonly [west: number, east: number, centre: number];

const LAND = {
  north: [
    [-180, -40, -100],
    [-40, 180, 30],
  ],
  south: [
    [-180, -100, -160],
    [-100, -20, -60],
    [-20, 80, 20],
    [80, 180, 140],
  ],
} as const;

const OCEAN = {
  north: [
    [-180, -90, -140],
    [-90, 60, -10],
    [60, 180, 130],
  ],
  south: [
    [-180, -60, -110],
    [-60, 90, 20],
    [90, 180, 150],
  ],
} as const;

function interrupted(lobes: { north: readonly Lobe[]; south: readonly Lobe[] }): ProjectionFactory {
  const radians = (list: readonly Lobe[]): Float64Array =>
    Float64Array.from(list.flat(), (degrees) => degrees * RADIANS);
  const north = radians(lobes.north);
  const south = radians(lobes.south);
  return (a, _es, parameters) =>
    plane(
      a,
      parameters,
      {
        forward(lambda, phi, out) {
          const ends = phi >= 0 ? north : south;
          let k = 0;
          while (k + 3 < ends.length && lambda >= ends[k + 1]!) k += 3;
          const centre = ends[k + 2]!;
          out[0] = centre + (lambda - centre) * INTERRUPTED.width(phi);
          out[1] = INTERRUPTED.height(phi);
        },
        inverse(x, y, out) {
          const ends = y >= 0 ? north : south;
          let k = 0;
          while (k + 3 < ends.length && x >= ends[k + 1]!) k += 3;
          const [west, east, centre] = [ends[k]!, ends[k + 1]!, ends[k + 2]!];
          const phi = INTERRUPTED.ofHeight(y);
          const scale = INTERRUPTED.width(phi);
          const off =
            scale > 0 ? (x - centre) / scale : Math.abs(x - centre) < 1e-7 ? 0 : Number.NaN;
          out[0] = withinLobe(centre + off, west, east, scale);
          out[1] = phi;
        },
      },
      true,
    );
}

/** The longitude, cut at the lobe's ends; NaN in the gaps between lobes. */
function withinLobe(lambda: number, west: number, east: number, scale: number): number {
  if (lambda < west) return (west - lambda) * scale <= 1e-7 ? west : Number.NaN;
  if (lambda > east) return (lambda - east) * scale <= 1e-7 ? east : Number.NaN;
  return lambda;
}

export const interruptedGoodeHomolosine = interrupted(LAND);
export const interruptedGoodeHomolosineOcean = interrupted(OCEAN);
