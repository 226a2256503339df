/** GeoJSON of all kinds by chance: spellings, orders, types, faults of geometries. */

import type { Random } from '../../../src/core/random.ts';

const KEYS = [
  'a',
  'b',
  'name',
  'größe',
  '🧊',
  'k"q',
  'a/b',
  '',
  'type',
  'x'.repeat(40),
  'id',
  'z\u0001',
];
export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[random.integer(from.length)]!;

/** White space between tokens. */
export const space = (random: Random): string => pick(random, ['', '', '', ' ', '\n  ', '\t']);

/** A string, with characters as escapes now and then: both halves of a pair, as half of one can't be written. */
export function text(random: Random, value: string): string {
  const escapes = random.integer(4) === 0;
  const all = Array.from(value, (character) => {
    if (!escapes || random.integer(3) > 0) return JSON.stringify(character).slice(1, -1);
    if (character === '/') return '\\/';
    const units = character
      .split('')
      .map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
    return units.map((unit) => `\\u${unit}`).join('');
  });
  return `"${all.join('')}"`;
}

export function object(random: Random, members: [key: string, value: string][]): string {
  const s = (): string => space(random);
  return `{${s()}${members.map(([key, value]) => `${text(random, key)}${s()}:${s()}${value}`).join(`${s()},${s()}`)}${s()}}`;
}

export function array(random: Random, items: string[]): string {
  const s = (): string => space(random);
  return `[${s()}${items.join(`${s()},${s()}`)}${s()}]`;
}

/** Values of properties, by what may be in one column. */
const VALUES: readonly ((random: Random) => string)[][] = [
  [(r) => String(r.integer(2000) - 1000)],
  [(r) => String(BigInt(r.integer(2 ** 32)) * BigInt(r.integer(2 ** 31)) - 2n ** 61n)],
  [(r) => String((r.next() - 0.5) * 10 ** r.integer(20)), (r) => String(r.integer(100))],
  [(r) => `${r.integer(10)}${'0'.repeat(r.integer(30))}`.replace(/^0+(?=\d)/, '')],
  [(r) => String(r.integer(2) === 1)],
  [(r) => String(r.integer(2) === 1), (r) => String(r.integer(9))],
  [(r) => `"20${10 + r.integer(80)}-0${1 + r.integer(9)}-1${r.integer(10)}"`],
  [
    (r) =>
      `"2026-11-1${r.integer(10)}T0${r.integer(10)}:00:01${pick(r, ['', '.5', '.123456'])}${pick(r, ['', 'Z', '+05:30'])}"`,
    () => '"2026-11-29"',
  ],
  [
    (r) =>
      text(
        r,
        pick(r, ['', 'plain', 'ü🧊\u0000', '\ud83d', 'a\\b"c\n', '2026-11-29', 'x'.repeat(300)]),
      ),
  ],
  [(r) => text(r, 'text'), (r) => String(r.integer(9)), () => 'true', () => '1.50'],
  [
    // Spelt as it stands, but for white space.
    (r) => `{${space(r)}"n":${space(r)}1.50, "deep" : [[ ], {}, "a b" ,null]}`,
    () => '"text"',
  ],
];

function position(random: Random, x: number, y: number): string {
  const number = (value: number): string =>
    pick(random, [String(value), value.toFixed(7), value.toExponential(15), value.toFixed(18)]);
  const more = pick(random, [[], [], [], [number(x / 7)], [number(1), number(2)]]);
  return array(random, [number(x), number(y), ...more]);
}

function ring(random: Random): string {
  const [x, y] = [(random.next() - 0.5) * 300, (random.next() - 0.5) * 150];
  const count = 3 + random.integer(9);
  const points = Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return position(random, x + Math.cos(angle), y + Math.sin(angle));
  });
  const fault = random.integer(60);
  if (fault === 0) return array(random, points);
  if (fault === 1) return array(random, [points[0]!, points[1]!, points[0]!]);
  if (fault === 2)
    return array(random, [
      ...points,
      pick(random, ['[1]', '[]', 'null', '1', '[[1,2]]', '["1",2]', '[1,null]', '{}']),
      points[0]!,
    ]);
  if (fault === 3) return array(random, [...points, '[1e999,0]', points[0]!]);
  if (fault === 4) return '[]';
  return array(random, [...points, points[0]!]);
}

