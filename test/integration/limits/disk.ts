/** The disk that a folder is on, and files that have to be read from it again. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../engines/programs.ts';

/** The whole disk that holds the folder, as in `254:0`; null if none does, as with a folder in memory. */
export function diskOf(folder: string): string | null {
  const dev = BigInt(statSync(folder).dev);
  // As gnu_dev_major and gnu_dev_minor of glibc take it apart.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  const entry = `/sys/dev/block/${major}:${minor}`;
  if (!existsSync(entry)) return null;
  // Limits are for disks; those for a partition are refused.
  const disk = existsSync(join(entry, 'partition')) ? join(entry, '..') : entry;
  return readFileSync(join(disk, 'dev'), 'utf8').trim();
}

/** Throws the pages of these files out of memory, and no others. */
export async function dropPages(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const fd = openSync(file, 'r+');
    // Pages that are not written yet would stay.
    fsyncSync(fd);
    closeSync(fd);
    await run(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

/** Reads files, so that their pages are in memory. */
export function fetchPages(files: readonly string[]): void {
  for (const file of files) readFileSync(file);
}
