/** What the system refuses a run, and what it says then: what it is, and what to do. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeScratch, removeScratch } from '../../src/insight/estimate/sample/scratch.ts';
import { start } from '../faults/faults.ts';
import { temporaryFolder } from './support.ts';
import { layerAt, Workplace } from './workplace.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');

describe('what the system refuses', () => {
  /** Runs `stage` by way of a shell, which sets the scene; $0 and $@ are program and arguments. */
  function stageIn(at: Workplace, scene: string, input = join(at.input, 'a.gpkg')) {
    const args = ['stage', input, '--out', join(at.base, 'out'), '--executor', 'inline'];
    const { status, stderr } = spawnSync('bash', ['-c', scene, process.execPath, CLI, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.doesNotMatch(stderr, /fault in tilewright|^ {4}at /m);
    return { status, stderr };
  }

  function oneInput(t: { after(work: () => void): void }): Workplace {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0]));
    return at;
  }

  test('to print, files, a current folder, /proc', (t) => {
    const at = oneInput(t);
    if (existsSync('/dev/full')) {
      const full = stageIn(at, 'exec "$0" "$@" > /dev/full');
      assert.equal(full.status, 1);
      assert.match(full.stderr, /^tilewright: What it printed is not whole.*ENOSPC/m);
    } else t.diagnostic('not tried to print on a full disk: no /dev/full');
    const gone = join(at.base, 'gone');
    mkdirSync(gone);
    const cwd = stageIn(at, `cd "${gone}"; rmdir "${gone}"; exec "$0" "$@"`);
    assert.equal(cwd.status, 2);
    assert.match(cwd.stderr, /The current folder has been removed.*Change to a folder/);
    const grow = stageIn(at, 'ulimit -f 8; rm -rf "$5"; exec "$0" "$@"');
    assert.equal(grow.status, 1);
    assert.match(grow.stderr, /ulimit -f/);
    const jail = stageIn(
      at,
      'exec unshare -m bash -c \'mount -t tmpfs none /proc && exec "$0" "$@"\' "$0" "$@"',
    );
    if (/unshare|mount/.test(jail.stderr)) t.diagnostic('not tried without /proc: not permitted');
    else assert.equal(jail.status, 0, jail.stderr);
  });

  test('a named pipe and a socket as inputs are no files', async (t) => {
    const at = oneInput(t);
    const pipe = join(at.base, 'pipe.gpkg');
    if (spawnSync('mkfifo', [pipe]).status !== 0) return t.skip('no mkfifo');
    const socket = join(at.base, 's.shp');
    const server = createServer().listen(socket);
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    for (const [path, what] of [
      [pipe, /is a named pipe, not a file/],
      [socket, /is a socket, not a file/],
    ] as const) {
      const { status, stderr } = stageIn(at, 'exec "$0" "$@"', path);
      assert.equal(status, 1);
      assert.match(stderr, what);
    }
  });
});

test('the folder of an estimate that was killed is removed by the next, that of a live one is not', async (t) => {
  const folder = temporaryFolder(t);
  const staged = join(folder, 'staged');
  const url = new URL('../../src/insight/estimate/sample/scratch.ts', import.meta.url);
  const program = `const { makeScratch } = await import(${JSON.stringify(url.href)});
    makeScratch(${JSON.stringify(staged)}, true);
    console.log('made'); setInterval(() => 0, 1000)`;
  const other = start(['--input-type=module', '-e', program]);
  t.after(() => other.child.kill('SIGKILL'));
  while (!other.stdout().includes('made')) {
    assert.equal(other.child.exitCode, null, other.stderr());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [left] = readdirSync(folder);
  const own = makeScratch(staged, true);
  assert.ok(existsSync(join(folder, left!)), 'its owner lives');
  other.child.kill('SIGKILL');
  await other.ended;
  removeScratch(own);
  const next = makeScratch(staged, true);
  assert.deepEqual(readdirSync(folder), [next.name]);
  removeScratch(next);
  rmdirSync(folder);
  mkdirSync(folder);
});
