/** WKB to batches and back, every kind of damage, and what other programs wrote. */

import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FeatureBatch, HAS_Z, MULTI } from '../../src/geometry/batch.ts';
import {
  decodeWkb,
  encodeWkb,
  FIRST_DROP,
  WKB_CURVED,
  WKB_DROPPED_M,
  WKB_EMPTY,
  WKB_FEW_POINTS,
  WKB_MALFORMED,
  WKB_NON_FINITE,
  WKB_NOT_POLYGON,
  WKB_OK,
  WKB_UNCLOSED_RING,
  wkbLength,
} from '../../src/geometry/wkb.ts';
import { parseGeometry, polygonsOf } from '../conformance/jts.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { build, type Dialect, type Ring, XY } from './wkb-builder.ts';

const SHARED = join(import.meta.dirname, '../../../shared/data');
const GDAL = join(SHARED, 'nasty/gdal-autotest/data/wkb_wkt');
const JTS = join(SHARED, 'conformance/jts-testxml');

const SQUARE: Ring = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
];
const HOLE: Ring = [
  [1, 1],
  [1, 2],
  [2, 2],
  [1, 1],
];

/** Decodes into a batch that holds a feature already, at an odd offset among other bytes. */
function decode(wkb: Uint8Array): { status: number; batch: FeatureBatch; polygons: number[][][] } {
  const batch = new FeatureBatch();
  const before = build().polygon([SQUARE]).bytes();
  batch.beginFeature(1);
  assert.equal(decodeWkb(batch, before, 0, before.length), WKB_OK);
  batch.endFeature();
  const bytes = new Uint8Array(wkb.length + 64).fill(0xff);
  bytes.set(wkb, 3);
  batch.beginFeature(2);
  const status = decodeWkb(batch, bytes, 3, 3 + wkb.length);
  if (status >= FIRST_DROP) batch.dropFeature();
  else batch.endFeature();
  assert.deepEqual(polygonsOf(batch, 0), [[SQUARE.flat()]]);
  return { status, batch, polygons: batch.featureCount === 2 ? polygonsOf(batch, 1) : [] };
}

function encode(batch: FeatureBatch, i: number): Uint8Array {
  const bytes = new Uint8Array(wkbLength(batch, i) + 8).fill(0xee);
  const end = encodeWkb(batch, i, bytes, new DataView(bytes.buffer), 4);
  assert.equal(end, bytes.length - 4);
  assert.deepEqual([...bytes.subarray(0, 4), ...bytes.subarray(end)], Array(8).fill(0xee));
  return bytes.subarray(4, end);
}

function zOf(batch: FeatureBatch, i: number): number[] {
  const first = batch.ringOffsets[batch.polygonOffsets[batch.featureOffsets[i]!]!]!;
  const last = batch.ringOffsets[batch.polygonOffsets[batch.featureOffsets[i + 1]!]!]!;
  return [...batch.z.subarray(first, last)];
}

function randomRing(random: Random, dimensions: number): Ring {
  const ring = Array.from({ length: 3 + random.integer(20) }, () =>
    Array.from({ length: dimensions }, () => random.normal() * 10 ** (random.integer(20) - 5)),
  );
  return [...ring, [...ring[0]!]];
}

function randomPolygons(random: Random, dimensions: number, most: number): Ring[][] {
  return Array.from({ length: 1 + random.integer(most) }, () =>
    Array.from({ length: 1 + random.integer(4) }, () => randomRing(random, dimensions)),
  );
}

const DIALECTS: Dialect[] = [true, false].flatMap((little) =>
  [0, 1, 2, 3].flatMap((dimensions) =>
    (['iso', 'ewkb', 'ewkb-srid'] as const).map((codes) => ({ little, dimensions, codes })),
  ),
);
const WIDTH = [2, 3, 3, 4];

