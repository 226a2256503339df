/**
 * A process, or a thread of one, that does with folders and locks what runs do to each other:
 * `folder-stress.ts FOLDER ROUNDS SECONDS`. It ends after so many rounds, or so much time, and prints
 * as JSON what it has done and what went wrong.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileLock } from '../../src/core/files/file-lock.ts';
import {
  foldersIn,
  makeLockedFolder,
  removeLockedFolder,
  takeDeadFolder,
} from '../../src/core/files/locked-folder.ts';
import { makeFolder, makeFolderBelow } from '../../src/core/files/make-folder.ts';
import { replaceFile } from '../../src/core/files/replace-file.ts';

const [folder, rounds, seconds] = process.argv.slice(2) as [string, string, string];
const until = performance.now() + 1000 * Number(seconds);
const done = { made: 0, counted: 0, lived: 0, visited: 0, faults: [] as string[] };

/** Makes folders whose parents others make and remove at this moment. */
function makeDeep(round: number): void {
  const below = `deep/${round % 3}/a/b`;
  if (round % 2 === 0) makeFolder(join(folder, below));
  else makeFolderBelow(folder, below);
  done.made++;
  try {
    for (let path = below; path !== 'deep'; path = path.slice(0, path.lastIndexOf('/'))) {
      rmdirSync(join(folder, path));
    }
  } catch {
    // Another has made something in it.
  }
}

/** Reads, adds one and writes, under a lock; some remove the lock's file while they have it. */
function count(round: number): void {
  const path = join(folder, 'count.lock');
  const lock = FileLock.tryAcquire(path, { create: true });
  if (!(lock instanceof FileLock)) return;
  const file = join(folder, 'count');
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  replaceFile(file, String(before + 1));
  done.counted++;
  if (round % 4 === 0) rmSync(path);
  lock.release();
}

/** Lives in a folder of its own, and removes those of the dead. */
function live(round: number): void {
  const runs = join(folder, 'runs');
  const own = makeLockedFolder(runs, randomUUID);
  const file = join(own.path, 'a');
  writeFileSync(file, '');
  for (const name of foldersIn(runs)) {
    const lock = takeDeadFolder(join(runs, name));
    if (!(lock instanceof FileLock)) continue;
    done.visited++;
    removeLockedFolder(join(runs, name));
    lock.release();
  }
  if (!existsSync(file)) done.faults.push('the folder of one that lives was removed');
  done.lived++;
  // Every third time it leaves it as one does that is killed.
  if (round % 3 !== 0) removeLockedFolder(own.path);
  own.lock.release();
}

makeFolder(folder);
for (let round = 0; round < Number(rounds) && performance.now() < until; round++) {
  for (const work of [makeDeep, count, live]) {
    try {
      work(round);
    } catch (error) {
      done.faults.push(`${work.name}: ${error}`);
    }
  }
}
process.stdout.write(JSON.stringify(done));
