/** Groups of workers that share no memory make the tiles that one group makes, wherever they are cut. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { TileStager } from '../../src/index.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { encodeTask } from '../../src/parallel/task.ts';
import { decodeText } from '../../src/parallel/values/codec.ts';
import type { GroupArgs } from '../../src/staging/tasks/group-task.ts';
import { hashFolder, IN_ONE_TILE, polygonWkb, randomPolygons, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const SUMMARY = 'staging_summary.csv';

/** Runs tasks in this thread with what text brings to other machines. */
function apart(mostWorkers: number | undefined): Executor & { groups: GroupArgs[] } {
  const inline = new InlineExecutor();
  const groups: GroupArgs[] = [];
  return {
    ...{ label: 'apart', slots: 2, mostWorkers, closed: false, groups },
    run(task, options) {
      const args = decodeText(encodeTask(task).args) as unknown[];
      if (task.name.startsWith('staging.group')) groups.push(args[0] as GroupArgs);
      return inline.run({ ...task, args }, options);
    },
    shutdown: () => inline.shutdown(),
  };
}

test('the same tiles from one group and from many, with slices that may touch any tile', async (t) => {
  const base = temporaryFolder(t);
  const dirInput = join(base, 'input');
  writeScenes(dirInput, { seed: 5, count: 4, polygonsEach: 600, cellArea: 40_000 });
  const fids = Array.from({ length: 12 }, (_, i) => i + 1);
  const near = randomPolygons(3, fids.length, IN_ONE_TILE, 1e-4);
  const write = (name: string, rings: typeof near): void => {
    const rows = rings.map((ring, i) => ({ fid: i + 1, wkb: polygonWkb([ring]), values: [] }));
    writeGeoPackage(join(dirInput, name), { layer: 'l', srsId: 4326, columns: [], rows });
  };
  write('near.gpkg', near);
  // From one end of the world to the other, by turns.
  const all = { minX: -179, minY: -80, maxX: 179, maxY: 80 };
  const far = randomPolygons(4, fids.length, all, 1e-4);
  write(
    'far.gpkg',
    fids.flatMap((_, i) => [far[i]!, near[i]!]),
  );
  const stage = async (name: string, executor: Executor, sliceBytes: number) => {
    const dirStaged = join(base, name);
    await new TileStager({ dirInput, dirStaged, sliceBytes }).stageAll({ executor });
    return hashFolder(dirStaged, { summary: SUMMARY });
  };
  const expected = await stage('together', new InlineExecutor(), 1e9);
  assert.ok(expected.size > 40, `${expected.size} files`);
  const cases = [
    { workers: 1, sliceBytes: 1e9 },
    { workers: 20, sliceBytes: 50_000 },
    { workers: undefined, sliceBytes: 300_000 },
  ];
  for (const { workers, sliceBytes } of cases) {
    const executor = apart(workers);
    const name = `${workers} workers, ${sliceBytes}`;
    assert.deepEqual(await stage(name, executor, sliceBytes), expected, name);
    const { groups } = executor;
    assert.ok(groups.length > 1 && groups.some(({ elsewhere }) => elsewhere === null), name);
    assert.ok(
      groups.some(({ elsewhere }) => elsewhere !== null),
      name,
    );
  }
});
