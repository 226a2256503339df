/**
 * All that the simulator has to do with executors, in one place: the real pipeline is run on
 * executors that note in which order it starts its tasks, or what each of them takes.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Executor } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import type { Task } from '../../src/parallel/task.ts';
import { Journal } from '../../src/staging/folder/journal.ts';
import {
  beginRun,
  endRun,
  journalPath,
  makeStagedFolder,
} from '../../src/staging/folder/staged-folder.ts';
import { stageInputs } from '../../src/staging/pipeline/stage-inputs.ts';
import type { Plan } from '../../src/staging/planning/plan.ts';
import type { SliceStatistics } from '../../src/staging/rows/slice-statistics.ts';
import type { MergedPartition } from '../../src/staging/tasks/merge-tile.ts';
import type { StageArgs, StagedSlice } from '../../src/staging/tasks/stage-task.ts';
import { RunTeller } from '../../src/staging/telling/run-teller.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { EventQueue } from './event-queue.ts';
import { FOLDER_SETTINGS } from './folder-settings.ts';

/** A stage task as the pipeline starts it: the part [from, to) of an input's features. */
export interface StageOrder {
  input: string;
  from: number;
  to: number;
}

export interface StageStart {
  /** In the order in which they are started. */
  tasks: StageOrder[];
  /** What the coordinator's own work took: for all of them, and for each as it ended. */
  startSeconds: number;
  secondsPerTask: number;
}

/** Starts the stage tasks of a plan on an executor that does nothing. */
export async function stageOrder(plan: Plan): Promise<StageStart> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-scaling-'));
  makeStagedFolder(folder);
  const handle = beginRun(folder);
  const journal = new Journal(journalPath(folder));
  const tasks: StageOrder[] = [];
  const counts = new Map(plan.planned.map(({ name, featureCount }) => [name, featureCount]));
  const start = performance.now();
  let first = 0;
  const executor: Executor = {
    label: 'noting',
    slots: 1,
    sharesMemory: true,
    closed: false,
    run: async (task: Task) => {
      if (tasks.length === 0) first = performance.now();
      const { input: its, slice } = argumentOf(task) as StageArgs;
      const { name: input } = its;
      const { start: from, end: to } = slice ?? { start: 1, end: counts.get(input)! + 1 };
      tasks.push({ input, from, to });
      return { statistics: NOTHING_STAGED, bytes: 0, tiles: [] };
    },
    shutdown: async () => undefined,
  };
  try {
    const teller = new RunTeller();
    const common = { folder, settings: FOLDER_SETTINGS, executor, teller };
    const options = { ...common, sliceBytes: 24 << 20, memory: null, prune: false };
    await stageInputs(plan, handle.runId, journal, options);
    const end = performance.now();
    return {
      tasks,
      startSeconds: (first - start) / 1000,
      secondsPerTask: (end - first) / 1000 / Math.max(1, tasks.length),
    };
  } finally {
    journal.close();
    endRun(folder, handle);
    rmSync(folder, { recursive: true, force: true });
  }
}

const NOTHING_STAGED: SliceStatistics = {
  rowsRead: 0,
  featuresStaged: 0,
  rows: 0,
  droppedM: 0,
  drops: {},
  oddClasses: [],
};

export interface TaskCost {
  name: string;
  cpuSeconds: number;
  wallSeconds: number;
  /** Rows that a stage task has read, or that a merge task has written. */
  rows: number;
  /** Of the shuffle file that a stage task wrote; 0 for a merge task. */
  shuffleBytes: number;
}

export interface RunCost {
  tasks: TaskCost[];
  cpuSeconds: number;
  wallSeconds: number;
  rows: number;
  tiles: number;
}

/** Stages a folder into another, in this thread, and notes what each task takes. */
export async function timedRun(input: string, staged: string): Promise<RunCost> {
  const inline = new InlineExecutor();
  const tasks: TaskCost[] = [];
  const executor: Executor = {
    label: 'noting',
    slots: 1,
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
  const config = { dirInput: input, dirStaged: staged, filenameStagingSummary: summary };
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

function sizesOf(task: Task, result: unknown): Pick<TaskCost, 'rows' | 'shuffleBytes'> {
  if (task.name === 'staging.stage') {
    const { statistics, bytes } = result as StagedSlice;
    return { rows: statistics.rowsRead, shuffleBytes: bytes };
  }
  const rows = (result as MergedPartition).tiles.reduce((sum, tile) => sum + tile.rows, 0);
  return { rows, shuffleBytes: 0 };
}

function argumentOf({ args }: Task): unknown {
  return args[0];
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
      const task = argumentOf(one) as number;
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
