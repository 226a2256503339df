/** Reads the records of groups. */

import { closeSync, readFileSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { checkedJson } from '../../core/files/checked-lines.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import { addTo, emptyRecord, type Line, RECORD_HEADER, type StageRecord } from './record.ts';
import { checkLine } from './record-checks.ts';

/**
 * Reads a record up to its first line that is not as it was written.
 * @throws TilewrightError staged-folder for a file that is no record, or says what no group makes
 */
export function readRecord(path: string): StageRecord {
  const [header, ...lines] = readOwn(path).split('\n');
  if (header !== RECORD_HEADER) throw otherRecord(path, 'its first line is another one');
  const record = emptyRecord();
  try {
    for (const text of lines.slice(0, -1)) {
      const line = checkedJson(text) as Line | undefined;
      if (line === undefined) break;
      addTo(record, checkLine(line, record));
    }
  } catch (error) {
    throw otherRecord(path, (error as Error).message);
  }
  return record;
}

function readOwn(path: string): string {
  const fd = openOwn(path);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function otherRecord(path: string, why: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is damaged, or of another version of Tilewright: ${why}. Run the same command again: it is ` +
      'made anew',
  );
}
