/** What waits in memory and what goes to files, against a group that is staged step by step. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { apartPool, poolFor, togetherPool } from '../../../src/insight/estimate/model/pool.ts';
import { Group } from '../../../src/staging/groups/group.ts';
import { RecordWriter } from '../../../src/staging/groups/record.ts';
import type { TileRows } from '../../../src/staging/rows/row-chunks.ts';
import type { SliceStatistics } from '../../../src/staging/rows/slice-statistics.ts';
import type { SliceToStage } from '../../../src/staging/slices/group-slices.ts';
import { temporaryFolder } from '../../staging/support.ts';

const WIDTH = 64;
const ROW_BYTES = 1_000;
const NO_STATISTICS = { oddClasses: [], rows: 0 } as unknown as SliceStatistics;

const input = { path: '/one', name: 'one', layer: {}, placing: {} };

/** Slices along a line of tiles, each with a few neighbours; of equal weight. */
function slicesOf(count: number, seed: number, step: number): SliceToStage[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const first = Math.floor(i * step);
    const tiles = Float64Array.from({ length: 2 + random.integer(5) }, (_, t) => first + t);
    return { tiles, weight: 1, input } as SliceToStage;
  });
}

/** Most rows at a time, and those that were spilled, as parts of all, of a group with so much room. */
function stagedStepByStep(slices: readonly SliceToStage[], memory: number, folder: string) {
  const record = new RecordWriter(join(folder, `${randomBytes(8).toString('hex')}.record`));
  const group = new Group({
    inputs: [{ name: 'one', columns: [] }],
    slices: slices.map(({ tiles }, i) => ({ key: String(i), input: 0, start: i, tiles })),
    keyOf: (x, y) => y * WIDTH + x,
    ...{ format: 'GeoPackage', mayBuild: () => true, record },
    ...{ whyNot: () => 'kept' as const, memory, sliceBytes: 0 },
  });
  let [now, held, spilled] = [0, 0, 0];
  for (let step = group.next(); step; step = group.next()) {
    if ('stage' in step) {
      const its = [...slices[step.stage]!.tiles!].map((key): TileRows => {
        const memory = ROW_BYTES / slices[step.stage]!.tiles!.length;
        const [x, y] = [key % WIDTH, Math.floor(key / WIDTH)];
        return { x, y, rows: 1, geometry: 0, chunks: [], ends: [memory], memory };
      });
      now += ROW_BYTES;
      held = Math.max(held, now);
      group.staged(step.stage, NO_STATISTICS, its);
    } else {
      now -= step.memory;
      if ('spill' in step) {
        spilled += step.memory;
        const segments = step.spill.map(({ x, y, slice }) => {
          return { slice, x, y, geometry: 0, rows: 1, offset: 0, length: 0, sum: 0 };
        });
        group.spilled(step, 'none.shuffle', segments);
      } else {
        const built = { bytes: 0, sum: 0, parts: [], areas: [] };
        group.built(
          step,
          step.build.map(({ x, y, file }) => ({ x, y, file, ...built })),
        );
      }
    }
  }
  record.close();
  const all = ROW_BYTES * slices.length;
  return { held: held / all, spilled: spilled / all };
}

suite('a pool', () => {
  const folder = temporaryFolder({ after });

  test('holds as many rows as a group that has all the memory that it wants', () => {
    for (const [seed, step] of [
      [1, 1],
      [2, 0.3],
      [3, 2.5],
    ] as const) {
      const slices = slicesOf(100, seed, step);
      const real = stagedStepByStep(slices, 1e9, folder);
      const { held, spilled } = togetherPool(slices, 1);
      assert.ok(Math.abs(held / real.held - 1) < 1e-9, `${held}, ${real.held}`);
      assert.deepEqual([spilled, real.spilled], [0, 0]);
    }
  });

  test('spills about as much as a group that has less', () => {
    // A first slice of the whole line, that the last ones have in common with all others.
    const slices = slicesOf(100, 4, 0.3);
    slices.push({ ...slices[0]!, tiles: Float64Array.from({ length: 36 }, (_, t) => t) });
    for (const room of [0.2, 0.4, 0.7]) {
      const real = stagedStepByStep(slices, room * ROW_BYTES * slices.length, folder);
      const { spilled } = togetherPool(slices, room);
      assert.ok(real.spilled > 0.1);
      assert.ok(Math.abs(spilled - real.spilled) < 0.1, `${spilled}, ${real.spilled}`);
    }
  });

  test('of which nothing is known waits to the end', () => {
    const slices = slicesOf(10, 5, 3);
    slices.push({ tiles: null, weight: 1 } as SliceToStage);
    assert.ok(Math.abs(togetherPool(slices, 10).held - 1) < 1e-9);
  });

  test('of groups sends to files what two of them have', () => {
    // Ten slices, each in two tiles of its own and one of the next one's.
    const slices = Array.from({ length: 10 }, (_, i) => {
      const tiles = Float64Array.of(2 * i, 2 * i + 1, 2 * i + 2);
      return { tiles, weight: 1, input } as SliceToStage;
    });
    // One group for each: all but the first and the last share two of their three tiles.
    const { apart, tilesApart, groups, spilled } = apartPool(slices, 10, 1, 1);
    assert.deepEqual(groups, Array(10).fill({ part: 0.1, count: 1 }));
    assert.ok(Math.abs(apart - (8 * 2 + 2) / 30) < 1e-9, `${apart}`);
    assert.equal(spilled, apart);
    assert.ok(Math.abs(tilesApart - 9 / 21) < 1e-9);
    const one = apartPool(slices, 1, 20, 1);
    assert.deepEqual([one.groups, one.apart], [[{ part: 1, count: 1 }], 0]);
  });

  test('of many such jobs has as many groups, of the same size with as many more workers', () => {
    const options = { sharesMemory: false, sliceBytes: 1, memory: null, rowBytes: 1e6 };
    const pool = poolFor(slicesOf(64, 6, 1), options);
    const [one, many] = [pool(4), pool(400, 100)];
    assert.deepEqual(
      many.groups,
      one.groups.map(({ part }) => ({ part: part / 100, count: 100 })),
    );
    assert.equal(many.apart, one.apart);
  });
});
