/** Staging again: only what changed is done, and the result is as if staged from scratch. */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { changeMarks, hashFolder, listTiles, readCsv, readTiles, resultOf } from './support.ts';
import { layerAt, SUMMARY, threeInputs, tileAt, Workplace } from './workplace.ts';
import { writeGeoPackage } from './write-geopackage.ts';

describe('staging again', { concurrency: 2 }, () => {
  test('what has not changed changes no byte and says so', async (t) => {
    const at = threeInputs(t);
    assert.match(await at.ok(), /^tiles +4 new, 0 changed, 0 unchanged, 0 removed; 4 in /m);
    const hashes = hashFolder(at.staged, { summary: SUMMARY });
    const marks = changeMarks(at.staged);
    const summary = join(at.staged, SUMMARY);
    const written = statSync(summary, { bigint: true }).mtimeNs;
    assert.match(await at.ok(), /^Nothing to do: 3 inputs unchanged, 4 tiles in /);
    assert.deepEqual(hashFolder(at.staged, { summary: SUMMARY }), hashes);
    assert.deepEqual(changeMarks(at.staged), marks);
    assert.equal(statSync(summary, { bigint: true }).mtimeNs, written);
    const { stdout } = await at.run('--json');
    const { featuresRead, tiles, inputs } = resultOf(stdout);
    assert.equal(featuresRead, 0);
    assert.deepEqual(tiles, { new: 0, changed: 0, unchanged: 0, removed: 0, total: 4 });
    assert.deepEqual(
      inputs.map((input: { name: string; status: string }) => `${input.name} ${input.status}`),
      ['a.gpkg unchanged', 'b.gpkg unchanged', 'c.gpkg unchanged'],
    );
  });

  test('a changed input rewrites only the tiles that it touched and touches', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const before = changeMarks(at.staged);
    // From tiles 1 and 2 to tiles 1 and 3.
    at.write('b.gpkg', layerAt([1, 3], 9));
    assert.match(await at.ok(), /^tiles +1 new, 1 changed, 0 unchanged, 1 removed; 4 in /m);
    assert.deepEqual(at.rewritten(before), [tileAt(1), tileAt(3)]);
    assert.ok(!existsSync(dirname(join(at.staged, tileAt(2)))), 'an empty folder is left');
    await at.assertAsFromScratch();
  });

  test('an input that was only touched is read again and leaves its tiles as they are', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const before = changeMarks(at.staged);
    utimesSync(join(at.input, 'b.gpkg'), 1e9, 1e9);
    assert.match(await at.ok(), /^tiles +0 new, 0 changed, 2 unchanged, 0 removed; 4 in /m);
    assert.deepEqual(at.rewritten(before), []);
    await at.assertAsFromScratch();
  });

  test('an added input rewrites only the tiles that it touches', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const before = changeMarks(at.staged);
    // Its name puts its rows between those of a and of b.
    at.write('aa.gpkg', layerAt([1, 7], 5));
    assert.match(await at.ok(), /^inputs +1 staged, 3 unchanged$/m);
    assert.deepEqual(at.rewritten(before), [tileAt(1), tileAt(7)]);
    await at.assertAsFromScratch();
  });

  test('a gone input is told and stays, until it is pruned', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const before = changeMarks(at.staged);
    at.remove('b.gpkg');
    const told = await at.ok();
    assert.match(told, /^Nothing to do: 2 inputs unchanged/);
    assert.match(told, /^gone +b\.gpkg is no longer there; its features stay until --prune$/m);
    assert.deepEqual(changeMarks(at.staged), before);
    const pruned = await at.ok('--prune');
    assert.match(pruned, /^removed +b\.gpkg$/m);
    assert.match(pruned, /^tiles +0 new, 1 changed, 0 unchanged, 1 removed; 3 in /m);
    assert.deepEqual(at.rewritten(before), [tileAt(1)]);
    assert.equal(at.rowsOf('b.gpkg'), 0);
    await at.assertAsFromScratch();
    assert.match(await at.ok('--prune'), /^Nothing to do/);
  });

  test('inputs that are there but not given are not gone', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const { stdout } = await at.runOn([join(at.input, 'a.gpkg')], '--prune');
    assert.match(stdout, /^Nothing to do: 1 input unchanged, 4 tiles/);
    assert.doesNotMatch(stdout, /gone|removed/);
  });

  test('a summary that was deleted is written again', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const rows = readCsv(join(at.staged, SUMMARY));
    rmSync(join(at.staged, SUMMARY));
    await at.stage();
    assert.deepEqual(readCsv(join(at.staged, SUMMARY)), rows);
  });

  test('a summary elsewhere follows the configuration', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const filename_staging_summary = join(at.base, 'new', 'elsewhere.csv');
    const config = join(at.base, 'config.json');
    writeFileSync(config, JSON.stringify({ filename_staging_summary }));
    await at.ok('--config', config);
    assert.equal(
      readFileSync(filename_staging_summary, 'utf8'),
      readFileSync(join(at.staged, SUMMARY), 'utf8'),
    );
  });
});

