/** A tile that something else has changed stops no other, and the next run makes it anew. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { partitionOf } from '../../src/staging/rows/shuffle-format.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { layerAt, tileAt, Workplace } from '../staging/workplace.ts';

/** Of the same partition as tile 1, and merged after it by the same task. */
const NEXT = 321;

/** Runs SQL on a tile, which a tile's triggers would otherwise call functions of GeoPackages for. */
function execute(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  const triggers = db.prepare("select name from sqlite_master where type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`drop trigger "${name}"`);
  db.exec(sql);
  db.close();
}

const DAMAGES: Record<string, (path: string) => void> = {
  removed: (path) => rmSync(path),
  'cut short': (path) => truncateSync(path, 5000),
  'no database': (path) => writeFileSync(path, 'This is none. '.repeat(1000)),
  'with fewer rows of its first input': (path) => execute(path, 'delete from "894" where fid < 4'),
  'with fewer rows of its last input': (path) =>
    execute(path, 'delete from "894" where fid = (select max(fid) from "894")'),
  'with a row more': (path) =>
    execute(
      path,
      `create temp table one as select * from "894" where fid = (select max(fid) from "894");
       update one set fid = fid + 1;
       insert into "894" select * from one`,
    ),
  'with a row that another input has now': (path) =>
    execute(path, `update "894" set staging_filename = 'a.gpkg' where fid = 11`),
  'of another layer': (path) => execute(path, 'alter table "894" rename to "895"'),
};

suite('a damaged tile', () => {
  for (const [name, damage] of Object.entries(DAMAGES)) {
    test(name, async (t) => {
      const at = new Workplace(t);
      at.write('a.gpkg', layerAt([0, 1], 1));
      at.write('b.gpkg', layerAt([1, 2], 2));
      at.write('c.gpkg', layerAt([4], 3));
      await at.stage();
      damage(join(at.staged, tileAt(1)));
      // Nothing new is in it: nobody notices, and nothing is touched.
      at.write('d.gpkg', layerAt([5], 4));
      await at.stage();
      at.write('e.gpkg', layerAt([1, 6, 4, NEXT], 5));
      const config: ConfigInput = { dirStaged: at.staged, dirInput: at.input, executor: 'inline' };
      const { inputs, tiles } = await new TileStager(config).stageAll();
      assert.deepEqual(
        inputs.map(({ name, status }) => [name, status]),
        [
          ['a.gpkg', 'failed'],
          ['b.gpkg', 'failed'],
          ['c.gpkg', 'unchanged'],
          ['d.gpkg', 'unchanged'],
          ['e.gpkg', 'failed'],
        ],
      );
      for (const input of inputs) {
        if (input.status !== 'failed') continue;
        assert.equal(input.error.code, 'tile-damaged');
        assert.equal(input.error.tile, '13/1217/894');
        assert.match(input.error.message, /rows of a\.gpkg, b\.gpkg, e\.gpkg\. Run the same/);
      }
      assert.deepEqual([tiles.new, tiles.changed], [2, 1]);
      assert.equal(at.rowsIn(tileAt(6), 'e.gpkg'), 10);
      assert.equal(at.rowsIn(tileAt(4), 'e.gpkg'), 10);
      assert.equal(partitionOf(1216 + NEXT, 894), partitionOf(1217, 894));
      assert.equal(at.rowsIn(tileAt(NEXT), 'e.gpkg'), 10);
      // Whatever is asked for next, all that had rows in it is staged again.
      await new TileStager(config).stage(join(at.input, 'c.gpkg'));
      await at.assertAsFromScratch();
      assert.match(await at.ok(), /^Nothing to do/);
      assert.ok(readFileSync(join(at.staged, tileAt(1))).length > 5000);
    });
  }
});
