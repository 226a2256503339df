/**
 * Methods of map projection: names and codes in all dialects, and the parameters that each takes.
 * Codes and names are EPSG's where it has them, else those that PROJ writes.
 */

import type { AxisDirection, MethodName, ParameterName, Parameters } from '../definition.ts';
import { foldName } from './names.ts';
import { PARAMETERS, type Parameter } from './parameter-names.ts';

/** A method under one of its names. Two rows may have the same formulas and differ in the rest. */
export interface Method {
  method: MethodName;
  /** EPSG's code; null where it has none. */
  code: number | null;
  /** In WKT 2 and PROJJSON. */
  name: string;
  /** GDAL's name in WKT 1; null where that has none. */
  wkt1: string | null;
  /** In the order of EPSG and of GDAL's WKT 1. */
  takes: readonly Parameter[];
  /** WKT 1 has latitude_of_center, longitude_of_center for the origin. */
  center: boolean;
  /** What a parameter's usual name means here. */
  renames: { readonly [name in ParameterName]?: ParameterName };
  /** What is left out is this, if it is not the usual default. */
  defaults: Parameters;
  /** Of coordinates in the method's formulas; east and north unless it says otherwise. */
  axes: readonly [AxisDirection, AxisDirection];
  /**
   * Parameters whose sign turns in the frame of eastings and northings: where EPSG's formula is
   * W = FE − …, a false easting is −FE.
   */
  negated: readonly ParameterName[];
}

interface Special extends Partial<Pick<Method, 'center' | 'renames' | 'defaults' | 'axes'>> {
  /** ESRI's names, and older ones. */
  also?: readonly string[];
  /** Older or wider codes of EPSG. */
  codes?: readonly number[];
  negated?: readonly ParameterName[];
}

const NATURAL = [8801, 8802, 8806, 8807];
const NATURAL_SCALE = [8801, 8802, 8805, 8806, 8807];
const FALSE_ORIGIN = [8821, 8822, 8826, 8827];
const FALSE_ORIGIN_CONIC = [8821, 8822, 8823, 8824, 8826, 8827];
const PARALLEL = [8823, 8802, 8806, 8807];
const CYLINDRICAL = [8823, 8801, 8802, 8806, 8807];
const LONGITUDE = [8802, 8806, 8807];
const KROVAK = [8811, 8833, 1036, 8818, 8819, 8806, 8807];
const BOTH_FALSE: readonly ParameterName[] = ['falseEasting', 'falseNorthing'];
const CENTER = { center: true };

const METHODS: Method[] = [];
const BY_NAME = new Map<string, Method>();
const BY_EPSG = new Map<number, Method>();

function row(
  method: MethodName,
  code: number | null,
  name: string,
  wkt1: string | null,
  takes: readonly (number | string)[],
  special: Special = {},
): void {
  const entry: Method = {
    method,
    code,
    name,
    wkt1,
    takes: takes.map((key) => {
      const parameter = PARAMETERS.get(key)!;
      // Of two origins that of the scale has a name of its own.
      const isScaled = key === 8801 && takes.includes(8821);
      return isScaled ? { ...parameter, parameter: 'latitudeOfNaturalOrigin' } : parameter;
    }),
    center: special.center ?? false,
    renames: special.renames ?? {},
    defaults: special.defaults ?? {},
    axes: special.axes ?? ['east', 'north'],
    negated: special.negated ?? [],
  };
  METHODS.push(entry);
  for (const key of [code, ...(special.codes ?? [])]) {
    if (key !== null && !BY_EPSG.has(key)) BY_EPSG.set(key, entry);
  }
  // The first row that has a name keeps it: GDAL's WKT 1 names some methods alike.
  for (const spelling of [name, wkt1, ...(special.also ?? [])]) {
    const folded = foldName(spelling ?? '');
    if (folded !== '' && !BY_NAME.has(folded)) BY_NAME.set(folded, entry);
  }
}

