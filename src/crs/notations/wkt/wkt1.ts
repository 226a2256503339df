/** WKT 1 of GDAL and of ESRI (OGC 01-009) → CrsDefinition. */

import type { CrsDefinition, Datum, GivenShift, Parameters } from '../../definition.ts';
import { type Axes, axesOf, turned } from '../axes.ts';
import {
  axesWith,
  type Conversion,
  conversionOf,
  type Given,
  namedParameters,
} from '../conversion.ts';
import { ellipsoidOf, impliedShift } from '../ellipsoid.ts';
import { foldName } from '../names.ts';
import { wkt1Meridian } from '../prime-meridians.ts';
import { parseProjString } from '../proj/string.ts';
import { excerpt, refusal } from '../refusal.ts';
import { angleUnit, lengthUnit, type Unit } from '../units.ts';
import { isAxis, isCalledWeb, isSwitch, methodOfWkt1 } from './esri.ts';
import { child, children, idOf, numberAt, only, textAt, type WktNode } from './tree.ts';

/** @throws TilewrightError `crs-unknown` */
export function readWkt1(node: WktNode): CrsDefinition {
  return node.keyword === 'GEOGCS' ? readGeographic(node) : readProjected(node);
}

function readGeographic(node: WktNode): CrsDefinition {
  only(node, 'DATUM', 'PRIMEM', 'UNIT', 'AXIS', 'AUTHORITY', 'EXTENSION', 'METADATA');
  const name = textAt(node, 0) ?? '';
  const id = idOf(node);
  const written = child(node, 'UNIT');
  if (written === null) throw refusal(`The geographic CRS "${excerpt(name)}" has no unit`);
  const unit = angleUnit(textAt(written, 0) ?? '', numberAt(written, 1), idOf(written));
  const datum = readDatum(node, unit);
  const axes = readAxes(node);
  const proj = projExtension(node);
  if (proj !== null) {
    datum.given ??= proj.datum.given;
    checkSameEllipsoid(datum, proj.datum);
  }
  return {
    name,
    id,
    baseName: name,
    baseId: id,
    datum,
    method: null,
    parameters: {},
    unit: unit.size,
    unitName: unit.name,
    unitId: unit.id,
    axes: axesOf(axes) ?? ['east', 'north'],
    ...turned(axes),
  };
}

function readDatum(node: WktNode, unit: Unit): Datum {
  const datum = child(node, 'DATUM');
  const spheroid = datum === null ? null : child(datum, 'SPHEROID', 'ELLIPSOID');
  if (datum === null || spheroid === null) {
    throw refusal(`The geographic CRS "${excerpt(textAt(node, 0) ?? '')}" has no datum`);
  }
  only(datum, 'SPHEROID', 'ELLIPSOID', 'TOWGS84', 'AUTHORITY', 'EXTENSION');
  const name = textAt(datum, 0);
  const primem = child(node, 'PRIMEM');
  const meridianName = primem === null ? 'Greenwich' : (textAt(primem, 0) ?? '');
  const longitude = primem === null ? 0 : numberAt(primem, 1);
  const primeMeridian = wkt1Meridian(meridianName, longitude, unit.size);
  if (primeMeridian === null) {
    throw refusal(
      `The prime meridian "${excerpt(meridianName)}" at ${longitude} may be in degrees or in ` +
        `${excerpt(unit.name)}`,
    );
  }
  return {
    name,
    id: idOf(datum),
    ellipsoid: ellipsoidOf(
      textAt(spheroid, 0) ?? '',
      numberAt(spheroid, 1),
      numberAt(spheroid, 2),
      idOf(spheroid),
    ),
    primeMeridian,
    primeMeridianName: meridianName,
    primeMeridianId: primem === null ? null : idOf(primem),
    given: givenShift(datum),
  };
}

function givenShift(datum: WktNode): GivenShift | null {
  const towgs84 = child(datum, 'TOWGS84');
  if (towgs84 === null) return impliedShift(textAt(datum, 0));
  const parameters = towgs84.args.map((_, i) => numberAt(towgs84, i));
  if (parameters.length !== 3 && parameters.length !== 7) {
    throw refusal(`TOWGS84 has ${parameters.length} numbers, not 3 or 7`);
  }
  return { kind: 'position-vector', parameters };
}

