/** CrsDefinition → WKT 2 (OGC 12-063r5, which GeoPackage asks for). */

import type { CrsDefinition, Datum, GivenShift } from '../definition.ts';
import { formatTree, idNode, type WktNode, wktNode } from './wkt/tree.ts';
import type { WrittenParameter } from './written-conversion.ts';
import { writtenConversion } from './written-conversion.ts';

const RADIANS = Math.PI / 180;

/** WKT 2 of a CRS, with coordinates in the order in which files hold them. */
export function formatWkt2(definition: CrsDefinition): string {
  const { method, datum } = definition;
  const isDerived = method === 'rotated-pole';
  const crs = method === null || isDerived ? geographic(definition) : projected(definition);
  return formatTree(datum.given === null ? crs : bound(crs, datum.given));
}

function geographic(definition: CrsDefinition): WktNode {
  const { name, id, datum, unit, unitName, unitId } = definition;
  const angle = wktNode('ANGLEUNIT', unitName, unit * RADIANS, idNode('ID', unitId));
  const isDerived = definition.method === 'rotated-pole';
  return wktNode(
    'GEODCRS',
    name,
    ...(isDerived ? rotation(definition, angle) : datumNodes(datum)),
    wktNode('CS', { word: 'ellipsoidal' }, 2),
    ...axisNodes(definition, angle),
    idNode('ID', id),
  );
}

/** As PROJ writes it: there is no method of EPSG's. */
function rotation(
  { baseName, baseId, datum, parameters }: CrsDefinition,
  angle: WktNode,
): WktNode[] {
  const { latitudeOfPoint1 = 0, longitudeOfPoint1 = 0, longitudeOfOrigin = 0 } = parameters;
  return [
    wktNode('BASEGEODCRS', baseName, ...datumNodes(datum), idNode('ID', baseId)),
    wktNode(
      'DERIVINGCONVERSION',
      'unnamed',
      wktNode('METHOD', 'PROJ ob_tran o_proj=longlat'),
      wktNode('PARAMETER', 'o_lat_p', latitudeOfPoint1, angle),
      wktNode('PARAMETER', 'o_lon_p', longitudeOfPoint1, angle),
      wktNode('PARAMETER', 'lon_0', longitudeOfOrigin, angle),
    ),
  ];
}

function projected(definition: CrsDefinition): WktNode {
  const { name, id, baseName, baseId, datum, unit, unitName, unitId } = definition;
  const base = definition.baseUnit ?? { size: 1, name: 'degree', id: 'EPSG:9122' };
  const angle = wktNode('ANGLEUNIT', base.name, base.size * RADIANS, idNode('ID', base.id));
  const length = wktNode('LENGTHUNIT', unitName, unit, idNode('ID', unitId));
  const scale = wktNode('SCALEUNIT', 'unity', 1, idNode('ID', 'EPSG:9201'));
  const { method, parameters } = writtenConversion(definition)!;
  const code = (number: number | null) => (number === null ? null : idNode('ID', `EPSG:${number}`));
  return wktNode(
    'PROJCRS',
    name,
    wktNode('BASEGEODCRS', baseName, ...datumNodes(datum), angle, idNode('ID', baseId)),
    wktNode(
      'CONVERSION',
      'unnamed',
      wktNode('METHOD', method.name, code(method.code)),
      ...parameters.map(({ parameter, kind, value }: WrittenParameter) =>
        wktNode(
          'PARAMETER',
          parameter.name,
          value,
          { length, angle, scale }[kind],
          code(parameter.code),
        ),
      ),
    ),
    wktNode('CS', { word: 'Cartesian' }, 2),
    ...axisNodes(definition, length),
    idNode('ID', id),
  );
}

function datumNodes({ name, id, ellipsoid, ...datum }: Datum): WktNode[] {
  const { name: shape, a, inverseFlattening } = ellipsoid;
  const metre = wktNode('LENGTHUNIT', 'metre', 1);
  const degree = wktNode('ANGLEUNIT', 'degree', RADIANS);
  const written = shape === '' ? 'unknown' : shape;
  return [
    wktNode(
      'DATUM',
      name ?? 'unknown',
      wktNode('ELLIPSOID', written, a, inverseFlattening, metre, idNode('ID', ellipsoid.id)),
      idNode('ID', id),
    ),
    wktNode(
      'PRIMEM',
      datum.primeMeridianName,
      datum.primeMeridian,
      degree,
      idNode('ID', datum.primeMeridianId),
    ),
  ];
}

function axisNodes({ axes, northingFirst, method }: CrsDefinition, unit: WktNode): WktNode[] {
  const order = northingFirst ? [axes[1], axes[0]] : axes;
  return order.map((axis, i) => {
    const isLongitude = axis === 'east' || axis === 'west';
    const isProjected = method !== null && method !== 'rotated-pole';
    const name = isProjected ? `${axis}ing` : isLongitude ? 'longitude' : 'latitude';
    return wktNode('AXIS', name, { word: axis }, wktNode('ORDER', i + 1), unit);
  });
}

/** EPSG's codes and names of a Position Vector transformation's parameters. */
export const SHIFT: readonly (readonly [number, string])[] = [
  [8605, 'X-axis translation'],
  [8606, 'Y-axis translation'],
  [8607, 'Z-axis translation'],
  [8608, 'X-axis rotation'],
  [8609, 'Y-axis rotation'],
  [8610, 'Z-axis rotation'],
  [8611, 'Scale difference'],
];

function bound(source: WktNode, given: GivenShift): WktNode {
  const [method, ...parts] =
    given.kind === 'grids'
      ? [
          wktNode('METHOD', 'NTv2', idNode('ID', 'EPSG:9615')),
          // PROJ has several in one name.
          wktNode(
            'PARAMETERFILE',
            'Latitude and longitude difference file',
            given.names.join(),
            idNode('ID', 'EPSG:8656'),
          ),
        ]
      : [
          wktNode(
            'METHOD',
            'Position Vector transformation (geog2D domain)',
            idNode('ID', 'EPSG:9606'),
          ),
          ...SHIFT.map(([code, name], i) => {
            const value = given.parameters[i] ?? 0;
            // Without units: metres, arc-seconds, and a ratio.
            const written = i === 6 ? 1 + value * 1e-6 : value;
            return wktNode('PARAMETER', name, written, idNode('ID', `EPSG:${code}`));
          }),
        ];
  return wktNode(
    'BOUNDCRS',
    wktNode('SOURCECRS', source),
    wktNode('TARGETCRS', geographic(WGS84)),
    wktNode('ABRIDGEDTRANSFORMATION', 'Transformation to WGS 84', method!, ...parts),
  );
}

export const WGS84: CrsDefinition = {
  name: 'WGS 84',
  id: 'EPSG:4326',
  baseName: 'WGS 84',
  baseId: 'EPSG:4326',
  datum: {
    name: 'World Geodetic System 1984',
    id: 'EPSG:6326',
    ellipsoid: {
      name: 'WGS 84',
      a: 6378137,
      es: 0,
      inverseFlattening: 298.257223563,
      id: 'EPSG:7030',
    },
    primeMeridian: 0,
    primeMeridianName: 'Greenwich',
    given: null,
  },
  method: null,
  parameters: {},
  unit: 1,
  unitName: 'degree',
  unitId: 'EPSG:9122',
  axes: ['north', 'east'],
};
