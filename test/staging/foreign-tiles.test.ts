/** Staged folders that hold something else: inputs, or tiles that no journal knows of. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { changeMarks, hashFolder, listTiles, runCli, withoutProgress } from './support.ts';
import { layerAt, SUMMARY, tileAt, Workplace } from './workplace.ts';

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

suite('inputs and tiles in one folder', () => {
  test('the input folder itself: its tiles are passed over, its inputs are not', async (t) => {
    const at = new Workplace(t);
    at.staged = at.input;
    at.write('a.gpkg', layerAt([0]));
    at.write('deep/b.gpkg', layerAt([1]));
    await at.ok();
    assert.match(await at.ok(), /^Nothing to do: 2 inputs unchanged, 2 tiles in/);
    at.write('c.gpkg', layerAt([0, 3], 2));
    await at.ok();
    assert.equal(at.rowsOf('c.gpkg'), 20);
    // By a glob, too, and from further below.
    const glob = await at.runOn([join(at.input, '**/*.gpkg')]);
    assert.equal(glob.code, 0, glob.stderr);
    assert.match(glob.stdout, /^Nothing to do: 3 inputs unchanged/);
    const inside = await at.runOn([join(at.input, 'WGS1984Quad')]);
    assert.equal(inside.code, 1);
    assert.match(inside.stderr, /holds no .*\. \(Staged folders in it were passed over\.\)/);
    // What lies among the tiles and is none is an input like any other.
    const stray = 'WGS1984Quad/13/7/7.gpkg';
    at.write(stray, layerAt([5]));
    await at.ok();
    assert.equal(at.rowsOf(stray), 10);
  });

  test('a folder in the other', async (t) => {
    const at = new Workplace(t);
    at.staged = join(at.input, 'staged');
    at.write('a.gpkg', layerAt([0]));
    await at.ok();
    assert.match(await at.ok(), /^Nothing to do: 1 input unchanged, 1 tile in/);
    const inner = new Workplace(t);
    inner.input = join(inner.staged, 'input');
    inner.write('a.gpkg', layerAt([0]));
    await inner.ok();
    assert.match(await inner.ok(), /^Nothing to do: 1 input unchanged, 1 tile in/);
    assert.deepEqual(hashFolder(at.staged), new Map([...hashFolder(inner.staged)].slice(0, 1)));
  });

  test('somebody else’s staged folder among the inputs is named', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0]));
    await at.stage(join(at.input, 'other'));
    assert.match(await at.ok(), /^note +.*other is a staged folder: its tiles are no inputs$/m);
  });
});

