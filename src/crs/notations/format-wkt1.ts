/** CrsDefinition → WKT 1 as GDAL writes it. */

import type { CrsDefinition, Datum } from '../definition.ts';
import { foldName } from './names.ts';
import { formatTree, idNode, type WktNode, wktNode } from './wkt/tree.ts';
import { writtenConversion } from './written-conversion.ts';

const RADIANS = Math.PI / 180;
/** In radians, with the last digit that PROJ writes. */
const GRAD = 0.0157079632679489;

/**
 * GDAL's WKT 1 of a CRS, which other software reads back as the same CRS.
 * @returns null where WKT 1 can't say what the CRS is: formatWkt2 can
 */
export function formatWkt1(definition: CrsDefinition): string | null {
  const { datum, method, parameters } = definition;
  const isNamedShift =
    datum.given?.kind !== 'grids' || /sphere|visualisation/i.test(datum.name ?? '');
  if (!isNamedShift || parameters.middleLongitude !== undefined || method === 'rotated-pole') {
    return null;
  }
  if (method === null) {
    const [first] = definition.axes;
    return first === 'east' ? formatTree(geogcs(definition)) : null;
  }
  const tree = projcs(definition);
  return tree === null ? null : formatTree(tree);
}

function geogcs({
  baseName,
  baseId,
  datum,
  method,
  unit,
  unitName,
  unitId,
  baseUnit,
}: CrsDefinition): WktNode {
  const own = { size: unit, name: unitName, id: unitId ?? null };
  const degree = { size: 1, name: 'degree', id: 'EPSG:9122' };
  const { size, name, id } = method === null ? own : (baseUnit ?? degree);
  return wktNode(
    'GEOGCS',
    baseName,
    datumNode(datum),
    // In degrees, whatever the unit: GDAL's and ESRI's departure from the standard.
    wktNode(
      'PRIMEM',
      datum.primeMeridianName,
      datum.primeMeridian,
      idNode('AUTHORITY', datum.primeMeridianId),
    ),
    wktNode('UNIT', name, size === 0.9 ? GRAD : size * RADIANS, idNode('AUTHORITY', id)),
    idNode('AUTHORITY', baseId),
  );
}

function datumNode({ name, id, ellipsoid, given }: Datum): WktNode {
  const shift =
    given?.kind === 'position-vector' ? [...given.parameters, 0, 0, 0, 0].slice(0, 7) : null;
  return wktNode(
    'DATUM',
    datumName(name),
    wktNode(
      'SPHEROID',
      ellipsoid.name === '' ? 'unknown' : ellipsoid.name,
      ellipsoid.a,
      ellipsoid.inverseFlattening,
      idNode('AUTHORITY', ellipsoid.id),
    ),
    shift === null ? null : wktNode('TOWGS84', ...shift),
    idNode('AUTHORITY', id),
  );
}

/** WKT 1 has underscores in names of datums, and short ones for two of them. */
function datumName(name: string | null): string {
  if (name === null) return 'unknown';
  const plain = name.replace(/ ensemble$/, '');
  if (foldName(plain) === 'worldgeodeticsystem1984') return 'WGS_1984';
  return plain.replace(/[^\p{L}\p{N}+-]+/gu, '_').replace(/_$/, '');
}

function projcs(definition: CrsDefinition): WktNode | null {
  const { name, id, method, unit, unitName, unitId } = definition;
  const written = writtenConversion(definition)!;
  const isWeb = method === 'pseudo-mercator';
  const projection = isWeb ? 'Mercator_1SP' : written.method.wkt1;
  // GDAL has one name for both forms, and reads it as that on the ellipsoid.
  if (projection === null || method!.endsWith('-spherical')) return null;
  const { center } = written.method;
  const parameters: [string, number][] = written.parameters
    .filter(({ parameter }) => !(projection === 'Mercator_1SP' && parameter.code === 8801))
    .map(({ parameter, value }) => [wkt1Name(parameter.wkt1, method!, center), value]);
  if (isWeb) parameters.splice(1, 0, ['scale_factor', 1]);
  return wktNode(
    'PROJCS',
    name,
    geogcs(definition),
    wktNode('PROJECTION', projection),
    ...parameters.map(([parameter, value]) => wktNode('PARAMETER', parameter, value)),
    wktNode('UNIT', unitName, unit, idNode('AUTHORITY', unitId)),
    ...axisNodes(definition),
    isWeb ? wktNode('EXTENSION', 'PROJ4', webMercator(definition)) : null,
    idNode('AUTHORITY', id),
  );
}

function wkt1Name(name: string, method: string, center: boolean): string {
  if (method === 'bonne' && name === 'latitude_of_origin') return 'standard_parallel_1';
  if (method === 'two-point-equidistant') {
    return name
      .replace(/^(l\w+)_of_point_1$/, '$1_Of_1st_Point')
      .replace(/^(l\w+)_of_point_2$/, '$1_Of_2nd_Point')
      .replace(/^l/, 'L')
      .replace(/^false/, 'false');
  }
  if (!center) return name;
  if (name === 'latitude_of_origin') return 'latitude_of_center';
  return name === 'central_meridian' ? 'longitude_of_center' : name;
}

const AXIS_NAMES = { east: 'Easting', north: 'Northing', west: 'Westing', south: 'Southing' };

/** As GDAL does, none where northing is first, along meridians, or where the method implies them. */
function axisNodes({ axes, method, parameters, northingFirst }: CrsDefinition): WktNode[] {
  const isPolar =
    method!.startsWith('polar-') ||
    (/lambert-azimuthal/.test(method!) && Math.abs(parameters.latitudeOfOrigin ?? 0) === 90);
  const isSouth = method === 'transverse-mercator' && axes.join() === 'west,south';
  if (axes.join() === 'east,north' ? northingFirst === true || isPolar : isSouth) return [];
  return axes.map((axis) => wktNode('AXIS', AXIS_NAMES[axis], { word: axis.toUpperCase() }));
}

/** GDAL's way to say web Mercator, whose sphere is no datum. */
function webMercator({ parameters, datum, unit }: CrsDefinition): string {
  const { longitudeOfOrigin = 0, falseEasting = 0, falseNorthing = 0 } = parameters;
  const { a } = datum.ellipsoid;
  const length = unit === 1 ? '+units=m' : `+to_meter=${unit}`;
  return (
    `+proj=merc +a=${a} +b=${a} +lat_ts=0 +lon_0=${longitudeOfOrigin} +x_0=${falseEasting} ` +
    `+y_0=${falseNorthing} +k=1 ${length} +nadgrids=@null +wktext +no_defs`
  );
}
