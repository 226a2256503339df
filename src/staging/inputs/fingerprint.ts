/** What tells whether an input has changed: size and times of the files that it is read from. */

import { type BigIntStats, closeSync, openSync, readSync, statSync } from 'node:fs';
import { filesOfInput, type InputFile, urlsOfInput } from '../../formats/input-formats.ts';
import { identityWord } from '../../formats/remote/identity.ts';
import { isInputUrl } from '../../formats/remote/input-url.ts';
import { identitiesOf, identityOf } from '../../formats/remote/known-inputs.ts';

/** Nanoseconds by which clocks that stamp files go on: the kernel's, those of FAT and old servers. */
const TICK = 20_000_000n;
const COARSE_TICK = 2_000_000_000n;
const SECOND = 1_000_000_000n;

/**
 * Size, time of change of the content, and time of change of anything (which no program can set
 * back) of every file that is read for this input, of some sidecars their first bytes instead of that
 * last time; `-` for those that are not there.
 *
 * A file that was written within the last tick could be written once more in the same tick, and
 * look the same. So this waits until the tick is over, at most 20 ms, or 2 s where times are whole
 * seconds: what is written from then on shows.
 *
 * Of a URL: size, ETag and time of change, as its server tells them.
 * @param age - milliseconds since when a server may have been asked
 * @throws TilewrightError input-unreadable
 */
export function fingerprintOf(path: string, age = 0): string {
  if (isInputUrl(path)) return remoteFingerprint(path, age);
  const files = filesOfInput(path);
  let stats = files.map(statOf);
  const wait = stats.reduce((longest, stat) => Math.max(longest, restOfTick(stat)), 0);
  if (wait > 0) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
    stats = files.map(statOf);
  }
  return stats.map((stat, i) => wordOf(stat, files[i]!)).join(' ');
}

function remoteFingerprint(url: string, age: number): string {
  identitiesOf(urlsOfInput(url), age);
  const files = filesOfInput(url).map(({ path }) => (path === null ? null : identityOf(path)));
  return files.map((one) => (one === null ? '-' : identityWord(one))).join(' ');
}

function wordOf(stat: BigIntStats | null, { path, headBytes = 0 }: InputFile): string {
  if (stat === null) return '-';
  const content = `${stat.size}:${stat.mtimeNs}`;
  return `${content}:${headBytes > 0 ? headOf(path!, headBytes) : stat.ctimeNs}`;
}

function headOf(file: string, length: number): string {
  const bytes = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  try {
    return bytes.toString('hex', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

function statOf({ path }: InputFile): BigIntStats | null {
  if (path === null) return null;
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

/** Milliseconds until another change of the file has another time; 0 if its clock is not ours. */
function restOfTick(stat: BigIntStats | null): number {
  if (stat === null) return 0;
  const tick = stat.ctimeNs % SECOND === 0n ? COARSE_TICK : TICK;
  const age = BigInt(Date.now()) * 1_000_000n - stat.ctimeNs;
  return age > -tick && age < tick ? Number((tick - age) / 1_000_000n) + 1 : 0;
}
