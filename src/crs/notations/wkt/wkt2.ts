/** WKT 2 (OGC 12-063r5, 18-010r11) → CrsDefinition. PROJJSON is read by way of the same tree. */

import type { CrsDefinition, Datum, GivenShift } from '../../definition.ts';
import { type Axes, axesOf, turned } from '../axes.ts';
import {
  axesWith,
  type Conversion,
  conversionOf,
  type DefaultUnits,
  type Given,
  namedParameters,
} from '../conversion.ts';
import { ellipsoidOf, impliedShift } from '../ellipsoid.ts';
import { type Method, methodByEpsg, methodByName } from '../methods.ts';
import { foldName } from '../names.ts';
import { parseProjString } from '../proj/string.ts';
import { excerpt, refusal } from '../refusal.ts';
import { rotatedPoleOf } from '../rotated-pole.ts';
import { angleUnit, DEGREE, lengthUnit, METRE, UNITY, type Unit } from '../units.ts';
import { isSwitch, methodOfWkt1 } from './esri.ts';
import { child, children, idOf, numberAt, only, textAt, type WktNode } from './tree.ts';

const BASES = ['BASEGEOGCRS', 'BASEGEODCRS'];
const DATUMS = ['DATUM', 'GEODETICDATUM', 'TRF', 'ENSEMBLE'];
const UNITS = ['LENGTHUNIT', 'ANGLEUNIT', 'SCALEUNIT', 'UNIT'];
/** What says nothing of positions. */
const REMARKS = ['USAGE', 'SCOPE', 'AREA', 'BBOX', 'VERTICALEXTENT', 'TIMEEXTENT', 'ID', 'REMARK'];
const GEODETIC = [...DATUMS, 'DYNAMIC', 'PRIMEM', 'PRIMEMERIDIAN', ...UNITS, ...REMARKS];

/** @throws TilewrightError `crs-unknown` */
export function readProjected(node: WktNode): CrsDefinition {
  only(node, ...BASES, 'CONVERSION', 'CS', 'AXIS', ...UNITS, ...REMARKS);
  const name = textAt(node, 0) ?? '';
  const base = child(node, ...BASES);
  const written = child(node, 'CONVERSION');
  if (base === null || written === null) {
    throw refusal(`The projected CRS "${excerpt(name)}" lacks its base or its conversion`);
  }
  only(base, ...GEODETIC, 'CS', 'AXIS');
  const angle = unitOf(base, 'angle') ?? DEGREE;
  const datum = readDatum(base, angle);
  const { unit, axes, order: turnedAxes } = readSystem(node, 'length');
  // What a parameter without a unit is in, if not in metres and degrees, is read differently.
  const units = { length: unit.size === 1 ? unit : null, angle: angle.size === 1 ? angle : null };
  const conversion = readConversion(written, units, datum);
  return {
    name,
    id: idOf(node),
    baseName: textAt(base, 0) ?? '',
    baseId: idOf(base),
    datum,
    method: conversion.method,
    parameters: conversion.parameters,
    unit: unit.size,
    unitName: unit.name,
    unitId: unit.id,
    baseUnit: { size: angle.size, name: angle.name, id: angle.id },
    axes: axesWith(axes, conversion),
    ...turnedAxes,
  };
}

/** @throws TilewrightError `crs-unknown` */
export function readGeographic(node: WktNode): CrsDefinition {
  const derived = child(node, 'DERIVINGCONVERSION');
  if (derived !== null) return readDerived(node, derived);
  only(node, ...GEODETIC, 'CS', 'AXIS');
  const name = textAt(node, 0) ?? '';
  const id = idOf(node);
  const { unit, axes, order: turnedAxes } = readSystem(node, 'angle');
  return {
    name,
    id,
    baseName: name,
    baseId: id,
    datum: readDatum(node, unit),
    method: null,
    parameters: {},
    unit: unit.size,
    unitName: unit.name,
    unitId: unit.id,
    axes: axes ?? ['east', 'north'],
    ...turnedAxes,
  };
}

