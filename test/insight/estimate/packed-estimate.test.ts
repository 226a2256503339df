/** What an estimate says of packs, beside what staging makes. */

import assert from 'node:assert/strict';
import { globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeScenes } from '../../../bench/scenes.ts';
import { estimate, TileStager } from '../../../src/index.ts';
import { temporaryFolder } from '../../staging/support.ts';

test('files, bytes and time of packs', async (t) => {
  const folder = temporaryFolder(t);
  const input = join(folder, 'input');
  mkdirSync(input);
  writeScenes(input, { seed: 3, count: 3, polygonsEach: 1_000, cellArea: 30_000 });
  const config = {
    ...{ dirInput: input, dirStaged: join(folder, 'staged'), executor: 'inline' as const },
    ...{ extStaged: 'geoparquet', pack: 2 },
  };
  const { rows } = await estimate(config, { workers: [1], files: [300] });
  const given = rows.find(({ kind }) => kind === 'given')!;
  const more = rows.find(({ kind }) => kind === 'more')!;
  const { tiles } = await new TileStager(config).stageAll();
  const packs = globSync('*/*/*/*.parquet', { cwd: config.dirStaged });
  const bytes = packs.reduce((sum, path) => sum + statSync(join(config.dirStaged, path)).size, 0);
  assert.ok(packs.length > 2 && packs.length < tiles.new);
  assert.ok(Math.abs(given.packs / packs.length - 1) < 0.3, `${given.packs} of ${packs.length}`);
  const { staged, peak } = given.disk;
  // Copies of slices have other tiles than the whole.
  assert.ok(Math.abs(staged.about / bytes - 1) < 0.5, `${staged.about} of ${bytes}`);
  assert.ok(peak.about > staged.about);
  assert.ok(given.parts.build.pack > 0);
  assert.ok(Math.abs(more.packs / given.packs / 100 - 1) < 0.01);
  const single = await estimate(
    { ...config, extStaged: '.gpkg', pack: null },
    { workers: [1], files: [] },
  );
  assert.deepEqual(
    single.rows.map(({ packs: none, parts }) => [none, parts.build.pack]),
    single.rows.map(() => [0, 0]),
  );
});
