/**
 * CrsDefinition → PROJJSON (https://proj.org/en/stable/specifications/projjson.html), which GeoParquet
 * asks for.
 */

import type { AxisDirection, CrsDefinition, Datum, GivenShift } from '../definition.ts';
import { SHIFT, WGS84 } from './format-wkt2.ts';
import { writtenConversion } from './written-conversion.ts';

const RADIANS = Math.PI / 180;
const SCHEMA = 'https://proj.org/schemas/v0.7/projjson.schema.json';

/** Values that JSON has; what is undefined is left out. */
type Json = { [name: string]: unknown };

/**
 * PROJJSON of a CRS, with axes in the order in which the CRS itself has them.
 * @param id - of the CRS; one of OGC has longitude first
 */
export function formatProjJson(definition: CrsDefinition, id = definition.id): Json {
  const isOgc = id?.startsWith('OGC:') === true;
  const crs: CrsDefinition = isOgc ? { ...definition, id, northingFirst: false } : definition;
  const { datum, method } = crs;
  const isGeographic = method === null || method === 'rotated-pole';
  const own = isGeographic ? geographic(crs) : projected(crs);
  return { $schema: SCHEMA, ...(datum.given === null ? own : bound(own, datum.given)) };
}

function geographic(crs: CrsDefinition): Json {
  const { name, id, datum, unit, unitName, unitId, method, baseName, baseId } = crs;
  const angle = angularUnit(unitName, unit, unitId);
  const axes = axesOf(crs, angle);
  if (method === null) return geodetic(name, datum, axes, id);
  const { latitudeOfPoint1 = 0, longitudeOfPoint1 = 0, longitudeOfOrigin = 0 } = crs.parameters;
  const parameter = (key: string, value: number): Json => ({ name: key, value, unit: angle });
  return {
    type: 'DerivedGeographicCRS',
    name,
    base_crs: geodetic(baseName, datum, axes, baseId),
    conversion: {
      name: 'unnamed',
      method: { name: 'PROJ ob_tran o_proj=longlat' },
      parameters: [
        parameter('o_lat_p', latitudeOfPoint1),
        parameter('o_lon_p', longitudeOfPoint1),
        parameter('lon_0', longitudeOfOrigin),
      ],
    },
    coordinate_system: axes,
    id: idOf(id),
  };
}

function geodetic(name: string, datum: Datum, axes: Json, id: string | null): Json {
  return {
    type: 'GeographicCRS',
    name,
    datum: datumOf(datum),
    coordinate_system: axes,
    id: idOf(id),
  };
}

function projected(crs: CrsDefinition): Json {
  const { name, id, baseName, baseId, datum, unit, unitName, unitId } = crs;
  const base = crs.baseUnit ?? { size: 1, name: 'degree', id: 'EPSG:9122' };
  const angle = angularUnit(base.name, base.size, base.id);
  const length =
    unitName === 'metre' && unit === 1
      ? 'metre'
      : { type: 'LinearUnit', name: unitName, conversion_factor: unit, id: idOf(unitId) };
  const { method, parameters } = writtenConversion(crs)!;
  const epsg = (code: number | null): Json | undefined =>
    code === null ? undefined : { authority: 'EPSG', code };
  const baseAxes = ellipsoidal(['north', 'east'], angle);
  return {
    type: 'ProjectedCRS',
    name,
    base_crs: geodetic(baseName, datum, baseAxes, baseId),
    conversion: {
      name: 'unnamed',
      method: { name: method.name, id: epsg(method.code) },
      parameters: parameters.map(({ parameter, kind, value }) => ({
        name: parameter.name,
        value,
        unit: { length, angle, scale: 'unity' }[kind],
        id: epsg(parameter.code),
      })),
    },
    coordinate_system: axesOf(crs, length),
    id: idOf(id),
  };
}

function datumOf({ name, id, ellipsoid, ...datum }: Datum): Json {
  const { name: shape, a, inverseFlattening } = ellipsoid;
  const isSphere = inverseFlattening === 0;
  return {
    type: 'GeodeticReferenceFrame',
    name: name ?? 'unknown',
    ellipsoid: {
      name: shape === '' ? 'unknown' : shape,
      ...(isSphere ? { radius: a } : { semi_major_axis: a, inverse_flattening: inverseFlattening }),
      id: idOf(ellipsoid.id),
    },
    prime_meridian: {
      name: datum.primeMeridianName,
      longitude: datum.primeMeridian,
      id: idOf(datum.primeMeridianId),
    },
    id: idOf(id),
  };
}

function axesOf(crs: CrsDefinition, unit: unknown): Json {
  const { axes, northingFirst, method } = crs;
  const order = northingFirst ? [axes[1], axes[0]] : axes;
  if (method === null || method === 'rotated-pole') return ellipsoidal(order, unit);
  return {
    subtype: 'Cartesian',
    axis: order.map((direction) => ({
      name: `${direction[0]!.toUpperCase()}${direction.slice(1)}ing`,
      abbreviation: direction[0]!.toUpperCase(),
      direction,
      unit,
    })),
  };
}

function ellipsoidal(order: readonly AxisDirection[], unit: unknown): Json {
  return {
    subtype: 'ellipsoidal',
    axis: order.map((direction) => {
      const isLongitude = direction === 'east' || direction === 'west';
      const name = `Geodetic ${isLongitude ? 'longitude' : 'latitude'}`;
      return { name, abbreviation: isLongitude ? 'Lon' : 'Lat', direction, unit };
    }),
  };
}

function angularUnit(name: string, degrees: number, id: string | null | undefined): unknown {
  if (name === 'degree' && degrees === 1) return 'degree';
  return { type: 'AngularUnit', name, conversion_factor: degrees * RADIANS, id: idOf(id) };
}

function idOf(id: string | null | undefined): Json | undefined {
  if (id === null || id === undefined) return undefined;
  const [authority, code] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
  return { authority, code: /^[1-9]\d{0,8}$/.test(code) ? Number(code) : code };
}

function bound(source: Json, given: GivenShift): Json {
  const epsg = (code: number): Json => ({ authority: 'EPSG', code });
  const units = [
    ...['metre', 'metre', 'metre'],
    ...[1, 2, 3].map(() => angularUnit('arc-second', 1 / 3600, 'EPSG:9104')),
    { type: 'ScaleUnit', name: 'parts per million', conversion_factor: 1e-6 },
  ];
  const [method, parameters] =
    given.kind === 'grids'
      ? [
          { name: 'NTv2', id: epsg(9615) },
          [
            {
              name: 'Latitude and longitude difference file',
              value: given.names.join(),
              id: epsg(8656),
            },
          ],
        ]
      : [
          { name: 'Position Vector transformation (geog2D domain)', id: epsg(9606) },
          SHIFT.map(([code, name], i) => {
            return { name, value: given.parameters[i] ?? 0, unit: units[i], id: epsg(code) };
          }),
        ];
  return {
    type: 'BoundCRS',
    source_crs: source,
    target_crs: geographic(WGS84),
    transformation: { name: 'Transformation to WGS 84', method, parameters },
  };
}
