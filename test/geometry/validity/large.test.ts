import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openShapefile } from '../../../src/formats/shapefile/source.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { ValidityCheck } from '../../../src/geometry/validity/check.ts';
import { INVALID, INVALID_KINDS } from '../../../src/geometry/validity/kinds.ts';
import { appendGeometry, polygonsOf } from '../../conformance/jts.ts';
import { readSource } from '../../formats/shapefile/shapefile-fixture.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { seededRandom } from '../random.ts';
import { geosReasons, noGeos } from './geos.ts';
import { isSimplePlainly } from './plain.ts';
import {
  append,
  box,
  closed,
  gridRing,
  type Polygons,
  randomPolygons,
  reversed,
  starRing,
} from './scenes.ts';

const REAL = join(import.meta.dirname, '../../../../shared/data/real');
const realSkip = existsSync(REAL) ? false : '../shared/data/real is not here';
const check = new ValidityCheck();

function batchOf(...features: Polygons[]): FeatureBatch {
  const batch = new FeatureBatch();
  for (const polygons of features) append(batch, polygons);
  return batch;
}

function kindsOf(polygons: Polygons): string[] {
  const bits = check.of(batchOf(polygons), 0);
  return INVALID_KINDS.filter((_, k) => bits & (1 << k));
}

/** What is told without a sweep is what the sweep tells. */
function assertSwept(batch: FeatureBatch, i: number): void {
  const bits = check.of(batch, i);
  const found = check.explain(batch, i);
  const text = (): string => JSON.stringify(polygonsOf(batch, i));
  assert.equal(bits === 0, found === null, text());
  if (found !== null) assert.ok(bits & (1 << INVALID_KINDS.indexOf(found.kind)), text());
}

/** A ring whose edges are bent in the middle again and again; it may cross itself. */
function coast(random: () => number, x: number, y: number, depth: number, rough: number): number[] {
  let ring = starRing(random, x, y, 10).slice(0, -2);
  for (let level = 0; level < depth; level++) {
    const finer: number[] = [];
    for (let k = 0; k < ring.length; k += 2) {
      const [x1, y1] = [ring[k]!, ring[k + 1]!];
      const [x2, y2] = [ring[(k + 2) % ring.length]!, ring[(k + 3) % ring.length]!];
      const off = rough * (random() - 0.5);
      finer.push(x1, y1, (x1 + x2) / 2 - off * (y2 - y1), (y1 + y2) / 2 + off * (x2 - x1));
    }
    ring = finer;
  }
  return closed(ring);
}

function coasts(random: () => number): Polygons {
  const depth = 2 + Math.floor(random() * 6);
  const rough = [0.2, 0.5, 0.8][Math.floor(random() * 3)]!;
  const polygons: Polygons = [];
  for (let p = Math.floor(random() * 4); p >= 0; p--) {
    const rings = [coast(random, 25 * p, 0, depth, rough)];
    for (let h = Math.floor(random() * 4); h > 0; h--) {
      rings.push(coast(random, 25 * p, 0, 2, 0.2).map((v, k) => (k & 1 ? v / 9 : v / 9 + 22 * p)));
    }
    polygons.push(rings);
  }
  return polygons;
}

test('agrees with GEOS on coasts of up to thousands of vertices', { skip: noGeos }, () => {
  const random = seededRandom(seedOf(3));
  const batch = batchOf(...Array.from({ length: rounds(1500, 5000) }, () => coasts(random)));
  let valid = 0;
  geosReasons(batch).forEach((reason, i) => {
    const isValid = (check.of(batch, i) & INVALID) === 0;
    assert.equal(isValid, reason === 'Valid Geometry', `${reason} ${i}`);
    assertSwept(batch, i);
    if (isValid) valid++;
  });
  assert.ok(valid > 200 && valid < batch.featureCount - 200, String(valid));
});

test('agrees with a comparison of all edges in whole numbers', () => {
  const random = seededRandom(seedOf(4));
  let simple = 0;
  for (let round = 0; round < rounds(4000, 40_000); round++) {
    const grid = gridRing(random, 3 + (round % 6), 8);
    // As it is, or with vertices off the lines by less than any tolerance, around 1 or a million.
    const nudge = 2 ** -32;
    const far = round % 3 === 2 ? 2 ** 20 : 0;
    const nudged = grid.map((v) => far + v + nudge * Math.floor(random() * 3 - 1));
    const ring = round % 3 === 0 ? grid : closed(nudged.slice(0, -2));
    const expected = isSimplePlainly(ring, 2 ** 32);
    const batch = batchOf([[ring]]);
    assert.equal((check.of(batch, 0) & INVALID) === 0, expected, ring.join(' '));
    assertSwept(batch, 0);
    if (expected) simple++;
  }
  assert.ok(simple > 300, String(simple));
});

