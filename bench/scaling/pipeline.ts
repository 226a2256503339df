/**
 * The real pipeline on executors that note what each of its tasks takes, or in which order it starts them;
 * see also stage-plan.ts.
 */

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Executor } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import type { Task } from '../../src/parallel/task.ts';
import { type BuiltTile, PART_FIELDS } from '../../src/staging/groups/record.ts';
import type { MergedPartition } from '../../src/staging/tasks/merge-tile.ts';
import type { Spilled } from '../../src/staging/tasks/spill-task.ts';
import type { StagedSlice } from '../../src/staging/tasks/stage-task.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { EventQueue } from './event-queue.ts';

export interface TaskCost {
  name: string;
  cpuSeconds: number;
  wallSeconds: number;
  /** Features that a stage task has read; rows that another one has written. */
  rows: number;
  /** Tiles that it has written, or renamed; bytes of a shuffle file, and of memory that rows took. */
  tiles: number;
  shuffleBytes: number;
  memory: number;
}

export interface RunCost {
  tasks: TaskCost[];
  cpuSeconds: number;
  wallSeconds: number;
  rows: number;
  tiles: number;
}

export interface TimedOptions {
  /** How many workers groups are cut for that share no memory; by default they share it. */
  apart?: number;
  /** MB for the rows of a worker; by default what suits the machine. */
  memory?: number;
}

/** Stages a folder into another, in this thread, and notes what each task takes. */
export async function timedRun(
  input: string,
  staged: string,
  { apart, memory }: TimedOptions = {},
): Promise<RunCost> {
  const inline = new InlineExecutor();
  const tasks: TaskCost[] = [];
  const executor: Executor = {
    label: 'noting',
    slots: 1,
    sharesMemory: apart === undefined,
    mostWorkers: apart,
    closed: false,
    run: async (task, options) => {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const result = await inline.run(task, options);
      const wallSeconds = (performance.now() - start) / 1000;
      const cpuSeconds = cpuSince(cpu);
      tasks.push({ name: task.name, cpuSeconds, wallSeconds, ...sizesOf(task, result) });
      return result;
    },
    shutdown: () => inline.shutdown(),
  };
  const cpu = process.cpuUsage();
  const summary = join(staged, 'staging_summary.csv');
  const config = { dirInput: input, dirStaged: staged, filenameStagingSummary: summary, memory };
  const result = await new TileStager(config).stageAll({ executor });
  return {
    tasks,
    cpuSeconds: cpuSince(cpu),
    wallSeconds: result.seconds,
    rows: result.rowsWritten,
    tiles: result.tiles.total,
  };
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function sizesOf(
  task: Task,
  result: unknown,
): Pick<TaskCost, 'rows' | 'tiles' | 'shuffleBytes' | 'memory'> {
  const none = { rows: 0, tiles: 0, shuffleBytes: 0, memory: 0 };
  switch (task.name) {
    case 'staging.stage': {
      const { statistics, tiles } = result as StagedSlice;
      const memory = tiles.reduce((sum, tile) => sum + tile.memory, 0);
      return { ...none, rows: statistics.rowsRead, memory };
    }
    case 'staging.build': {
      const built = result as BuiltTile[];
      return {
        ...none,
        rows: built.reduce((sum, { parts }) => sum + rowsIn(parts), 0),
        tiles: built.length,
      };
    }
    case 'staging.spill': {
      const { segments } = result as Spilled;
      const bytes = segments.reduce((sum, { length }) => sum + length, 0);
      return {
        ...none,
        rows: segments.reduce((sum, { rows }) => sum + rows, 0),
        shuffleBytes: bytes,
      };
    }
    case 'staging.merge': {
      const { tiles } = result as MergedPartition;
      const written = tiles.filter((tile) => tile.written);
      return {
        ...none,
        rows: written.reduce((sum, { rows }) => sum + rows, 0),
        tiles: tiles.length,
      };
    }
    default:
      return none;
  }
}

function rowsIn(parts: readonly number[]): number {
  let sum = 0;
  for (let p = 1; p < parts.length; p += PART_FIELDS) sum += parts[p]!;
  return sum;
}

/**
 * In which order, and when, the pipeline starts tasks of these durations on so many workers: pairs
 * of a task's index and its start in seconds on a virtual clock.
 */
export async function startOrder(
  seconds: readonly number[],
  workers: number,
): Promise<[task: number, at: number][]> {
  const starts: [number, number][] = [];
  const ends = new EventQueue<() => void>();
  let now = 0;
  const executor: Executor = {
    label: 'virtual clock',
    slots: workers,
    closed: false,
    run: (one) => {
      const task = one.args[0] as number;
      starts.push([task, now]);
      return new Promise<void>((resolve) => ends.push(now + seconds[task]!, resolve));
    },
    shutdown: async () => undefined,
  };
  const tasks = seconds.map((_, i): Task => ({ name: 'staging.stage', args: [i] }));
  const all = runAll(executor, tasks, () => undefined);
  while (starts.length < seconds.length || ends.length > 0) {
    // What follows from an end happens before the next one.
    await setImmediate();
    now = ends.next;
    ends.pop()?.();
  }
  await all;
  return starts;
}
