/** Lines of JSON with a checksum of their own. */

import { closeSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { openOwn } from './regular-file.ts';

const LINE_FEED = 10;
const BLOCK_BYTES = 1 << 20;
const LONGEST_LINE = 1 << 28;

/** The value as a line, its end included. */
export function withCrc(value: unknown): string {
  const json = JSON.stringify(value);
  return `${crcOf(json)} ${json}\n`;
}

/** The value of a line without its end; undefined if it is not as it was written. */
export function checkedJson(line: string): unknown {
  const at = line.indexOf(' ');
  const json = line.slice(at + 1);
  return line.slice(0, Math.max(at, 0)) === crcOf(json) ? JSON.parse(json) : undefined;
}

function crcOf(text: string): string {
  return crc32(text).toString(16);
}

/** Whole lines of a file of a staged folder, one at a time: it may be longer than a string can be. */
export function* linesOf(path: string): Generator<string, undefined> {
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
