/**
 * What it costs to write into the system's cache of files. Mostly that is a copy. On a virtual
 * machine, memory that has been free for a while is fetched from the host again when it is first
 * used, which takes ten times as long; and a run writes gigabytes.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const PIECE = 1 << 20;
/** Pieces that are looked at together: single ones vary. */
const STEP = 16;
/** Fresh memory is taken for such if it costs so many times what is at hand. */
const JUMP = 2;
/** Steps at so much that are enough to tell what fresh memory costs. */
const ENOUGH = 5;
/** Steps that are written once more, into memory that was given back a moment ago. */
const AGAIN = 3;

/** Milliseconds of CPU a megabyte (10⁶ bytes). */
export interface PageCost {
  /** Into memory that is at hand. */
  hot: number;
  /** Into memory that is not; as `hot` if none was met. */
  fresh: number;
  /** Bytes that could be written before memory had to be fetched; Infinity if that was not met. */
  hotBytes: number;
  /** Bytes that were written: so much has been given back a moment ago. */
  written: number;
}

/**
 * Writes a temporary file until memory had to be fetched and `leastBytes` are written, or
 * `mostBytes`, or the time is up; then once more, a little. What was written does not get to the
 * disk, as long as the system lets it be in memory for some seconds.
 * @param folder - it must exist
 * @returns null if it can't be measured
 */
export function measurePageCost(
  folder: string,
  leastBytes: number,
  mostBytes: number,
  budgetMs: number,
): PageCost | null {
  const path = join(folder, `.pages-${randomBytes(6).toString('hex')}.tmp`);
  const piece = randomBytes(PIECE);
  const started = performance.now();
  try {
    const most = Math.max(1, Math.floor(mostBytes / PIECE / STEP));
    const least = leastBytes / PIECE / STEP;
    const steps = writeSteps(path, piece, (done) => {
      if (done.length >= most || performance.now() - started > budgetMs) return false;
      if (done.length < least) return true;
      const low = Math.min(...done);
      return done.filter((step) => step > JUMP * low).length < ENOUGH;
    });
    rmSync(path, { force: true });
    const again = writeSteps(path, piece, (done) => done.length < Math.min(AGAIN, steps.length));
    return pageCostOf(steps, again, (STEP * PIECE) / 1e6);
  } catch {
    // A measurement is not worth failing for.
    return null;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Milliseconds of CPU of each step. */
function writeSteps(
  path: string,
  piece: Buffer,
  more: (steps: readonly number[]) => boolean,
): number[] {
  const steps: number[] = [];
  const fd = openSync(path, 'w');
  try {
    do {
      const begun = process.cpuUsage();
      for (let i = 0; i < STEP; i++) {
        for (let done = 0; done < PIECE; ) done += writeSync(fd, piece, done, PIECE - done);
      }
      const used = process.cpuUsage(begun);
      steps.push((used.user + used.system) / 1000);
    } while (more(steps));
  } finally {
    closeSync(fd);
  }
  return steps;
}

/**
 * @param steps - milliseconds of CPU for each step
 * @param again - the same for memory that has just been used
 * @param size - of a step, in megabytes
 */
export function pageCostOf(
  steps: readonly number[],
  again: readonly number[],
  size: number,
): PageCost {
  const base = median([...again, ...again, Math.min(...steps)]);
  const written = steps.length * size * 1e6;
  const dear = steps.map((step) => step > JUMP * base);
  // One dear step alone is chance.
  const jump = dear.findIndex((is, i) => is && (dear[i + 1] ?? true));
  if (jump < 0) return { hot: base / size, fresh: base / size, hotBytes: Infinity, written };
  const fresh = median(steps.filter((_, i) => i >= jump && dear[i]));
  return { hot: base / size, fresh: fresh / size, hotBytes: jump * size * 1e6, written };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
