/** PROJJSON (https://proj.org/en/stable/specifications/projjson.html) as a tree of WKT 2. */

import { excerpt, refusal } from '../refusal.ts';
import type { WktNode, WktValue } from './tree.ts';

type Json = Record<string, unknown>;
type Part = WktNode | WktValue | null;

/** Compound, bound and derived CRSs are nested; text is untrusted. */
const MAX_DEPTH = 6;

/** @throws TilewrightError `crs-unknown` for what is no CRS in PROJJSON */
export function projjsonTree(value: unknown, depth = 0): WktNode {
  if (depth > MAX_DEPTH) throw refusal('The PROJJSON of a CRS is nested too deep');
  const json = object(value, 'CRS');
  const name = json.type === 'BoundCRS' ? quoted('') : string(json, 'name');
  const crs = (member: string) => projjsonTree(json[member], depth + 1);
  const type = typeof json.type === 'string' ? json.type : '';
  switch (type) {
    case 'ProjectedCRS':
      return node('PROJCRS', name, base(json.base_crs), conversion(json.conversion), ...rest(json));
    case 'GeographicCRS':
      return node('GEOGCRS', name, ...geodetic(json), ...rest(json));
    case 'GeodeticCRS':
      return node('GEODCRS', name, ...geodetic(json), ...rest(json));
    case 'DerivedGeographicCRS':
    case 'DerivedGeodeticCRS': {
      const deriving = { ...conversion(json.conversion), keyword: 'DERIVINGCONVERSION' };
      return node('GEOGCRS', name, base(json.base_crs), deriving, ...rest(json));
    }
    case 'CompoundCRS':
      return node(
        'COMPOUNDCRS',
        name,
        ...list(json, 'components').map((part) => projjsonTree(part, depth + 1)),
      );
    case 'BoundCRS': {
      const transformation = {
        ...conversion(json.transformation),
        keyword: 'ABRIDGEDTRANSFORMATION',
      };
      const target = node('TARGETCRS', crs('target_crs'));
      return node('BOUNDCRS', node('SOURCECRS', crs('source_crs')), target, transformation);
    }
  }
  const keyword = OTHERS.get(type);
  if (keyword === undefined) throw refusal(`PROJJSON of type "${excerpt(type)}" is no CRS`);
  return node(keyword, name);
}

const OTHERS: ReadonlyMap<string, string> = new Map([
  ['VerticalCRS', 'VERTCRS'],
  ['EngineeringCRS', 'ENGCRS'],
  ['ParametricCRS', 'PARAMETRICCRS'],
  ['TemporalCRS', 'TIMECRS'],
  ['DerivedProjectedCRS', 'DERIVEDPROJCRS'],
  ['DerivedVerticalCRS', 'VERTCRS'],
  ['DerivedEngineeringCRS', 'ENGCRS'],
]);

function base(value: unknown): WktNode {
  const json = object(value, 'base_crs');
  return node('BASEGEOGCRS', string(json, 'name'), ...geodetic(json), id(json));
}

function geodetic(json: Json): Part[] {
  const datum = object(json.datum ?? json.datum_ensemble, 'datum');
  const primem = datum.prime_meridian ?? json.prime_meridian;
  return [
    node('DATUM', string(datum, 'name'), ellipsoid(datum.ellipsoid), id(datum)),
    primem === undefined ? null : primeMeridian(primem),
  ];
}

function ellipsoid(value: unknown): WktNode {
  const json = object(value, 'ellipsoid');
  const name = string(json, 'name');
  if (json.radius !== undefined) {
    const { number: radius, unit } = measure(json, 'radius', 'LENGTHUNIT', 'metre');
    return node('ELLIPSOID', name, radius, plain(0), unit, id(json));
  }
  const { number: a, unit } = measure(json, 'semi_major_axis', 'LENGTHUNIT', 'metre');
  if (json.semi_minor_axis === undefined) {
    return node('ELLIPSOID', name, a, number(json, 'inverse_flattening'), unit, id(json));
  }
  const b = measure(json, 'semi_minor_axis', 'LENGTHUNIT', 'metre');
  if (JSON.stringify(b.unit) !== JSON.stringify(unit)) {
    throw refusal('The axes of an ellipsoid in PROJJSON have two units');
  }
  const [major, minor] = [Number(a.text), Number(b.number.text)];
  const rf = major === minor ? 0 : major / (major - minor);
  return node('ELLIPSOID', name, a, plain(rf), unit, id(json));
}

function primeMeridian(value: unknown): WktNode {
  const json = object(value, 'prime_meridian');
  const { number: longitude, unit } = measure(json, 'longitude', 'ANGLEUNIT', 'degree');
  return node('PRIMEM', string(json, 'name'), longitude, unit, id(json));
}

