/** Reads the records of groups. */

import { closeSync, readSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { checkedJson } from '../../core/files/checked-lines.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import { addTo, emptyRecord, type Line, RECORD_HEADER, type StageRecord } from './record.ts';
import { checkLine } from './record-checks.ts';

const LINE_FEED = 10;
const BLOCK_BYTES = 1 << 20;
const LONGEST_LINE = 1 << 28;

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

/** Whole lines, one at a time: a big run's record is longer than a string can be. */
function* linesOf(path: string): Generator<string, undefined> {
  const fd = openOwn(path);
  try {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    let line: Buffer[] = [];
    for (let read = readSync(fd, block), length = 0; read > 0; read = readSync(fd, block)) {
      let start = 0;
      const bytes = block.subarray(0, read);
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        line.push(bytes.subarray(start, end));
        yield Buffer.concat(line).toString();
        line = [];
        length = 0;
        start = end + 1;
      }
      line.push(Buffer.from(bytes.subarray(start)));
      length += read - start;
      if (length > LONGEST_LINE) return;
    }
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
