/** The summary: a CSV or Parquet with a row per input and tile, with the columns of the Python pipeline. */

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
import type { Column } from '../../core/columns.ts';
import { makeFolder } from '../../core/files/make-folder.ts';
import { OutputFile } from '../../core/files/output-file.ts';
import { createTable } from '../../formats/geoparquet/format.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { FolderSettings, Journal } from './journal/journal.ts';
import { shownTileInputs } from './shown-tiles.ts';

const COLUMNS: readonly Column[] = [
  { name: 'filename', type: 'text' },
  { name: 'num_polygons', type: 'integer' },
  { name: 'area_polygons', type: 'real' },
  { name: 'datetime', type: 'datetime' },
  { name: 'tile_x', type: 'integer' },
  { name: 'tile_y', type: 'integer' },
  { name: 'tile_z', type: 'integer' },
  { name: 'tile_top', type: 'real' },
  { name: 'tile_right', type: 'real' },
  { name: 'tile_bottom', type: 'real' },
  { name: 'tile_left', type: 'real' },
  { name: 'tms_identifier', type: 'text' },
];
const HEADER = `${COLUMNS.map(({ name }) => name).join(',')}\n`;

/** What a summary of this name begins with. */
export function summaryHead(path: string): string {
  return isParquet(path) ? 'PAR1' : HEADER;
}

function isParquet(path: string): boolean {
  return path.toLowerCase().endsWith('.parquet');
}

/**
 * Writes the summary of all that is committed, as Parquet if its name ends so, under a temporary name in `folder`, then renames it.
 * Makes the folder of `path` if need be.
 * @param folder - of temporary files; used if it is on the same file system as `path`
 */
export function writeSummary(
  journal: Journal,
  settings: FolderSettings,
  path: string,
  folder: string,
): void {
  const temporary = join(folder, `summary-${randomBytes(6).toString('hex')}.tmp`);
  const rows = rowsOf(journal, settings);
  if (isParquet(path)) writeParquet(temporary, rows);
  else writeCsv(temporary, rows);
  makeFolder(dirname(path));
  moveFile(temporary, path);
}

type SummaryRow = (string | number)[];

function* rowsOf(journal: Journal, settings: FolderSettings): Generator<SummaryRow> {
  const matrix = tileMatrixSet(JSON.parse(settings.tmsDefinition)).matrix(settings.z);
  const stagedAt = new Map(journal.inputs().map(({ name, stagedAt }) => [name, stagedAt]));
  for (const { input, x, y, rows, area } of shownTileInputs(journal)) {
    const [left, bottom, right, top] = matrix.bounds(x, y);
    const row = [input, rows, area, stagedAt.get(input)!, x, y, settings.z];
    row.push(top, right, bottom, left, settings.tms);
    yield row;
  }
}

function writeParquet(path: string, rows: Iterable<SummaryRow>): void {
  const output = OutputFile.create(path);
  try {
    const writer = createTable(output, COLUMNS);
    for (const row of rows) writer.add(row);
    writer.finish();
  } finally {
    output.close();
  }
}

function writeCsv(path: string, rows: Iterable<SummaryRow>): void {
  const time = COLUMNS.findIndex(({ type }) => type === 'datetime');
  const fd = openSync(path, 'wx');
  try {
    let lines = HEADER;
    for (const row of rows) {
      row[time] = datetime(String(row[time]));
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
