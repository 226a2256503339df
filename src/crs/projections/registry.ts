/** Which formulas belong to which method. */

import type { MethodName } from '../definition.ts';
import { albers } from './equal-area/albers.ts';
import { cylindricalEqualArea, cylindricalEqualAreaSpherical } from './equal-area/cylindrical.ts';
import { equalEarth } from './equal-area/equal-earth.ts';
import {
  lambertAzimuthalEqualArea,
  lambertAzimuthalEqualAreaSpherical,
} from './equal-area/lambert-azimuthal.ts';
import { bonne } from './equidistant/bonne.ts';
import { equidistantConic } from './equidistant/conic.ts';
import {
  equidistantCylindrical,
  equidistantCylindricalSpherical,
} from './equidistant/cylindrical.ts';
import { americanPolyconic } from './equidistant/polyconic.ts';
import { twoPointEquidistant } from './equidistant/two-point.ts';
import {
  lambertConformal1sp,
  lambertConformal1spB,
  lambertConformal2sp,
  lambertConformal2spBelgium,
  lambertConformal2spMichigan,
} from './lambert-conformal.ts';
import { mercatorA, mercatorB, mercatorC, pseudoMercator } from './mercator.ts';
import { krovak, krovakModified } from './oblique/krovak.ts';
import { laborde } from './oblique/laborde.ts';
import {
  gaussSchreiber,
  hotineA,
  hotineB,
  hotineTwoPoint,
  swissObliqueMercator,
} from './oblique/oblique-mercator.ts';
import { obliqueStereographic, stereographic } from './oblique/stereographic.ts';
import { geostationaryX, geostationaryY } from './perspective/geostationary.ts';
import { orthographic, orthographicSpherical } from './perspective/orthographic.ts';
import { gnomonic, verticalPerspective } from './perspective/spherical.ts';
import {
  polarStereographicA,
  polarStereographicB,
  polarStereographicC,
} from './polar-stereographic.ts';
import type { ProjectionFactory } from './projection.ts';
import { rotatedPole } from './rotated-pole.ts';
import {
  azimuthalEquidistant,
  guam,
  modifiedAzimuthalEquidistant,
} from './survey/azimuthal-equidistant.ts';
import { cassiniSoldner, cassiniSoldnerHyperbolic } from './survey/cassini.ts';
import { colombiaUrban } from './survey/colombia-urban.ts';
import { lambertNearConformal } from './survey/lambert-near-conformal.ts';
import { newZealandMapGrid } from './survey/new-zealand-map-grid.ts';
import { tunisiaMining } from './survey/tunisia-mining.ts';
import { transverseMercatorProjection } from './transverse-mercator.ts';
import { aitoff, hammer, wagner7, winkelTripel } from './world/azimuthal.ts';
import { gall, miller, times } from './world/cylindrical.ts';
import { eckert1, eckert2, eckert3, eckert4, eckert5, eckert6 } from './world/eckert.ts';
import {
  goodeHomolosine,
  interruptedGoodeHomolosine,
  interruptedGoodeHomolosineOcean,
} from './world/goode.ts';
import { mollweide, wagner4, wagner5 } from './world/mollweide.ts';
import { compactMiller, naturalEarth, naturalEarth2, patterson } from './world/polynomial.ts';
import { craster, flatPolarQuartic, loximuthal, quarticAuthalic } from './world/quartic.ts';
import { robinson } from './world/robinson.ts';
import { sinusoidal } from './world/sinusoidal.ts';
import { vanDerGrinten } from './world/van-der-grinten.ts';
import { winkel1, winkel2 } from './world/winkel.ts';

const FACTORIES: { readonly [method in MethodName]?: ProjectionFactory } = {
  // conformal
  'transverse-mercator': transverseMercatorProjection,
  'mercator-a': mercatorA,
  'mercator-b': mercatorB,
  'mercator-c': mercatorC,
  'pseudo-mercator': pseudoMercator,
  'polar-stereographic-a': polarStereographicA,
  'polar-stereographic-b': polarStereographicB,
  'polar-stereographic-c': polarStereographicC,
  stereographic,
  'oblique-stereographic': obliqueStereographic,
  'lambert-conformal-1sp': lambertConformal1sp,
  'lambert-conformal-1sp-b': lambertConformal1spB,
  'lambert-conformal-2sp': lambertConformal2sp,
  'lambert-conformal-2sp-belgium': lambertConformal2spBelgium,
  'lambert-conformal-2sp-michigan': lambertConformal2spMichigan,
  'hotine-a': hotineA,
  'hotine-b': hotineB,
  'hotine-two-point': hotineTwoPoint,
  'swiss-oblique-mercator': swissObliqueMercator,
  'gauss-schreiber': gaussSchreiber,
  krovak,
  'krovak-modified': krovakModified,
  laborde,
  'lambert-near-conformal': lambertNearConformal,
  'new-zealand-map-grid': newZealandMapGrid,
  'colombia-urban': colombiaUrban,
  // equidistant and others of surveys
  'cassini-soldner': cassiniSoldner,
  'cassini-soldner-hyperbolic': cassiniSoldnerHyperbolic,
  'azimuthal-equidistant': azimuthalEquidistant,
  'polar-azimuthal-equidistant': azimuthalEquidistant,
  'modified-azimuthal-equidistant': modifiedAzimuthalEquidistant,
  guam,
  'tunisia-mining': tunisiaMining,
  'american-polyconic': americanPolyconic,
  bonne,
  'equidistant-conic': equidistantConic,
  'two-point-equidistant': twoPointEquidistant,
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
  gnomonic,
  'vertical-perspective': verticalPerspective,
  'geostationary-x': geostationaryX,
  'geostationary-y': geostationaryY,
  // the world
  miller,
  'compact-miller': compactMiller,
  gall,
  patterson,
  sinusoidal,
  mollweide,
  robinson,
  'natural-earth': naturalEarth,
  'natural-earth-2': naturalEarth2,
  'eckert-1': eckert1,
  'eckert-2': eckert2,
  'eckert-3': eckert3,
  'eckert-4': eckert4,
  'eckert-5': eckert5,
  'eckert-6': eckert6,
  'winkel-1': winkel1,
  'winkel-2': winkel2,
  'winkel-tripel': winkelTripel,
  'wagner-4': wagner4,
  'wagner-5': wagner5,
  'wagner-7': wagner7,
  'van-der-grinten': vanDerGrinten,
  craster,
  'flat-polar-quartic': flatPolarQuartic,
  'quartic-authalic': quarticAuthalic,
  loximuthal,
  times,
  aitoff,
  hammer,
  'goode-homolosine': goodeHomolosine,
  'interrupted-goode-homolosine': interruptedGoodeHomolosine,
  'interrupted-goode-homolosine-ocean': interruptedGoodeHomolosineOcean,
  // a pole that is elsewhere
  'rotated-pole': rotatedPole,
};

/** Beyond that, no planet is so flat, and no series or iteration here is made for it. */
const MAX_ECCENTRICITY_SQUARED = 0.5;

/** Null for a method without formulas here. */
export function projectionOf(method: MethodName): ProjectionFactory | null {
  const factory = FACTORIES[method];
  if (factory === undefined) return null;
  return (a, es, parameters) => {
    if (!(a > 0 && Number.isFinite(a))) throw new Error(`the ellipsoid's semi-major axis is ${a}`);
    if (!(es >= 0 && es <= MAX_ECCENTRICITY_SQUARED)) {
      throw new Error(`the ellipsoid's eccentricity squared is ${es}`);
    }
    return factory(a, es, parameters);
  };
}
