/**
 * What the real pipeline does with a job: it is run on an executor that does nothing, but says of each slice
 * which tiles it has rows in, and so is asked to build tiles and to spill rows as in a real run.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executor } from '../../src/parallel/executor.ts';
import type { Task } from '../../src/parallel/task.ts';
import { Journal } from '../../src/staging/folder/journal/journal.ts';
import {
  beginRun,
  endRun,
  journalPath,
  makeStagedFolder,
  runFolder,
} from '../../src/staging/folder/staged-folder.ts';
import { Group } from '../../src/staging/groups/group.ts';
import { type BuiltTile, PART_FIELDS, RecordWriter } from '../../src/staging/groups/record.ts';
import type { BuildPart, TileToBuild } from '../../src/staging/groups/steps.ts';
import type { Plan } from '../../src/staging/planning/plan.ts';
import type { TileRows } from '../../src/staging/rows/row-chunks.ts';
import type { Segment } from '../../src/staging/rows/shuffle-format.ts';
import type { SliceRows } from '../../src/staging/rows/shuffle-writer.ts';
import type { SliceStatistics } from '../../src/staging/rows/slice-statistics.ts';
import { stageInputs } from '../../src/staging/slices/stage-inputs.ts';
import type { BuildArgs } from '../../src/staging/tasks/build-task.ts';
import type { GroupArgs, StagedGroup } from '../../src/staging/tasks/group-task.ts';
import type { SpillArgs, Spilled } from '../../src/staging/tasks/spill-task.ts';
import type { StageArgs, StagedSlice } from '../../src/staging/tasks/stage-task.ts';
import { RunTeller } from '../../src/staging/telling/run-teller.ts';
import { type TileKey, tileKeys } from '../../src/tms/tile-keys.ts';
import { FOLDER_SETTINGS, TILE_MATRIX_SET, Z } from './folder-settings.ts';
import type { GroundCover } from './ground-cover.ts';
import { MEMORY_PER_ROW } from './rates.ts';

const KEY_OF = tileKeys(TILE_MATRIX_SET.matrix(Z));

/** What a task of the phase `stage` has to do. */
export interface StageWork {
  slices: number;
  features: number;
  /** Written from rows in memory, and from rows that were spilled before. */
  builtTiles: number;
  builtRows: number;
  readBackRows: number;
  readBackSegments: number;
  spills: number;
  spilledRows: number;
}

/** What the phase `stage` leaves of a tile. */
export interface StagedTile {
  built: boolean;
  /** Pieces of shuffle files, and the rows in them, that are in no built file. */
  segments: number;
  rows: number;
}

export interface StagePlan {
  /** In the order in which they are started. */
  tasks: StageWork[];
  /** By index of the tile in the cover. */
  tiles: Map<number, StagedTile>;
  records: number;
  shuffles: number;
  segments: number;
  /** Groups of workers without shared memory; 1 if they share it. */
  groups: number;
  /** What the coordinator's own work took of this thread's CPU time: until the first task, and for each. */
  startSeconds: number;
  secondsPerTask: number;
}

export interface StageOptions {
  workers: number;
  sharesMemory: boolean;
  /** Bytes for the rows, for each worker. */
  memory: number;
}

