/** The model against costs that are known. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ENGINES } from '../../../src/insight/estimate/model/engines.ts';
import { makespan } from '../../../src/insight/estimate/model/makespan.ts';
import { memoryCosts, memoryOf } from '../../../src/insight/estimate/model/memory.ts';
import {
  type Costs,
  type Job,
  type Machine,
  predict,
  type StageSize,
} from '../../../src/insight/estimate/model/model.ts';
import type { Pool } from '../../../src/insight/estimate/model/pool.ts';
import type { Pace, TileRates } from '../../../src/insight/estimate/model/rates.ts';
import { findLimit, workerNumbers } from '../../../src/insight/estimate/model/worker-limit.ts';

const threads = ENGINES.threads;

const steady: Pace = { slowdown: 1, warmUp: 0 };

/** A millisecond for so many bytes that are read, and nothing else costs anything. */
function readingAt(perByte: number, build: TileRates = { perTile: 0, perByte: 0 }): Costs {
  const stage = new Map([['GeoPackage', { reading: perByte, kernels: 0, perTask: 0 }]]);
  return {
    rates: {
      ...{ stage, build, merge: { perTile: 0, perTask: 0 } },
      pack: { perRow: 0, bytesPerRow: 0 },
    },
    pace: { one: steady, all: steady },
    processStart: 0,
    threadStart: 0,
    finalize: 0,
    between: 0,
    planPerFile: 0,
  };
}

const free = readingAt(0);
/** A millisecond for each 1,000 bytes that are read. */
const reading = readingAt(1e-3);
const ideal: Machine = {
  cores: 1000,
  diskRead: Infinity,
  diskWrite: Infinity,
  dirtyBytes: 0,
  cacheBytes: Infinity,
  freshPerByte: 0,
  hotBytes: Infinity,
  freeBytes: Infinity,
  freshShare: 1,
  takesDirect: false,
};

/** All rows of a tile are there at once. */
const IN_MEMORY: Pool = { held: 0, spilled: 0, apart: 0, tilesApart: 0, groups: [] };

function task(bytes: number, count: number): StageSize {
  return { format: 'GeoPackage', bytes, features: 0, rowBytes: 0, count };
}

function job(tasks: StageSize[], more: Partial<Job> = {}): Job {
  const inputBytes = tasks.reduce((sum, { bytes, count }) => sum + bytes * count, 0);
  const sizes = { rowBytes: 0, tileBytes: 0, packBytes: 0 };
  const nothing = { ...sizes, rows: 0, tiles: 1, packs: 0, cached: 1 };
  return { files: 1, tasks, inputBytes, ...nothing, pool: () => IN_MEMORY, ...more };
}

/** What the engine adds is some tens of milliseconds here. */
function near(actual: number, expected: number, tolerance = 0.03): void {
  assert.ok(Math.abs(actual / expected - 1) < tolerance, `${actual} is not about ${expected}`);
}

const seconds = (j: Job, c: Costs, m: Machine, workers: number): number =>
  predict(j, c, m, threads, workers).seconds;