/** Of CRSs that are derived from a geographic one, those about another pole. */
function readDerived(node: WktNode, derived: WktNode): CrsDefinition {
  only(node, ...BASES, 'DERIVINGCONVERSION', 'CS', 'AXIS', ...UNITS, ...REMARKS);
  const name = textAt(node, 0) ?? '';
  const base = child(node, ...BASES);
  if (base === null) throw refusal(`The derived CRS "${excerpt(name)}" lacks its base`);
  const angle = unitOf(base, 'angle') ?? DEGREE;
  const datum = readDatum(base, angle);
  const { unit, axes, order } = readSystem(node, 'angle');
  if (unit.size !== 1 || datum.primeMeridian !== 0) {
    throw refusal(`The derived CRS "${excerpt(name)}" is not in degrees from Greenwich`);
  }
  const values = children(derived, 'PARAMETER').map((one): [string, number] => {
    const parameter = readParameter(one);
    return [foldName(parameter.name), parameter.value * (parameter.unit ?? angle).size];
  });
  return {
    name,
    id: idOf(node),
    baseName: textAt(base, 0) ?? '',
    baseId: idOf(base),
    datum,
    ...rotatedPoleOf(textAt(child(derived, 'METHOD'), 0) ?? '', new Map(values)),
    unit: unit.size,
    unitName: unit.name,
    unitId: unit.id,
    axes: axes ?? ['east', 'north'],
    ...order,
  };
}

/**
 * A CRS with a transformation to WGS 84.
 * @param readCrs - reads the source
 * @throws TilewrightError `crs-unknown`
 */
export function readBound(node: WktNode, readCrs: (node: WktNode) => CrsDefinition): CrsDefinition {
  only(node, 'SOURCECRS', 'TARGETCRS', 'ABRIDGEDTRANSFORMATION', ...REMARKS);
  const [source, target] = [child(node, 'SOURCECRS'), child(node, 'TARGETCRS')].map(inner);
  const operation = child(node, 'ABRIDGEDTRANSFORMATION');
  if (!source || !target || operation === null) throw refusal('BOUNDCRS lacks one of its parts');
  // A name and an ellipsoid are what it has at least; WGS 84 as EPSG:4326, 4978 or 4979.
  const text = textAt(target, 0) ?? '';
  if (!/^wgs(?:19)?84$/.test(foldName(text))) {
    throw refusal(`BOUNDCRS to "${excerpt(text)}" and not to WGS 84 is not supported`);
  }
  const definition = readCrs(source);
  const given = readShift(operation);
  return { ...definition, datum: { ...definition.datum, given } };
}

function inner(node: WktNode | null): WktNode | undefined {
  return node?.args.find((arg): arg is WktNode => 'keyword' in arg);
}

function unitOf(node: WktNode, kind: Unit['kind']): Unit | null {
  const keyword = { length: 'LENGTHUNIT', angle: 'ANGLEUNIT', scale: 'SCALEUNIT' }[kind];
  const unit = child(node, keyword, 'UNIT');
  return unit === null ? null : readUnit(unit, kind);
}

function readUnit(unit: WktNode, kind: Unit['kind']): Unit {
  const [name, size] = [textAt(unit, 0) ?? '', numberAt(unit, 1)];
  if (kind === 'length') return lengthUnit(name, size, idOf(unit));
  if (kind === 'angle') return angleUnit(name, size, idOf(unit));
  if (!(size > 0)) throw refusal(`The unit "${excerpt(name)}" of a CRS can't be ${size}`);
  return { kind, name, size, id: idOf(unit) };
}

function readDatum(node: WktNode, angle: Unit): Datum {
  const datum = child(node, ...DATUMS);
  const ellipsoid = datum === null ? null : child(datum, 'ELLIPSOID', 'SPHEROID');
  if (datum === null || ellipsoid === null) {
    throw refusal(`The CRS "${excerpt(textAt(node, 0) ?? '')}" has no datum`);
  }
  const metres = unitOf(ellipsoid, 'length') ?? METRE;
  const primem = child(node, 'PRIMEM', 'PRIMEMERIDIAN');
  const longitude = primem === null ? 0 : numberAt(primem, 1);
  const unit = primem === null ? null : unitOf(primem, 'angle');
  return {
    name: textAt(datum, 0),
    id: idOf(datum),
    ellipsoid: ellipsoidOf(
      textAt(ellipsoid, 0) ?? '',
      numberAt(ellipsoid, 1) * metres.size,
      numberAt(ellipsoid, 2),
      idOf(ellipsoid),
    ),
    primeMeridian: longitude * (unit ?? angle).size,
    primeMeridianName: textAt(primem, 0) ?? 'Greenwich',
    primeMeridianId: primem === null ? null : idOf(primem),
    given: impliedShift(textAt(datum, 0)),
  };
}

