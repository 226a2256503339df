/**
 * Before a run: finishes what a dead run left, and sees to it that all rows of a staged folder are
 * made in the same way.
 */

import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import type { Executor } from '../parallel/executor.ts';
import { finishPending } from './finish.ts';
import type { FoundInput } from './inputs.ts';
import { type FolderSettings, Journal } from './journal.ts';
import type { RunProgress } from './result.ts';
import { folderLock, journalPath, privateFolder, tilePath } from './staged-folder.ts';

export interface PrepareOptions {
  folder: string;
  summary: string;
  settings: FolderSettings;
  force: boolean;
  executor: Executor;
  onProgress?: (progress: RunProgress) => void;
}

/**
 * @returns inputs to stage besides those that were given: with `force` and other settings, all
 *   that were staged before
 * @throws TilewrightError config-differs, with the differences
 */
export async function prepareFolder(
  journal: Journal,
  options: PrepareOptions,
): Promise<FoundInput[]> {
  const { folder, settings, force } = options;
  if (journal.pending() !== null) {
    const lock = await folderLock(folder, () =>
      options.onProgress?.({ phase: 'wait', done: 0, total: 0 }),
    );
    try {
      // The run may have ended while we waited.
      if (journal.pending() !== null) await finishPending(journal, options);
    } catch (error) {
      // With --force all is staged anew, also what can't be finished.
      if (!force) throw error;
      return forget(journal, folder, settings);
    } finally {
      lock.release();
    }
  }
  const held = journal.adoptSettings(settings);
  const differences = compareSettings(held, settings);
  if (differences.length === 0) return [];
  if (journal.inputs().length === 0 || force) {
    const lock = await folderLock(folder, () => undefined);
    try {
      return forget(journal, folder, settings);
    } finally {
      lock.release();
    }
  }
  throw new TilewrightError(
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
  compare('style', held.style, wanted.style);
  compare('tilePathStructure', held.tilePathStructure, wanted.tilePathStructure);
  compare('format', held.format, wanted.format);
  for (const name of Object.keys(wanted.properties)) {
    compare(`properties.${name}`, held.properties[name], wanted.properties[name]);
  }
  return lines;
}

/** Removes all tiles and what the journal says; returns the inputs that are still there. */
function forget(journal: Journal, folder: string, settings: FolderSettings): FoundInput[] {
  const again = journal
    .inputs()
    .filter((input) => existsSync(input.path))
    .map(({ path, file, root }) => ({ path, name: file, root }));
  removeTiles(journal, folder);
  journal.reset(settings);
  return [...new Map(again.map((input) => [input.name, input])).values()];
}

function removeTiles(journal: Journal, folder: string): number {
  const settings = journal.settings();
  if (settings === null) return 0;
  const folders = new Set<string>();
  let removed = 0;
  for (const { x, y } of journal.tiles()) {
    const path = join(folder, tilePath(settings, x, y));
    if (existsSync(path)) removed++;
    rmSync(path, { force: true });
    folders.add(dirname(path));
  }
  // Deepest first, up to the staged folder itself, as far as they are empty.
  for (const start of folders) {
    for (let above = start; above.length > folder.length; above = dirname(above)) {
      try {
        rmdirSync(above);
      } catch {
        break;
      }
    }
  }
  return removed;
}

/**
 * Removes everything that staging made in the folder: tiles, summary, journal. Other files stay.
 * @returns the number of tiles removed
 * @throws TilewrightError staged-folder if it is none
 */
export async function cleanFolder(folder: string, summary: string): Promise<number> {
  if (!existsSync(journalPath(folder))) {
    throw new TilewrightError(
      'staged-folder',
      `${folder} is not a staged folder: it has no journal. Nothing was removed`,
    );
  }
  const lock = await folderLock(folder, () => undefined);
  let removed: number;
  try {
    const journal = new Journal(journalPath(folder));
    try {
      removed = removeTiles(journal, folder);
    } finally {
      journal.close();
    }
    rmSync(summary, { force: true });
  } finally {
    lock.release();
  }
  rmSync(privateFolder(folder), { recursive: true, force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
  return removed;
}