test('every byte order, code and dimension gives the same x, y and z', () => {
  const random = new Random(5);
  for (const dialect of DIALECTS) {
    const { dimensions } = dialect;
    for (let n = 0; n < 20; n++) {
      const multi = n % 2 === 1;
      const polygons = randomPolygons(random, WIDTH[dimensions]!, multi ? 5 : 1);
      const builder = build(dialect);
      const wkb = (multi ? builder.multiPolygon(polygons) : builder.polygon(polygons[0]!)).bytes();
      const decoded = decode(wkb);
      assert.equal(decoded.status, dimensions >= 2 ? WKB_DROPPED_M : WKB_OK);
      assert.deepEqual(
        decoded.polygons,
        polygons.map((rings) => rings.map((ring) => ring.flatMap((v) => [v[0]!, v[1]!]))),
      );
      const hasZ = dimensions === 1 || dimensions === 3;
      assert.equal(decoded.batch.flags[1], (multi ? MULTI : 0) | (hasZ ? HAS_Z : 0));
      if (hasZ)
        assert.deepEqual(
          zOf(decoded.batch, 1),
          polygons.flat(2).map((v) => v[2]),
        );
    }
  }
});

test('encoding gives back the bytes of little-endian ISO WKB', () => {
  const random = new Random(6);
  let multi = 0;
  for (let n = 0; n < 300; n++) {
    const dimensions = random.integer(2);
    const polygons = randomPolygons(random, 2 + dimensions, 4);
    const builder = build({ ...XY, dimensions });
    const isMulti = random.integer(2) === 1;
    if (isMulti) multi++;
    const wkb = (isMulti ? builder.multiPolygon(polygons) : builder.polygon(polygons[0]!)).bytes();
    assert.deepEqual(Buffer.from(encode(decode(wkb).batch, 1)), wkb);
  }
  assert.ok(multi > 100);
});

test('empties: of no rings, of empty rings, multipolygons of none and of empties', () => {
  const empties: [string, Buffer][] = [
    ['POLYGON EMPTY', build().polygon([]).bytes()],
    ['a shell of no vertices', build().polygon([[]]).bytes()],
    ['no shell, but a hole', build().polygon([[], HOLE]).bytes()],
    ['MULTIPOLYGON EMPTY', build().multiPolygon([]).bytes()],
    [
      'a multipolygon of empties',
      build()
        .multiPolygon([[], [[]], [[], []]])
        .bytes(),
    ],
  ];
  for (const [name, wkb] of empties) assert.equal(decode(wkb).status, WKB_EMPTY, name);
  for (const dialect of DIALECTS) {
    assert.equal(decode(build(dialect).polygon([]).bytes()).status, WKB_EMPTY);
    assert.equal(decode(build(dialect).multiPolygon([]).bytes()).status, WKB_EMPTY);
  }
});

test('empty parts beside others leave the others as they are', () => {
  const holed = decode(build().polygon([SQUARE, [], HOLE]).bytes());
  assert.equal(holed.status, WKB_OK);
  assert.deepEqual(holed.polygons, [[SQUARE.flat(), HOLE.flat()]]);
  const parts = decode(
    build()
      .multiPolygon([[], [SQUARE], [[], HOLE], [HOLE]])
      .bytes(),
  );
  assert.equal(parts.status, WKB_OK);
  assert.deepEqual(parts.polygons, [[SQUARE.flat()], [HOLE.flat()]]);
});

test('all other geometry types are not polygons', () => {
  for (const dialect of DIALECTS) {
    for (const type of [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 99]) {
      const wkb = build(dialect).head(type).uint32(0).bytes();
      const isCurved = type === 10 || type === 12;
      assert.equal(decode(wkb).status, isCurved ? WKB_CURVED : WKB_NOT_POLYGON, `${type}`);
    }
  }
});

test('malformed: dimensions that do not exist, parts that are no polygons, mixed dimensions', () => {
  const malformed: [string, Buffer][] = [
    ['no bytes', Buffer.alloc(0)],
    ['byte order 2', Buffer.of(2, 3, 0, 0, 0, 0, 0, 0, 0)],
    ['type 4003', build().head(4003).uint32(0).bytes()],
    ['an unknown flag', build().head(0x10000003).uint32(0).bytes()],
    ['a part that is a point', build().head(6).uint32(1).head(1).double(0).double(0).bytes()],
    ['a multipolygon in a multipolygon', build().head(6).uint32(1).multiPolygon([]).bytes()],
    [
      'a part with Z in a multipolygon without',
      build({ ...XY, dimensions: 1 })
        .head(6, 0)
        .uint32(1)
        .polygon([SQUARE.map((v) => [...v, 9])])
        .bytes(),
    ],
    [
      'a part without Z in a multipolygon with',
      build().head(6, 1).uint32(1).polygon([SQUARE]).bytes(),
    ],
  ];
  for (const [name, wkb] of malformed) assert.equal(decode(wkb).status, WKB_MALFORMED, name);
});

