/** GeoJSON by JSON.parse, a plain second implementation of the reader. */

import type { Column, ColumnType, Value } from '../../../src/core/columns.ts';
import type { DropReason } from '../../../src/core/drops.ts';
import { canonical } from '../contract/contract-reading.ts';

/** A number as it is spelt: JSON.parse alone would lose digits. */
class Spelt {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  get value(): number {
    return Number(this.text);
  }
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.text);
  }
}

type Json = null | boolean | string | Spelt | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

export interface PlainFeature {
  reason: DropReason | null;
  polygons: string[][];
  /** z values of all vertices; null without any. */
  z: number[] | null;
  values: Value[];
}

export interface PlainFile {
  columns: Column[];
  features: PlainFeature[];
}

/** @param texts - JSON texts of a file */
export function readPlainly(texts: readonly string[]): PlainFile {
  const objects = texts.map((text) => parse(text) as JsonObject);
  const features = objects.flatMap((object): JsonObject[] => {
    const { type, features } = object;
    const isCollection =
      type === 'FeatureCollection' || (type === undefined && Array.isArray(features));
    if (isCollection) return features as JsonObject[];
    return [type === 'Feature' ? object : { geometry: object, properties: null }];
  });
  const keys = new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})));
  const columns = [...keys].map((name): Column => {
    const all = features.map(({ properties }) => (properties as JsonObject | null)?.[name] ?? null);
    return { name, type: typeOf(all.filter((value) => value !== null)) };
  });
  return {
    columns,
    features: features.map(({ geometry, properties }) => {
      const values = columns.map(({ name, type }) => {
        return cellOf((properties as JsonObject | null)?.[name] ?? null, type);
      });
      return { ...geometryOf(geometry ?? null), values };
    }),
  };
}

function parse(text: string): Json {
  const reviver = (_: string, value: Json, { source }: { source?: string }): Json =>
    typeof value === 'number' ? new Spelt(source!) : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
}

const INTEGER = /^-?\d+$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME =
  /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/;
/** Whether the calendar has the day that a text begins with. */
const hasDay = (text: string): boolean => {
  const day = new Date(text.slice(0, 10));
  return !Number.isNaN(day.valueOf()) && day.toISOString().slice(0, 10) === text.slice(0, 10);
};

/** Of values that are all there. */
function typeOf(values: Json[]): ColumnType {
  const kinds = new Set(values.map(kindOf));
  const only = (...allowed: string[]): boolean =>
    kinds.size > 0 && [...kinds].every((kind) => allowed.includes(kind));
  if (only('boolean')) return 'boolean';
  if (only('boolean', 'integer')) return 'integer';
  if (only('boolean', 'integer', 'real')) return 'real';
  if (only('date')) return 'date';
  return only('date', 'datetime') ? 'datetime' : 'text';
}

function textKind(value: string): string {
  if (!hasDay(value)) return 'text';
  return DATE.test(value) ? 'date' : DATE_TIME.test(value) ? 'datetime' : 'text';
}

function kindOf(value: Json): string {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return textKind(value);
  if (!(value instanceof Spelt)) return 'nested';
  if (!INTEGER.test(value.text)) return 'real';
  return BigInt.asIntN(64, BigInt(value.text)) === BigInt(value.text) ? 'integer' : 'real';
}

function cellOf(value: Json, type: ColumnType): Value {
  if (value === null) return null;
  if (type === 'text') {
    if (typeof value === 'string') return value.toWellFormed();
    return value instanceof Spelt ? value.text : JSON.stringify(value);
  }
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') {
    if (type === 'date') return value;
    const [, at, fraction = '', zone = ''] = /^(.{10}T.{8})?(?:\.(\d+))?(.*)$/.exec(value)!;
    if (at === undefined) return `${value}T00:00:00.000`;
    return `${at}.${fraction.padEnd(3, '0')}${zone}`;
  }
  const { text, value: number } = value as Spelt;
  if (type === 'real')
    return Number.isInteger(number) && Math.abs(number) < 2 ** 47 ? number + 0 : number;
  return Number.isSafeInteger(number) ? number + 0 : BigInt(text);
}

const OTHER = 'Point MultiPoint LineString MultiLineString GeometryCollection'.split(' ');

function geometryOf(geometry: Json): Omit<PlainFeature, 'values'> {
  const dropped = (reason: DropReason): Omit<PlainFeature, 'values'> => ({
    reason,
    polygons: [],
    z: null,
  });
  if (geometry === null) return dropped('null geometry');
  if (typeof geometry !== 'object' || Array.isArray(geometry)) return dropped('malformed geometry');
  const { type, coordinates } = geometry as { type?: string; coordinates?: Json };
  if (OTHER.includes(type!)) return dropped('not a polygon');
  if (type !== 'Polygon' && type !== 'MultiPolygon') return dropped('malformed geometry');
  const all = type === 'Polygon' ? [coordinates] : coordinates;
  const polygons: number[][][][] = [];
  if (!Array.isArray(all)) return dropped('malformed geometry');
  for (const polygon of all) {
    if (!Array.isArray(polygon)) return dropped('malformed geometry');
    const rings: number[][][] = [];
    for (const [r, ring] of polygon.entries()) {
      if (!Array.isArray(ring)) return dropped('malformed geometry');
      if (ring.length === 0 && r === 0) break;
      if (ring.length === 0) continue;
      const points = ring.map((point) =>
        Array.isArray(point) ? point.map((n) => (n instanceof Spelt ? n.value : Number.NaN)) : [],
      );
      if (points.some((point) => point.length < 2 || point.some(Number.isNaN))) {
        return dropped('malformed geometry');
      }
      if (points.some(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y)))
        return dropped('non-finite coordinate');
      const [first, last] = [points[0]!, points.at(-1)!];
      const isClosed = first[0] === last[0] && first[1] === last[1];
      if (points.length < (isClosed ? 4 : 3)) return dropped('too few points');
      if (!isClosed) return dropped('unclosed ring');
      rings.push(points);
    }
    if (rings.length > 0) polygons.push(rings);
  }
  if (polygons.length === 0) return dropped('empty geometry');
  const points = polygons.flat(2);
  const z = points.some((point) => point.length > 2) ? points.map((point) => point[2] ?? 0) : null;
  return { reason: null, polygons: polygons.map((rings) => rings.map(canonical)), z };
}
