/** How slices are put into groups for executors without shared memory. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { LocalProvider } from '../../src/parallel/providers/local-provider.ts';
import { SlurmProvider } from '../../src/parallel/providers/slurm-provider.ts';
import { SlurmArrayExecutor } from '../../src/parallel/slurm/arrays/array-executor.ts';
import { encodeTask } from '../../src/parallel/task.ts';
import type { InputCrs } from '../../src/staging/inputs/input-crs.ts';
import type { PlannedInput } from '../../src/staging/planning/plan.ts';
import {
  cutIntoGroups,
  groupArgs,
  type SliceToStage,
  sharedTiles,
} from '../../src/staging/slices/group-slices.ts';

const SLICE_BYTES = 24 << 20;
const placing = { crs: resolveCrs(parseCrs('EPSG:3413')), operation: { steps: [] } } as never;

function input(name: string, columns = 5): PlannedInput {
  return {
    ...{ name, path: `/data/${name}`, fingerprint: 'f'.repeat(64), placing: placing as InputCrs },
    layer: {
      ...{ name, geometryType: 'POLYGON', featureCount: 9, key: null, crs: null, extent: null },
      ...{ bytes: 9, notes: [] },
      columns: Array.from({ length: columns }, (_, c) => ({ name: `column ${c}`, type: 'text' })),
    },
  } as unknown as PlannedInput;
}

function slice(its: PlannedInput, weight: number, tiles: number[] | null): SliceToStage {
  const known = tiles && Float64Array.from(tiles);
  return {
    input: its,
    key: 'k'.repeat(32),
    slice: { start: 1, end: 9 },
    part: 1,
    tiles: known,
    weight,
    features: 9,
  };
}

/** Slices of inputs along a line, each touching the tiles that it lies over. */
function along(random: Random, inputs: number): SliceToStage[] {
  const slices: SliceToStage[] = [];
  for (let i = 0; i < inputs; i++) {
    const its = input(`input ${i}`);
    const parts = 1 + random.integer(8);
    const first = Math.floor(0.7 * i);
    const tiles = Array.from({ length: 1 + random.integer(4) }, (_, k) => first + k);
    for (let p = 0; p < parts; p++) slices.push(slice(its, random.next() * SLICE_BYTES, tiles));
  }
  return slices;
}

test('every slice is in one group; the groups keep workers busy, and the last ones are small', () => {
  for (const seed of [1, 2, 3, 4]) {
    const slices = along(new Random(seed), 800);
    const all = slices.reduce((sum, { weight }) => sum + weight, 0);
    for (const workers of [1, 2, 7, 32, 100]) {
      const groups = cutIntoGroups(slices, workers, SLICE_BYTES);
      assert.deepEqual(groups.flat(), slices);
      const weights = groups.map((its) => its.reduce((sum, { weight }) => sum + weight, 0));
      const biggest = Math.max(...weights);
      assert.ok(biggest <= Math.min(6e9, all / (2 * workers)) + SLICE_BYTES, `${biggest}`);
      assert.ok(groups.length >= 4 * workers, `${groups.length} groups for ${workers}`);
      assert.ok(weights.at(-1)! <= Math.max(SLICE_BYTES, all / (8 * workers)), `${weights.at(-1)}`);
      // Taken biggest first, as they come, by workers that are all alike.
      const ends = new Float64Array(workers);
      for (const weight of weights.toSorted((a, b) => b - a)) ends.sort()[0]! += weight;
      assert.ok(Math.max(...ends) < (1.06 * all) / workers + SLICE_BYTES, `${Math.max(...ends)}`);
    }
  }
});

test('a group is no longer than a minute or so', () => {
  const slices = along(new Random(5), 4000);
  for (const group of cutIntoGroups(slices, 1, SLICE_BYTES)) {
    assert.ok(group.reduce((sum, { weight }) => sum + weight, 0) < 6e9 + SLICE_BYTES);
  }
});

test('the arguments of a group can be sent, however many columns and tiles its inputs have', () => {
  const grow = (count: number, columns: number, keys: number, first = 2 ** 31): SliceToStage[] =>
    Array.from({ length: count }, (_, i) => {
      const tiles = Array.from({ length: keys }, (_, k) => first + i * 7000 + k);
      return slice(input(`input ${i}`, columns), 1000, tiles);
    });
  for (const slices of [
    grow(256, 1000, 2),
    grow(300, 5, 1000),
    grow(4, 5, 65_536),
    grow(300, 5, 1000, 2 ** 52),
  ]) {
    const groups = cutIntoGroups(slices, 1, 1 << 40);
    assert.deepEqual(groups.flat(), slices);
    assert.ok(groups.length > 1 && groups.length < 40, `${groups.length} groups`);
    // Longer than 8 MiB they would be refused.
    const lengths = groups.map((group) => {
      const args = groupArgs(group, { elsewhere: () => true, kept: () => true });
      return encodeTask({ name: 'a', args: [args] }).args.length;
    });
    assert.ok(Math.max(...lengths) > 4e5, `${lengths}`);
  }
});

test('slices that may touch any tile are in groups of their own', () => {
  const its = input('a');
  const known = [1, 2, 3].map((key) => slice(its, 10, [key]));
  const unknown = [slice(its, 10, null), slice(its, 10, null)];
  const groups = cutIntoGroups([...unknown, ...known], 1, 1000);
  assert.deepEqual(groups, [unknown, known]);
  assert.deepEqual(sharedTiles(groups), new Set());
  assert.equal(groupArgs(unknown, { elsewhere: null, kept: () => false }).elsewhere, null);
  assert.deepEqual(
    groupArgs(known, { elsewhere: (key) => Number(key) > 1, kept: () => false }).elsewhere,
    [2, 3],
  );
});

test('shared are the tiles that slices of several groups may touch', () => {
  for (const seed of [1, 2, 3]) {
    const slices = along(new Random(seed), 100);
    const groups = cutIntoGroups(slices, 5, SLICE_BYTES);
    const shared = sharedTiles(groups);
    assert.ok(shared.size > 5);
    for (let key = 0; key < 80; key++) {
      const its = groups.filter((group) => group.some(({ tiles }) => tiles!.includes(key)));
      assert.equal(shared.has(key), its.length > 1, `${key}`);
    }
  }
});

test('executors tell how many workers they may have, where that does not depend on others', () => {
  const local = (maxWorkers: number, maxBlocks: number) =>
    new HighThroughputExecutor({ provider: new LocalProvider({ maxBlocks }), maxWorkers });
  assert.equal(local(1, 3).mostWorkers, 3);
  // Whoever joins the queue.
  const queue = 'redis://127.0.0.1:6379';
  const provider = new LocalProvider({ initBlocks: 0, maxBlocks: 0 });
  assert.equal(new HighThroughputExecutor({ provider, queue }).mostWorkers, undefined);
  const slurm = new SlurmProvider({ maxBlocks: 2, nodesPerBlock: 4 });
  assert.equal(new HighThroughputExecutor({ provider: slurm, maxWorkers: 16 }).mostWorkers, 128);
  // As many as the nodes turn out to have cores.
  assert.equal(new HighThroughputExecutor({ provider: slurm }).mostWorkers, undefined);
  const arrays: Executor = new SlurmArrayExecutor();
  assert.equal(arrays.mostWorkers, undefined);
});
