/** `tilewright clean`. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { listTiles, runCli } from './support.ts';
import { SUMMARY, threeInputs, tileAt } from './workplace.ts';

describe('clean', () => {
  test('removes what was staged and nothing else', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const notes = join(at.staged, 'notes.txt');
    const alien = join(at.staged, dirname(tileAt(0)), 'mine.gpkg');
    writeFileSync(notes, 'keep');
    writeFileSync(alien, 'keep');
    const refused = await runCli(['clean', at.staged]);
    assert.equal(refused.code, 2);
    assert.equal(listTiles(at.staged).length, 5);
    const { code, stdout } = await runCli(['clean', at.staged, '--yes']);
    assert.equal(code, 0);
    assert.match(stdout, /^Removed 4 tiles, /);
    assert.deepEqual(listTiles(at.staged), [`${dirname(tileAt(0))}/mine.gpkg`]);
    assert.equal(readFileSync(notes, 'utf8'), 'keep');
    assert.ok(!existsSync(join(at.staged, SUMMARY)));
    assert.ok(!existsSync(join(at.staged, '.tilewright')));
    assert.ok(!existsSync(dirname(join(at.staged, tileAt(4)))));
    assert.ok(existsSync(join(at.input, 'a.gpkg')));
    const again = await runCli(['clean', at.staged, '--yes']);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is not a staged folder/);
    rmSync(alien);
    await at.stage();
    await at.assertAsFromScratch();
  });

  test('removes the folder too when nothing else is in it', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    assert.equal((await runCli(['clean', at.staged, '--yes'])).code, 0);
    assert.ok(!existsSync(at.staged));
  });
});
