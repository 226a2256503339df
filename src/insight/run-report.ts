/** What can be said of a run into a staged folder, from its record. */

import { resolve } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { readRecordLines, readRecords } from '../staging/recording/record-file.ts';
import { analyse } from './analyse.ts';
import type { RunAnalysis } from './analysis.ts';

/**
 * What can be said of a run into a staged folder.
 * @param folder - a staged folder
 * @param run - 1 for the last run that had something to do, 2 for the one before it, and so on
 * @throws TilewrightError `staged-folder` for a folder without records, `usage` if there are fewer
 */
export function runReport(folder: string, run = 1): RunAnalysis {
  const newest = readRecords(resolve(folder));
  const record = newest[run - 1];
  if (record !== undefined) return analyse(readRecordLines(record.path));
  if (newest.length === 0) {
    throw new TilewrightError(
      'staged-folder',
      `${folder} has no record of a run. Give a folder that tilewright stage has written to.`,
    );
  }
  const kept = newest.length === 1 ? 'one run' : `${newest.length} runs`;
  throw new TilewrightError(
    'usage',
    `${folder} has the records of ${kept}: run ${run} of them, counted from the last, is not there.`,
  );
}