test('cut off after any byte it is malformed, and nothing stays behind', () => {
  const wkbs = DIALECTS.map((dialect) => {
    const extended = (ring: Ring): Ring =>
      ring.map((v) => [...v, 7, 8].slice(0, WIDTH[dialect.dimensions]));
    return build(dialect)
      .multiPolygon([[extended(SQUARE), extended(HOLE)], [extended(HOLE)]])
      .bytes();
  });
  wkbs.push(build().polygon([SQUARE, HOLE]).bytes());
  for (const wkb of wkbs) {
    for (let length = 0; length < wkb.length; length++) {
      const { status, batch } = decode(wkb.subarray(0, length));
      assert.equal(status, WKB_MALFORMED, `${length} of ${wkb.length}`);
      assert.deepEqual([batch.featureCount, batch.polygonCount, batch.vertexCount], [1, 1, 5]);
    }
    assert.ok(decode(wkb).status < FIRST_DROP);
  }
});

test('forged counts take no memory', () => {
  for (const count of [3, 1000, 2 ** 27, 2 ** 31, 2 ** 32 - 1]) {
    const forged = [
      build().head(3).uint32(count).bytes(),
      build().head(3).uint32(1).uint32(count).double(0).bytes(),
      build().head(3).uint32(count).uint32(0).bytes(),
      build().head(6).uint32(count).polygon([SQUARE]).bytes(),
      build().head(6).uint32(1).head(3).uint32(count).bytes(),
    ];
    for (const wkb of forged) {
      const { status, batch } = decode(wkb);
      assert.equal(status, WKB_MALFORMED, `${count}`);
      assert.ok(batch.xy.length <= 1 << 16 && batch.ringOffsets.length <= 1 << 12);
    }
  }
});

test('NaN and infinite coordinates, in any place; a Z that is NaN is none of it', () => {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const little of [true, false]) {
    for (const value of odd) {
      for (let place = 0; place < 10; place++) {
        const ring = SQUARE.map((v) => [...v]);
        ring[place >> 1]![place & 1] = value;
        const wkb = build({ ...XY, little })
          .polygon([SQUARE, ring])
          .bytes();
        assert.equal(decode(wkb).status, WKB_NON_FINITE);
      }
      const withZ = SQUARE.map((v) => [...v, value]);
      const decoded = decode(
        build({ ...XY, little, dimensions: 1 })
          .polygon([withZ])
          .bytes(),
      );
      assert.equal(decoded.status, WKB_OK);
      assert.deepEqual(zOf(decoded.batch, 1), Array(5).fill(value));
    }
  }
});

test('rings that are short or not closed', () => {
  const invalid: [Ring, number][] = [
    [[[1, 1]], WKB_FEW_POINTS],
    [[...Array(2)].map(() => [1, 1]), WKB_FEW_POINTS],
    [HOLE.slice(0, 2), WKB_FEW_POINTS],
    [[...HOLE.slice(0, 2), HOLE[0]!], WKB_FEW_POINTS],
    [HOLE.slice(0, 3), WKB_UNCLOSED_RING],
    [SQUARE.slice(0, 4), WKB_UNCLOSED_RING],
    [[...SQUARE.slice(0, 4), [0, 5e-324]], WKB_UNCLOSED_RING],
  ];
  for (const [ring, expected] of invalid) {
    assert.equal(decode(build().polygon([ring]).bytes()).status, expected);
    assert.equal(decode(build().polygon([SQUARE, ring]).bytes()).status, expected);
    const multi = build()
      .multiPolygon([[SQUARE], [ring]])
      .bytes();
    assert.equal(decode(multi).status, expected);
  }
  // −0 is 0, and four vertices are enough.
  const closed = [
    [0, 0],
    [1, 0],
    [1, 1],
    [-0, 0],
  ];
  assert.equal(decode(build().polygon([closed]).bytes()).status, WKB_OK);
});

