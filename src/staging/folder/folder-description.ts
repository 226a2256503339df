/** What is in a staged folder, and what it was staged with. */

import { statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { isInputUrl } from '../../formats/remote/input-url.ts';
import { BBOX_CRS } from '../../formats/selection/selection.ts';
import { stagedFormat, stagedFormatWord } from '../../formats/staged-formats.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import { type FolderSettings, Journal } from './journal/journal.ts';
import { shownTileEntries } from './shown-tiles.ts';
import { journalPath } from './staged-folder.ts';
import { fileOf } from './tile-place.ts';

/** Keys as a configuration has them; null for what was not asked for. */
export interface StagedWith {
  tms: string;
  z: number;
  /** As it is asked for. */
  format: string;
  /** A file has up to 4^pack tiles; null: one. */
  pack: number | null;
  where: string | null;
  bbox: readonly number[] | null;
  bboxCrs: string | null;
  columns: readonly string[] | null;
  dropColumns: readonly string[] | null;
  simplifyTolerance: number | null;
  invalid: string;
  keepPrimaryKey: boolean;
  style: string;
  tilePathStructure: readonly string[];
  deduplication: Deduplication | null;
}

export interface FolderDescription {
  /** Of committed runs, as users see them: without what is left out as duplicates. */
  inputs: number;
  tiles: number;
  files: number;
  rows: number;
  settings: StagedWith;
}

export function isStagedFolder(path: string): boolean {
  if (isInputUrl(path)) return false;
  return statSync(journalPath(path), { throwIfNoEntry: false })?.isFile() === true;
}

/** @throws TilewrightError staged-folder, also for one into which nothing was staged */
export function describeFolder(folder: string): FolderDescription {
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    const settings = journal.settings();
    if (settings === null) {
      throw new TilewrightError('staged-folder', `Nothing has been staged into ${folder} yet`);
    }
    const files = new Set<string>();
    let [tiles, rows] = [0, 0];
    let last = '';
    for (const [x, y, , count] of shownTileEntries(journal)) {
      rows += count;
      if (last === `${x}/${y}`) continue;
      last = `${x}/${y}`;
      tiles++;
      const file = fileOf(settings, x, y);
      files.add(`${file.x}/${file.y}`);
    }
    const inputs = journal.inputs().length;
    return { inputs, tiles, files: files.size, rows, settings: stagedWith(settings) };
  } finally {
    journal.close();
  }
}

function stagedWith(settings: FolderSettings): StagedWith {
  const { tms, z, format, pack, selection, simplifyTolerance, style, tilePathStructure } = settings;
  const { where, bbox, bboxCrs, columns, dropColumns } = selection ?? {};
  return {
    ...{ tms, z, format: stagedFormatWord(stagedFormat(format)), pack: pack ?? null },
    ...{ where: where ?? null, bbox: bbox ?? null },
    bboxCrs: bbox === undefined ? null : (bboxCrs ?? BBOX_CRS),
    ...{ columns: columns ?? null, dropColumns: dropColumns ?? null },
    ...{ simplifyTolerance, invalid: settings.invalid ?? 'keep' },
    ...{ keepPrimaryKey: settings.keepPrimaryKey ?? false, style, tilePathStructure },
    deduplication: settings.deduplication ?? null,
  };
}
