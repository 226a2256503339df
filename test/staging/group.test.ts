/** What a group says to do, in any order of what comes back: rows are in one file each, and it ends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { Group } from '../../src/staging/groups/group.ts';
import {
  addTo,
  emptyRecord,
  type Line,
  PART_FIELDS,
  type RecordWriter,
  segmentsInTiles,
} from '../../src/staging/groups/record.ts';
import type { GroupSlice, Step } from '../../src/staging/groups/steps.ts';
import type { TileRows } from '../../src/staging/rows/row-chunks.ts';
import type { Segment } from '../../src/staging/rows/shuffle-format.ts';
import type { SliceStatistics } from '../../src/staging/rows/slice-statistics.ts';

const TILES = 40;

/** A run of a group on so many workers, with hints that are right, wrong or none. */
class Play {
  readonly record = emptyRecord();
  readonly files = new Map<string, Segment[]>();
  readonly random: Random;
  readonly group: Group;
  readonly slices: GroupSlice[];
  /** Tiles that each slice has rows in, and how many. */
  readonly truth: Map<number, number>[];
  readonly names: string[];
  readonly failing: number;
  readonly mayBuild: (key: unknown) => boolean;
  readonly losses: number;
  lost = false;

  constructor(seed: number) {
    const random = new Random(seed);
    this.random = random;
    const inputs = 1 + random.integer(5);
    // In an order that is not that of the names.
    this.names = Array.from({ length: inputs }, (_, i) => `input ${(i * 7 + seed) % 10}`);
    this.failing = random.integer(3) === 0 ? random.integer(inputs) : -1;
    this.losses = random.integer(4) === 0 ? 0.1 : 0;
    const kept = random.integer(3) === 0 ? 3 : 1e9;
    this.mayBuild = (key) => Number(key) % kept !== kept - 1;
    this.truth = [];
    this.slices = [];
    const count = 1 + random.integer(60);
    for (let s = 0; s < count; s++) {
      const at = random.integer(TILES);
      const tiles = new Map<number, number>();
      for (let k = random.integer(6); k > 0; k--) {
        const far = random.integer(10) === 0;
        tiles.set(far ? random.integer(TILES) : (at + k) % TILES, 1 + random.integer(9));
      }
      this.truth.push(tiles);
      const hint = new Set([...Array(6).keys()].map((k) => (at + k) % TILES));
      const known = random.integer(12) === 0 ? null : Float64Array.from(hint).sort();
      this.slices.push({ key: `key ${s}`, input: random.integer(inputs), start: s, tiles: known });
    }
    const { record } = this;
    this.group = new Group({
      inputs: this.names.map((name) => ({ name, columns: [] })),
      slices: this.slices,
      keyOf: (x, y) => y * TILES + x,
      format: 'GeoPackage',
      mayBuild: this.mayBuild,
      whyNot: () => 'kept',
      memory: [300, 1000, 1e6][random.integer(3)]!,
      sliceBytes: 20,
      record: {
        slices: 0,
        add(line: Line): void {
          if ('slice' in line) this.slices++;
          addTo(record, structuredClone(line));
        },
      } as RecordWriter,
    });
  }

  run(workers: number): void {
    const steps: Step[] = [];
    for (;;) {
      const step = steps.length < workers ? this.group.next() : undefined;
      if (step === null) break;
      if (step !== undefined) {
        steps.push(step);
        continue;
      }
      assert.ok(steps.length > 0, 'it waits for nothing');
      const [done] = steps.splice(this.random.integer(steps.length), 1);
      this.#end(done!);
    }
    assert.equal(steps.length, 0);
  }

  #end(step: Step): void {
    if ('stage' in step) {
      const slice = step.stage;
      const { input } = this.slices[slice]!;
      if (input === this.failing && this.random.integer(3) === 0) {
        this.group.fail(input);
        this.group.ended(slice);
        return;
      }
      const tiles = [...this.truth[slice]!].map(([x, rows]): TileRows => {
        return { x, y: 0, rows, geometry: 1, chunks: [], ends: [rows], memory: 10 * rows };
      });
      const rows = tiles.reduce((sum, tile) => sum + tile.rows, 0);
      const statistics = { rows, rowsRead: 1, oddClasses: [] } as unknown as SliceStatistics;
      this.group.staged(slice, statistics, tiles);
    } else if (this.losses > 0 && this.random.integer(10) === 0) {
      this.lost = true;
      this.group.lost(step);
    } else if ('build' in step) {
      const tiles = step.build.map(({ x, y, file, parts }) => ({
        ...{ x, y, file, bytes: 1, sum: 1, areas: [] },
        parts: parts.flatMap((p) => [p.slice, 'rows' in p ? p.rows.rows : p.segment.rows, 1]),
      }));
      this.group.built(step, tiles);
    } else {
      const name = `file ${this.files.size}`;
      const segments = step.spill.map(({ slice, x, y, rows }): Segment => {
        return { slice, x, y, geometry: 1, rows, offset: 0, length: rows, sum: 0 };
      });
      this.files.set(name, segments);
      this.group.spilled(step, name, segments);
    }
  }

  check(): void {
    const { record, slices, truth } = this;
    const found = record.slices.map(() => new Map<number, number>());
    const add = (slice: number, x: number, rows: number): void => {
      const its = found[slice]!;
      assert.ok(!its.has(x), `slice ${slice} has rows of tile ${x} in two files`);
      its.set(x, rows);
    };
    const places = new Map(record.slices.map(({ key }, i) => [i, Number(key.slice(4))]));
    assert.equal(new Set(record.built.map(({ x }) => x)).size, record.built.length);
    for (const { x, parts } of record.built) {
      assert.ok(this.mayBuild(x), `tile ${x}`);
      const order: [string, number][] = [];
      for (let p = 0; p < parts.length; p += PART_FIELDS) {
        add(parts[p]!, x, parts[p + 1]!);
        const { input, start } = slices[places.get(parts[p]!)!]!;
        order.push([this.names[input]!, start]);
      }
      const sorted = order.toSorted(([a, s], [b, t]) => (a === b ? s - t : a < b ? -1 : 1));
      assert.deepEqual(order, sorted);
    }
    const isInTile = segmentsInTiles(record);
    for (const name of record.shuffles) {
      for (const segment of this.files.get(name)!) {
        if (!isInTile(segment)) add(segment.slice, segment.x, segment.rows);
      }
    }
    for (const [i, slice] of places) {
      const { input } = slices[slice]!;
      if (this.lost || input === this.failing) continue;
      assert.deepEqual(new Map([...found[i]!].sort()), new Map([...truth[slice]!].sort()));
    }
    if (this.lost) return;
    const staged = slices.filter(({ input }) => input !== this.failing);
    const recorded = record.slices.filter(({ input }) => input !== this.names[this.failing]);
    assert.equal(recorded.length, staged.length);
  }
}

test('in whatever order steps end, every row is in one file', () => {
  let spilled = 0;
  let built = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const play = new Play(seed);
    try {
      play.run(1 + (seed % 5));
      play.check();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    spilled += play.record.shuffles.length;
    built += play.record.built.length;
  }
  assert.ok(spilled > 400 && built > 2000, `${spilled} spilled, ${built} built`);
});
