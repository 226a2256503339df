/**
 * The task `merge`: all tiles of one partition that the pending run touches. It owns them alone:
 * the run holds the folder's lock.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskContext } from '../parallel/task.ts';
import {
  type FolderSettings,
  Journal,
  type PendingRun,
  type StagedInput,
  type TileInput,
} from './journal.ts';
import { type MergedTile, mergeTile, type TileSegments } from './merge-tile.ts';
import { readShuffleFile } from './shuffle-format.ts';
import { journalPath, runFolder } from './staged-folder.ts';

export interface MergeArgs {
  /** The staged folder, which holds the pending run. */
  folder: string;
  partition: number;
}

/** What the tasks of one run have in common; a worker reads it once. */
interface RunContext {
  folder: string;
  run: PendingRun;
  settings: FolderSettings;
  /** Segments of all shuffle files, by partition, then tile. */
  segments: Map<number, Map<string, TileSegments>>;
}

let current: RunContext | undefined;

export function mergePartition(args: MergeArgs, task: TaskContext): MergedTile[] {
  const journal = new Journal(journalPath(args.folder), { readOnly: true });
  try {
    const context = runContext(args.folder, journal);
    const { run, settings } = context;
    const leaving = new Set([...run.removed, ...run.inputs.map((input) => input.name)]);
    const staged = new Map<string, StagedInput>();
    const inputOf = (name: string): StagedInput => {
      const input = staged.get(name) ?? journal.input(name)!;
      staged.set(name, input);
      return input;
    };

    // Tiles that get rows, and tiles that rows leave.
    const tiles = new Map(context.segments.get(args.partition));
    const kept = new Map<string, TileInput[]>();
    for (const entry of journal.tileInputs(args.partition)) {
      const key = tileKey(entry.x, entry.y);
      if (leaving.has(entry.input)) {
        if (!tiles.has(key)) tiles.set(key, { x: entry.x, y: entry.y, byInput: new Map() });
      } else {
        const list = kept.get(key);
        if (list === undefined) kept.set(key, [entry]);
        else list.push(entry);
      }
    }
    const temporary = join(runFolder(args.folder, run.runId), `tile-${args.partition}.tmp`);
    return [...tiles].map(([key, tile]) => {
      const merged = mergeTile({
        folder: args.folder,
        settings,
        run,
        tile,
        kept: (kept.get(key) ?? []).map((entry) => ({ entry, staged: inputOf(entry.input) })),
        temporary,
      });
      task.progress(merged.inputs.reduce((sum, input) => sum + input.rows, 0));
      return merged;
    });
  } finally {
    journal.close();
  }
}

/** Partitions that the run touches, with the bytes that each has to move. */
export function partitionsOfRun(folder: string, journal: Journal): Map<number, number> {
  const { run, segments } = runContext(folder, journal);
  const bytes = new Map<number, number>();
  for (const [partition, tiles] of segments) {
    let sum = 0;
    for (const tile of tiles.values()) {
      for (const parts of tile.byInput.values()) {
        for (const { segment } of parts) sum += segment.length;
      }
    }
    bytes.set(partition, sum);
  }
  const leaving = [...run.removed, ...run.inputs.map((input) => input.name)];
  for (const partition of journal.partitionsOf(leaving)) {
    if (!bytes.has(partition)) bytes.set(partition, 0);
  }
  return bytes;
}

function runContext(folder: string, journal: Journal): RunContext {
  const run = journal.pending()!;
  if (current?.folder === folder && current.run.runId === run.runId) return current;
  const segments: RunContext['segments'] = new Map();
  for (const [index, input] of run.inputs.entries()) {
    for (const name of input.shuffles) {
      const path = join(runFolder(folder, run.runId), name);
      if (!existsSync(path)) continue;
      for (const segment of readShuffleFile(path).segments) {
        let tiles = segments.get(segment.partition);
        if (tiles === undefined) {
          tiles = new Map();
          segments.set(segment.partition, tiles);
        }
        const key = tileKey(segment.x, segment.y);
        let tile = tiles.get(key);
        if (tile === undefined) {
          tile = { x: segment.x, y: segment.y, byInput: new Map() };
          tiles.set(key, tile);
        }
        const parts = tile.byInput.get(index);
        if (parts === undefined) tile.byInput.set(index, [{ path, segment }]);
        else parts.push({ path, segment });
      }
    }
  }
  current = { folder, run, settings: journal.settings()!, segments };
  return current;
}

function tileKey(x: number, y: number): string {
  return `${x}/${y}`;
}
