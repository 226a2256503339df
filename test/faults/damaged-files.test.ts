/**
 * What an interrupted run has left - records, built tiles, shuffle files - damaged or gone meanwhile: it
 * is made anew, and no row is another one for it.
 */

import assert from 'node:assert/strict';
import {
  existsSync,
  globSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Random } from '../../src/core/random.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { fletcherOf } from '../core/fletcher.ts';
import { rounds, SOAK, seedOf } from '../soak/rounds.ts';
import { hashFolder } from '../staging/support.ts';
import { SUMMARY } from '../staging/workplace.ts';
import { interrupted, manyInputs } from './interrupted.ts';

/** What a disk, or a copy, may do to a file; `size` is its size in bytes. */
const DAMAGES: Record<string, (path: string, size: number, random: Random) => void> = {
  'a bit of a row': (path, size) => flip(path, Math.floor(size / 3)),
  'a bit of a length': (path) => flip(path, 19),
  'a bit of its last rows': (path, size) => flip(path, size - 400),
  'a bit of its end': (path, size) => flip(path, size - 20),
  'its version': (path) => flip(path, 8),
  'a bit anywhere': (path, size, random) => flip(path, random.integer(size)),
  'another bit anywhere': (path, size, random) => flip(path, random.integer(size)),
  'zeros in the middle': (path, size) => {
    const bytes = readFileSync(path);
    bytes.fill(0, size >> 2, Math.min(size, (size >> 2) + 4096));
    writeFileSync(path, bytes);
  },
  'its end': (path, size) => truncateSync(path, size - 7),
  'all but nothing': (path) => truncateSync(path, 3),
  'all of it': (path) => rmSync(path),
};

/** Leaves the times of the file as they are. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  const { atime, mtime } = statSync(path);
  bytes[Math.max(0, at)]! ^= 0x10;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe('files of an interrupted run', () => {
  for (const [which, task, n] of [
    [0, 'staging.group', 3],
    [1, 'staging.merge', 1],
  ] as const) {
    test(`damaged after the run was stopped in ${task}`, async (t) => {
      const at = manyInputs(t);
      await at.stage();
      const expected = hashFolder(at.staged, { summary: SUMMARY });
      const random = new Random(seedOf(1));
      for (let round = 0; round < rounds(1, 8); round++) {
        for (const kind of ['record', 'tile', 'shuffle'] as const) {
          for (const [i, [what, damage]] of Object.entries(DAMAGES).entries()) {
            if (!SOAK && i % 2 !== which) continue;
            const staged = join(at.base, 'damaged');
            const files = (await interrupted(at, staged, task, n))[kind];
            const file = files[random.integer(files.length)]!;
            damage(file, readFileSync(file).length, random);
            const how = `${what} of a ${kind}`;
            await at.stage(staged).catch((error) => assert.fail(`${how}: ${error.stack}`));
            assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected, how);
            rmSync(staged, { recursive: true });
          }
        }
      }
    });
  }

  test('damaged when tiles are in their places already', async (t) => {
    const at = manyInputs(t);
    await at.stage();
    const expected = hashFolder(at.staged, { summary: SUMMARY });
    let placed = 0;
    for (let n = 1; n < 5; n++) {
      const staged = join(at.base, 'placed');
      await interrupted(at, staged, 'staging.merge', n).catch(() => undefined);
      const tiles = globSync('WGS1984Quad/**/*.gpkg', { cwd: staged });
      for (const tile of tiles) {
        // In a row, as another version may have computed it.
        const path = join(staged, tile);
        flip(path, readFileSync(path).indexOf('.gpkg') + 40);
        placed++;
      }
      if (n % 2 === 0) {
        // What has other rows is neither taken for the run's nor replaced unasked.
        writeFileSync(join(staged, tiles[0]!), readFileSync(join(at.input, 'a.gpkg')));
        await assert.rejects(at.stage(staged), { code: 'tiles-foreign' });
        await at.stage(staged, { adopt: true });
      } else await at.stage(staged);
      assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected, `${n}`);
      rmSync(staged, { recursive: true });
    }
    assert.ok(placed > 4);
  });

  test('removed, and an input that has changed: said, and mended by --force', async (t) => {
    const at = manyInputs(t);
    const { record, tile, shuffle } = await interrupted(at, at.staged, 'staging.merge', 2);
    for (const path of [...record, ...tile, ...shuffle]) rmSync(path);
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
    const at = manyInputs(t);
    const files = await interrupted(at, at.staged, 'staging.merge', 0);
    const bytes = readFileSync(files.shuffle[0]!);
    assert.equal(bytes.toString('latin1', 0, 8), 'TWshuffl');
    assert.equal(bytes.readUInt32LE(8), 5);
    const end = bytes.length - 24;
    const [offset, entries] = [0, 8].map((k) => bytes.readDoubleLE(end + k));
    assert.equal(offset! + entries! * 64, end);
    assert.equal(crc32(bytes.subarray(offset!, end + 16)), bytes.readDoubleLE(end + 16));
    let at16 = 16;
    for (let i = 0; i < entries!; i++) {
      const field = (k: number): number => bytes.readDoubleLE(offset! + 64 * i + 8 * k);
      assert.equal(field(5), at16);
      at16 += field(6);
      assert.equal(field(7), fletcherOf(bytes.subarray(field(5), at16)));
    }
    assert.equal(at16, offset);
    // And records have those of the tiles.
    const lines = files.record.flatMap((path) => readFileSync(path, 'utf8').split('\n'));
    assert.equal(lines[0], 'tilewright stage record 3');
    const built = lines.flatMap((line) => JSON.parse(line.match(/\{"built":.*/)?.[0] ?? '[]'));
    assert.equal(built.length, files.tile.length);
    for (const { built: tile } of built) {
      const there = readFileSync(files.tile.find((path) => basename(path) === tile.file)!);
      assert.deepEqual([tile.bytes, tile.sum], [there.length, fletcherOf(there)]);
    }
  });
});
