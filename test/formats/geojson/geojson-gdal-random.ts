/** GeoJSON of all kinds by chance, which is sound: for faults see geojson-random.ts. */

import type { Random } from '../../../src/core/random.ts';
import { array, object, pick, space, text } from './geojson-random.ts';

type Maker = (random: Random) => string;

const digits = (random: Random, width: number): string =>
  String(random.integer(10 ** width)).padStart(width, '0');
const day: Maker = (r) =>
  `${1 + r.integer(9)}${digits(r, 3)}-0${1 + r.integer(9)}-${pick(r, ['01', '15', '28'])}`;
const time: Maker = (r) => `${pick(r, ['00', '09', '23'])}:${pick(r, ['00', '59'])}`;
const seconds: Maker = (r) => `:${pick(r, ['00', '07', '59'])}${pick(r, ['', '', '.5', '.123'])}`;
const ZONES = ['', '', '+05:30', '-08:00', '+01', '+0930'];
const dateTime: Maker = (r) =>
  `"${day(r)}${pick(r, ['T', ' '])}${time(r)}${seconds(r)}${pick(r, ['Z', ...ZONES])}"`;
const integer: Maker = (r) => String(r.integer(2000) - 1000);
const edge: Maker = (r) =>
  pick(r, ['2147483647', '-2147483648', '2147483648', '-2147483649', '4294967296', '0', '-0']);
const long: Maker = (r) =>
  pick(r, [
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '123456789012345678',
  ]);
const real: Maker = (r) =>
  pick(r, [
    String((r.next() - 0.5) * 10 ** r.integer(20)),
    ...['0.1', '-0.0', '1.0', '1e5', '1E+2', '-2.5e-3', '5e-324', '1.7976931348623157e308'],
    ...[
      '0.30000000000000004',
      '123456789.123456789123456789',
      '1e22',
      '1e23',
      '9007199254740993.0',
    ],
  ]);
const word: Maker = (r) =>
  text(r, pick(r, ['', ' ', 'plain', 'ü🧊', 'a\\b"c\n\t/', 'x'.repeat(300), 'null', '1', 'é̀ ﬁ']));
const flag: Maker = (r) => String(r.integer(2) === 1);
const list =
  (...of: Maker[]): Maker =>
  (r) =>
    array(
      r,
      Array.from({ length: r.integer(4) }, () => pick(r, of)(r)),
    );
const nested: Maker = (r) =>
  object(r, [
    ['n', pick(r, [integer, word, list(integer, word)])(r)],
    ['deep', pick(r, ['{}', '[]', '[[1],[]]', '{"a":{"b":null}}', 'true', '"ü"'])],
  ]);

/** What may be in one column. */
const KINDS: readonly (readonly Maker[])[] = [
  [integer],
  [integer, edge],
  [long, integer],
  [real],
  [real, integer],
  [real, flag],
  [long, real],
  [flag],
  [flag, integer],
  [flag, word],
  [word],
  [word, integer],
  [word, real, flag],
  [(r) => `"${day(r)}"`],
  [(r) => `"${day(r).replaceAll('-', '/')}"`],
  [(r) => `"${day(r)}"`, (r) => `"${day(r).replaceAll('-', '/')}"`],
  [(r) => `"${day(r)}"`, word],
  [dateTime],
  [dateTime, (r) => `"${day(r)}"`],
  [dateTime, word],
  // GDAL 3.6 passes over a Z that follows minutes.
  [(r) => `"${day(r)}T${time(r)}${pick(r, ZONES)}"`],
  [(r) => `"${day(r)}"`, integer],
  [(r) => `"${time(r)}${seconds(r)}"`],
  [(r) => `"${time(r)}${seconds(r)}"`, (r) => `"${day(r)}"`],
  [list(integer)],
  [list(integer, real)],
  [list(word)],
  [list(integer, word, flag)],
  [list(list(integer))],
  [list(flag)],
  [list(integer), integer],
  [list(word), word],
  [nested],
  [nested, word],
  [nested, integer],
  [nested, list(integer)],
  [() => 'null'],
];
const KEYS = ['a', 'b', 'name', 'größe', '🧊', 'k"q', 'a/b', 'type', 'x'.repeat(40), 'A', 'fid'];

