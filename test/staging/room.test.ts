/** Early warnings of disks that are too small. */

import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { RoomWatch, roomIn } from '../../src/staging/folder/room.ts';

const GIB = 2 ** 30;

function warningsOf(
  slices: readonly (readonly [read: number, bytes: number, tiles: number])[],
  total: number,
  bytes: number,
  files: number | null = null,
): string[] {
  const warnings: string[] = [];
  const watch = new RoomWatch(
    total,
    () => ({ bytes, files }),
    (text) => warnings.push(text),
  );
  for (const slice of slices) watch.staged(...slice);
  return warnings;
}

test('the first slice of a hundred tells what the whole needs, once', () => {
  // 100 GiB of inputs become 200 GiB of rows, 300 GiB of tiles; 2 are written.
  const slices = Array.from({ length: 8 }, () => [GIB, 2 * GIB, 1000] as const);
  const [warning, ...more] = warningsOf(slices, 100 * GIB, 250 * GIB);
  assert.match(warning!, /about 298 GiB more, .* has 250 GiB left/);
  assert.deepEqual(more, []);
  assert.deepEqual(warningsOf(slices, 100 * GIB, 298 * GIB), []);
});

test('tiles need half as much room again as their rows', () => {
  assert.deepEqual(warningsOf([[GIB, GIB, 1]], GIB, GIB / 2), []);
  assert.equal(warningsOf([[GIB, GIB, 1]], GIB, GIB / 2 - 1).length, 1);
});

test('tiles that the disk has no files for, or more than anybody wants', () => {
  const slices = [[1, 1, 2000]] as const;
  assert.match(warningsOf(slices, 10, GIB, 19_999)[0]!, /20,000 tiles.* 19,999 more files/);
  assert.deepEqual(warningsOf(slices, 10, GIB, 20_000), []);
  assert.deepEqual(warningsOf(slices, 5000, GIB), []);
  assert.match(warningsOf(slices, 6000, GIB)[0]!, /up to 12,000,000 tiles, a file each\. Is z/);
});

test('what the file system says', () => {
  const { bavail, bsize } = statfsSync(tmpdir());
  const { bytes, files } = roomIn(tmpdir());
  assert.ok(Math.abs(bytes - bavail * bsize) < GIB);
  assert.ok(files === null || files > 0);
});
