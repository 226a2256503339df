/** A command that is refused changes nothing: not the disk, not what is known of the last run. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { before, suite, test } from 'node:test';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { suiteFolder } from '../faults/faults.ts';
import { runCli } from '../staging/support.ts';
import { layerAt } from '../staging/workplace.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';

const base = suiteFolder();
/** Commands at a time. */
const SIDE_BY_SIDE = 3;

/** Everything below a folder: kind, size, time of change and content, by path. */
function treeOf(folder: string): Map<string, string> {
  const tree = new Map<string, string>();
  const visit = (path: string): void => {
    const { size, mtimeNs, mode } = lstatSync(path, { bigint: true });
    const isFolder = lstatSync(path).isDirectory();
    const content = isFolder
      ? ''
      : createHash('sha256').update(readFileSync(path)).digest('base64');
    tree.set(relative(folder, path), `${mode} ${isFolder ? '' : size} ${mtimeNs} ${content}`);
    if (isFolder) for (const name of readdirSync(path)) visit(join(path, name));
  };
  visit(folder);
  return tree;
}

function changes(was: Map<string, string>, is: Map<string, string>): string[] {
  return [...new Set([...was.keys(), ...is.keys()])].filter(
    (path) => was.get(path) !== is.get(path),
  );
}

type Case = [code: number, ...args: string[]];

/** Runs all of them; the tree is the same afterwards. A folder `new-N` says whose it is. */
async function refuseAll(cases: readonly Case[]): Promise<void> {
  const tree = treeOf(base);
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const i = next++;
      if (i >= cases.length) return;
      const [code, ...args] = cases[i]!;
      const result = await runCli(
        args.map((arg) => arg.replace('NEW', `new-${i}`)),
        { cwd: base },
      );
      const { stdout, stderr } = result;
      assert.equal(result.code, code, `${args.join(' ')}\n${stdout}\n${stderr}`);
      assert.notEqual(stderr + stdout, '', args.join(' '));
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const changed = changes(tree, treeOf(base));
  const whose = changed.map((path) => {
    const number = /new-(\d+)/.exec(path)?.[1];
    return number === undefined ? path : `${path}: ${cases[Number(number)]!.join(' ')}`;
  });
  assert.deepEqual(whose, []);
}

