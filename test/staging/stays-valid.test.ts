/** What is valid as it is read is valid where it is staged: GEOS says so of thin and winding polygons. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DropCounter } from '../../src/core/drops.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { operationBetween } from '../../src/crs/transform.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import type { InvalidMode } from '../../src/staging/configuration/config-schema.ts';
import { FeatureProcessor } from '../../src/staging/rows/process.ts';
import { ValidityWatch } from '../../src/staging/rows/validity.ts';
import type { ValidityCounts } from '../../src/staging/rows/validity-counts.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { seededRandom } from '../geometry/random.ts';
import { geosReasons, noGeos } from '../geometry/validity/geos.ts';
import { append, closed } from '../geometry/validity/scenes.ts';
import { crs } from './places/on-roll.ts';

const VALID = 'Valid Geometry';

interface Staged {
  /** As it was staged. */
  batch: FeatureBatch;
  counts: ValidityCounts;
  drops: DropCounter;
}

function stage(
  given: FeatureBatch,
  tolerance: number | null,
  mode: InvalidMode,
  source = 'EPSG:3413',
): Staged {
  const from = crs(source);
  const tms = getTileMatrixSet('WGS1984Quad');
  const batch = new FeatureBatch();
  const drops = new DropCounter();
  const input = { name: 'a', layer: 'a', clockwiseShells: false };
  const watch = mode === 'unchecked' ? null : new ValidityWatch(mode, input);
  const operation = operationBetween(from, resolveCrs(tms.crs));
  const copy = new FeatureBatch();
  for (let i = 0; i < given.featureCount; i++) copy.appendFeature(given, i);
  new FeatureProcessor(from, tms, 2, tolerance, operation, watch).process(copy, drops, {
    add: (placed, i) => batch.appendFeature(placed, i),
  });
  const counts = watch?.counts(drops.toJSON()) ?? { kinds: {}, features: {} };
  return { batch, counts, drops };
}

type Random = () => number;

/** Turned by an angle, and moved; metres of EPSG:3413. */
function placedAt(points: number[], angle: number, x: number, y: number): number[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return points.map((_, k) =>
    k % 2 === 0
      ? x + cos * points[k]! - sin * points[k + 1]!
      : y + sin * points[k - 1]! + cos * points[k]!,
  );
}

/** A spiral of two sides, some turns long and narrow. */
function spiral(random: Random): number[] {
  const [turns, width] = [1.5 + 3 * random(), 0.02 + 0.4 * random()];
  const steps = 20 + Math.floor(60 * random());
  const side = (offset: number): number[] =>
    Array.from({ length: steps + 1 }, (_, k) => {
      const angle = (2 * Math.PI * turns * k) / steps;
      const radius = 1000 * (1 + angle / (2 * Math.PI) + offset) * (1 + 0.01 * random());
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }).flat();
  const back = side(width);
  const pairs = Array.from({ length: steps + 1 }, (_, k) => [back[2 * k]!, back[2 * k + 1]!]);
  return closed([...side(0), ...pairs.reverse().flat()]);
}

/** A comb whose teeth nearly touch, and whose back is rough. */
function comb(random: Random): number[] {
  const teeth = 3 + Math.floor(8 * random());
  const gap = 0.1 + random();
  const points: number[] = [];
  for (let k = 0; k < teeth; k++) {
    const x = 100 * k;
    points.push(x, 0, x + gap * random(), 500 + 300 * random());
    points.push(x + 100 - gap, 500 + 300 * random(), x + 100 - gap, 10 * random());
  }
  for (let k = 20; k >= 0; k--) points.push(5 * teeth * k, -20 - 30 * random());
  return closed(points);
}

/**
 * A strip hundreds of kilometres long and metres wide, of which one side has a corner: where its other
 * vertices are removed, the other side is a chord that the first is not. @param steps - along a
 * side; 2: the other has no vertex but its ends
 */
function strip(random: Random, steps: number): number[] {
  const length = 2e5 + 6e5 * random();
  const width = 1 + 30 * random();
  const points: number[] = [];
  const straight = steps === 2 ? 1 : steps;
  for (let k = 0; k <= straight; k++) points.push((length * k) / straight, 0);
  for (let k = steps; k >= 0; k--) {
    const bump = k === steps / 2 ? 3000 : 0;
    points.push((length * k) / steps, width + bump);
  }
  return closed(points);
}