interface Style {
  /** Columns: keys with what may be in them. */
  columns: [key: string, kinds: readonly Maker[]][];
  id: (random: Random, n: number) => string | null;
  geometries: readonly ((random: Random, style: Style) => string)[];
  /** Numbers of a position. */
  sizes: readonly number[];
  /** Whether features may have members that GeoJSON does not know, and a property of the name of one that it does. */
  foreign: boolean;
  /** The first feature whose members come in any order. */
  shuffled: number;
}

function position(random: Random, style: Style, x: number, y: number): string {
  const spelt = (value: number): string =>
    pick(random, [String(value), value.toFixed(7), value.toExponential(15), value.toFixed(18)]);
  const more = Array.from({ length: pick(random, style.sizes) - 2 }, () =>
    spelt(100 * random.next()),
  );
  return array(random, [spelt(x), spelt(y), ...more]);
}

function ring(random: Random, style: Style): string {
  const [x, y] = [(random.next() - 0.5) * 300, (random.next() - 0.5) * 150];
  const count = 3 + random.integer(9);
  const points = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [x + Math.cos(angle), y + Math.sin(angle)] as const;
  });
  const spelt = points.map(([px, py]) => position(random, style, px, py));
  return array(random, [...spelt, spelt[0]!]);
}

const many = (random: Random, most: number, one: () => string): string =>
  array(random, Array.from({ length: random.integer(most + 1) }, one));
const shape = (random: Random, type: string, coordinates: string): string => {
  const members: [string, string][] = [
    ['type', `"${type}"`],
    ['coordinates', coordinates],
  ];
  if (random.integer(5) === 0) members.reverse();
  if (random.integer(9) === 0) members.push(['bbox', '[1,2,3,4]']);
  return object(random, members);
};
const rings = (r: Random, s: Style): string =>
  array(
    r,
    Array.from({ length: 1 + r.integer(3) }, () => ring(r, s)),
  );
const polygon = (r: Random, s: Style): string => shape(r, 'Polygon', rings(r, s));
const multi = (r: Random, s: Style): string =>
  shape(
    r,
    'MultiPolygon',
    many(r, 3, () => rings(r, s)),
  );
const point = (r: Random, s: Style): string => shape(r, 'Point', position(r, s, 1, 2));
const line = (r: Random, s: Style): string =>
  shape(r, 'LineString', array(r, [position(r, s, 1, 2), position(r, s, 3, 4)]));
const collection = (r: Random, s: Style): string =>
  object(r, [
    ['type', '"GeometryCollection"'],
    ['geometries', many(r, 3, () => pick(r, [polygon, point, line])(r, s))],
  ]);
const empty = (r: Random): string =>
  shape(
    r,
    pick(r, ['Polygon', 'MultiPolygon', 'LineString', 'MultiPoint']),
    pick(r, ['[]', '[ ]']),
  );

/** @param n - its number in the file */
function feature(random: Random, style: Style, n: number): string {
  const chosen = style.columns.filter(() => random.integer(10) > 0);
  if (random.integer(4) === 0) chosen.reverse();
  // Of a key that is there twice the later counts.
  if (random.integer(8) === 0 && chosen.length > 0) chosen.push(pick(random, chosen));
  const properties = chosen.map(([key, kinds]): [string, string] => [
    key,
    random.integer(6) === 0 ? 'null' : pick(random, kinds)(random),
  ]);
  const members: [string, string][] = [['type', '"Feature"']];
  const id = style.id(random, n);
  if (id !== null) members.push(['id', id]);
  // Where there are none, GDAL takes members of the feature for such.
  const isNull = !style.foreign && random.integer(15) === 0;
  members.push([
    'properties',
    isNull ? 'null' : random.integer(15) === 0 ? '{}' : object(random, properties),
  ]);
  if (random.integer(15) > 0) {
    const none = random.integer(12) === 0;
    members.push(['geometry', none ? 'null' : pick(random, style.geometries)(random, style)]);
  }
  if (random.integer(6) === 0) members.push(['bbox', '[1,2,3,4]']);
  if (style.foreign && random.integer(6) === 0)
    members.push(['foreign', array(random, ['{"type":"Feature"}', '"]}"', '1'])]);
  if (n >= style.shuffled) members.sort(() => random.next() - 0.5);
  return object(random, members);
}