// biome-ignore format: a table
function fill(): void {
  row('transverse-mercator', 9807, 'Transverse Mercator', 'Transverse_Mercator', NATURAL_SCALE,
    { also: ['Gauss_Kruger', 'Transverse_Mercator_Complex', 'Transverse Mercator 3D', 'Gauss-Boaga'], codes: [1111] });
  row('transverse-mercator', 9808, 'Transverse Mercator (South Orientated)', 'Transverse_Mercator_South_Orientated', NATURAL_SCALE,
    { axes: ['west', 'south'], negated: BOTH_FALSE });
  row('mercator-a', 9804, 'Mercator (variant A)', 'Mercator_1SP', NATURAL_SCALE, { also: ['Mercator_Variant_A', 'Mercator (1SP)'] });
  row('mercator-b', 9805, 'Mercator (variant B)', 'Mercator_2SP', PARALLEL, { also: ['Mercator', 'Mercator (2SP)'] });
  row('mercator-c', 1044, 'Mercator (variant C)', null, [8823, 8802, 8821, 8826, 8827], { also: ['Mercator_Variant_C'] });
  row('mercator-a', 9841, 'Mercator (1SP) (Spherical)', null, NATURAL_SCALE, { also: ['Mercator (Spherical)'], codes: [1026] });
  row('pseudo-mercator', 1024, 'Popular Visualisation Pseudo Mercator', 'Popular_Visualisation_Pseudo_Mercator', NATURAL);
  row('polar-stereographic-a', 9810, 'Polar Stereographic (variant A)', 'Polar_Stereographic', NATURAL_SCALE,
    { also: ['Polar_Stereographic_Variant_A'] });
  row('polar-stereographic-b', 9829, 'Polar Stereographic (variant B)', 'Polar_Stereographic', [8832, 8833, 8806, 8807],
    { also: ['Polar_Stereographic_Variant_B'] });
  row('polar-stereographic-c', 9830, 'Polar Stereographic (variant C)', null, [8832, 8833, 8826, 8827],
    { also: ['Polar_Stereographic_Variant_C'] });
  row('polar-stereographic-b', null, 'Stereographic_North_Pole', null, [8832, 8833, 8806, 8807], { defaults: { standardParallel1: 90 } });
  row('polar-stereographic-b', null, 'Stereographic_South_Pole', null, [8832, 8833, 8806, 8807], { defaults: { standardParallel1: -90 } });
  row('stereographic', null, 'Stereographic', 'Stereographic', NATURAL_SCALE);
  row('oblique-stereographic', 9809, 'Oblique Stereographic', 'Oblique_Stereographic', NATURAL_SCALE, { also: ['Double_Stereographic'] });
  row('lambert-conformal-1sp', 9801, 'Lambert Conic Conformal (1SP)', 'Lambert_Conformal_Conic_1SP', NATURAL_SCALE);
  row('lambert-conformal-1sp', 9826, 'Lambert Conic Conformal (West Orientated)', null, NATURAL_SCALE,
    { axes: ['west', 'north'], negated: ['falseEasting'] });
  row('lambert-conformal-1sp-b', 1102, 'Lambert Conic Conformal (1SP variant B)', null, [8801, 8805, 8821, 8822, 8826, 8827]);
  row('lambert-conformal-2sp', 9802, 'Lambert Conic Conformal (2SP)', 'Lambert_Conformal_Conic_2SP', FALSE_ORIGIN_CONIC);
  row('lambert-conformal-2sp-belgium', 9803, 'Lambert Conic Conformal (2SP Belgium)', 'Lambert_Conformal_Conic_2SP_Belgium', FALSE_ORIGIN_CONIC);
  row('lambert-conformal-2sp-michigan', 1051, 'Lambert Conic Conformal (2SP Michigan)', null, [...FALSE_ORIGIN_CONIC, 1038],
    { renames: { scaleFactor: 'ellipsoidScale' } });
  row('lambert-near-conformal', 9817, 'Lambert Conic Near-Conformal', null, NATURAL_SCALE);
  row('hotine-a', 9812, 'Hotine Oblique Mercator (variant A)', 'Hotine_Oblique_Mercator', [8811, 8812, 8813, 8814, 8815, 8806, 8807],
    { also: ['Hotine_Oblique_Mercator_Azimuth_Natural_Origin', 'Rectified_Skew_Orthomorphic_Natural_Origin'] });
  row('hotine-b', 9815, 'Hotine Oblique Mercator (variant B)', 'Hotine_Oblique_Mercator_Azimuth_Center', [8811, 8812, 8813, 8814, 8815, 8816, 8817],
    { also: ['Rectified_Skew_Orthomorphic_Center', 'Oblique Mercator'] });
  row('hotine-two-point', null, 'Hotine Oblique Mercator (Two Point Natural Origin)', 'Hotine_Oblique_Mercator_Two_Point_Natural_Origin',
    [8811, 'Latitude of 1st point', 'Longitude of 1st point', 'Latitude of 2nd point', 'Longitude of 2nd point', 8815, 8816, 8817]);
  row('laborde', 9813, 'Laborde Oblique Mercator', 'Laborde_Oblique_Mercator', [8811, 8812, 8813, 8815, 8806, 8807]);
  row('krovak', 1041, 'Krovak (North Orientated)', 'Krovak', KROVAK,
    { center: true, negated: BOTH_FALSE, renames: { azimuth: 'colatitudeOfConeAxis' } });
  row('krovak', 9819, 'Krovak', 'Krovak', KROVAK,
    { center: true, negated: BOTH_FALSE, axes: ['south', 'west'], renames: { azimuth: 'colatitudeOfConeAxis' } });
  row('krovak-modified', 1043, 'Krovak Modified (North Orientated)', null, KROVAK, { negated: BOTH_FALSE });
  row('krovak-modified', 1042, 'Krovak Modified', null, KROVAK, { negated: BOTH_FALSE, axes: ['south', 'west'] });
  row('new-zealand-map-grid', 9811, 'New Zealand Map Grid', 'New_Zealand_Map_Grid', NATURAL);
  row('gauss-schreiber', null, 'Gauss Schreiber Transverse Mercator', 'Gauss_Schreiber_Transverse_Mercator', NATURAL_SCALE, { also: ['gstm'] });
  row('colombia-urban', 1052, 'Colombia Urban', null, [...NATURAL, 1039], { also: ['IGAC_Plano_Cartesiano'] });
  row('cassini-soldner', 9806, 'Cassini-Soldner', 'Cassini_Soldner', NATURAL, { also: ['Cassini'] });
  row('cassini-soldner-hyperbolic', 9833, 'Hyperbolic Cassini-Soldner', null, NATURAL);
  row('american-polyconic', 9818, 'American Polyconic', 'Polyconic', NATURAL);
  row('bonne', 9827, 'Bonne', 'Bonne', NATURAL, { renames: { standardParallel1: 'latitudeOfOrigin' } });
  row('bonne', 9828, 'Bonne (South Orientated)', null, NATURAL, { axes: ['south', 'west'], negated: BOTH_FALSE });
  row('equidistant-conic', 1119, 'Equidistant Conic', 'Equidistant_Conic', FALSE_ORIGIN_CONIC, CENTER);
  // PROJ before 9.4 calls its exact azimuthal equidistant method by the name of EPSG's approximation to it.
  row('azimuthal-equidistant', 1125, 'Azimuthal Equidistant', 'Azimuthal_Equidistant', NATURAL,
    { center: true, also: ['Modified Azimuthal Equidistant'], codes: [9832] });
  row('guam', 9831, 'Guam Projection', null, NATURAL);
  row('tunisia-mining', 9816, 'Tunisia Mining Grid', 'Tunisia_Mining_Grid', FALSE_ORIGIN, { also: ['Tunisia Mapping Grid'] });
  row('two-point-equidistant', null, 'Two Point Equidistant', 'Two_Point_Equidistant',
    ['Latitude of 1st point', 'Longitude of 1st point', 'Latitude of 2nd point', 'Longitude of 2nd point', 8806, 8807]);
  row('equidistant-cylindrical', 1028, 'Equidistant Cylindrical', 'Equirectangular', CYLINDRICAL,
    { also: ['Equidistant_Cylindrical_Ellipsoidal'], codes: [9842] });
  row('equidistant-cylindrical-spherical', 1029, 'Equidistant Cylindrical (Spherical)', 'Equirectangular', CYLINDRICAL, { codes: [9823] });
  row('albers', 9822, 'Albers Equal Area', 'Albers_Conic_Equal_Area', FALSE_ORIGIN_CONIC, { center: true, also: ['Albers', 'Albers_Conical_Equal_Area'] });
  row('lambert-azimuthal-equal-area', 9820, 'Lambert Azimuthal Equal Area', 'Lambert_Azimuthal_Equal_Area', NATURAL, CENTER);
  row('lambert-azimuthal-equal-area-spherical', 1027, 'Lambert Azimuthal Equal Area (Spherical)', 'Lambert_Azimuthal_Equal_Area', NATURAL,
    { center: true, codes: [9821] });
  row('cylindrical-equal-area', 9835, 'Lambert Cylindrical Equal Area', 'Cylindrical_Equal_Area', PARALLEL, { also: ['Lambert Cylindrical Equal Area (Ellipsoidal)'] });
  row('cylindrical-equal-area', null, 'Behrmann', null, PARALLEL, { defaults: { standardParallel1: 30 } });
  row('cylindrical-equal-area-spherical', 9834, 'Lambert Cylindrical Equal Area (Spherical)', 'Cylindrical_Equal_Area', PARALLEL);
  row('equal-earth', 1078, 'Equal Earth', null, LONGITUDE);
  row('orthographic', 9840, 'Orthographic', 'Orthographic', NATURAL);
  row('orthographic-spherical', null, 'Orthographic (Spherical)', 'Orthographic', NATURAL);
  row('gnomonic', null, 'Gnomonic', 'Gnomonic', NATURAL);
  row('vertical-perspective', 9838, 'Vertical Perspective', null, [8834, 8835, 8840, 8806, 8807], { also: ['Vertical_Near_Side_Perspective'] });
  row('geostationary-y', null, 'Geostationary Satellite (Sweep Y)', 'Geostationary_Satellite', [8802, 'Satellite Height', 8806, 8807]);
  row('geostationary-x', null, 'Geostationary Satellite (Sweep X)', null, [8802, 'Satellite Height', 8806, 8807]);
  row('miller', null, 'Miller Cylindrical', 'Miller_Cylindrical', LONGITUDE, CENTER);
  row('compact-miller', null, 'Compact Miller', 'Compact_Miller', LONGITUDE);
  row('gall', null, 'Gall Stereographic', 'Gall_Stereographic', LONGITUDE);
  row('patterson', null, 'Patterson', 'Patterson', LONGITUDE);
  row('sinusoidal', null, 'Sinusoidal', 'Sinusoidal', LONGITUDE, CENTER);
  row('mollweide', null, 'Mollweide', 'Mollweide', LONGITUDE);
  row('robinson', null, 'Robinson', 'Robinson', LONGITUDE, CENTER);
  row('natural-earth', null, 'Natural Earth', 'Natural_Earth', LONGITUDE);
  row('natural-earth-2', null, 'Natural Earth II', 'Natural_Earth_II', LONGITUDE);
  row('eckert-1', null, 'Eckert I', 'Eckert_I', LONGITUDE);
  row('eckert-2', null, 'Eckert II', 'Eckert_II', LONGITUDE);
  row('eckert-3', null, 'Eckert III', 'Eckert_III', LONGITUDE);
  row('eckert-4', null, 'Eckert IV', 'Eckert_IV', LONGITUDE);
  row('eckert-5', null, 'Eckert V', 'Eckert_V', LONGITUDE);
  row('eckert-6', null, 'Eckert VI', 'Eckert_VI', LONGITUDE);
  row('winkel-1', null, 'Winkel I', 'Winkel_I', [8802, 8823, 8806, 8807]);
  row('winkel-2', null, 'Winkel II', 'Winkel_II', [8802, 8823, 8806, 8807]);
  row('winkel-tripel', null, 'Winkel Tripel', 'Winkel_Tripel', [8802, 8823, 8806, 8807]);
  row('wagner-4', null, 'Wagner IV', 'Wagner_IV', LONGITUDE);
  row('wagner-5', null, 'Wagner V', 'Wagner_V', LONGITUDE);
  row('wagner-7', null, 'Wagner VII', 'Wagner_VII', LONGITUDE);
  row('van-der-grinten', null, 'Van Der Grinten', 'VanDerGrinten', LONGITUDE, { also: ['Van_der_Grinten_I'] });
  row('craster', null, 'Craster Parabolic', 'Craster_Parabolic', LONGITUDE);
  row('flat-polar-quartic', null, 'Flat Polar Quartic', 'Flat_Polar_Quartic', LONGITUDE);
  row('quartic-authalic', null, 'Quartic Authalic', 'Quartic_Authalic', LONGITUDE);
  row('loximuthal', null, 'Loximuthal', 'Loximuthal', NATURAL);
  row('times', null, 'Times', 'Times', LONGITUDE);
  row('aitoff', null, 'Aitoff', 'Aitoff', LONGITUDE);
  row('hammer', null, 'Hammer_Aitoff', null, LONGITUDE);
  row('goode-homolosine', null, 'Goode Homolosine', 'Goode_Homolosine', LONGITUDE);
  row('interrupted-goode-homolosine', null, 'Interrupted Goode Homolosine', 'Interrupted_Goode_Homolosine', LONGITUDE);
  row('interrupted-goode-homolosine-ocean', null, 'Interrupted Goode Homolosine Ocean', null, LONGITUDE);
  row('adams-square-2', null, 'Adams_Square_II', null, LONGITUDE);
  row('peirce-quincuncial', null, 'Peirce Quincuncial (Square)', null, NATURAL_SCALE, { defaults: { latitudeOfOrigin: 90 } });
}
fill();

/** The method that a dialect's name stands for; null when there is no such method here. */
export function methodByName(name: string): Method | null {
  return BY_NAME.get(foldName(name)) ?? null;
}

/** The method of EPSG's code (9807, …); null when there is no such method here. */
export function methodByEpsg(code: number): Method | null {
  return BY_EPSG.get(code) ?? null;
}

/** The row under which a method is written: the one whose axes these are, or else the first. */
export function methodRow(
  method: MethodName,
  axes: readonly [AxisDirection, AxisDirection],
): Method {
  const rows = METHODS.filter((entry) => entry.method === method);
  return rows.find((entry) => entry.axes.join() === axes.join()) ?? rows[0]!;
}