const polygon = (random: Random): string =>
  array(
    random,
    Array.from({ length: pick(random, [0, 1, 1, 1, 1, 1, 1, 1, 2, 3]) }, () => ring(random)),
  );

function geometry(random: Random): string {
  const kind = random.integer(20);
  if (kind === 0) return 'null';
  if (kind === 1)
    return pick(random, [
      '{}',
      '[]',
      '"Polygon"',
      '{"type":"Polygon"}',
      '{"type":5,"coordinates":[]}',
      '{"type":"Polygon","coordinates":{"a":[1]}}',
    ]);
  const points = array(random, [position(random, 1, 2), position(random, 3, 4)]);
  const [type, coordinates] =
    kind === 2
      ? [pick(random, ['LineString', 'MultiPoint']), points]
      : kind < 8
        ? [
            'MultiPolygon',
            array(
              random,
              Array.from({ length: random.integer(4) }, () => polygon(random)),
            ),
          ]
        : ['Polygon', polygon(random)];
  const members: [string, string][] = [
    ['type', text(random, type).replace(/\\u.{4}/g, (e) => JSON.parse(`"${e}"`))],
    ['coordinates', coordinates],
  ];
  if (random.integer(5) === 0) members.reverse();
  if (random.integer(9) === 0) members.push(['bbox', '[1,2,3,4]']);
  return object(random, members);
}

function feature(random: Random, columns: [string, (typeof VALUES)[number]][]): string {
  const chosen = columns.filter(() => random.integer(10) > 0);
  if (random.integer(4) === 0) chosen.reverse();
  const properties = chosen.map(([key, kinds]): [string, string] => {
    return [key, random.integer(6) === 0 ? 'null' : pick(random, kinds)(random)];
  });
  const members: [string, string][] = [['type', '"Feature"']];
  members.push(['properties', random.integer(15) === 0 ? 'null' : object(random, properties)]);
  if (random.integer(15) > 0) members.push(['geometry', geometry(random)]);
  if (random.integer(5) === 0)
    members.push(['foreign', array(random, ['{"type":"Feature"}', '"]}"', '1'])]);
  if (random.integer(3) === 0) members.sort(() => random.next() - 0.5);
  return object(random, members);
}

/** Texts of a file: one collection, or many texts of one feature or several. */
export function randomTexts(random: Random, count: number): string[] {
  const columns = KEYS.filter(() => random.integer(3) > 0).map(
    (key): [string, (typeof VALUES)[number]] => [key, pick(random, VALUES)],
  );
  const features = Array.from({ length: count }, () => feature(random, columns));
  const collection = (some: string[]): string => {
    const members: [string, string][] = [
      ['type', '"FeatureCollection"'],
      ['features', array(random, some)],
    ];
    if (random.integer(3) === 0) members.reverse();
    if (random.integer(3) === 0) members.push(['name', '"a"'], ['more', '{"features":[1]}']);
    return object(random, members);
  };
  switch (random.integer(4)) {
    case 0:
      return features;
    case 1:
      return [
        ...features,
        '{"type":"Point","coordinates":[1,2]}',
        collection(features.slice(0, 3)),
        collection([]),
      ];
    default:
      return [collection(features)];
  }
}

/** The texts as a file: of several each is one line, a record of RFC 8142, or anyhow. */
export function joinTexts(random: Random, texts: readonly string[]): string {
  const bom = random.integer(6) === 0 ? '\ufeff' : '';
  switch (random.integer(3)) {
    case 0:
      return bom + texts.map((one) => `\x1e${one}\n`).join('');
    case 1:
      return bom + texts.join(' ');
    default:
      return `${bom}${texts.join('\n')}\n`;
  }
}