test('random changes of bytes end in a status, never in an error', () => {
  const random = new Random(seedOf(8));
  const changes = rounds(3_000, 50_000);
  const counts = new Map<number, number>();
  for (let n = 0; n < changes; n++) {
    const dialect = DIALECTS[n % DIALECTS.length]!;
    const polygons = randomPolygons(random, WIDTH[dialect.dimensions]!, 2);
    const wkb = build(dialect).multiPolygon(polygons).bytes().subarray(0);
    for (let k = 0; k <= random.integer(3); k++) {
      const among = n % 2 === 0 ? wkb.length : Math.min(wkb.length, 40);
      wkb[random.integer(among)] = random.integer(256);
    }
    const { status } = decode(wkb);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  assert.ok((counts.get(WKB_MALFORMED) ?? 0) > changes / 10);
  assert.ok((counts.get(WKB_OK) ?? 0) > changes / 10);
});

test('memory that is used again with another length does no harm', () => {
  const memory = new ArrayBuffer(4096);
  const short = new Uint8Array(memory, 0, 8);
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  assert.ok(decodeWkb(batch, short, 0, 8) >= FIRST_DROP);
  const wkb = build({ ...XY, little: false })
    .polygon([SQUARE])
    .bytes();
  const long = new Uint8Array(memory, 0, wkb.length);
  long.set(wkb);
  assert.equal(decodeWkb(batch, long, 0, wkb.length), WKB_OK);
});

test("GDAL's WKB files", {
  skip: existsSync(GDAL) ? false : 'the folder ../shared/data is not there',
}, () => {
  const statuses: Record<string, number> = {};
  for (const file of readdirSync(GDAL).filter((name) => /\.wkb/.test(name))) {
    const { status } = decode(readFileSync(join(GDAL, file)));
    statuses[file] = status;
  }
  const { '4.wkb': four, '6.wkb': six, '7.wkb': seven, ...rest } = statuses;
  // Rings that end where they did not begin.
  assert.deepEqual([four, six, seven], Array(3).fill(WKB_UNCLOSED_RING));
  const { 'db2_poly.wkb': db2, '3d_broken_polygon.wkb': broken, ...rest2 } = rest;
  const { '3d_broken_point.wkb': point, '3d_broken_line.wkb': line, ...others } = rest2;
  // A byte order of 0x31, and 0x8000 for Z.
  assert.deepEqual([db2, broken, point, line], Array(4).fill(WKB_MALFORMED));
  assert.equal(Object.keys(others).length, 10);
  for (const [file, status] of Object.entries(others)) {
    const isCurved = /curvepolygon|multisurface/.test(file);
    assert.equal(status, isCurved ? WKB_CURVED : WKB_NOT_POLYGON, file);
  }
});

test("the WKB in JTS's test files", {
  skip: existsSync(JTS) ? false : 'the folder ../shared/data is not there',
}, () => {
  let polygonal = 0;
  let others = 0;
  for (const file of globSync('**/*.xml', { cwd: JTS })) {
    const xml = readFileSync(join(JTS, file), 'utf8');
    for (const [, hex] of xml.matchAll(/>\s*(0[01][0-9A-Fa-f]{20,})\s*</g)) {
      const wkb = Buffer.from(hex!, 'hex');
      const geometry = parseGeometry(hex!);
      const { status, polygons, batch } = decode(wkb);
      if (geometry.polygons === null) {
        others++;
        assert.equal(status, WKB_NOT_POLYGON);
      } else {
        polygonal++;
        assert.equal(status, WKB_OK);
        assert.deepEqual(polygons, geometry.polygons);
        const again = decode(encode(batch, 1));
        assert.deepEqual(again.polygons, polygons);
      }
    }
  }
  assert.ok(polygonal >= 50, `${polygonal} polygons`);
  assert.ok(others >= 10, `${others} others`);
});
