/** A polygon whose area is more than a double holds is staged once, as any other. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TileStager } from '../../src/index.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { polygonWkb, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const FAR = 1e200;

test('what is made of an input with an infinite area counts, and so does the area', async (t) => {
  const base = temporaryFolder(t);
  const dirInput = join(base, 'input');
  const dirStaged = join(base, 'staged');
  mkdirSync(dirInput);
  const corners = [
    [-FAR, -FAR],
    [FAR, -FAR],
    [FAR, FAR],
    [-FAR, FAR],
    [-FAR, -FAR],
  ];
  writeGeoPackage(join(dirInput, 'all.gpkg'), {
    ...{ layer: 'l', srsId: 32631, columns: [] },
    rows: [{ fid: 1, wkb: polygonWkb([corners]), values: [] }],
  });
  const inline = new InlineExecutor();
  const names: string[] = [];
  const executor: Executor = {
    ...{ label: 'inline', slots: 1, workers: 1, sharesMemory: true, closed: false },
    run(task, options) {
      names.push(task.name.split('+')[0]!);
      return inline.run(task, options);
    },
    shutdown: () => inline.shutdown(),
  };
  const stager = new TileStager({ dirInput, dirStaged, tmsId: 'UTM31WGS84Quad', z: 1 });
  await stager.stageAll({ executor });
  assert.equal(names.filter((name) => name === 'staging.stage').length, 1, names.join());
  const journal = new DatabaseSync(join(dirStaged, '.tilewright', 'journal.sqlite'));
  const areas = journal.prepare('select area from tile_input').all();
  journal.close();
  assert.ok(areas.length > 0);
  for (const { area } of areas) assert.equal(area, Number.POSITIVE_INFINITY);
});
