/**
 * What only the parameters tell apart: methods that ESRI gives one name, and parameters of WKT 1
 * that are no parameters of a method.
 */

import type { Ellipsoid, Parameters } from '../../definition.ts';
import { type Method, methodByEpsg, methodByName } from '../methods.ts';
import { foldName } from '../names.ts';
import { excerpt, refusal } from '../refusal.ts';

/** Switches of ESRI's methods, by their folded names, and what they are when they are left out. */
const SWITCHES: ReadonlyMap<string, number> = new Map([
  ['xscale', 1],
  ['yscale', 1],
  ['xyplanerotation', 0],
  ['option', 0],
  ['auxiliaryspheretype', 0],
]);

const TWO_POINTS = 'Hotine Oblique Mercator (Two Point Natural Origin)';

/** What else of a text tells methods apart. */
export interface Wkt1Context {
  /** By folded names. */
  switches: ReadonlyMap<string, number>;
  /** Whether the text says where the axes point to. */
  hasAxes: boolean;
  /** Whether datum and geographic CRS are named in ESRI's way. */
  isEsri: boolean;
  /** Whether the CRS is called web Mercator, by name or code. */
  isWeb: boolean;
  ellipsoid: Ellipsoid;
}

const WEB_NAMES =
  /pseudomercator|webmercator|popularvisualisation|google(?:maps)?(?:global)?mercator/;
const WEB_IDS = /^(?:EPSG:(?:3857|3785|900913)|\w+:(?:102100|102113))$/;

/** Before Popular_Visualisation_Pseudo_Mercator had a word, the name of the CRS had to say it. */
export function isCalledWeb(name: string, id: string | null): boolean {
  return WEB_NAMES.test(foldName(name)) || WEB_IDS.test(id ?? '');
}

/**
 * Whether a parameter is an axis of the ellipsoid, which GeoTools writes among them; the sphere of
 * web Mercator has the semi-major axis as its semi-minor one.
 */
export function isAxis(name: string, value: number, { a, es }: Ellipsoid, isWeb: boolean): boolean {
  const near = (axis: number): boolean => Math.abs(value - axis) < 1e-3;
  const folded = foldName(name);
  if (folded === 'semimajor') return near(a);
  return folded === 'semiminor' && (near(a * Math.sqrt(1 - es)) || (isWeb && near(a)));
}

export function isSwitch(name: string): boolean {
  return SWITCHES.has(foldName(name));
}

/**
 * The method that a PROJECTION of WKT 1 names, with the parameters by their usual names.
 * @param parameters - changed where the dialect means something else by a name
 * @throws TilewrightError `crs-unknown` for methods that are not known, and switches that are not
 */
export function methodOfWkt1(name: string, parameters: Parameters, context: Wkt1Context): Method {
  const used = new Set<string>();
  const take = (key: string): number => {
    used.add(key);
    return context.switches.get(key) ?? SWITCHES.get(key)!;
  };
  const method = choose(foldName(name), parameters, take, context);
  if (method === null) throw refusal(`The projection "${excerpt(name)}" is not supported`);
  for (const [key, value] of context.switches) {
    if (!used.has(key) && value !== SWITCHES.get(key)) {
      throw refusal(`The projection "${excerpt(name)}" with ${key} = ${value} is not supported`);
    }
  }
  return method;
}

function choose(
  folded: string,
  parameters: Parameters,
  take: (key: string) => number,
  { switches, hasAxes, isEsri, isWeb, ellipsoid }: Wkt1Context,
): Method | null {
  if (isWeb && ellipsoid.es !== 0 && /^mercator(?:[12]sp)?$/.test(folded) && isPlain(parameters)) {
    delete parameters.standardParallel1;
    return methodByEpsg(1024);
  }
  switch (folded) {
    case 'lambertconformalconic':
      return lambert(parameters);
    case 'mercator1sp': {
      // Writers of this kind mean the parallel of true scale.
      const { latitudeOfOrigin = 0, scaleFactor = 1 } = parameters;
      if (latitudeOfOrigin === 0 || scaleFactor !== 1) return methodByEpsg(9804);
      parameters.standardParallel1 = latitudeOfOrigin;
      delete parameters.latitudeOfOrigin;
      return methodByEpsg(9805);
    }
    case 'polarstereographic':
      return polarStereographic(parameters);
    case 'stereographicnorthpole':
    case 'stereographicsouthpole':
      return poleAtOrigin(folded, parameters);
    case 'krovak': {
      if (!hasAxes && !['xscale', 'yscale', 'xyplanerotation'].some((key) => switches.has(key))) {
        throw refusal('Krovak without axes may be of westings or of eastings');
      }
      const turn = [take('xscale'), take('yscale'), take('xyplanerotation')].join();
      if (turn === '1,1,0') return methodByEpsg(hasAxes ? 1041 : 9819);
      if (turn === '-1,1,90') return methodByEpsg(1041);
      throw refusal(`Krovak with scales and rotation of ${turn} is not supported`);
    }
    case 'rectifiedskeworthomorphicnaturalorigin':
    case 'rectifiedskeworthomorphiccenter':
      parameters.rectifiedGridAngle ??= take('xyplanerotation');
      return methodByName(folded);
    case 'hotineobliquemercatortwopointcenter':
      return methodByName(TWO_POINTS);
    case 'hotineobliquemercatortwopointnaturalorigin':
      // PROJ counts from the centre under this name, ESRI from where the line crosses the equator.
      if (isEsri) throw refusal("ESRI's two-point natural origin is not supported");
      return methodByName(TWO_POINTS);
    case 'goodehomolosine': {
      const option = take('option');
      if (option === 1) return methodByName('Interrupted Goode Homolosine');
      if (option === 2) return methodByName('Interrupted Goode Homolosine Ocean');
      return option === 0 ? methodByName(folded) : null;
    }
    case 'peircequincuncial':
      return take('option') === 0 ? methodByName('Peirce Quincuncial (Square)') : null;
    case 'equidistantcylindrical':
    case 'platecarree':
      // ESRI has another name for the form on the ellipsoid.
      return methodByEpsg(1029);
    case 'orthographic':
      return isEsri ? methodByName('Orthographic (Spherical)') : methodByName(folded);
    case 'mercatorauxiliarysphere':
      return auxiliarySphere(parameters, take('auxiliaryspheretype'), ellipsoid);
    default:
      return methodByName(folded);
  }
}