test('says the same of a geometry however large it is', () => {
  const random = seededRandom(seedOf(5));
  for (let round = 0; round < 1000; round++) {
    const polygons = randomPolygons(random);
    const expected = kindsOf(polygons);
    for (const scale of [2 ** -900, 2 ** -500, 2 ** 500, 2 ** 1000]) {
      const scaled = polygons.map((rings) => rings.map((ring) => ring.map((v) => v * scale)));
      assert.deepEqual(kindsOf(scaled), expected, `${scale} ${JSON.stringify(polygons)}`);
    }
  }
});

/** A comb of so many teeth, each over `lean` others, on a back below 0. */
function comb(teeth: number, lean: number): number[] {
  const ring = [teeth, -1, -1, -1];
  for (let t = 0; t < teeth; t++) ring.push(t, 0, t + lean + 0.3, teeth, t + 0.6, 0);
  return reversed(closed(ring));
}

test('combs of 30,000 vertices, sound and with one tooth too long', () => {
  for (const lean of [0, 5000, -20_000]) {
    const ring = comb(10_000, lean);
    assert.deepEqual(kindsOf([[reversed(ring)]]), ['wrong orientation']);
    assert.deepEqual(kindsOf([[ring]]), []);
    const turned = ring.map((_, k) => ring[k ^ 1]!);
    assert.deepEqual(kindsOf([[turned]]), ['wrong orientation']);
    const broken = ring.slice();
    // The tip of a tooth in the middle goes over to the next one.
    broken[6 * 5000 + 4]! += 1.5;
    assert.deepEqual(kindsOf([[broken]]), ['self-crossing']);
  }
});

test('thousands of rings that touch, are in each other, or form a chain', () => {
  const count = 3000;
  // Petals around one point are holes that part nothing.
  const petals = Array.from({ length: count }, (_, k) => {
    const at = (part: number): number[] => {
      const angle = (2 * Math.PI * (k + part)) / count;
      return [Math.cos(angle), Math.sin(angle)];
    };
    return closed([0, 0, ...at(0.6), ...at(0.1)]);
  });
  assert.deepEqual(kindsOf([[box(-2, -2, 4, 4), ...petals]]), []);
  assert.deepEqual(kindsOf([[box(-2, -2, 4, 4), ...petals, petals[7]!]]), ['duplicate ring']);

  // A chain of holes from side to side parts it; without one of them it does not.
  const link = (k: number): number[] => closed([k, 0, k + 0.5, 1, k + 1, 0, k + 0.5, -1]);
  const chain = Array.from({ length: count }, (_, k) => link(k));
  const around = box(0, -5, count, 10);
  assert.deepEqual(kindsOf([[around, ...chain]]), ['disconnected interior']);
  assert.deepEqual(kindsOf([[around, ...chain.toSpliced(1000, 1)]]), []);

  // Islands in lakes in islands …; the last one with its lake inside out.
  const ring = (k: number): number[] => box(k, k, 4 * count - 2 * k, 4 * count - 2 * k);
  const islands = Array.from({ length: count / 2 }, (_, k) => [
    ring(2 * k),
    reversed(ring(2 * k + 1)),
  ]);
  assert.deepEqual(kindsOf(islands), []);
  assert.deepEqual(kindsOf([...islands, [box(0.2, 0.2, 0.5, 0.5)]]), ['nested shells']);
  assert.deepEqual(kindsOf(islands.toSpliced(700, 1, [ring(1400)])), ['nested shells']);
});

test('real files: three glaciers are invalid, and what GEOS says', { skip: realSkip }, () => {
  const invalid: Record<string, number> = {};
  for (const name of ['ne_10m_glaciated_areas', 'ne_10m_lakes', 'ne_50m_land', 'ne_110m_land']) {
    const source = openShapefile(join(REAL, 'natural-earth', `${name}.shp`));
    const { features } = readSource(source);
    source.close();
    const batch = new FeatureBatch();
    for (const { polygons } of features) {
      const flat = polygons.map((rings) => rings.map((ring) => ring.flat() as number[]));
      appendGeometry(batch, { type: 'MULTIPOLYGON', coordinates: [], polygons: flat });
    }
    invalid[name] = 0;
    const reasons = noGeos ? null : geosReasons(batch);
    for (let i = 0; i < batch.featureCount; i++) {
      assertSwept(batch, i);
      const isValid = (check.of(batch, i) & INVALID) === 0;
      if (reasons !== null) assert.equal(isValid, reasons[i] === 'Valid Geometry', `${name} ${i}`);
      if (!isValid) invalid[name]!++;
    }
  }
  assert.equal(invalid['ne_10m_glaciated_areas'], 3);
});
