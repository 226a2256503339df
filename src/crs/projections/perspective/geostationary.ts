/**
 * Geostationary satellite, on the ellipsoid: eastings and northings are the angles of the
 * instrument's two mirrors, times the height. Which mirror sweeps first tells GOES (x) from Meteosat
 * (y). Formulas: CGMS 03, LRIT/HRIT Global Specification, §4.4.3.2; GOES-R Product Definition and
 * Users' Guide, volume 3, §5.1.2.8.
 */

import { given } from '../given.ts';
import { plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

const { sqrt, sin, cos, tan, atan, atan2, hypot } = Math;

function geostationary(sweepsX: boolean): ProjectionFactory {
  return (a, es, parameters) => {
    const height = given(parameters, 'height') / a;
    if (!(height > 0)) throw new Error(`height is ${parameters.height}, not above the ground`);
    const eye = 1 + height;
    const axis = 1 / (1 - es);
    return plane(
      a,
      parameters,
      {
        forward(lambda, phi, out) {
          // X towards the satellite, Y east, Z north.
          const n = 1 / sqrt(1 - es * sin(phi) ** 2);
          const x = n * cos(phi) * cos(lambda);
          const y = n * cos(phi) * sin(lambda);
          const z = (n * sin(phi)) / axis;
          const away = eye - x;
          // Below the horizon, the line of sight has the ground in its way.
          if (!(away * x - y * y - z * z * axis >= -1e-10)) return;
          out[0] = height * atan(y / (sweepsX ? hypot(z, away) : away));
          out[1] = height * atan(z / (sweepsX ? away : hypot(y, away)));
        },
        inverse(x, y, out) {
          const [first, second] = sweepsX ? [y, x] : [x, y];
          if (!(Math.abs(first) < (height * Math.PI) / 2)) return;
          if (!(Math.abs(second) < (height * Math.PI) / 2)) return;
          const one = tan(first / height);
          const other = tan(second / height) * hypot(1, one);
          const [east, north] = sweepsX ? [other, one] : [one, other];
          // |eye − t, t east, t north| on the ellipsoid: square t² − 2 eye t + eye² − 1 = 0
          const square = 1 + east * east + north * north * axis;
          const root = eye * eye - square * (eye * eye - 1);
          if (!(root >= -1e-9)) return;
          const t = (eye * eye - 1) / (eye + sqrt(Math.max(0, root)));
          const px = eye - t;
          out[0] = atan2(t * east, px);
          out[1] = atan2(t * north * axis, hypot(t * east, px));
        },
      },
      false,
    );
  };
}

export const geostationaryX = geostationary(true);
export const geostationaryY = geostationary(false);