/** Whether all are at their defaults. */
function isPlain(parameters: Parameters): boolean {
  return Object.entries(parameters).every(
    ([name, value]) => value === (name === 'scaleFactor' ? 1 : 0),
  );
}

/** ESRI's conic: one parallel or two, and a scale that is that of the parallel or of the ellipsoid. */
function lambert(parameters: Parameters): Method | null {
  const { standardParallel1, standardParallel2, latitudeOfOrigin, scaleFactor = 1 } = parameters;
  if (standardParallel2 !== undefined) {
    return methodByEpsg(scaleFactor === 1 ? 9802 : 1051);
  }
  if (standardParallel1 === undefined || standardParallel1 === latitudeOfOrigin) {
    delete parameters.standardParallel1;
    return methodByEpsg(9801);
  }
  if (latitudeOfOrigin === undefined) parameters.latitudeOfOrigin = 0;
  parameters.latitudeOfNaturalOrigin = standardParallel1;
  delete parameters.standardParallel1;
  return methodByEpsg(1102);
}

/** GDAL's latitude of origin is the pole where a scale is given, else the parallel of true scale. */
function polarStereographic(parameters: Parameters): Method | null {
  const { latitudeOfOrigin, standardParallel1, scaleFactor = 1 } = parameters;
  if (latitudeOfOrigin === undefined && standardParallel1 === undefined) {
    throw refusal('Polar_Stereographic lacks its latitude_of_origin');
  }
  if (standardParallel1 !== undefined) return poleAtOrigin('', parameters);
  if (Math.abs(latitudeOfOrigin!) === 90) return methodByEpsg(9810);
  if (scaleFactor !== 1) {
    throw refusal(`Polar_Stereographic can't have a latitude_of_origin and a scale_factor`);
  }
  parameters.standardParallel1 = latitudeOfOrigin!;
  delete parameters.latitudeOfOrigin;
  return methodByEpsg(9829);
}

/** Variant B; a latitude of origin beside the standard parallel can only be the pole. */
function poleAtOrigin(folded: string, parameters: Parameters): Method | null {
  const { latitudeOfOrigin, standardParallel1 = 0 } = parameters;
  const south = folded === '' ? standardParallel1 < 0 : folded === 'stereographicsouthpole';
  if (standardParallel1 !== 0 && standardParallel1 < 0 !== south) {
    throw refusal(`The standard parallel ${standardParallel1} is not on the side of the pole`);
  }
  if (latitudeOfOrigin === (south ? -90 : 90)) delete parameters.latitudeOfOrigin;
  return folded === '' ? methodByEpsg(9829) : methodByName(folded);
}

/** Spherical formulas: type 0 on the semi-major axis, 1 on the semi-minor one, 2 on the authalic radius. */
function auxiliarySphere(
  parameters: Parameters,
  type: number,
  ellipsoid: Ellipsoid,
): Method | null {
  if (ellipsoid.es === 0 && type <= 2) {
    return methodByEpsg(9805);
  }
  if (type === 0 && (parameters.standardParallel1 ?? 0) === 0) {
    delete parameters.standardParallel1;
    return methodByEpsg(1024);
  }
  throw refusal(
    `Mercator_Auxiliary_Sphere of type ${type} with a standard parallel of ` +
      `${parameters.standardParallel1 ?? 0} is not supported`,
  );
}