const IDS: readonly Style['id'][] = [
  () => null,
  // GDAL sorts features by them.
  (_, n) => String(7 + 3 * n),
  (random, n) => (n > 0 && random.integer(5) === 0 ? null : word(random)),
  (random, n) => (n > 0 && random.integer(3) === 0 ? integer(random) : word(random)),
];

const CRSS = [
  'urn:ogc:def:crs:OGC:1.3:CRS84',
  'urn:ogc:def:crs:EPSG::3413',
  'EPSG:25832',
  'urn:ogc:def:crs:EPSG::4326',
];

/** GDAL tells GeoJSON by the type of what comes first, as it is spelt. */
const unescaped = (feature: string): string =>
  feature.replace(/\\u00[67][0-9a-f]/g, (code) => JSON.parse(`"${code}"`));

/** A file's text, and the end of its name. */
export function randomSoundFile(random: Random): { text: string; extension: string } {
  const kind = random.integer(6);
  const foreign = random.integer(2) === 0;
  const keys = KEYS.filter((key) => random.integer(3) > 0 && (foreign || key !== 'type'));
  const style: Style = {
    columns: keys.map((key) => [key, pick(random, KINDS)]),
    foreign,
    id: pick(random, IDS),
    geometries: pick(random, [
      [polygon],
      [polygon, multi],
      [multi],
      [polygon, multi, point, line, collection, empty],
    ]),
    sizes: pick(random, [[2], [2], [3], [2, 3], [2, 3, 4]]),
    // GDAL tells lines by the first, whose type comes first.
    shuffled: random.integer(3) > 0 ? Infinity : kind < 2 ? 1 : 0,
  };
  const features = Array.from({ length: 1 + random.integer(30) }, (_, n) =>
    feature(random, style, n),
  );
  features[0] = unescaped(features[0]!);
  if (kind === 0)
    return { text: features.map((one) => `\x1e${one}\n`).join(''), extension: 'geojsons' };
  if (kind === 1) {
    // A line each.
    const lines = features.map((one) => one.replaceAll(/\s*\n\s*/g, ' '));
    return { text: lines.join(pick(random, ['\n', '\r\n'])), extension: 'geojsonl' };
  }
  if (kind === 2) return { text: features[0], extension: 'geojson' };
  const members: [string, string][] = [
    ['type', '"FeatureCollection"'],
    ['features', array(random, features)],
  ];
  const crs = random.integer(8);
  if (crs === 0) members.push(['crs', 'null']);
  else if (crs < 4)
    members.push(['crs', `{"type":"name","properties":{"name":"${pick(random, CRSS)}"}}`]);
  if (random.integer(3) === 0) members.push(['name', '"a"'], ['bbox', '[-180,-90,180,90]']);
  if (random.integer(4) === 0) members.push(['more', '{"features":[1]}']);
  if (random.integer(2) === 0) members.sort(() => random.next() - 0.5);
  const bom = random.integer(8) === 0 ? '\ufeff' : '';
  // The members that tell GDAL what it is.
  const all = members.map(([key, value]) => `"${key}"${space(random)}:${space(random)}${value}`);
  return { text: `${bom}${space(random)}{${all.join()}}`, extension: 'geojson' };
}
