/** Shuffle files that an interrupted run has left, damaged meanwhile: they are made anew. */

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { fletcherOf } from '../core/fletcher.ts';
import { StoppingExecutor } from '../staging/stopping-executor.ts';
import { hashFolder } from '../staging/support.ts';
import { SUMMARY, threeInputs, type Workplace } from '../staging/workplace.ts';

/** What a disk, or a copy, may do to a file; `size` is its size in bytes. */
const DAMAGES: Record<string, (path: string, size: number) => void> = {
  'a bit of a row': (path, size) => flip(path, Math.floor(size / 3)),
  'a bit of a length': (path) => flip(path, 19),
  'a bit of the directory': (path, size) => flip(path, size - 400),
  'a bit of the trailer': (path, size) => flip(path, size - 30),
  'its version': (path) => flip(path, 8),
  'zeros in the middle': (path, size) => {
    const bytes = readFileSync(path);
    bytes.fill(0, size >> 2, Math.min(size, (size >> 2) + 4096));
    writeFileSync(path, bytes);
  },
  'its end': (path, size) => truncateSync(path, size - 7),
  'all but nothing': (path) => truncateSync(path, 3),
};

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x10;
  writeFileSync(path, bytes);
}

async function interrupted(at: Workplace, staged: string, task: string, n: number) {
  const config = { dirInput: at.input, dirStaged: staged };
  const executor = new StoppingExecutor(task, n);
  await assert.rejects(new TileStager(config).stageAll({ executor }), { code: 'interrupted' });
  const shuffles = globSync('.tilewright/runs/*/*.shuffle', { cwd: staged }).sort();
  assert.ok(shuffles.length > 1);
  return shuffles.map((name) => join(staged, name));
}

describe('shuffle files of an interrupted run', () => {
  for (const [task, n] of [
    ['staging.stage', 2],
    ['staging.merge', 1],
  ] as const) {
    test(`damaged after the run was stopped in ${task}`, async (t) => {
      const at = threeInputs(t);
      await at.stage();
      const expected = hashFolder(at.staged, { summary: SUMMARY });
      for (const [what, damage] of Object.entries(DAMAGES)) {
        const staged = join(at.base, what.replaceAll(' ', '-'));
        const [shuffle] = await interrupted(at, staged, task, n);
        damage(shuffle!, readFileSync(shuffle!).length);
        await at.stage(staged);
        assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected, what);
        rmSync(staged, { recursive: true });
      }
    });
  }

  test('removed, and an input that has changed: said, and mended by --force', async (t) => {
    const at = threeInputs(t);
    const shuffles = await interrupted(at, at.staged, 'staging.merge', 1);
    for (const shuffle of shuffles) rmSync(shuffle);
    // Half the tiles are there already, of a run that can't be finished as it was.
    assert.ok(globSync('WGS1984Quad/**/*.gpkg', { cwd: at.staged }).length > 0);
    at.remove('b.gpkg');
    const stager = new TileStager({ dirInput: at.input, dirStaged: at.staged, executor: 'inline' });
    await assert.rejects(stager.stageAll(), {
      code: 'staged-folder',
      message: /can't be made anew: .*b\.gpkg has changed.*--force/,
    });
    await at.stage(at.staged, { force: true });
    await at.assertAsFromScratch();
    assert.equal(existsSync(join(at.staged, '.tilewright/runs')), true);
  });

  test('begin with their version; every entry has the checksum of its rows', async (t) => {
    const at = threeInputs(t);
    const [path] = await interrupted(at, at.staged, 'staging.merge', 0);
    const bytes = readFileSync(path!);
    assert.equal(bytes.toString('latin1', 0, 8), 'TWshuffl');
    assert.equal(bytes.readUInt32LE(8), 4);
    const end = bytes.length - 32;
    const [offset, entries, json] = [0, 8, 16].map((k) => bytes.readDoubleLE(end + k));
    assert.equal(offset! + entries! * 64 + json!, end);
    assert.equal(crc32(bytes.subarray(offset!, end + 24)), bytes.readDoubleLE(end + 24));
    let at16 = 16;
    for (let i = 0; i < entries!; i++) {
      const field = (k: number): number => bytes.readDoubleLE(offset! + 64 * i + 8 * k);
      assert.equal(field(5), at16);
      at16 += field(6);
      assert.equal(field(7), fletcherOf(bytes.subarray(field(5), at16)));
    }
    assert.equal(at16, offset);
  });
});