function readProjected(node: WktNode): CrsDefinition {
  only(
    node,
    ...['GEOGCS', 'PROJECTION', 'PARAMETER', 'UNIT', 'AXIS', 'AUTHORITY', 'EXTENSION', 'METADATA'],
  );
  const name = textAt(node, 0) ?? '';
  const geographic = child(node, 'GEOGCS');
  if (geographic === null) throw refusal(`The projected CRS "${excerpt(name)}" has no GEOGCS`);
  const base = readGeographic(geographic);
  const written = child(node, 'UNIT');
  if (written === null) throw refusal(`The projected CRS "${excerpt(name)}" has no unit`);
  const unit = lengthUnit(textAt(written, 0) ?? '', numberAt(written, 1), idOf(written));
  const proj = projExtension(node);
  const directions = readAxes(node);
  const axes = axesOf(directions);
  const conversion = proj === null ? readConversion(node, base, unit, axes) : extended(proj, unit);
  const { datum } = base;
  if (proj !== null) {
    datum.given ??= proj.datum.given;
    if (proj.method !== 'pseudo-mercator') checkSameEllipsoid(datum, proj.datum);
  }
  return {
    name,
    id: idOf(node),
    baseName: base.name,
    baseId: base.id,
    datum,
    method: conversion.method,
    parameters: conversion.parameters,
    unit: unit.size,
    unitName: unit.name,
    unitId: unit.id,
    baseUnit: { size: base.unit, name: base.unitName, id: base.unitId ?? null },
    axes: axesWith(axes, conversion),
    ...turned(directions),
  };
}

function readConversion(
  node: WktNode,
  base: CrsDefinition,
  length: Unit,
  axes: Axes | null,
): Conversion {
  const projection = textAt(child(node, 'PROJECTION'), 0);
  if (projection === null) {
    throw refusal(`The projected CRS "${excerpt(textAt(node, 0) ?? '')}" has no PROJECTION`);
  }
  const { ellipsoid, primeMeridian } = base.datum;
  const isWeb = isCalledWeb(textAt(node, 0) ?? '', idOf(node));
  const given: Given[] = [];
  const switches = new Map<string, number>();
  for (const parameter of children(node, 'PARAMETER')) {
    const name = textAt(parameter, 0) ?? '';
    const value = numberAt(parameter, 1);
    if (isAxis(name, value, ellipsoid, isWeb)) continue;
    if (isSwitch(name)) switches.set(foldName(name), value);
    else given.push({ name, value, unit: null });
  }
  const angle: Unit = { kind: 'angle', size: base.unit, name: base.unitName, id: null };
  const parameters: Parameters = namedParameters(given, { length, angle });
  const method = methodOfWkt1(projection, parameters, {
    switches,
    hasAxes: axes !== null,
    isEsri: /^GCS_/.test(base.baseName) || /^D_/.test(base.datum.name ?? ''),
    isWeb,
    ellipsoid,
  });
  return conversionOf(method, parameters, ellipsoid, primeMeridian);
}

function readAxes(node: WktNode): string[] {
  return children(node, 'AXIS').map((axis) => textAt(axis, 1) ?? '');
}

/** GDAL writes what WKT 1 has no words for as a PROJ string beside it. */
function projExtension(node: WktNode): CrsDefinition | null {
  for (const extension of children(node, 'EXTENSION')) {
    const kind = textAt(extension, 0) ?? '';
    if (kind.toUpperCase() !== 'PROJ4') continue;
    return parseProjString(textAt(extension, 1) ?? '');
  }
  return null;
}

/** Its unit is that of the WKT, or there are two of which neither is to be believed. */
function extended(proj: CrsDefinition, unit: Unit): Conversion {
  const { method, parameters, axes } = proj;
  if (method === null || Math.abs(proj.unit / unit.size - 1) > 1e-9) {
    throw refusal('The PROJ string in EXTENSION is of another kind or unit than the WKT');
  }
  return { method, parameters, axes };
}

function checkSameEllipsoid(a: Datum, b: Datum): void {
  const same =
    Math.abs(a.ellipsoid.a - b.ellipsoid.a) < 1e-3 &&
    Math.abs(a.ellipsoid.es - b.ellipsoid.es) < 1e-9 &&
    Math.abs(a.primeMeridian - b.primeMeridian) < 1e-7;
  if (!same) throw refusal('The PROJ string in EXTENSION is of another datum than the WKT');
}
