/** Places where tiles can't be written, or not all of them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { TileStager } from '../../src/staging/tile-stager.ts';
import {
  checkNothingElse,
  checkSame,
  checkTiles,
  makeScenes,
  SUMMARY,
  square,
  suiteFolder,
} from '../faults/faults.ts';
import { hashFolder, polygonWkb, runCli, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

suite('places for tiles', () => {
  const folder = suiteFolder();
  const good = join(folder, 'good.gpkg');

  before(() => {
    const rows = [{ wkb: polygonWkb([square(10, 50)]), values: [] }];
    writeGeoPackage(good, { layer: 'good', srsId: 4326, columns: [], rows });
  });

  test('a staged folder that can not be', async (t) => {
    const file = join(folder, 'a-file');
    writeFileSync(file, 'x');
    const places = [file, join(file, 'below'), '/dev/null/x'];
    if (existsSync('/proc/self')) places.push('/proc/nowhere/out');
    for (const out of places) {
      const { code, stderr } = await runCli(['stage', good, '--out', out], { timeoutMs: 20_000 });
      assert.equal(code, 1, out);
      assert.match(stderr, /^tilewright: The staged folder .* can't be made or written to/m);
      assert.ok(stderr.includes(out), stderr);
    }
    assert.equal(readFileSync(file, 'utf8'), 'x');
    const place = join(folder, 'read-only');
    mkdirSync(place);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'none', place]);
    if (mounted.status !== 0) return t.diagnostic('not tried read-only: mounting is not permitted');
    try {
      const { code, stderr } = await runCli(['stage', good, '--out', join(place, 'out')]);
      assert.equal(code, 1);
      assert.match(stderr, /The staged folder .*out can't be made or written to.*EROFS/);
    } finally {
      spawnSync('umount', [place]);
    }
  });

  test('a disk that is full', async (t) => {
    const place = join(folder, 'small-disk');
    mkdirSync(place);
    const scenes = makeScenes(join(folder, 'scenes'), 2, 1500);
    const mount = (size: string, more: string): boolean =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', `${more}size=${size}`, 'none', place]).status === 0;
    if (!mount('2m', '')) return t.skip('mounting a small file system is not permitted');
    try {
      const out = join(place, 'out');
      // From no room for anything to room for all but the end of the last tile.
      const sizes = ['16k', '48k', '128k', '1m', '2m', '3m', '4m', '5m', '6m', '7m', '8m'];
      let full = 0;
      for (const size of sizes) {
        assert.ok(mount(size, 'remount,'), 'remount');
        const { code, stderr } = await runCli(['stage', ...scenes, '--out', out, '--z', '12']);
        checkTiles(out);
        if (code === 0) continue;
        full++;
        assert.equal(code, 1);
        assert.match(stderr, /^tilewright: No space left on the disk/m, size);
        assert.match(stderr, /Make room and run the same command again/);
        assert.doesNotMatch(stderr, /fault in tilewright/);
      }
      t.diagnostic(`full ${full} times`);
      assert.ok(full >= 3);
      assert.ok(mount('64m', 'remount,'), 'remount');
      const { code, stderr } = await runCli(['stage', ...scenes, '--out', out, '--z', '12']);
      assert.equal(code, 0, stderr);
      checkNothingElse(out);
      const roomy = join(folder, 'roomy');
      await runCli(['stage', ...scenes, '--out', roomy, '--z', '12']);
      checkSame(out, hashFolder(roomy, { summary: SUMMARY }));
    } finally {
      spawnSync('umount', [place]);
    }
  });
});

test('a staged folder that holds inputs is told of before its first run, and works', async (t) => {
  const root = temporaryFolder(t);
  const one = join(root, 'one');
  const rows = [{ wkb: polygonWkb([square(10, 50)]), values: [] }];
  for (const place of [one, join(root, 'sub/below')]) {
    mkdirSync(place, { recursive: true });
    writeGeoPackage(join(place, 'a.gpkg'), { layer: 'a', srsId: 4326, columns: [], rows });
  }
  const notes = async (from: string, to: string, how: 'stageAll' | 'dryRun') => {
    const stager = new TileStager({ dirInput: from, dirStaged: to, executor: 'inline' });
    const { inputs, missing, warnings } = await stager[how]();
    assert.deepEqual([inputs.length, missing.length], [1, 0]);
    return warnings.filter((warning) => warning.includes(`${to} holds inputs too`)).length;
  };
  assert.equal(await notes(one, one, 'dryRun'), 1);
  assert.equal(await notes(one, one, 'stageAll'), 1);
  assert.equal(await notes(one, one, 'dryRun'), 0);
  assert.equal(await notes(one, one, 'stageAll'), 0);
  assert.equal(await notes(join(root, 'sub'), join(root, 'sub'), 'stageAll'), 0);
});
