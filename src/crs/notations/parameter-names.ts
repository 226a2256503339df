/** Parameters of methods: EPSG's codes and names, GDAL's names in WKT 1, and other spellings. */

import type { ParameterName } from '../definition.ts';
import { foldName } from './names.ts';

export type ParameterKind = 'angle' | 'length' | 'scale';

/** One parameter as EPSG (or PROJ, where EPSG has none) knows it. */
export interface Parameter {
  /** EPSG's code; null where it has none. */
  code: number | null;
  parameter: ParameterName;
  /** In WKT 2 and PROJJSON. */
  name: string;
  /** GDAL's name in WKT 1. */
  wkt1: string;
}

// prettier-ignore
const ROWS: readonly (readonly [number | null, ParameterName, string, string])[] = [
  [8801, 'latitudeOfOrigin', 'Latitude of natural origin', 'latitude_of_origin'],
  [8802, 'longitudeOfOrigin', 'Longitude of natural origin', 'central_meridian'],
  [8805, 'scaleFactor', 'Scale factor at natural origin', 'scale_factor'],
  [8806, 'falseEasting', 'False easting', 'false_easting'],
  [8807, 'falseNorthing', 'False northing', 'false_northing'],
  [8811, 'latitudeOfOrigin', 'Latitude of projection centre', 'latitude_of_center'],
  [8812, 'longitudeOfOrigin', 'Longitude of projection centre', 'longitude_of_center'],
  [8813, 'azimuth', 'Azimuth of initial line', 'azimuth'],
  [8814, 'rectifiedGridAngle', 'Angle from Rectified to Skew Grid', 'rectified_grid_angle'],
  [8815, 'scaleFactor', 'Scale factor on initial line', 'scale_factor'],
  [8816, 'falseEasting', 'Easting at projection centre', 'false_easting'],
  [8817, 'falseNorthing', 'Northing at projection centre', 'false_northing'],
  [8818, 'standardParallel1', 'Latitude of pseudo standard parallel', 'pseudo_standard_parallel_1'],
  [8819, 'scaleFactor', 'Scale factor on pseudo standard parallel', 'scale_factor'],
  [8821, 'latitudeOfOrigin', 'Latitude of false origin', 'latitude_of_origin'],
  [8822, 'longitudeOfOrigin', 'Longitude of false origin', 'central_meridian'],
  [8823, 'standardParallel1', 'Latitude of 1st standard parallel', 'standard_parallel_1'],
  [8824, 'standardParallel2', 'Latitude of 2nd standard parallel', 'standard_parallel_2'],
  [8826, 'falseEasting', 'Easting at false origin', 'false_easting'],
  [8827, 'falseNorthing', 'Northing at false origin', 'false_northing'],
  [8828, 'latitudeOfOrigin', 'Spherical latitude of origin', 'latitude_of_center'],
  [8829, 'longitudeOfOrigin', 'Spherical longitude of origin', 'longitude_of_center'],
  [8832, 'standardParallel1', 'Latitude of standard parallel', 'latitude_of_origin'],
  [8833, 'longitudeOfOrigin', 'Longitude of origin', 'central_meridian'],
  [8834, 'latitudeOfOrigin', 'Latitude of topocentric origin', 'latitude_of_center'],
  [8835, 'longitudeOfOrigin', 'Longitude of topocentric origin', 'longitude_of_center'],
  [8840, 'height', 'Viewpoint height', 'height'],
  [1036, 'colatitudeOfConeAxis', 'Co-latitude of cone axis', 'azimuth'],
  [1038, 'ellipsoidScale', 'Ellipsoid scaling factor', 'scale_factor'],
  [1039, 'height', 'Projection plane origin height', 'height'],
  [null, 'height', 'Satellite Height', 'satellite_height'],
  [null, 'latitudeOfPoint1', 'Latitude of 1st point', 'latitude_of_point_1'],
  [null, 'longitudeOfPoint1', 'Longitude of 1st point', 'longitude_of_point_1'],
  [null, 'latitudeOfPoint2', 'Latitude of 2nd point', 'latitude_of_point_2'],
  [null, 'longitudeOfPoint2', 'Longitude of 2nd point', 'longitude_of_point_2'],
];

/** By EPSG's code, or by name where there is none. */
export const PARAMETERS: ReadonlyMap<number | string, Parameter> = new Map(
  ROWS.map(([code, parameter, name, wkt1]) => [code ?? name, { code, parameter, name, wkt1 }]),
);

/** Spellings of ESRI, older GDAL and EPSG that are not among the names above. */
const SPELLINGS: readonly (readonly [string, ParameterName])[] = [
  ['central_parallel', 'latitudeOfOrigin'],
  ['latitude_of_center', 'latitudeOfOrigin'],
  ['latitude_of_centre', 'latitudeOfOrigin'],
  ['center_latitude', 'latitudeOfOrigin'],
  ['Latitude of projection center', 'latitudeOfOrigin'],
  ['longitude_of_origin', 'longitudeOfOrigin'],
  ['longitude_of_center', 'longitudeOfOrigin'],
  ['longitude_of_centre', 'longitudeOfOrigin'],
  ['center_longitude', 'longitudeOfOrigin'],
  ['Longitude of projection center', 'longitudeOfOrigin'],
  ['standard_parallel', 'standardParallel1'],
  ['Scale factor at projection centre', 'scaleFactor'],
  ['Azimuth at projection centre', 'azimuth'],
  ['Easting of false origin', 'falseEasting'],
  ['Northing of false origin', 'falseNorthing'],
];

const BY_NAME: ReadonlyMap<string, ParameterName> = new Map([
  // The last of equal names counts: latitude_of_origin and azimuth have their usual meaning.
  ...ROWS.filter(([code]) => code !== 1036 && code !== 8832 && code !== 1038).flatMap(
    ([, parameter, name, wkt1]): [string, ParameterName][] => [
      [foldName(wkt1), parameter],
      [foldName(name), parameter],
    ],
  ),
  ...ROWS.map(([, parameter, name]): [string, ParameterName] => [foldName(name), parameter]),
  ...SPELLINGS.map(([name, parameter]): [string, ParameterName] => [foldName(name), parameter]),
]);

/** What a parameter's name in any dialect means, before the method has its say. */
export function parameterByName(name: string): ParameterName | null {
  return BY_NAME.get(foldName(name)) ?? null;
}

/** What EPSG's code of a parameter (8801, …) means. */
export function parameterByEpsg(code: number): ParameterName | null {
  return PARAMETERS.get(code)?.parameter ?? null;
}

const KINDS: { readonly [name in ParameterName]?: ParameterKind } = {
  falseEasting: 'length',
  falseNorthing: 'length',
  height: 'length',
  scaleFactor: 'scale',
  ellipsoidScale: 'scale',
};

/** Angles are in degrees in a CrsDefinition, lengths in metres. */
export function kindOf(parameter: ParameterName): ParameterKind {
  return KINDS[parameter] ?? 'angle';
}

/** What a parameter has where nothing is said of it. */
export function defaultOf(parameter: ParameterName): number {
  return kindOf(parameter) === 'scale' ? 1 : 0;
}
