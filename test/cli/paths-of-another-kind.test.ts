/** Files where a folder is meant, folders where a file is, and what is not there: told in words. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { suiteFolder } from '../faults/faults.ts';
import { runCli } from '../staging/support.ts';
import { layerAt } from '../staging/workplace.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';

suite('paths of another kind', () => {
  const base = suiteFolder();

  before(async () => {
    writeGeoPackage(join(base, 'in.gpkg'), layerAt([0]));
    writeFileSync(join(base, 'file'), '');
    mkdirSync(join(base, 'folder'));
    const { code, stderr } = await runCli(['stage', 'in.gpkg', '-o', 'good'], { cwd: base });
    assert.equal(code, 0, stderr);
  });

  const cases: [line: string, code: number, says: RegExp][] = [
    ['plot good -o gone/x.png', 1, /gone\/x\.png can't be written: there is no folder gone$/],
    ['plot good -o file/x.png', 1, /A part of the path is a file, not a folder$/],
    ['report good --html gone/x.html', 1, /can't be written: there is no folder gone$/],
    ['report good --html folder', 1, /folder can't be written: It is a folder, not a file$/],
    ['stage in.gpkg -o out --config gone.json', 2, /There is no configuration file gone\.json$/],
    ['stage in.gpkg -o out --config folder', 2, /as JSON: It is a folder, not a file$/],
    ['stage in.gpkg -o out --grids file', 2, /file can't be listed: A part of the path is a file/],
    ['stage in.gpkg -o file', 1, /A file of that name is there/],
    ['tms show ./folder', 2, /It is a folder, not a file$/],
    ...['report', 'status', 'wait', 'cancel'].flatMap((name): typeof cases =>
      ['file', 'file/below'].map((path) => [`${name} ${path}`, 1, new RegExp(`${path}\\b`)]),
    ),
  ];
  for (const [line, code, says] of cases) {
    test(line, async () => {
      const result = await runCli(line.split(' '), { cwd: base });
      assert.equal(result.code, code, result.stderr);
      const text = result.stderr.trim();
      assert.match(text, says);
      // Names of errno(3), and advice that is for other faults.
      assert.doesNotMatch(text, /\bE[A-Z]{4,}\b|Remove it/);
    });
  }
});