suite('time', () => {
  const even = job([task(1e6, 256)]);

  test('goes down with workers as long as there are cores', () => {
    near(seconds(even, reading, ideal, 1), 256);
    near(seconds(even, reading, ideal, 4), 64);
    near(seconds(even, reading, { ...ideal, cores: 2 }, 4), 128);
  });

  test('has a serial part that workers do not shorten (Amdahl)', () => {
    const costs = { ...reading, planPerFile: 64 };
    for (const workers of [1, 2, 8, 64]) {
      near(seconds(even, costs, ideal, workers), 64 + 256 / workers);
    }
    const limit = findLimit((w) => predict(even, costs, ideal, threads, w), {
      most: 256,
      fitting: Infinity,
    });
    assert.equal(limit.limit, 'serial part');
    assert.ok(limit.workers > 16 && limit.workers < 200, String(limit.workers));
  });

  test('is at least that of the largest task', () => {
    const uneven = job([task(40e6, 1), task(1e6, 40)]);
    near(seconds(uneven, reading, ideal, 2), 40);
    near(seconds(uneven, reading, ideal, 16), 40);
    const limit = findLimit((w) => predict(uneven, reading, ideal, threads, w), {
      most: 64,
      fitting: Infinity,
    });
    assert.deepEqual(limit, { workers: 2, limit: 'largest task' });
  });

  test('is at least what the disk takes for what is not in memory', () => {
    const cold = { ...even, cached: 0 };
    const slow = { ...ideal, diskRead: 2e6 };
    const alone = seconds(cold, reading, slow, 1);
    // 128 s of reading, a part of which goes on while the worker computes.
    assert.ok(alone >= 256 && alone <= 384, String(alone));
    near(seconds(cold, reading, slow, 64), 128, 0.1);
    const { workers, limit } = findLimit((w) => predict(cold, reading, slow, threads, w), {
      most: 64,
      fitting: Infinity,
    });
    assert.equal(limit, 'disk');
    assert.ok(workers >= 2 && workers <= 12, String(workers));
    near(seconds(even, reading, slow, 64), 4, 0.1);
  });

  test('writing waits for the disk only beyond what memory may hold', () => {
    const writing = { ...even, rowBytes: 100e6, tileBytes: 100e6 };
    const slow = { ...ideal, diskWrite: 1e6 };
    near(seconds(writing, free, { ...slow, dirtyBytes: 100e6 }, 1), 0.03, 2);
    near(seconds(writing, free, { ...slow, dirtyBytes: 50e6 }, 1), 50);
    const spilling = { ...writing, pool: () => ({ ...IN_MEMORY, spilled: 0.6 }) };
    near(seconds(spilling, free, { ...slow, dirtyBytes: 50e6 }, 1), 110);
    // Shuffle files that memory does not hold are read from the disk again.
    near(seconds(spilling, free, { ...ideal, diskRead: 1e6, cacheBytes: 40e6 }, 1), 20);
  });

  test('counts memory that has to be fetched, between what is at hand and what is free', () => {
    const machine = { ...ideal, freshPerByte: 1e-6, hotBytes: 20e6, freeBytes: 150e6 };
    const pool = () => ({ ...IN_MEMORY, held: 0.3, spilled: 0.2 });
    const writing = job([task(1e6, 256)], { rowBytes: 100e6, tileBytes: 200e6, tiles: 100, pool });
    const of = (m: Machine, j = writing): number =>
      predict(j, reading, m, threads, 1).parts.freshMemory;
    near(of(machine), 130);
    near(seconds(writing, reading, machine, 1), 256 + 130);
    // Of what was not tried, a part.
    near(of({ ...machine, freshShare: 0.5 }), 65);
    // Tiles that go past the page cache take none: rows that wait do, and shuffle files.
    near(of({ ...machine, takesDirect: true }), 30);
    near(of({ ...machine, takesDirect: true }, { ...writing, tiles: 1000 }), 130);
  });

  test('workers slow each other down, and those beyond the cores bring nothing', () => {
    const machine = { ...ideal, cores: 4 };
    const costs = { ...reading, pace: { one: steady, all: { slowdown: 1.6, warmUp: 0 } } };
    near(seconds(even, costs, machine, 4), (256 / 4) * 1.6);
    near(seconds(even, costs, machine, 2), (256 / 2) * 1.2);
    near(seconds(even, costs, machine, 16), (256 / 4) * 1.6);
    const limit = findLimit((w) => predict(even, costs, machine, threads, w), {
      most: 64,
      fitting: Infinity,
    });
    assert.deepEqual(limit, { workers: 4, limit: 'cores' });
  });

  test('what is slow at first is met once by each worker, and by short jobs in part', () => {
    const slow = { slowdown: 1, warmUp: 500 };
    const costs = { ...reading, pace: { one: slow, all: slow } };
    near(seconds(even, costs, ideal, 1) - seconds(even, reading, ideal, 1), 0.5);
    near(seconds(even, costs, ideal, 8) - seconds(even, reading, ideal, 8), 0.5);
    const short = job([task(10_000, 1)]);
    assert.ok(seconds(short, costs, ideal, 1) - seconds(short, reading, ideal, 1) < 0.05);
  });

  test('takes longer at first where threads that optimize code find no free core', () => {
    const costs = { ...reading, pace: { one: steady, all: { slowdown: 1, warmUp: 400 } } };
    const two = { ...ideal, cores: 2 };
    const short = job([task(1e6, 4)]);
    near(seconds(short, costs, two, 1), seconds(short, reading, two, 1), 1e-6);
    near(seconds(short, costs, two, 2) - seconds(short, reading, two, 2), 0.4);
    // More workers than cores find their pace one after the other.
    near(seconds(short, costs, two, 4) - seconds(short, reading, two, 4), 0.8);
  });

  test('memory limits the workers', () => {
    const limit = findLimit((w) => predict(even, reading, ideal, threads, w), {
      most: 64,
      fitting: 3,
    });
    assert.deepEqual(limit, { workers: 3, limit: 'memory' });
  });

  test('tiles are written beside staging, but for those of the slices that are last', () => {
    const building = (slices: number, workers: number): number => {
      const tasks = [{ ...task(1e6, slices), rowBytes: 1e6 }];
      const all = job(tasks, { tiles: 1000, rowBytes: 64e9 });
      return seconds(all, readingAt(1e-3, { perTile: 64, perByte: 0 }), ideal, workers);
    };
    near(building(64, 1), 64 + 64);
    near(building(64, 4), 16 + 16);
    // One slice: nobody else has anything to do until it has been staged.
    near(building(1, 4), 1 + 64 / 4);
    // Four of five slices, and most tiles after the last: three workers wait for it meanwhile.
    near(building(5, 4), (5 + 12.8) / 4 + 51.2 / 4, 0.1);
  });

  test('groups have their tiles in one task, and those that they share are written at the end', () => {
    const grouped = (count: number, apart: number, workers: number): number => {
      const groups = [{ part: 1 / count, count }];
      const pool = () => ({ ...IN_MEMORY, spilled: apart, apart, tilesApart: apart, groups });
      const all = job([task(1e6, 64)], { tiles: 1e5, rowBytes: 1e9, pool });
      return seconds(all, readingAt(1e-3, { perTile: 0, perByte: 64e-6 }), ideal, workers);
    };
    near(grouped(16, 0, 1), 64 + 64);
    near(grouped(16, 0, 4), 32);
    near(grouped(16, 0, 12), 16);
    // What goes to files and back costs half as much again.
    near(grouped(16, 0.25, 1), 64 + 64 + 8);
    near(grouped(1, 0.5, 4), 64 + 48 + 8);
  });

  test('placing has a task for each partition that has tiles, and workers wait for the last', () => {
    const place = (tiles: number, workers: number): number => {
      const costs = { ...free, rates: { ...free.rates, merge: { perTile: 1000, perTask: 0 } } };
      return seconds(job([], { tiles }), costs, ideal, workers);
    };
    near(place(4, 1), 4);
    near(place(4, 64), 1, 0.2);
    // Three tiles are in three partitions: of two workers one has two of them.
    near(place(3, 2), 2);
    near(place(3, 3), 1);
    // 10,000 tiles are in all of the 256: of 100 workers, 56 have a third one.
    near(place(10_000, 100), (3 * 10_000) / 256);
    near(place(10_000, 3), (86 * 10_000) / 256, 0.01);
  });

  test('a quota of one and a half cores counts as such', () => {
    near(seconds(even, reading, { ...ideal, cores: 1.5 }, 2), 256 / 1.5);
    near(seconds(even, reading, { ...ideal, cores: 0.5 }, 1), 512);
  });
});

