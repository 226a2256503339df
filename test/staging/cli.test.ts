/** The command line as a process: what it prints where, and its exit codes. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { folderLock } from '../../src/staging/folder/staged-folder.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { makeScenes, SUMMARY, square, startCli, suiteFolder } from '../faults/faults.ts';
import { listTiles, polygonWkb, readTiles, resultOf, runCli, withoutProgress } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');

suite('command line', () => {
  const folder = suiteFolder();
  const input = join(folder, 'squares.gpkg');
  let runs = 0;
  const newFolder = (): string => join(folder, `out-${runs++}`);

  before(() => {
    writeGeoPackage(input, {
      layer: 'squares',
      srsId: 4326,
      columns: [
        { name: 'n', type: 'INTEGER' },
        { name: 'word', type: 'TEXT' },
      ],
      rows: [
        { wkb: polygonWkb([square(10, 50)]), values: [1, 'one'] },
        // Across the corner of four tiles at z 13.
        { wkb: polygonWkb([square(-0.0005, -0.0005)]), values: [2, 'two'] },
        { blob: null, values: [3, 'three'] },
      ],
    });
  });

  test('a wrong command line ends with 2, says why on stderr, and makes nothing', async () => {
    const out = newFolder();
    const config = join(folder, 'wrong.json');
    writeFileSync(config, JSON.stringify({ zRnage: [0, 3] }));
    const noJson = join(folder, 'no.json');
    writeFileSync(noJson, '{');
    const cases: [string[], RegExp][] = [
      [['stgae'], /"stgae" is not a command. Did you mean stage\?/],
      [['stage', input], /--out/],
      [['stage', '--out', out], /nothing to stage|INPUT/],
      [['stage', input, '--out', out, '--zz', '3'], /--zz is not an option of stage/],
      [['stage', input, '--out', out, '--z', 'many'], /--z/],
      [['stage', input, '--out', out, '--z', '99'], /no tile matrix for z = 99.*0 to 23/],
      [['stage', input, '--out', out, '--tms', 'WebMercator'], /no TileMatrixSet "WebMercator"/],
      [['stage', input, '--out', out, '--workers', '0'], /--workers/],
      [['stage', input, '--out', out, '--config', config], /zRnage.*zRange/],
      [['stage', input, '--out', out, '--config', noJson], /no\.json.*JSON/],
      [['stage', input, '--out', out, '--config', 'nowhere.json'], /nowhere\.json/],
      [['info'], /INPUT/],
      [['tms', 'show'], /ID/],
      [['tms', 'show', 'Nope'], /no TileMatrixSet "Nope"/],
      [['clean'], /DIR/],
      [['clean', out], /--yes/],
    ];
    const results = await Promise.all(cases.map(([args]) => runCli(args, { cwd: folder })));
    for (const [i, { code, stdout, stderr }] of results.entries()) {
      const [args, message] = cases[i]!;
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.match(stderr, /^tilewright: /);
      assert.doesNotMatch(stderr, /\n {4}at /, 'no stack');
    }
    assert.equal(existsSync(out), false);
  });

  test('help and version', async () => {
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as { version: string };
    const print = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runCli(args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      return stdout;
    };
    assert.equal(await print('--version'), `tilewright ${version}\n`);
    const overview = await print('--help');
    assert.match(overview, /^Commands:[\s\S]*stage INPUT[\s\S]*info INPUT[\s\S]*Exit codes:/m);
    assert.equal(await print(), overview);
    const stage = await print('stage', '--help');
    assert.match(stage, /^ {2}--simplify-tolerance /m);
    assert.equal(await print('help', 'stage'), stage);
    for (const command of ['info', 'tms', 'clean']) {
      assert.match(await print(command, '--help'), new RegExp(`^Usage: tilewright ${command}`));
    }
  });

  test('stage tells what it made', async () => {
    const out = newFolder();
    const first = await runCli(['stage', input, '--out', out], { cwd: folder });
    assert.equal(first.code, 0);
    assert.match(first.stderr, /^staging: 3 features, 1 task\nstaging: done in .*\nplacing tiles/);
    assert.match(first.stdout, /^inputs +1 staged, 0 unchanged$/m);
    assert.match(
      first.stdout,
      /^features +3 read in .* s \(.* a second\), 2 staged, 1 dropped \(null geometry\)$/m,
    );
    assert.match(first.stdout, /^rows +5 written, 3 of them copies of features that cross/m);
    assert.match(first.stdout, /^dropped +1: null geometry, for example feature 3$/m);
    assert.match(first.stdout, /^tiles +5 new, 0 changed, 0 unchanged, 0 removed; 5 in out-\d+$/m);
    const again = await runCli(['stage', input, '--out', out], { cwd: folder });
    assert.equal(again.code, 0);
    assert.match(again.stdout, /^Nothing to do: 1 input unchanged, 5 tiles in out-\d+$/m);
  });

  test('stage --json is lines of JSON, the result last; --quiet is nothing', async () => {
    const out = newFolder();
    const missing = join(folder, 'nothing.gpkg');
    const { code, stdout, stderr } = await runCli([
      'stage',
      input,
      missing,
      '--out',
      out,
      '--json',
    ]);
    assert.equal(code, 1);
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent);
    const phases = events.flatMap((event) => (event.type === 'phase-started' ? event.phase : []));
    assert.deepEqual(phases, ['plan', 'stage', 'merge', 'finalize']);
    assert.equal(events[0]!.type, 'run-started');
    assert.equal(events.at(-1)!.type, 'run-ended');
    const begun = events.filter(({ type }) => type === 'task-started');
    assert.equal(events.filter(({ type }) => type === 'task-ended').length, begun.length);
    const last = events.filter((event) => event.type === 'progress').at(-1)!;
    assert.deepEqual([last.phase, last.done, last.total], ['merge', 5, 5]);
    const report = resultOf(stdout);
    assert.equal(report.featuresRead, 3);
    assert.equal(report.featuresStaged, 2);
    assert.equal(report.rowsWritten, 5);
    assert.equal(report.boundaryCopies, 3);
    assert.deepEqual(report.drops, { 'null geometry': { count: 1, positions: [3] } });
    assert.deepEqual(report.tiles, { new: 5, changed: 0, unchanged: 0, removed: 0, total: 5 });
    assert.equal(report.folder, out);
    assert.equal(report.inputs.length, 1);
    assert.equal(report.inputs[0]!.status, 'staged');
    assert.equal(report.missing[0]!.argument, missing);
    assert.equal(report.missing[0]!.error.code, 'input-missing');

    const alone = await runCli(['stage', input, '--out', newFolder(), '--json', '--quiet']);
    assert.equal(alone.stdout.trimEnd().split('\n').length, 1);
    assert.equal(resultOf(alone.stdout).rowsWritten, 5);
    const quiet = await runCli(['stage', input, '--out', newFolder(), '--quiet']);
    assert.deepEqual(quiet, { code: 0, stdout: '', stderr: '' });
    const failed = await runCli(['stage', input, missing, '--out', newFolder(), '--quiet']);
    assert.equal(failed.code, 1);
    assert.equal(failed.stdout, '');
    assert.match(failed.stderr, /^failed: There is no file or folder .*nothing\.gpkg/);
  });

  test('info describes files, as text and JSON, and goes on after one that it can not read', async () => {
    const missing = join(folder, 'nothing.gpkg');
    const text = await runCli(['info', missing, input]);
    assert.equal(text.code, 1);
    assert.match(text.stderr, /There is no file or folder .*nothing\.gpkg/);
    assert.match(text.stdout, /squares\.gpkg {2}\(GeoPackage, 1 layer\)\n {2}squares\n/);
    assert.match(text.stdout, /geometry {2}POLYGON, 3 features/);
    assert.match(text.stdout, /CRS +EPSG:4326 {2}WGS 84/);
    assert.match(text.stdout, /columns +n \(integer\), word \(text\)/);
    const json = await runCli(['info', missing, input, '--json']);
    assert.equal(json.code, 1);
    const [described, failed] = JSON.parse(json.stdout);
    assert.equal(failed.error.code, 'input-missing');
    assert.equal(described.format, 'GeoPackage');
    assert.equal(described.layers[0].featureCount, 3);
    assert.equal(described.layers[0].crs.code, '4326');
    assert.equal((await runCli(['info', input])).code, 0);
  });

  test('tms lists the known sets and shows one', async () => {
    const list = await runCli(['tms']);
    assert.equal(list.code, 0);
    assert.match(list.stdout, /^WGS1984Quad +EPSG:4326 +z 0–23 {2}/m);
    assert.equal((await runCli(['tms', 'list'])).stdout, list.stdout);
    const sets = JSON.parse((await runCli(['tms', 'list', '--json'])).stdout);
    assert.equal(sets.length, list.stdout.trimEnd().split('\n').length);
    assert.ok(sets.some((set: { id: string; crs: string }) => set.crs === 'EPSG:3857'));
    const show = await runCli(['tms', 'show', 'WebMercatorQuad']);
    assert.match(show.stdout, /^WebMercatorQuad[\s\S]*^ {2}1 +2 × +2 /m);
    const json = await runCli(['tms', 'show', 'WebMercatorQuad', '--json']);
    const file = join(folder, 'own.json');
    writeFileSync(file, json.stdout);
    assert.equal((await runCli(['tms', 'show', file])).stdout, show.stdout);
  });

  test('clean removes what was staged and nothing else', async () => {
    const out = newFolder();
    await runCli(['stage', input, '--out', out]);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    mkdirSync(join(out, 'WGS1984Quad/mine'));
    const { code, stdout } = await runCli(['clean', out, '--yes']);
    assert.equal(code, 0);
    assert.match(stdout, /^Removed 5 tiles, the summary and the journal of /);
    assert.deepEqual(listTiles(out), []);
    for (const name of ['.tilewright', SUMMARY]) assert.equal(existsSync(join(out, name)), false);
    for (const name of ['notes.txt', 'WGS1984Quad/mine']) assert.ok(existsSync(join(out, name)));
    const again = await runCli(['clean', out, '--yes']);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is not a staged folder: it has no journal. Nothing was removed/);
  });

  test('a reader that closes the pipe is no error and stops nothing', async () => {
    const closed = async (args: string[], stream: 'stdout' | 'stderr'): Promise<number | null> => {
      const child: ChildProcess = spawn(process.execPath, [CLI, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr!.on('data', (text) => {
        stderr += text;
      });
      child[stream]!.destroy();
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
      assert.equal(withoutProgress(stderr), '');
      return code;
    };
    assert.equal(await closed(['tms', 'list'], 'stdout'), 0);
    assert.equal(await closed(['--help'], 'stdout'), 0);
    const out = newFolder();
    assert.equal(await closed(['stage', input, '--out', out], 'stdout'), 0);
    assert.equal(readTiles(out).length, 5);
    const json = newFolder();
    assert.equal(await closed(['stage', input, '--out', json, '--json'], 'stdout'), 0);
    assert.equal(readTiles(json).length, 5);
    // What failed is told by the exit code even if nobody listens.
    const missing = join(folder, 'nothing.gpkg');
    const other = newFolder();
    assert.equal(await closed(['stage', input, missing, '--out', other], 'stderr'), 1);
    assert.equal(readTiles(other).length, 5);
  });

  test('a second signal ends it at once', async () => {
    const out = newFolder();
    const scenes = makeScenes(join(folder, 'scenes'), 2, 20_000);
    const run = startCli(['stage', ...scenes, '--out', out]);
    while (!existsSync(join(out, '.tilewright'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 130);
  });

  test('a run that waits for another says so', async () => {
    const out = newFolder();
    await runCli(['stage', input, '--out', out]);
    const lock = await folderLock(out);
    const run = startCli(['stage', input, '--out', out, '--force']);
    try {
      while (!run.stderr().includes('waiting') && run.child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.match(run.stderr(), /^waiting for another run$/m);
    } finally {
      lock.release();
    }
    assert.equal(await run.ended, 0);
    assert.match(run.stdout(), /^tiles +0 new, 0 changed, 5 unchanged/m);
  });
});
