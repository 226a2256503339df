/** Lines of JSON with a checksum of their own. */

import { crc32 } from 'node:zlib';

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