suite('a refused command', () => {
  before(async () => {
    writeGeoPackage(join(base, 'in.gpkg'), layerAt([0]));
    writeGeoPackage(join(base, 'no-crs.gpkg'), { ...layerAt([0]), srsId: 0 });
    writeFileSync(join(base, 'zero.gpkg'), '');
    writeFileSync(join(base, 'broken.gpkg'), 'SQLite format 3\0, but no more than that');
    mkdirSync(join(base, 'empty'));
    mkdirSync(join(base, 'others'));
    for (const name of ['others/a.geojson', 'a.geojson', 'part.dbf', 'a-file']) {
      writeFileSync(join(base, name), '{}');
    }
    writeFileSync(join(base, 'typo.json'), '{"zRnage": [0, 3]}');
    writeFileSync(join(base, 'bad.json'), '{');
    writeFileSync(join(base, 'gone.json'), '{"dirInput": "gone", "dirStaged": "good"}');
    for (const out of ['good', 'damaged', 'unmarked', 'staged-elsewhere']) {
      const { code, stderr } = await runCli(['stage', 'in.gpkg', '--out', out], { cwd: base });
      assert.equal(code, 0, stderr);
    }
    writeFileSync(join(base, 'damaged/.tilewright/journal.sqlite'), 'no journal');
    spawnSync('rm', ['-r', join(base, 'unmarked/.tilewright')]);
  });

  /** Where nothing can be read. */
  const INPUTS: Case[] = [
    [1, 'nosuch'],
    [1, 'no*such'],
    [1, ''],
    [1, 'empty'],
    [1, 'others'],
    [1, 'a.geojson'],
    [1, 'part.dbf'],
    [1, 'nosuch', 'a.geojson', 'part.dbf'],
  ];
  const OPTIONS: Case[] = [
    [2, 'in.gpkg', '--tms', 'Nope'],
    [2, 'in.gpkg', '--tms', 'bad.json'],
    [2, 'in.gpkg', '--z', '99'],
    [2, 'in.gpkg', '--z', 'many'],
    [2, 'in.gpkg', '--zz', '3'],
    [2, 'in.gpkg', '--workers', '0'],
    [2, 'in.gpkg', '--executor', 'nope'],
    [2, 'in.gpkg', '--input-crs', 'nonsense'],
    [2, 'in.gpkg', '--override-crs', 'EPSG:1'],
    [2, 'in.gpkg', '--config', 'typo.json'],
    [2, 'in.gpkg', '--config', 'bad.json'],
    [2, 'in.gpkg', '--config', 'nowhere.json'],
    [2, 'in.gpkg', '--simplify-tolerance', '-1'],
    [2, 'in.gpkg', '--ext', '.tif'],
    [2, 'in.gpkg', '--detach'],
    [2, 'in.gpkg', '--quiet=1'],
  ];

  test('into a folder that is not there makes none', () =>
    refuseAll([
      ...[...INPUTS, ...OPTIONS].map(
        ([code, ...args]): Case => [code, 'stage', ...args, '--out', 'NEW'],
      ),
      // Nothing of what was found can be read.
      [1, 'stage', 'no-crs.gpkg', '--out', 'NEW'],
      [1, 'stage', 'broken.gpkg', 'zero.gpkg', 'nosuch', '--out', 'NEW', '--json'],
      [1, 'stage', 'in.gpkg', '--layer', 'nope', '--out', 'NEW/below', '--quiet'],
      [2, 'stage', '--out', 'NEW'],
      [2, 'stage', 'in.gpkg'],
      [2, 'stage', 'in.gpkg', '--out', 'NEW', '--out', 'NEW-2'],
      [2, 'stage', 'in.gpkg', '--out', 's3://bucket/NEW'],
      [1, 'stage', 'in.gpkg', '--out', 'a-file'],
      [1, 'stage', 'in.gpkg', '--out', 'a-file/NEW'],
      [1, 'estimate', 'nosuch', '--out', 'NEW'],
      [2, 'estimate', 'in.gpkg', '--z', '99', '--out', 'NEW'],
      [2, 'sage', 'in.gpkg', '--out', 'NEW'],
    ]));

  test('into a staged folder leaves it, and what is known of its last run', async () => {
    await refuseAll([
      ...[...INPUTS, ...OPTIONS].map(
        ([code, ...args]): Case => [code, 'stage', ...args, '--out', 'good'],
      ),
      // Nothing of what was found can be read, or it is no input.
      [1, 'stage', 'no-crs.gpkg', '--out', 'good', '--json'],
      [1, 'stage', 'broken.gpkg', 'zero.gpkg', 'others', '--out', 'good', '--force'],
      [1, 'stage', 'in.gpkg', '--layer', 'nope', '--out', 'good', '--prune'],
      [1, 'stage', 'staged-elsewhere', '--out', 'good'],
      [1, 'stage', 'nosuch', '--out', 'good', '--force', '--prune', '--json'],
      [1, 'stage', '--config', 'gone.json'],
      [2, 'stage', 'in.gpkg', '--out', 'good', '--z', '5'],
      [2, 'stage', 'in.gpkg', '--out', 'good', '--tms', 'WebMercatorQuad', '--json'],
      [2, 'stage', 'in.gpkg', '--out', 'good', '--simplify-tolerance', '0.1', '--prune'],
      [1, 'stage', 'in.gpkg', '--out', 'damaged'],
      [2, 'stage', 'in.gpkg', '--out', 'unmarked'],
    ]);
    const status = await runCli(['status', 'good', '--json'], { cwd: base });
    assert.equal(JSON.parse(status.stdout).state, 'finished');
    assert.equal(JSON.parse(status.stdout).exitCode, 0);
  });

  test('of another name changes nothing either', () =>
    refuseAll([
      [1, 'status', 'nosuch'],
      [1, 'wait', 'nosuch'],
      [1, 'cancel', 'nosuch'],
      [1, 'report', 'nosuch', '--html', 'NEW.html'],
      [2, 'report', 'good', '--html'],
      [1, 'plot', 'nosuch', '--output', 'NEW.png'],
      [2, 'plot', 'good', '--nope', '--output', 'NEW.png'],
      [2, 'serve', 'good', '--port', '99999999'],
      [2, 'clean', 'good'],
      [1, 'clean', 'nosuch', '--yes'],
      [1, 'clean', 'others', '--yes'],
      [2, 'tms', 'show', 'Nope'],
      [1, 'info', 'nosuch'],
      [2, 'worker'],
      [1, 'monitor', 'nosuch'],
    ]));

  test('by the library changes nothing either', async () => {
    const tree = treeOf(base);
    const stager = (values: object) =>
      new TileStager({ dirStaged: join(base, 'good'), executor: 'inline', ...values });
    const input = join(base, 'in.gpkg');
    await assert.rejects(stager({}).stage(join(base, 'nosuch')), { code: 'input-missing' });
    await assert.rejects(stager({ z: 5 }).stage(input), { code: 'config-differs' });
    await assert.rejects(stager({ overrideCrs: 'x' }).stage(input), { code: 'config-invalid' });
    await assert.rejects(stager({ tmsId: 'Nope' }).stage(input), { code: 'tms-unknown' });
    const result = await stager({}).stageAll({ inputs: [join(base, 'nosuch')] });
    assert.equal(result.missing.length, 1);
    assert.equal(result.tiles.total, 1);
    const dirStaged = join(base, 'new-library');
    const failed = await stager({ dirStaged }).stageAll({ inputs: [join(base, 'no-crs.gpkg')] });
    assert.equal(failed.inputs[0]?.status, 'failed');
    await assert.rejects(stager({ dirStaged }).stage(join(base, 'zero.gpkg')), {
      code: 'input-empty',
    });
    assert.deepEqual(changes(tree, treeOf(base)), []);
  });

  test('in a folder that nobody may write to', async (t) => {
    const place = join(base, 'locked');
    mkdirSync(place);
    // Root may write anywhere, but for this.
    if (spawnSync('chattr', ['+i', place]).status !== 0) return t.skip('chattr does not work here');
    try {
      await refuseAll([[1, 'stage', 'in.gpkg', '--out', 'locked/NEW']]);
    } finally {
      spawnSync('chattr', ['-i', place]);
    }
  });
});
