/** Which formulas belong to which method. */

import type { MethodName } from '../definition.ts';
import { albers } from './equal-area/albers.ts';
import { cylindricalEqualArea, cylindricalEqualAreaSpherical } from './equal-area/cylindrical.ts';
import { equalEarth } from './equal-area/equal-earth.ts';
import {
  lambertAzimuthalEqualArea,
  lambertAzimuthalEqualAreaSpherical,
} from './equal-area/lambert-azimuthal.ts';
import {
  equidistantCylindrical,
  equidistantCylindricalSpherical,
} from './equidistant/cylindrical.ts';
import { americanPolyconic } from './equidistant/polyconic.ts';
import { mercatorA, mercatorB, mercatorC, pseudoMercator } from './mercator.ts';
import { orthographic, orthographicSpherical } from './perspective/orthographic.ts';
import {
  polarStereographicA,
  polarStereographicB,
  polarStereographicC,
} from './polar-stereographic.ts';
import type { ProjectionFactory } from './projection.ts';
import { transverseMercatorProjection } from './transverse-mercator.ts';
import { mollweide, wagner4, wagner5 } from './world/mollweide.ts';
import { robinson } from './world/robinson.ts';
import { sinusoidal } from './world/sinusoidal.ts';

const FACTORIES: { readonly [method in MethodName]?: ProjectionFactory } = {
  'transverse-mercator': transverseMercatorProjection,
  'mercator-a': mercatorA,
  'mercator-b': mercatorB,
  'mercator-c': mercatorC,
  'pseudo-mercator': pseudoMercator,
  'polar-stereographic-a': polarStereographicA,
  'polar-stereographic-b': polarStereographicB,
  'polar-stereographic-c': polarStereographicC,
  // equidistant
  'american-polyconic': americanPolyconic,
  'equidistant-cylindrical': equidistantCylindrical,
  'equidistant-cylindrical-spherical': equidistantCylindricalSpherical,
  // equal area
  albers,
  'lambert-azimuthal-equal-area': lambertAzimuthalEqualArea,
  'lambert-azimuthal-equal-area-spherical': lambertAzimuthalEqualAreaSpherical,
  'cylindrical-equal-area': cylindricalEqualArea,
  'cylindrical-equal-area-spherical': cylindricalEqualAreaSpherical,
  'equal-earth': equalEarth,
  // perspective
  orthographic,
  'orthographic-spherical': orthographicSpherical,
  // the world
  sinusoidal,
  mollweide,
  robinson,
  'wagner-4': wagner4,
  'wagner-5': wagner5,
};

/** Null for a method without formulas here. */
export function projectionOf(method: MethodName): ProjectionFactory | null {
  return FACTORIES[method] ?? null;
}
