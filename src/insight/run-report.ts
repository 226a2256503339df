/** The report of a run into a staged folder, from its record. */

import { TilewrightError } from '../core/errors.ts';
import { readRecordLines, readRecords } from '../staging/recording/record-file.ts';
import { analyse } from './analyse.ts';
import type { RunAnalysis } from './analysis.ts';

/**
 * @param folder - a staged folder
 * @param run - 1 for the last run, 2 for the one before it, and so on
 * @throws TilewrightError staged-folder if there is no such record
 */
export function runReport(folder: string, run = 1): RunAnalysis {
  const records = readRecords(folder);
  const record = records[run - 1];
  if (record !== undefined) return analyse(readRecordLines(record.path));
  const there =
    records.length === 0
      ? 'no run was recorded there. Runs that had something to do are, unless `record` is false'
      : `${records.length} run${records.length === 1 ? ' was' : 's were'} recorded there`;
  throw new TilewrightError('staged-folder', `There is no report ${run} of ${folder}: ${there}`);
}
