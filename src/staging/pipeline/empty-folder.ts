/** Takes out of a staged folder what staging made there. */

import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { type FolderSettings, Journal } from '../folder/journal/journal.ts';
import { PACKS } from '../folder/journal/journal-products.ts';
import { removeFiles } from '../folder/remove-files.ts';
import {
  folderLock,
  hasLiveRuns,
  journalPath,
  privateFolder,
  requireOwn,
  runFolder,
} from '../folder/staged-folder.ts';
import { filePath, LOOSE_FOLDER, tilePath } from '../folder/tile-place.ts';
import { readRecord } from '../groups/read-record.ts';
import { recordedTiles } from '../groups/recorded-tiles.ts';
import { OVERLAPS_FOLDER } from '../judging/region-file.ts';
import { WHOLE_FOLDER } from '../judging/whole-tiles.ts';
import { productPath } from '../products/product.ts';
import { plannedTiles } from '../tasks/merge-plan.ts';

/** Empties the folder if that was planned, perhaps by a process that was killed over it. */
export function finishReset(journal: Journal, folder: string): void {
  if (journal.plannedReset() === null) return;
  removeTiles(journal, folder);
  journal.reset();
}

/** With what was derived from them. */
function removeTiles(journal: Journal, folder: string): number {
  const settings = journal.settings();
  if (settings === null) return 0;
  // Who finds a whole tile goes by it, so they go first.
  for (const below of [WHOLE_FOLDER, OVERLAPS_FOLDER, LOOSE_FOLDER]) {
    rmSync(join(folder, below), { recursive: true, force: true, maxRetries: 3 });
  }
  for (const product of journal.products.known()) {
    const rows = journal.products.rows(product);
    removeFiles(
      folder,
      rows.map((row) => productPath(product, settings, row)),
    );
  }
  const tiles = [...journal.tiles(), ...tilesOfPending(journal, folder)];
  if (settings.pack !== undefined) return removePacks(journal, folder, settings, tiles.length);
  return removeFiles(
    folder,
    tiles.map(({ x, y }) => tilePath(settings, x, y)),
  );
}

/** @returns the number of tiles, all of which are gone then */
function removePacks(
  journal: Journal,
  folder: string,
  settings: FolderSettings,
  tiles: number,
): number {
  const packs = journal.products.find(PACKS);
  const rows = packs === null ? [] : [...journal.products.rows(packs)];
  removeFiles(
    folder,
    rows.map((row) => filePath(settings, row)),
  );
  return tiles;
}

/** Tiles that an interrupted merge may have written before the journal knew of them, some of them twice. */
export function* tilesOfPending(
  journal: Journal,
  folder: string,
): Generator<{ x: number; y: number }> {
  const run = journal.pending();
  if (run === null) return;
  const place = runFolder(folder, run.runId);
  for (const name of run.records) {
    try {
      yield* recordedTiles(place, readRecord(join(place, name)));
    } catch {
      // It is gone or damaged, which is perhaps why everything is removed. The plan has them too.
    }
  }
  try {
    yield* plannedTiles(folder, run.runId);
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
