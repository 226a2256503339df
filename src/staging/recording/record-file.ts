/** Records of runs in a staged folder: `.tilewright/records/TIME-RUN.jsonl`. */

import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { makeFolderBelow } from '../../core/files/make-folder.ts';
import { isAbsent } from '../../core/system-causes.ts';
import { PRIVATE, privateFolder } from '../folder/staged-folder.ts';
import type { RecordLine } from './record-lines.ts';

/** So many runs are kept; older ones make room. */
const KEPT = 20;

export interface RecordedRun {
  path: string;
  runId: string;
  /** ISO 8601. */
  startedAt: string;
}

function recordsFolder(folder: string): string {
  return join(privateFolder(folder), 'records');
}

/** @throws TilewrightError staged-folder for a link in its place */
export function makeRecordsFolder(folder: string): void {
  makeFolderBelow(folder, `${PRIVATE}/records`);
}

/** @param startedAt - ISO 8601 */
export function recordPath(folder: string, startedAt: string, runId: string): string {
  // No colons: some file systems have none in names.
  return join(recordsFolder(folder), `${startedAt.replaceAll(':', '.')}-${runId}.jsonl`);
}

/** Runs into a staged folder that were recorded; the last one first. Empty if there are none. */
export function readRecords(folder: string): RecordedRun[] {
  const place = recordsFolder(folder);
  const runs: RecordedRun[] = [];
  for (const name of filesIn(place)) {
    const [, time, runId] =
      name.match(/^(\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.\d{3}Z)-([\w-]+)\.jsonl$/) ?? [];
    if (time === undefined || runId === undefined) continue;
    const startedAt = `${time.slice(0, 10)}${time.slice(10).replace('.', ':').replace('.', ':')}`;
    runs.push({ path: join(place, name), runId, startedAt });
  }
  return runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

/** Names of files, links left out; none if there is no such folder, or no folder of ours. */
function filesIn(place: string): string[] {
  try {
    if (!lstatSync(place).isDirectory()) return [];
    const entries = readdirSync(place, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch (error) {
    // There is none, or it is being cleaned.
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** Removes the oldest records, if there are too many, and files of measurements that were killed. */
export function forgetOldRecords(folder: string): void {
  const place = recordsFolder(folder);
  for (const name of filesIn(place)) {
    if (name.endsWith('.tmp')) rmSync(join(place, name), { force: true });
  }
  for (const { path } of readRecords(folder).slice(KEPT)) rmSync(path, { force: true });
}

/**
 * Lines of a record. A line that was not written to its end, by a run that was killed or goes on,
 * is left out.
 * @throws TilewrightError staged-folder for a file that is no record, or of a later version
 */
export function readRecordLines(path: string): RecordLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // After the last line end there is nothing, or a part of a line.
  lines.pop();
  let parsed: RecordLine[];
  try {
    parsed = lines.map((line) => JSON.parse(line) as RecordLine);
  } catch (cause) {
    throw new TilewrightError('staged-folder', `${path} is no record of a run`, { cause });
  }
  const [first] = parsed;
  if (first?.type !== 'run' || first.version !== 1) {
    throw new TilewrightError(
      'staged-folder',
      `${path} is no record of a run, or was written by a later version of tilewright`,
    );
  }
  return parsed;
}
