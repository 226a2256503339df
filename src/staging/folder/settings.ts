/**
 * Before a run: finishes what a dead run left, and sees to it that all rows of a staged folder are
 * made in the same way.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, TilewrightError } from '../../core/errors.ts';
import type { Executor } from '../../parallel/executor.ts';
import { finishDeadRun, type Resumed } from '../pipeline/mend-shuffles.ts';
import { plannedTiles } from '../pipeline/merge-plan.ts';
import type { PlanOptions } from '../pipeline/plan.ts';
import { productPath } from '../products/product.ts';
import { readShuffleFile } from '../rows/shuffle-format.ts';
import type { RunTeller } from '../telling/run-teller.ts';
import { lockFolder } from './folder-wait.ts';
import type { FoundInput } from './found-input.ts';
import { type FolderSettings, Journal } from './journal.ts';
import { removeFiles } from './remove-files.ts';
import {
  folderLock,
  hasLiveRuns,
  journalPath,
  privateFolder,
  requireOwn,
  runFolder,
  tilePath,
} from './staged-folder.ts';

export interface PrepareOptions extends PlanOptions {
  folder: string;
  summary: string;
  adopt: boolean;
  settings: FolderSettings;
  executor: Executor;
  teller: RunTeller;
}

/** How a run finds the folder. */
export interface Prepared {
  /** Was staged before and has to be staged anew. */
  again: FoundInput[];
  /** Was staged before, and is not there any more. */
  lost: string[];
  /** A dead run that was finished; null if there was none, or its tiles are gone again. */
  resumed: Resumed | null;
}

/**
 * @returns inputs to stage besides those that were given: with `force` and other settings, all
 *   that were staged before
 * @throws TilewrightError config-differs, with the differences
 */
export async function prepareFolder(journal: Journal, options: PrepareOptions): Promise<Prepared> {
  const { folder, settings, force, executor, teller } = options;
  const takeLock = () => lockFolder(folder, journal, teller, () => executor.closed);
  let resumed: Resumed | null = null;
  if (journal.pending() !== null || journal.plannedReset() !== null) {
    const lock = await takeLock();
    try {
      finishReset(journal, folder);
      // The run may have ended while we waited.
      if (journal.pending() !== null) resumed = await finishDeadRun(journal, options);
    } catch (error) {
      // With --force all is staged anew, also what can't be finished.
      if (!force || !isBeyondRepair(error)) throw error;
      return forget(journal, folder, settings);
    } finally {
      lock.release();
    }
  }
  if (sameSettings(journal, settings)) return { again: journal.again(), lost: [], resumed };
  if (!force) requireSettings(journal, folder, settings);
  const lock = await takeLock();
  try {
    // Another run may have committed inputs while we waited.
    if (sameSettings(journal, settings)) return { again: journal.again(), lost: [], resumed };
    if (!force) requireSettings(journal, folder, settings);
    return forget(journal, folder, settings);
  } finally {
    lock.release();
  }
}

const NOT_ITS_FAULT: readonly ErrorCode[] = [
  'interrupted',
  'disk-full',
  'disk-fault',
  'system-limit',
  'output-unwritable',
  'worker-died',
  'tiles-foreign',
];

/** Whether the error may be due to the staged folder itself, so that only starting anew helps. */
function isBeyondRepair(error: unknown): boolean {
  if (!(error instanceof TilewrightError)) return false;
  return !NOT_ITS_FAULT.includes(error.code);
}

export function sameSettings(journal: Journal, settings: FolderSettings): boolean {
  return compareSettings(journal.adoptSettings(settings), settings).length === 0;
}

/** The same of a journal that is only read. */
export function holdsOthers(journal: Journal, settings: FolderSettings): boolean {
  const held = journal.settings();
  return held !== null && compareSettings(held, settings).length > 0;
}

/**
 * Refuses to mix rows of two configurations. A folder that holds no rows yet may be given other
 * settings.
 * @throws TilewrightError config-differs, with the differences
 */
function requireSettings(journal: Journal, folder: string, settings: FolderSettings): void {
  if (journal.inputs().length > 0) throw settingsDiffer(journal, folder, settings);
}

/** The settings that hold in the folder against those that are wanted. */
export function settingsDiffer(
  journal: Journal,
  folder: string,
  settings: FolderSettings,
): TilewrightError {
  const differences = compareSettings(journal.settings() ?? settings, settings);
  return new TilewrightError(
    'config-differs',
    `${folder} was staged with another configuration, and tiles must not mix both:\n` +
      `${differences.map((line) => `  ${line}`).join('\n')}\n` +
      'Use the same configuration, another folder, or --force to stage everything anew',
  );
}