interface System {
  unit: Unit;
  /** Null where the text says nothing of directions. */
  axes: Axes | null;
  order: { northingFirst?: true };
}

const HEIGHT = /^(?:up|down)$/i;

function readSystem(node: WktNode, kind: 'length' | 'angle'): System {
  const name = excerpt(textAt(node, 0) ?? '');
  const system = textAt(child(node, 'CS'), 0)?.toLowerCase();
  const wanted = kind === 'length' ? 'cartesian' : 'ellipsoidal';
  if (system !== wanted) {
    const what = system === 'cartesian' ? 'geocentric' : `of ${system ?? 'unknown'} coordinates`;
    throw refusal(`"${name}" is ${what}: it can't place polygons on the Earth`);
  }
  const written = children(node, 'AXIS').filter((axis) => !HEIGHT.test(textAt(axis, 1) ?? ''));
  const order = (axis: WktNode) => {
    const number = child(axis, 'ORDER');
    return number === null ? 0 : numberAt(number, 0);
  };
  written.sort((a, b) => order(a) - order(b));
  if (written.length !== 2) throw refusal(`"${name}" has ${written.length} horizontal axes`);
  const common = unitOf(node, kind);
  const [first, second] = written.map((axis) => unitOf(axis, kind) ?? common);
  if (!first || !second) throw refusal(`The axes of "${name}" have no unit`);
  if (first.size !== second.size) throw refusal(`The axes of "${name}" have two units`);
  const directions = written.map((axis) => textAt(axis, 1) ?? '');
  return { unit: first, axes: axesOf(directions), order: turned(directions) };
}

function readConversion(node: WktNode, units: DefaultUnits, datum: Datum): Conversion {
  const written = child(node, 'METHOD', 'PROJECTION');
  const name = textAt(written, 0) ?? '';
  const parameters = children(node, 'PARAMETER');
  const { ellipsoid, primeMeridian } = datum;
  const proj = /^PROJ (\S.*)$/.exec(name)?.[1];
  const method = written === null ? null : methodOf(written);
  if (proj !== undefined) return ofProj(proj, parameters, primeMeridian);
  const given = parameters.filter((parameter) => !isSwitch(textAt(parameter, 0) ?? ''));
  const named = namedParameters(given.map(readParameter), units, method);
  if (method !== null && given.length === parameters.length) {
    return conversionOf(method, named, ellipsoid, primeMeridian);
  }
  // Methods that PROJ does not know it writes as ESRI does.
  const switches = parameters
    .filter((parameter) => !given.includes(parameter))
    .map((one): [string, number] => [foldName(textAt(one, 0) ?? ''), numberAt(one, 1)]);
  const esri = methodOfWkt1(name, named, {
    switches: new Map(switches),
    hasAxes: true,
    isEsri: true,
    isWeb: false,
    ellipsoid,
  });
  return conversionOf(esri, named, ellipsoid, primeMeridian);
}

function methodOf(node: WktNode): Method | null {
  const [authority, code] = idOf(node)?.split(':') ?? [];
  const byName = methodByName(textAt(node, 0) ?? '');
  const byCode = authority === 'EPSG' ? methodByEpsg(Number(code)) : null;
  if (byName !== null && byCode !== null && byName.method !== byCode.method) {
    throw refusal(`The method "${excerpt(textAt(node, 0) ?? '')}" is not EPSG:${code}`);
  }
  return byCode ?? byName;
}