test('tasks are handed out longest first', () => {
  assert.equal(
    makespan(
      [
        { seconds: 3, count: 2 },
        { seconds: 2, count: 3 },
      ],
      2,
    ),
    7,
  );
  assert.equal(makespan([{ seconds: 2, count: 3 }], 2), 4);
  assert.equal(makespan([{ seconds: 2, count: 3 }], 1), 6);
  assert.equal(makespan([], 4), 0);
  // Ten kinds of a third of a task each are about three tasks.
  const kinds = Array.from({ length: 9 }, () => ({ seconds: 1, count: 1 / 3 }));
  assert.equal(makespan(kinds, 3), 1);
});

test('numbers of workers to look at begin with one and end with the last', () => {
  assert.deepEqual(workerNumbers(4), [1, 2, 3, 4]);
  const many = workerNumbers(1000);
  assert.equal(many[0], 1);
  assert.equal(many.at(-1), 1000);
  assert.ok(many.length < 50);
});

test('memory: a base, what each worker takes, and rows that wait', () => {
  // Rows take a fifth more than they have bytes.
  const costs = memoryCosts({ peak: 222e6, rows: 10e6 }, { peak: 334e6, rows: 20e6, workers: 2 });
  assert.deepEqual(costs, { base: 110e6, perWorker: 100e6 });
  const tiles = 250 * 100;
  const of = (workers: number, rows: number) =>
    memoryOf(costs, workers, { tasks: [{ count: 100 }], tiles: 100 }, rows).about;
  assert.equal(of(1, 10e6), 222e6 + tiles);
  assert.equal(of(4, 10e6), 522e6 + tiles);
  assert.equal(of(1, 1e9), 1410e6 + tiles);
  const few = memoryOf(costs, 64, { tasks: [{ count: 2 }], tiles: 0 }, 10e6);
  assert.equal(few.about, 322e6);
});
