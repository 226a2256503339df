/** The summary: a CSV with a row per input and tile, with the columns of the Python pipeline. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../core/files/make-folder.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { FolderSettings, Journal } from './journal.ts';
import { shownTileInputs } from './shown-tiles.ts';

const COLUMNS = [
  'filename',
  'num_polygons',
  'area_polygons',
  'datetime',
  'tile_x',
  'tile_y',
  'tile_z',
  'tile_top',
  'tile_right',
  'tile_bottom',
  'tile_left',
  'tms_identifier',
];

/** The first line. */
export const SUMMARY_HEADER = `${COLUMNS.join(',')}\n`;

/**
 * Writes the summary of all that is committed, under a temporary name in `folder`, then renames it.
 * Makes the folder of `path` if need be.
 * @param folder - of temporary files; used if it is on the same file system as `path`
 */
export function writeSummary(
  journal: Journal,
  settings: FolderSettings,
  path: string,
  folder: string,
): void {
  const matrix = tileMatrixSet(JSON.parse(settings.tmsDefinition)).matrix(settings.z);
  const stagedAt = new Map(
    journal.inputs().map((input) => [input.name, datetime(input.stagedAt)] as const),
  );
  const temporary = join(folder, `summary-${randomBytes(6).toString('hex')}.tmp`);
  const fd = openSync(temporary, 'wx');
  try {
    let lines = SUMMARY_HEADER;
    for (const { input, x, y, rows, area } of shownTileInputs(journal)) {
      const [left, bottom, right, top] = matrix.bounds(x, y);
      const row = [input, rows, area, stagedAt.get(input)!, x, y, settings.z];
      row.push(top, right, bottom, left, settings.tms);
      lines += `${row.map(field).join(',')}\n`;
      if (lines.length > 1 << 16) {
        writeFileSync(fd, lines);
        lines = '';
      }
    }
    writeFileSync(fd, lines);
  } finally {
    closeSync(fd);
  }
  makeFolder(dirname(path));
  moveFile(temporary, path);
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // Another file system: a copy beside the target, so that nobody sees half of it.
    const beside = join(dirname(to), `.${basename(to)}.tmp`);
    // What a process left here that was killed; or a link, which a copy would follow.
    rmSync(beside, { force: true });
    copyFileSync(from, beside, constants.COPYFILE_EXCL);
    renameSync(beside, to);
    unlinkSync(from);
  }
}

function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `2026-11-22T11:03:10.141Z` as the Python pipeline writes it, in UTC. */
function datetime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '000');
}
