/** Temporary folders of executors: a worker that lost its connection must not take the folder away. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { makeTemporaryFolder, removeAbandonedFolder } from '../../src/parallel/run-folder.ts';

const MODULE = new URL('../../src/parallel/run-folder.ts', import.meta.url).href;
const OWNER = `const { makeTemporaryFolder } = await import(${JSON.stringify(MODULE)});
console.log((await makeTemporaryFolder('tilewright-test')).path); setInterval(() => 0, 1000);`;

test('a folder is removed when its owner is dead, and not before', async () => {
  const own = await makeTemporaryFolder('tilewright-own');
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(owner.stdout, 'data')) as [Buffer];
  const path = said.toString().trim();
  await Promise.all([removeAbandonedFolder(path), removeAbandonedFolder(own.path)]);
  assert.ok(existsSync(path) && existsSync(own.path));
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  // It looks before the owner has let go of the lock.
  await Promise.all([removeAbandonedFolder(path), ended]);
  assert.ok(!existsSync(path));
  own.lock.release();
  await removeAbandonedFolder(own.path);
  assert.ok(!existsSync(own.path));
});