export async function planStaging(
  plan: Plan,
  cover: GroundCover,
  { workers, sharesMemory, memory }: StageOptions,
): Promise<StagePlan> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-scaling-'));
  makeStagedFolder(folder);
  const handle = beginRun(folder);
  const journal = new Journal(journalPath(folder));
  const forged = new ForgedStaging(plan, cover, runFolder(folder, handle.runId));
  const start = cpuMilliseconds();
  let first = 0;
  const executor: Executor = {
    ...{ label: 'forged', slots: workers, workers, mostWorkers: workers },
    ...{ sharesMemory, closed: false },
    run: async (task) => {
      if (first === 0) first = cpuMilliseconds();
      return forged.run(task);
    },
    shutdown: async () => undefined,
  };
  try {
    const common = { folder, settings: FOLDER_SETTINGS, executor, teller: new RunTeller() };
    const options = { ...common, sliceBytes: 24 << 20, memory, prune: false };
    const { records } = await stageInputs(plan, handle.runId, journal, options);
    const end = cpuMilliseconds();
    const { tasks, tiles, shuffles, segments } = forged;
    return {
      ...{ tasks, tiles, shuffles, segments, records: records.length },
      groups: sharesMemory ? 1 : tasks.length,
      startSeconds: (first - start) / 1000,
      secondsPerTask: (end - first - forged.milliseconds) / 1000 / Math.max(1, tasks.length),
    };
  } finally {
    journal.close();
    endRun(folder, handle);
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Nothing, so that a slice is complete whatever becomes of its rows. */
const STATISTICS: SliceStatistics = {
  ...{ rowsRead: 0, featuresStaged: 0, rows: 0, droppedM: 0, drops: {}, oddClasses: [] },
};

/** Does as tasks do, with rows of which there is no more than their number. */
class ForgedStaging {
  readonly tasks: StageWork[] = [];
  readonly tiles = new Map<number, StagedTile>();
  records = 0;
  shuffles = 0;
  segments = 0;
  /** Of work that is the workers', and not the coordinator's. */
  milliseconds = 0;
  readonly #cover: GroundCover;
  readonly #place: string;
  readonly #inputs: Map<string, { index: number; parts: Map<number, number>; counts: number[] }>;
  readonly #tileAt: Map<TileKey, number>;

  constructor(plan: Plan, cover: GroundCover, place: string) {
    this.#cover = cover;
    this.#place = place;
    this.#inputs = new Map(
      plan.planned.map(({ name, slices, featureCount }, index) => {
        const parts = new Map(slices.map(({ start }, part) => [start, part]));
        const whole = slices.length === 1;
        const counts = slices.map(({ start, end }) => (whole ? featureCount : end - start));
        return [name, { index: cover.indexOf.get(name) ?? index, parts, counts }];
      }),
    );
    this.#tileAt = new Map(cover.tiles.map(({ x, y }, i) => [KEY_OF(x, y), i]));
  }

  run({ name, args: [args] }: Task): unknown {
    const start = cpuMilliseconds();
    const work = noWork();
    this.tasks.push(work);
    try {
      if (name === 'staging.stage') return this.#stage(args as StageArgs, work);
      if (name === 'staging.build') return this.#build((args as BuildArgs).tiles, work);
      if (name === 'staging.spill') return this.#spill((args as SpillArgs).rows, work);
      return this.#stageGroup(args as GroupArgs, work);
    } finally {
      this.milliseconds += cpuMilliseconds() - start;
    }
  }

  #stage({ input, slice }: Pick<StageArgs, 'input' | 'slice'>, work: StageWork): StagedSlice {
    const { index, parts, counts } = this.#inputs.get(input.name)!;
    const part = slice === null ? 0 : parts.get(slice.start)!;
    work.slices++;
    work.features += counts[part]!;
    const tiles = this.#cover.slices[index]![part]!.map(({ tile, rows }): TileRows => {
      const { x, y } = this.#cover.tiles[tile]!;
      const memory = rows * MEMORY_PER_ROW;
      return { x, y, rows, geometry: 0, chunks: [], ends: [memory], memory };
    });
    return { statistics: STATISTICS, bytes: 0, tiles };
  }

  #build(tiles: readonly TileToBuild[], work: StageWork): BuiltTile[] {
    return tiles.map(({ x, y, file, parts }) => {
      const tile = this.#tile(x, y);
      tile.built = true;
      work.builtTiles++;
      for (const part of parts) {
        const rows = rowsOf(part);
        work.builtRows += rows;
        if ('rows' in part) continue;
        work.readBackRows += rows;
        work.readBackSegments++;
        tile.rows -= rows;
        tile.segments--;
      }
      // Without a row, as the slices have none.
      const fields = new Array<number>(PART_FIELDS - 1).fill(0);
      const recorded = parts.flatMap(({ slice }) => [slice, ...fields]);
      const areas = [...new Set(parts.map(({ input }) => input))].fill(0);
      return { x, y, file, bytes: 0, sum: 0, parts: recorded, areas };
    });
  }

  #spill(rows: readonly SliceRows[], work: StageWork): Spilled {
    const segments = rows.map(({ slice, x, y, rows: count }, i): Segment => {
      const tile = this.#tile(x, y);
      tile.rows += count;
      tile.segments++;
      work.spilledRows += count;
      return { slice, x, y, geometry: 0, rows: count, offset: i, length: 0, sum: 0 };
    });
    work.spills++;
    this.shuffles++;
    this.segments += segments.length;
    return { shuffle: `${numbered(this.shuffles)}.shuffle`, segments };
  }

  /** See group-task.ts. */
  #stageGroup(args: GroupArgs, work: StageWork): StagedGroup {
    const name = `${numbered(this.records++)}.record`;
    const record = new RecordWriter(join(this.#place, name));
    const elsewhere = args.elsewhere && new Set<TileKey>(args.elsewhere);
    const group = new Group({
      inputs: args.inputs.map(({ name, layer }) => ({ name, columns: layer.columns })),
      slices: args.slices.map(({ key, input, slice, tiles }) => {
        const known = tiles && Float64Array.from(tiles);
        return { key, input, start: slice?.start ?? 0, tiles: known };
      }),
      ...{ keyOf: KEY_OF, format: FOLDER_SETTINGS.format, record },
      ...{ memory: args.memory, sliceBytes: args.sliceBytes },
      mayBuild: (key) => elsewhere !== null && !elsewhere.has(key),
      whyNot: () => 'shared',
    });
    for (let step = group.next(); step; step = group.next()) {
      if ('build' in step) group.built(step, this.#build(step.build, work));
      else if ('spill' in step) {
        const { shuffle, segments } = this.#spill(step.spill, work);
        group.spilled(step, shuffle, segments);
      } else {
        const { input, slice } = args.slices[step.stage]!;
        const { tiles } = this.#stage({ input: args.inputs[input]!, slice }, work);
        group.staged(step.stage, STATISTICS, tiles);
      }
    }
    record.close();
    return { record: name, failed: [], bytes: 0, tiles: 0 };
  }

  #tile(x: number, y: number): StagedTile {
    const index = this.#tileAt.get(KEY_OF(x, y))!;
    let tile = this.tiles.get(index);
    if (tile === undefined) {
      tile = { built: false, segments: 0, rows: 0 };
      this.tiles.set(index, tile);
    }
    return tile;
  }
}

/** As names in a run's folder are, without their kind. */
function numbered(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function rowsOf(part: BuildPart): number {
  return 'rows' in part ? part.rows.rows : part.segment.rows;
}

export function noWork(): StageWork {
  return {
    ...{ slices: 0, features: 0, builtTiles: 0, builtRows: 0 },
    ...{ readBackRows: 0, readBackSegments: 0, spills: 0, spilledRows: 0 },
  };
}
