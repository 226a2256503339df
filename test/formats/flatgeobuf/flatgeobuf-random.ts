/** FlatGeobufs at random: columns of all types, polygons of all kinds, with and without an index. */

import type { Value } from '../../../src/core/columns.ts';
import type { Random } from '../../../src/core/random.ts';
import {
  type FgbFeature,
  type FgbFile,
  MULTI_POLYGON,
  multiPolygonTable,
  POLYGON,
  polygonTable,
  propertyOf,
} from './flatgeobuf-fixture.ts';

export interface RandomFile {
  file: FgbFile;
  /** Of each feature, as the format has them: NULL where there is none. */
  values: Value[][];
}

type Ring = number[][];

function square(x: number, y: number, size: number, z: number | null): Ring {
  const ring = [
    [x, y],
    [x, y + size],
    [x + size, y + size],
    [x + size, y],
    [x, y],
  ];
  return z === null ? ring : ring.map((vertex, i) => [...vertex, z + i]);
}

function randomValue(random: Random, code: number): Value {
  if (random.integer(5) === 0) return null;
  const bits = (n: number): number => random.integer(2 ** n);
  const big = BigInt.asUintN(
    64,
    (BigInt(bits(31)) << 33n) ^ (BigInt(bits(31)) << 5n) ^ BigInt(bits(5)),
  );
  const all: Value[] = [
    ...[bits(8) - 128, bits(8), bits(1), bits(16) - 2 ** 15, bits(16)],
    ...[
      bits(31) - 2 ** 30,
      bits(31),
      BigInt.asIntN(64, big) >> BigInt(bits(6)),
      big >> BigInt(bits(6)),
    ],
    ...[Math.fround(random.normal()), random.normal() * 10 ** (bits(6) - 32)],
    ...['grün 🧊 '.repeat(bits(4)), JSON.stringify({ a: bits(20) })],
    new Date(1.7e12 + 1000 * bits(30)).toISOString(),
    Buffer.from('bytes'.repeat(bits(3))),
  ];
  return all[code]!;
}

/** @param nulls - whether there are features without a geometry, which no index holds */
export function randomFile(random: Random, nulls: boolean): RandomFile {
  const codes = Array.from({ length: random.integer(20) }, () => random.integer(15));
  const columns = codes.map((type, i) => ({ name: `c${i} ${type}`, type }));
  const geometryType = [0, POLYGON, MULTI_POLYGON][random.integer(3)]!;
  const withZ = random.integer(3) === 0;
  const count = [0, 1, 2, 17, 40, 300][random.integer(6)]!;
  const values = Array.from({ length: count }, () =>
    codes.map((code) => randomValue(random, code)),
  );
  const features = values.map((own, i): FgbFeature => {
    // In any order, as the format allows.
    const order = own.map((_, c) => c);
    if (random.integer(3) === 0) order.reverse();
    const properties = Buffer.concat(order.map((c) => propertyOf(c, codes[c]!, own[c]!)));
    const [x, y] = [100 * random.next(), 80 * random.next()];
    const z = withZ ? i : null;
    const rings = [square(x, y, 4, z)];
    for (let hole = random.integer(3); hole > 0; hole--)
      rings.push(square(x + hole, y + 1, 0.5, z));
    const isMulti = geometryType === 0 ? random.integer(2) === 0 : geometryType === MULTI_POLYGON;
    const polygons = isMulti ? [rings, [square(x + 8, y, 2, z)]].slice(random.integer(2)) : [rings];
    const type = geometryType === 0 ? POLYGON : undefined;
    const geometry = isMulti ? multiPolygonTable(polygons) : polygonTable(rings, type);
    if (nulls && random.integer(6) === 0) return { geometry: null, properties };
    return { geometry, properties, box: [x, y, x + (isMulti ? 10 : 4), y + 4] };
  });
  // The flatgeobuf package never ends with an index of nothing.
  const isIndexed = count > 0 && !nulls && random.integer(2) === 0;
  const nodeSize = isIndexed ? 2 + random.integer(20) : 0;
  const says = nodeSize > 0 || random.integer(3) > 0;
  return {
    values,
    file: {
      ...{ name: 'random', columns, geometryType, features, nodeSize },
      ...(!says && { count: 0 }),
      header: { 3: { u8: Number(withZ) } },
    },
  };
}