function compareSettings(held: FolderSettings, wanted: FolderSettings): string[] {
  const lines: string[] = [];
  const compare = (label: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) {
      lines.push(`${label}: ${JSON.stringify(a)} then, ${JSON.stringify(b)} now`);
    }
  };
  compare('TileMatrixSet', held.tms, wanted.tms);
  if (held.tms === wanted.tms && held.tmsDefinition !== wanted.tmsDefinition) {
    lines.push(`TileMatrixSet: another definition of ${held.tms}`);
  }
  compare('z', held.z, wanted.z);
  compare('simplifyTolerance', held.simplifyTolerance, wanted.simplifyTolerance);
  compare('keepPrimaryKey', held.keepPrimaryKey ?? false, wanted.keepPrimaryKey ?? false);
  compare('style', held.style, wanted.style);
  compare('tilePathStructure', held.tilePathStructure, wanted.tilePathStructure);
  compare('format', held.format, wanted.format);
  for (const name of Object.keys(wanted.properties)) {
    compare(`properties.${name}`, held.properties[name], wanted.properties[name]);
  }
  return lines;
}

/** Removes all tiles and what the journal says; the inputs that are still there are staged anew. */
function forget(journal: Journal, folder: string, settings: FolderSettings): Prepared {
  const staged = [...journal.inputs(), ...(journal.pending()?.inputs ?? [])];
  const known = [
    ...staged.map(({ path, file, root }) => ({ path, name: file, root })),
    ...journal.again(),
  ];
  const again = known.filter((input) => existsSync(input.path));
  const lost = staged.filter((input) => !existsSync(input.path)).map((input) => input.name);
  const once = [...new Map(again.map((input) => [input.name, input])).values()];
  journal.planReset({ settings, again: once });
  finishReset(journal, folder);
  return { again: once, lost, resumed: null };
}

/** Empties the folder if that was planned, perhaps by a process that was killed over it. */
function finishReset(journal: Journal, folder: string): void {
  if (journal.plannedReset() === null) return;
  removeTiles(journal, folder);
  journal.reset();
}

/** With what was derived from them. */
function removeTiles(journal: Journal, folder: string): number {
  const settings = journal.settings();
  if (settings === null) return 0;
  for (const product of journal.products.known()) {
    const rows = journal.products.rows(product);
    removeFiles(
      folder,
      rows.map((row) => productPath(product, settings, row)),
    );
  }
  const tiles = [...journal.tiles(), ...tilesOfPending(journal, folder)];
  return removeFiles(
    folder,
    tiles.map(({ x, y }) => tilePath(settings, x, y)),
  );
}

/** Tiles that an interrupted merge may have written before the journal knew of them, some of them twice. */
export function* tilesOfPending(
  journal: Journal,
  folder: string,
): Generator<{ x: number; y: number }> {
  const run = journal.pending();
  for (const shuffle of run?.inputs.flatMap((input) => input.shuffles) ?? []) {
    try {
      yield* readShuffleFile(join(runFolder(folder, run!.runId), shuffle)).segments;
    } catch {
      // It is gone or damaged, which is perhaps why everything is removed. The plan has them too.
    }
  }
  try {
    if (run !== null) yield* plannedTiles(folder, run.runId);
  } catch {
    // There is none yet: no tile has changed. Or it is damaged too.
  }
}

/**
 * Removes everything that staging made in the folder: tiles, summary, journal. Other files stay.
 * @returns the number of tiles removed
 * @throws TilewrightError staged-folder if it is none, or if a run is at work in it
 */
export async function cleanFolder(folder: string, summary: string): Promise<number> {
  if (!existsSync(journalPath(folder))) {
    throw new TilewrightError(
      'staged-folder',
      `${folder} is not a staged folder: it has no journal. Nothing was removed`,
    );
  }
  requireOwn(folder);
  const lock = await folderLock(folder);
  let removed: number;
  try {
    if (hasLiveRuns(folder)) {
      throw new TilewrightError(
        'staged-folder',
        `Another process is staging into ${folder}. Nothing was removed: wait for it or stop it`,
      );
    }
    const journal = new Journal(journalPath(folder));
    try {
      const settings = journal.settings();
      // If this is killed over it, the next run doesn't take the tiles that are gone for staged.
      if (settings !== null) journal.planReset({ settings, again: [] });
      removed = removeTiles(journal, folder);
    } finally {
      journal.close();
    }
    rmSync(summary, { force: true });
    // A run that has begun meanwhile finds what is planned, and begins with an empty folder.
    if (hasLiveRuns(folder)) return removed;
    // Nobody finds half of it, or begins in what is being removed; who waits for the lock notices
    // that it is gone.
    const leaving = `${privateFolder(folder)}.${randomBytes(6).toString('hex')}.gone`;
    renameSync(privateFolder(folder), leaving);
    rmSync(leaving, { recursive: true, force: true, maxRetries: 3 });
  } finally {
    lock.release();
  }
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
  return removed;
}