function readParameter(node: WktNode): Given & { unit: Unit | null } {
  const name = textAt(node, 0) ?? '';
  const [authority, code] = idOf(node)?.split(':') ?? [];
  const unit = child(node, ...UNITS);
  const kinds = { LENGTHUNIT: 'length', ANGLEUNIT: 'angle', SCALEUNIT: 'scale' } as const;
  const kind = kinds[unit?.keyword as keyof typeof kinds] ?? null;
  return {
    name,
    value: numberAt(node, 1),
    code: authority === 'EPSG' ? Number(code) : null,
    unit: unit === null ? null : kind === null ? generic(unit) : readUnit(unit, kind),
  };
}

/** UNIT alone does not say of what it is; its name does. */
function generic(unit: WktNode): Unit {
  const folded = foldName(textAt(unit, 0) ?? '');
  if (/^(?:unity|coefficient|partspermillion)$/.test(folded)) return readUnit(unit, 'scale');
  if (/degree|grad|gon|radian|second|minute/.test(folded)) return readUnit(unit, 'angle');
  return readUnit(unit, 'length');
}

/** A method that PROJ has no other name for, with PROJ's parameters in degrees and metres. */
function ofProj(text: string, parameters: readonly WktNode[], primeMeridian: number): Conversion {
  const given = parameters.map((one) => {
    const { name, value, unit } = readParameter(one);
    return `+${name}=${value * (unit ?? UNITY).size}`;
  });
  const words = text.split(' ').slice(1);
  const method = `+proj=${text.split(' ')[0]}`;
  const all = [method, ...words.map((word) => `+${word}`), ...given, `+pm=${primeMeridian}`];
  const definition = parseProjString(all.join(' '));
  if (definition.method === null) throw refusal(`"PROJ ${excerpt(text)}" is no projection`);
  const { parameters: read, axes } = definition;
  return { method: definition.method, parameters: read, axes };
}

/** EPSG's parameters of Helmert transformations, in the order of GivenShift. */
const HELMERT = [8605, 8606, 8607, 8608, 8609, 8610, 8611];
const HELMERT_NAMES =
  'xaxistranslation yaxistranslation zaxistranslation xaxisrotation yaxisrotation zaxisrotation scaledifference'.split(
    ' ',
  );

function readShift(operation: WktNode): GivenShift {
  const written = child(operation, 'METHOD');
  const name = textAt(written, 0) ?? '';
  const folded = foldName(name);
  const files = children(operation, 'PARAMETERFILE');
  if (files.length === 1 && /ntv|nadcon|grid|hgridshift/.test(folded)) {
    return { kind: 'grids', names: (textAt(files[0]!, 1) ?? '').split(',') };
  }
  const frame = /^coordinateframe/.test(folded) ? -1 : 1;
  if (
    !/^(?:positionvector|coordinateframe|geocentrictranslation)/.test(folded) ||
    /time/.test(folded)
  ) {
    throw refusal(`The transformation "${excerpt(name)}" of a BOUNDCRS is not supported`);
  }
  const parameters = new Array<number>(/^geocentric/.test(folded) ? 3 : 7).fill(0);
  for (const node of children(operation, 'PARAMETER')) {
    const { name: parameter, code, value, unit } = readParameter(node);
    const byCode = HELMERT.indexOf(code ?? 0);
    const i = byCode < 0 ? HELMERT_NAMES.indexOf(foldName(parameter)) : byCode;
    if (i < 0 || i >= parameters.length)
      throw refusal(`"${excerpt(parameter)}" of a BOUNDCRS is not known`);
    parameters[i] = shiftParameter(i, value, unit) * (i >= 3 && i < 6 ? frame : 1);
  }
  return { kind: 'position-vector', parameters };
}

/** Metres, arc-seconds, parts per million; without a unit a scale difference is written as a ratio. */
function shiftParameter(i: number, value: number, unit: Unit | null): number {
  const kind = i < 3 ? 'length' : i < 6 ? 'angle' : 'scale';
  if (unit === null) return i < 6 ? value : Number(((value - 1) * 1e6).toFixed(9));
  if (unit.kind !== kind) throw refusal(`"${excerpt(unit.name)}" is no unit of a shift's ${kind}`);
  const size = { length: 1, angle: 3600, scale: 1e6 }[kind];
  // 1e6 × 1e-6 and 3600 / 3600 leave no dust on numbers that are written in these units.
  const ratio = unit.size * size;
  return Math.abs(ratio - 1) < 1e-9 ? value : value * ratio;
}
