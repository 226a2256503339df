/** Reads the records of groups. */

import { TilewrightError } from '../../core/errors.ts';
import { checkedJson, linesOf } from '../../core/files/checked-lines.ts';
import { addTo, emptyRecord, type Line, RECORD_HEADER, type StageRecord } from './record.ts';
import { checkLine } from './record-checks.ts';

/**
 * Reads a record up to its first line that is not as it was written.
 * @throws TilewrightError staged-folder for a file that is no record, or says what no group makes
 */
export function readRecord(path: string): StageRecord {
  const lines = linesOf(path);
  if (lines.next().value !== RECORD_HEADER) {
    lines.return(undefined);
    throw otherRecord(path, 'its first line is another one');
  }
  const record = emptyRecord();
  try {
    for (const text of lines) {
      const line = checkedJson(text) as Line | undefined;
      if (line === undefined) break;
      addTo(record, checkLine(line, record));
    }
  } catch (error) {
    throw otherRecord(path, (error as Error).message);
  }
  return record;
}

function otherRecord(path: string, why: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is damaged, or of another version of Tilewright: ${why}. Run the same command again: it is ` +
      'made anew',
  );
}