describe('another configuration', { concurrency: 2 }, () => {
  test('is refused with the differences spelled out; --force stages all anew', async (t) => {
    const at = threeInputs(t);
    at.write('sub/d.gpkg', layerAt([2], 4));
    await at.stage();
    const marks = changeMarks(at.staged);
    const other = ['--z', '12', '--simplify-tolerance', '0.00001'];
    const refused = await at.run(...other);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /staged with another configuration/);
    assert.match(refused.stderr, /^ {4}z: 13 then, 12 now$/m);
    assert.match(refused.stderr, /^ {4}simplifyTolerance: null then, 0\.00001 now$/m);
    assert.match(refused.stderr, /--force/);
    assert.deepEqual(changeMarks(at.staged), marks);

    // Only one is given: the others were staged before and are staged anew as well.
    const forced = await at.runOn([join(at.input, 'a.gpkg')], ...other, '--force');
    assert.equal(forced.code, 0, forced.stderr);
    assert.match(forced.stdout, /^inputs +4 staged, 0 unchanged$/m);
    assert.ok(listTiles(at.staged).every((tile) => tile.startsWith('WGS1984Quad/12/')));
    await at.assertAsFromScratch({ zRange: [0, 12], simplifyTolerance: 1e-5 });
    assert.match(await at.ok(...other), /^Nothing to do: 4 inputs unchanged/);
  });

  test('each setting that shapes the tiles is named', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const config = join(at.base, 'config.json');
    const cases: [object, RegExp][] = [
      [{ tmsId: 'WebMercatorQuad' }, /TileMatrixSet: "WGS1984Quad" then, "WebMercatorQuad" now/],
      [{ style: 'ice' }, /style: "" then, "ice" now/],
      [
        { tilePathStructure: ['style', 'tms', 'z', 'y', 'x'] },
        /tilePathStructure: .*"y","x"\] now/,
      ],
      [{ invalid: 'repair' }, /invalid: "keep" then, "repair" now/],
      [{ properties: { area: 'size' } }, /properties\.area: "staging_area" then, "size" now/],
    ];
    for (const [values, expected] of cases) {
      writeFileSync(config, JSON.stringify(values));
      const { code, stderr } = await at.run('--config', config);
      assert.equal(code, 2);
      assert.match(stderr, expected);
    }
  });

  test('--force with the same configuration reads all again and changes no tile', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const marks = changeMarks(at.staged);
    assert.match(await at.ok('--force'), /^inputs +3 staged, 0 unchanged$/m);
    assert.deepEqual(changeMarks(at.staged), marks);
  });

  test('tells of inputs that are gone and can not be staged anew', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    at.remove('c.gpkg');
    const out = await at.ok('--z', '12', '--force');
    assert.match(out, /^(removed|gone) +c\.gpkg/m);
    await at.assertAsFromScratch({ zRange: [0, 12] });
  });
});

