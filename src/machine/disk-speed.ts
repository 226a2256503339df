/**
 * Measures how fast a folder's disk is, for large sequential pieces and past the page cache, in
 * what this process may use of it: limits of its control group hold here too.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasyncSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { alignedBytes } from '../core/files/output-file.ts';
import type { DiskSpeed } from './machine-info.ts';

const PIECE = 1 << 20;
const LOT = 1 << 16;
const MAX_PIECES = 256;
/** With less than this, what is measured is how long a call takes. */
const MIN_PIECES = 4;

/**
 * Writes a temporary file and reads it back. Takes about `budgetMs`, and at least as long as 4 MiB
 * take each way.
 * @param folder - it must exist
 * @returns null for what can't be measured: no direct reading on that file system, a full disk
 */
export function measureDiskSpeed(folder: string, budgetMs: number): DiskSpeed {
  const path = join(folder, `.disk-${randomBytes(6).toString('hex')}.tmp`);
  const piece = alignedPiece();
  try {
    const { pieces, speed } = measureWriting(path, piece, budgetMs / 2);
    return { write: speed, read: measureReading(path, piece, pieces, budgetMs / 2) };
  } catch {
    // A measurement is not worth failing for.
    return { read: null, write: null };
  } finally {
    rmSync(path, { force: true });
  }
}

function alignedPiece(): Uint8Array {
  const piece = alignedBytes(PIECE);
  // Not zeros, which some disks do not write.
  const start = randomBytes(LOT);
  for (let filled = 0; filled < PIECE; filled += LOT) piece.set(start, filled);
  return piece;
}

function measureWriting(
  path: string,
  piece: Uint8Array,
  budgetMs: number,
): { pieces: number; speed: number } {
  const fd = openSync(path, 'w');
  try {
    const started = performance.now();
    let pieces = 0;
    while (pieces < MAX_PIECES) {
      for (let done = 0; done < PIECE; ) done += writeSync(fd, piece, done, PIECE - done);
      pieces++;
      // What is only in memory is not written yet.
      if (pieces % MIN_PIECES === 0) {
        fdatasyncSync(fd);
        if (performance.now() - started > budgetMs) break;
      }
    }
    return { pieces, speed: perSecond(pieces, started) };
  } finally {
    closeSync(fd);
  }
}

function measureReading(
  path: string,
  piece: Uint8Array,
  pieces: number,
  budgetMs: number,
): number | null {
  if (constants.O_DIRECT === undefined) return null;
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch {
    return null;
  }
  try {
    const started = performance.now();
    let done = 0;
    while (done < pieces) {
      if (readSync(fd, piece, 0, PIECE, done * PIECE) < PIECE) return null;
      done++;
      if (done >= MIN_PIECES && performance.now() - started > budgetMs) break;
    }
    return perSecond(done, started);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function perSecond(pieces: number, started: number): number {
  return (pieces * PIECE) / Math.max(1e-6, (performance.now() - started) / 1000);
}
