/** Folders and locks while many processes make, take and remove them at once. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FileLock } from '../../src/core/files/file-lock.ts';
import { isOwned, makeLockedFolder, takeDeadFolder } from '../../src/core/files/locked-folder.ts';
import { fileBelow, makeFolder, makeFolderBelow } from '../../src/core/files/make-folder.ts';
import { replaceFile } from '../../src/core/files/replace-file.ts';
import { rounds } from '../soak/rounds.ts';
import { temporaryFolder } from '../staging/support.ts';

const STRESS = join(import.meta.dirname, 'folder-stress.ts');
const ROUNDS = rounds(40, 2_000);
const SECONDS = 10;

async function stress(folder: string) {
  const child = spawn(process.execPath, [STRESS, folder, String(ROUNDS), String(SECONDS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return JSON.parse(out);
}

test('many processes make, lock and remove the same folders', async (t) => {
  const folder = join(temporaryFolder(t), 'a/b');
  const all = await Promise.all(Array.from({ length: 6 }, () => stress(folder)));
  assert.deepEqual(
    all.flatMap(({ faults }) => faults),
    [],
  );
  const sum = (key: string): number => all.reduce((total, one) => total + one[key], 0);
  t.diagnostic(`${sum('made')} made, ${sum('counted')} counted, ${sum('visited')} visited`);
  assert.ok(sum('counted') > 0 && sum('visited') > 0);
  // A lock that two had at once would lose some.
  assert.equal(Number(readFileSync(join(folder, 'count'), 'utf8')), sum('counted'));
});

test('a folder has one owner; without its file it has none, unless it is empty', (t) => {
  const folder = temporaryFolder(t);
  const own = makeLockedFolder(folder, () => 'one');
  assert.equal(isOwned(own.path), true);
  assert.equal(takeDeadFolder(own.path), 'alive');
  own.lock.release();
  assert.equal(isOwned(own.path), false);
  const taken = takeDeadFolder(own.path);
  assert.ok(taken instanceof FileLock);
  assert.equal(takeDeadFolder(own.path), 'alive');
  taken.release();
  // As a copy has it that leaves empty files out.
  rmSync(join(own.path, 'alive.sqlite'));
  writeFileSync(join(own.path, 'a.shuffle'), 'x');
  const left = takeDeadFolder(own.path);
  assert.ok(left instanceof FileLock);
  left.release();
  mkdirSync(join(folder, 'empty'));
  assert.equal(takeDeadFolder(join(folder, 'empty')), 'gone');
  assert.deepEqual(readdirSync(folder), ['one']);
});

test('a lock that its owner has no more reference to is held', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const folder = temporaryFolder(t);
  const forget = (): string => makeLockedFolder(folder, () => 'one').path;
  const path = forget();
  for (let i = 0; i < 3; i++) {
    await setTimeout(10);
    collectGarbage();
  }
  assert.equal(isOwned(path), true);
});

test('nothing is made, written or locked by way of a link', (t) => {
  const folder = temporaryFolder(t);
  const victim = join(folder, 'victim');
  makeFolder(join(folder, 'root/a'));
  mkdirSync(victim);
  writeFileSync(join(victim, 'text'), 'precious');
  symlinkSync(victim, join(folder, 'root/link'));
  symlinkSync(join(victim, 'text'), join(folder, 'root/a/text'));
  const root = join(folder, 'root');
  const refused = { code: 'staged-folder', message: /is a link/ };
  assert.throws(() => makeFolderBelow(root, 'link/new'), refused);
  assert.throws(() => fileBelow(root, 'link/text'), refused);
  assert.throws(() => fileBelow(root, 'a/text'), refused);
  assert.equal(fileBelow(root, 'a/none'), undefined);
  symlinkSync(join(victim, 'made'), join(root, 'a/lock'));
  assert.throws(() => FileLock.tryAcquire(join(root, 'a/lock'), { create: true }), refused);
  // A journal beside it, which SQLite would play back: it may name any file to be removed.
  writeFileSync(join(root, 'a/other-journal'), 'x');
  assert.throws(() => FileLock.tryAcquire(join(root, 'a/other'), { create: true }), {
    code: 'staged-folder',
  });
  replaceFile(join(root, 'a/text'), 'new');
  assert.equal(readFileSync(join(victim, 'text'), 'utf8'), 'precious');
  assert.deepEqual(readdirSync(victim), ['text']);
});