describe('layers', { concurrency: 2 }, () => {
  test('a file with several is several inputs, named with #', async (t) => {
    const at = new Workplace(t);
    at.write('two.gpkg', [layerAt([0, 1], 1, 'lakes'), layerAt([1, 2], 2, 'wedges')]);
    assert.match(await at.ok(), /^inputs +2 staged/m);
    assert.equal(at.rowsOf('two.gpkg#lakes'), 20);
    assert.equal(at.rowsOf('two.gpkg#wedges'), 20);
    const identifiers = readTiles(at.staged).map((row) => row.values['staging_identifier']);
    assert.equal(new Set(identifiers).size, 40);
    assert.match(await at.ok(), /^Nothing to do: 2 inputs unchanged/);
  });

  test('--layer takes one of them; without it, the others are added', async (t) => {
    const at = new Workplace(t);
    at.write('two.gpkg', [layerAt([0, 1], 1, 'lakes'), layerAt([1, 2], 2, 'wedges')]);
    await at.ok('--layer', 'wedges');
    assert.deepEqual(listTiles(at.staged), [tileAt(1), tileAt(2)]);
    assert.equal(at.rowsOf('two.gpkg#wedges'), 20);
    assert.match(await at.ok('--layer', 'wedges'), /^Nothing to do: 1 input unchanged/);
    await at.stage();
    assert.equal(at.rowsOf('two.gpkg#lakes'), 20);
    assert.equal(at.rowsOf('two.gpkg#wedges'), 20);
    await at.assertAsFromScratch();
    const { code, stderr } = await at.run('--layer', 'lake');
    assert.equal(code, 1);
    assert.match(stderr, /two\.gpkg has no layer lake; it has: lakes, wedges/);
    assert.equal(at.rowsOf('two.gpkg#lakes'), 20);
  });

  test('a file that changes from one layer to several and back', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0], 1, 'lakes'));
    at.write('z.gpkg', layerAt([0, 3], 3));
    await at.stage();
    assert.equal(at.rowsOf('a.gpkg'), 10);
    at.write('a.gpkg', [layerAt([0], 1, 'lakes'), layerAt([1], 2, 'wedges')]);
    const out = await at.ok();
    assert.match(out, /^removed +a\.gpkg$/m);
    assert.equal(at.rowsOf('a.gpkg'), 0);
    assert.equal(at.rowsOf('a.gpkg#lakes'), 10);
    assert.equal(at.rowsOf('a.gpkg#wedges'), 10);
    await at.assertAsFromScratch();
    at.write('a.gpkg', layerAt([0, 1], 4, 'lakes'));
    await at.stage();
    assert.equal(at.rowsOf('a.gpkg'), 20);
    assert.equal(readTiles(at.staged).length, 40);
    await at.assertAsFromScratch();
  });
});

describe('folders that move', { concurrency: 2 }, () => {
  test('the staged folder may be moved', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const moved = join(at.base, 'moved', 'staged here');
    mkdirSync(dirname(moved));
    renameSync(at.staged, moved);
    at.staged = moved;
    assert.match(await at.ok(), /^Nothing to do: 3 inputs unchanged/);
    at.write('b.gpkg', layerAt([0, 2], 8));
    await at.stage();
    await at.assertAsFromScratch();
  });

  test('the input folder may be moved', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const marks = changeMarks(at.staged);
    const moved = join(at.base, 'inputs of old');
    renameSync(at.input, moved);
    at.input = moved;
    assert.match(await at.ok(), /^Nothing to do: 3 inputs unchanged/);
    assert.deepEqual(changeMarks(at.staged), marks);
    at.write('b.gpkg', layerAt([0, 2], 8));
    at.remove('c.gpkg');
    assert.match(await at.ok('--prune'), /^removed +c\.gpkg$/m);
    await at.assertAsFromScratch();
  });

  test('one file is not staged under two names', async (t) => {
    const at = new Workplace(t);
    at.write('sub/a.gpkg', layerAt([0], 1));
    await at.stage();
    const hashes = hashFolder(at.staged, { summary: SUMMARY });
    const file = await at.runOn([join(at.input, 'sub', 'a.gpkg')]);
    assert.equal(file.code, 1);
    assert.match(file.stderr, /is staged already, as sub\/a\.gpkg/);
    symlinkSync(join(at.input, 'sub'), join(at.base, 'link'));
    const link = await at.runOn([join(at.base, 'link')]);
    assert.equal(link.code, 1);
    assert.match(link.stderr, /is staged already, as sub\/a\.gpkg/);
    assert.deepEqual(hashFolder(at.staged, { summary: SUMMARY }), hashes);
  });

  test('two files are not staged under one name', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const other = join(at.base, 'other');
    mkdirSync(other);
    writeGeoPackage(join(other, 'a.gpkg'), layerAt([6], 7));
    const { code, stderr } = await at.runOn([other]);
    assert.equal(code, 1);
    assert.match(stderr, /other.a\.gpkg would be staged as a\.gpkg, which is the name of/);
    assert.equal(at.rowsOf('a.gpkg'), 20);
  });
});