/** Polygons in a place, of which GEOS says that they are valid. */
function validOnes(
  seed: number,
  make: ((random: Random) => number[])[],
  count: number,
): FeatureBatch {
  const random = seededRandom(seed);
  const all = new FeatureBatch();
  for (let k = 0; k < count; k++) {
    const ring = make[k % make.length]!(random);
    const [x, y] = [-2e6 + 1e6 * random(), -1e6 + 2e6 * random()];
    append(all, [[placedAt(ring, 2 * Math.PI * random(), x, y)]]);
  }
  const reasons = geosReasons(all);
  const valid = new FeatureBatch();
  for (const [i, reason] of reasons.entries()) {
    if (reason === VALID) valid.appendFeature(all, i);
  }
  return valid;
}

const countOf = ({ counts }: Staged, what: string): number => counts.features[what]?.count ?? 0;

suite('valid polygons stay valid', { skip: noGeos }, () => {
  test('spirals, combs and strips, simplified by far', () => {
    const long = (random: Random): number[] => strip(random, 1024);
    const given = validOnes(1, [spiral, comb, long], 600);
    assert.ok(given.featureCount > 400);
    let less = 0;
    let broken = 0;
    for (const tolerance of [1, 50, 1000]) {
      const staged = stage(given, tolerance, 'keep');
      assert.deepEqual(staged.drops.toJSON(), {});
      const reasons = geosReasons(staged.batch);
      assert.equal(reasons.length, given.featureCount);
      const invalid = reasons.filter((reason) => reason !== VALID).length;
      assert.equal(invalid, countOf(staged, 'invalid after reprojection'));
      // Of sides with so many vertices each piece is short enough.
      assert.equal(invalid, 0);
      less += countOf(staged, 'simplified less');
      const unchecked = geosReasons(stage(given, tolerance, 'unchecked').batch);
      broken += unchecked.filter((reason) => reason !== VALID).length;
    }
    assert.ok(less > 100);
    assert.equal(less, broken);
  });

  test('or are treated as is asked for, where reprojection alone breaks them', () => {
    const bare = (random: Random): number[] => strip(random, 2);
    const given = validOnes(2, [bare], 300);
    const keep = stage(given, null, 'keep');
    const broken = countOf(keep, 'invalid after reprojection');
    assert.ok(broken > 20 && broken < given.featureCount);
    const invalid = geosReasons(keep.batch).filter((reason) => reason !== VALID).length;
    assert.equal(invalid, broken);
    const drop = stage(given, null, 'drop');
    assert.equal(drop.drops.toJSON()['invalid geometry']?.count, broken);
    const repair = stage(given, null, 'repair');
    assert.equal(countOf(repair, 'repaired'), broken);
    for (const { batch } of [drop, repair]) {
      assert.ok(geosReasons(batch).every((reason) => reason === VALID));
    }
    assert.throws(() => stage(given, null, 'fail'), {
      code: 'input-invalid',
      message: /is invalid in the CRS of the tiles: self-crossing at /,
    });
  });

  test('also what is cut at the antimeridian, and what is repaired before it is simplified', () => {
    const random = seededRandom(3);
    const given = new FeatureBatch();
    for (let k = 0; k < 300; k++) {
      // Around the meridian of 180°, which is at an angle of 225° of this CRS, from the pole.
      const far = 5e5 + 2e6 * random();
      const ring = k % 2 === 0 ? spiral(random) : comb(random);
      if (k % 3 === 0) ring.splice(4, 4, ring[6]!, ring[7]!, ring[4]!, ring[5]!);
      const at = far * Math.SQRT1_2;
      append(given, [[placedAt(ring, 2 * Math.PI * random(), -at, at)]]);
    }
    const { batch, counts } = stage(given, 20, 'repair');
    assert.ok(counts.features['invalid']!.count > 20);
    assert.ok(counts.features['repaired']!.count >= counts.features['invalid']!.count);
    let multi = 0;
    for (let i = 0; i < batch.featureCount; i++) multi += batch.flags[i]! & 1;
    assert.ok(multi > 100);
    assert.ok(geosReasons(batch).every((reason) => reason === VALID));
  });
});