suite('tiles that no journal knows of', () => {
  const stray = 'WGS1984Quad/13/9/9.gpkg';

  test('are not mixed with ours, and nothing is touched', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0, 1]));
    for (const path of [tileAt(0), stray]) put(join(at.staged, path), 'theirs');
    const { code, stderr } = await at.run();
    assert.equal(code, 2);
    assert.match(stderr, /holds files that were not staged here: .*895?.*--adopt/s);
    for (const path of [tileAt(0), stray]) assert.ok(stderr.includes(path), stderr);
    assert.deepEqual(readdirSync(at.staged), ['WGS1984Quad']);
    assert.equal(readFileSync(join(at.staged, stray), 'utf8'), 'theirs');
    const stager = new TileStager({ dirInput: at.input, dirStaged: at.staged, executor: 'inline' });
    await assert.rejects(stager.stageAll(), { code: 'tiles-foreign' });

    // Taken over: what is in the way is replaced, what is not stays, and is listed.
    const adopted = await at.run('--adopt');
    assert.deepEqual([adopted.code, withoutProgress(adopted.stderr)], [0, '']);
    assert.match(adopted.stdout, new RegExp(`^note +Not staged here, .*: ${stray}$`, 'm'));
    assert.equal(readFileSync(join(at.staged, stray), 'utf8'), 'theirs');
    rmSync(join(at.staged, stray));
    await at.assertAsFromScratch();
    // From then on it is a staged folder like any other.
    assert.match(await at.ok(), /^Nothing to do/);
  });

  test('ours, of which the journal was removed', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0, 1]));
    await at.ok();
    const tiles = hashFolder(at.staged);
    rmSync(join(at.staged, '.tilewright'), { recursive: true });
    const { code, stderr } = await at.run();
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`not staged here: ${SUMMARY}, ${tileAt(0)}, ${tileAt(1)}\\.`));
    assert.deepEqual(hashFolder(at.staged), tiles);
    await at.ok('--adopt');
    await at.assertAsFromScratch();
  });

  test('a summary of somebody else, in the folder or where it is wanted', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0]));
    put(join(at.staged, SUMMARY), 'mine\n');
    const { code, stderr } = await at.run();
    assert.equal(code, 2);
    assert.ok(stderr.includes(`not staged here: ${SUMMARY}.`), stderr);
    assert.equal(readFileSync(join(at.staged, SUMMARY), 'utf8'), 'mine\n');
    await at.ok('--adopt');
    const notes = join(at.base, 'notes.csv');
    put(notes, 'mine too\n');
    const values: ConfigInput = { dirInput: at.input, dirStaged: at.staged, executor: 'inline' };
    const stager = new TileStager({ ...values, filenameStagingSummary: notes });
    await assert.rejects(stager.stageAll(), { code: 'tiles-foreign' });
    assert.equal(readFileSync(notes, 'utf8'), 'mine too\n');
    // Also where all would be staged anew, nothing is changed.
    const marks = changeMarks(at.staged);
    const options: ConfigInput = { filenameStagingSummary: notes, zRange: [0, 12], force: true };
    const anew = new TileStager({ ...values, ...options });
    await assert.rejects(anew.stageAll(), { code: 'tiles-foreign' });
    assert.deepEqual(changeMarks(at.staged), marks);
  });

  test('other z and other extensions count; other paths do not', async (t) => {
    const foreign = ['WGS1984Quad/5/1/2.gpkg', 'WGS1984Quad/13/1/2.tif'];
    const fine = ['2020/07/15.gpkg', 'WGS1984Quad/13/1/2/readme.txt', 'WGS1984Quad/notes/1/2.gpkg'];
    for (const path of [...foreign, ...fine]) {
      const at = new Workplace(t);
      at.write('a.gpkg', layerAt([0]));
      put(join(at.staged, path), 'theirs');
      const { code, stderr } = await at.run();
      assert.equal(code, foreign.includes(path) ? 2 : 0, `${path}: ${stderr}`);
    }
  });

  test('a folder that holds a journal of another place', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0]));
    await at.ok();
    // Moved as a whole it is what it was.
    const moved = join(at.base, 'moved');
    renameSync(at.staged, moved);
    const args = ['stage', at.input, '--out', moved, '--executor', 'inline'];
    assert.match((await runCli(args)).stdout, /^Nothing to do/);
    assert.ok(existsSync(join(moved, tileAt(0))));
    assert.equal(listTiles(moved).length, 1);
  });
});

test('a file at the path of a new tile of a folder that has tiles', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  await at.ok();
  const inTheWay = join(at.staged, tileAt(1));
  put(inTheWay, 'somebody wrote this');
  at.write('b.gpkg', layerAt([0, 1], 2));
  for (const options of [[], ['--force']]) {
    const { code, stderr } = await at.run(...options);
    assert.equal(code, 2);
    assert.match(stderr, /1217\/894\.gpkg was not staged here.*Move it away.*--adopt/);
    assert.equal(readFileSync(inTheWay, 'utf8'), 'somebody wrote this');
  }
  // What was written of it is recognised: it goes on, either way.
  const away = `${inTheWay}.away`;
  renameSync(inTheWay, away);
  await at.ok();
  assert.deepEqual([at.rowsOf('a.gpkg'), at.rowsOf('b.gpkg')], [10, 20]);
  at.write('c.gpkg', layerAt([2], 3));
  put(join(at.staged, tileAt(2)), 'somebody wrote this');
  assert.equal((await at.run()).code, 2);
  await at.ok('--adopt');
  assert.equal(at.rowsOf('c.gpkg'), 10);
  // All rows of a tile replaced: it is not new.
  at.write('c.gpkg', layerAt([2], 4));
  await at.ok();
  assert.equal(at.rowsOf('c.gpkg'), 10);
});