/** A number, or a number with its unit. */
function measure(
  json: Json,
  member: string,
  keyword: string,
  otherwise: string,
): { number: WktValue; unit: WktNode } {
  const value = json[member];
  if (typeof value === 'number')
    return { number: plain(value), unit: unitNode(otherwise, keyword) };
  const measured = object(value, member);
  return { number: number(measured, 'value'), unit: unitNode(measured.unit, keyword) };
}

function conversion(value: unknown): WktNode {
  const json = object(value, 'conversion');
  const method = object(json.method, 'method');
  const parameters = json.parameters === undefined ? [] : list(json, 'parameters');
  return node(
    'CONVERSION',
    string(json, 'name'),
    node('METHOD', string(method, 'name'), id(method)),
    ...parameters.map((one) => {
      const parameter = object(one, 'parameter');
      const name = string(parameter, 'name');
      if (typeof parameter.value === 'string') {
        return node('PARAMETERFILE', name, string(parameter, 'value'), id(parameter));
      }
      const unit = parameter.unit === undefined ? null : unitNode(parameter.unit, null);
      return node('PARAMETER', name, number(parameter, 'value'), unit, id(parameter));
    }),
  );
}

function rest(json: Json): Part[] {
  const system = object(json.coordinate_system, 'coordinate_system');
  const axes = list(system, 'axis').map((value, i) => {
    const axis = object(value, 'axis');
    const meridian = axis.meridian === undefined ? null : object(axis.meridian, 'meridian');
    const longitude = meridian && measure(meridian, 'longitude', 'ANGLEUNIT', 'degree');
    return node(
      'AXIS',
      string(axis, 'name'),
      plain(string(axis, 'direction').text),
      longitude && node('MERIDIAN', longitude.number, longitude.unit),
      node('ORDER', plain(i + 1)),
      axis.unit === undefined ? null : unitNode(axis.unit, null),
    );
  });
  return [node('CS', string(system, 'subtype'), plain(axes.length)), ...axes, id(json)];
}

const KEYWORDS: ReadonlyMap<unknown, string> = new Map([
  ['LinearUnit', 'LENGTHUNIT'],
  ['AngularUnit', 'ANGLEUNIT'],
  ['ScaleUnit', 'SCALEUNIT'],
  ['Unit', 'UNIT'],
]);
const SHORT: ReadonlyMap<unknown, readonly [string, number]> = new Map([
  ['metre', ['LENGTHUNIT', 1]],
  ['degree', ['ANGLEUNIT', Math.PI / 180]],
  ['unity', ['SCALEUNIT', 1]],
]);

/** @param keyword - that the unit must have; null for any */
function unitNode(value: unknown, keyword: string | null): WktNode {
  const short = SHORT.get(value);
  const json = short === undefined ? object(value, 'unit') : null;
  const found = short?.[0] ?? KEYWORDS.get(json?.type);
  if (found === undefined || (keyword !== null && found !== keyword)) {
    throw refusal(
      `"${excerpt(JSON.stringify(value) ?? '')}" is not the unit that PROJJSON wants there`,
    );
  }
  if (json === null) return node(found, quoted(String(value)), plain(short![1]));
  return node(found, string(json, 'name'), number(json, 'conversion_factor'), id(json));
}

function id(json: Json): WktNode | null {
  const first = json.id ?? (Array.isArray(json.ids) ? json.ids[0] : undefined);
  if (first === undefined) return null;
  const { authority, code } = object(first, 'id');
  if (typeof authority !== 'string' || !/^(?:string|number)$/.test(typeof code)) return null;
  return node('ID', quoted(authority), quoted(String(code)));
}

function node(keyword: string, ...args: Part[]): WktNode {
  return { keyword, args: args.filter((arg) => arg !== null) };
}

function quoted(text: string): WktValue {
  return { text, quoted: true };
}

function plain(value: number | string): WktValue {
  return { text: String(value), quoted: false };
}

function object(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw refusal(`The PROJJSON of a CRS lacks ${what}`);
}

function list(json: Json, member: string): unknown[] {
  const value = json[member];
  if (Array.isArray(value) && value.length < 100) return value;
  throw refusal(`The PROJJSON of a CRS lacks ${member}`);
}

function string(json: Json, member: string): WktValue {
  const value = json[member];
  if (typeof value === 'string') return quoted(value);
  throw refusal(`The PROJJSON of a CRS lacks ${member}`);
}

function number(json: Json, member: string): WktValue {
  const value = json[member];
  if (typeof value === 'number' && Number.isFinite(value)) return plain(value);
  throw refusal(`The PROJJSON of a CRS lacks ${member}`);
}
