/** Estimates of small jobs, through the command line and the library. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CELL_AREA, ORIGIN_X, ORIGIN_Y, writeScenes } from '../../../bench/scenes.ts';
import { parseArguments } from '../../../src/cli/arguments/arguments.ts';
import { type Estimate, estimate, TileStager } from '../../../src/index.ts';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import {
  polygonContent,
  shapefileBytes,
  square,
} from '../../formats/shapefile/shapefile-fixture.ts';
import { runCli, temporaryFolder } from '../../staging/support.ts';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const POLYGONS = 2_000;

/** Small squares of ground on a grid, in EPSG:3413, without a CRS. */
function writeSquares(path: string, count: number): void {
  const side = Math.ceil(Math.sqrt(count));
  const contents = Array.from({ length: count }, (_, i) => {
    const x = ORIGIN_X + 25 * (i % side);
    const y = ORIGIN_Y + 25 * Math.floor(i / side);
    return polygonContent(5, [square(x, y, 20)]);
  });
  const { shp, shx } = shapefileBytes(5, contents);
  writeFileSync(path, shp);
  writeFileSync(path.replace(/shp$/, 'shx'), shx);
}

suite('an estimate', () => {
  const folder = temporaryFolder({ after });
  const input = join(folder, 'input');
  const out = join(folder, 'staged');
  const options = ['--out', out, '--input-crs', 'EPSG:3413'];
  let json: Estimate;

  before(async () => {
    mkdirSync(input);
    writeScenes(input, { seed: 7, count: 3, polygonsEach: POLYGONS, cellArea: CELL_AREA });
    writeSquares(join(input, 'squares.shp'), 3 * POLYGONS);
    const { code, stdout, stderr } = await runCli([
      ...['estimate', input, ...options, '--json', '--workers', '2,3', '--files', '8,100'],
    ]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    json = JSON.parse(stdout) as Estimate;
  });

  test('has a row for one file, these files and more of their kind', () => {
    const rows = json.rows.map(({ kind, files, features }) => [kind, files, Math.round(features)]);
    assert.deepEqual(rows, [
      ['median file', 1, 2_000],
      ['largest file', 1, 2_000],
      ['given', 4, 12_000],
      ['more', 8, 24_000],
      ['more', 100, 300_000],
    ]);
    for (const { time, disk, why, usefulWorkers } of json.rows) {
      assert.deepEqual(
        time.map(({ workers }) => workers),
        [1, 2, 3],
      );
      for (const range of [...time.flatMap((t) => [t.seconds, t.memory]), disk.staged, disk.peak]) {
        assert.ok(range.low > 0 && range.low <= range.about && range.about <= range.high);
      }
      assert.ok(disk.peak.about >= disk.staged.about);
      assert.ok(usefulWorkers >= 1);
      assert.match(why, /^More than \d+ workers? |^Up to \d+ workers/);
    }
    const [given, , hundred] = json.rows.slice(2);
    assert.ok(Math.abs(hundred!.tiles / given!.tiles - 25) < 1e-6);
    assert.ok(hundred!.time[0]!.seconds.about > given!.time[0]!.seconds.about);
  });

  test('samples both formats, and all files here', () => {
    const { sample } = json;
    assert.deepEqual([...new Set(sample.strata.map(({ format }) => format))].sort(), [
      'GeoPackage',
      'shapefile',
    ]);
    assert.ok(sample.strata.every(({ files, sampledFiles }) => sampledFiles === files));
    assert.equal(sample.filesProbed, 4);
    assert.equal(sample.features, 12_000);
  });

  test('tells the disk space within 10 %, and the rows and tiles that there will be', async () => {
    const stager = new TileStager({ dirStaged: out, inputCrs: 'EPSG:3413', workers: 2 });
    let shuffles = 0;
    const { rowsWritten, tiles } = await stager.stageAll({
      inputs: [input],
      onProgress: (event) => {
        if (event.type === 'task-ended') shuffles += event.usage?.notes['shuffleBytes'] ?? 0;
      },
    });
    const given = json.rows.find(({ kind }) => kind === 'given')!;
    const staged = readdirSync(out, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(out, name)))
      .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
    for (const [estimated, real] of [
      [given.disk.staged.about, staged],
      [given.disk.peak.about, staged + shuffles],
      [given.rows, rowsWritten],
    ] as const) {
      assert.ok(Math.abs(estimated / real - 1) < 0.1, `${estimated} for ${real}`);
    }
    assert.ok(Math.abs(given.tiles - tiles.total) <= 1, `${given.tiles} of ${tiles.total}`);
  });

  test('for people fits into 80 columns', async () => {
    const { code, stdout, stderr } = await runCli(['estimate', input, ...options]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    assert.match(stdout, /^4 files, [\d.]+ MB, 12,000 features: about \d+ tiles\n/);
    assert.match(stdout, /^time +1 worker /m);
    for (const label of ['one file (median)', 'these 4 files', '100 such', '1,000 such files']) {
      assert.ok(stdout.includes(`\n${label}`), label);
    }
    assert.match(stdout, /^From \d+ slices of 4 files/m);
  });

  test('leaves out what can not be read, tells it and exits with 1', async () => {
    const some = join(folder, 'some');
    cpSync(input, some, { recursive: true });
    writeFileSync(join(some, 'broken.gpkg'), 'This is no GeoPackage.');
    const { code, stdout } = await runCli(['estimate', some, ...options]);
    assert.equal(code, 1);
    assert.match(stdout, /^left out: .*broken\.gpkg/m);
    assert.match(stdout, /^these 4 files/m);
  });

  test('leaves nothing behind: when it ends well, fails or is interrupted', async () => {
    const scratch = (): string[] => readdirSync(folder).filter((name) => name.startsWith('.'));
    const only = join(folder, 'only');
    mkdirSync(only);
    writeFileSync(join(only, 'broken.gpkg'), 'This is no GeoPackage.');
    const { code, stderr } = await runCli(['estimate', only, ...options]);
    assert.equal(code, 1);
    assert.match(stderr, /broken\.gpkg/);
    assert.deepEqual(scratch(), []);

    const args = [MAIN, 'estimate', input, ...options];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (scratch().length === 0 && child.exitCode === null) await setTimeout(5);
    child.kill('SIGINT');
    assert.equal(await ended, 130);
    assert.deepEqual(scratch(), []);
  });

  test('warns of very many tiles', async () => {
    assert.deepEqual(
      json.warnings.filter((text) => / tiles, a file each/.test(text)),
      [],
    );
    const values: ConfigInput = { inputCrs: 'EPSG:3413', dirStaged: out, executor: 'inline' };
    const { rows, warnings } = await estimate(new TileStager(values), {
      inputs: [join(input, 'squares.shp')],
      files: [100_000_000],
    });
    const tiles = Math.round(rows.at(-1)!.tiles).toLocaleString('en');
    const warning = warnings.find((text) => text.includes(`some ${tiles} tiles, a file each`));
    assert.match(warning ?? '', /^For 100,000,000 such files/);
  });

  test('of the library takes a stager or a configuration, and can be stopped', async () => {
    const values: ConfigInput = { inputCrs: 'EPSG:3413', dirStaged: out, executor: 'inline' };
    const abort = new AbortController();
    const steps: string[] = [];
    const stopped = estimate(new TileStager(values), {
      inputs: [input],
      signal: abort.signal,
      onProgress: (step) => {
        steps.push(step);
        if (step === 'sample') abort.abort();
      },
    });
    await assert.rejects(stopped, { code: 'interrupted' });
    assert.deepEqual(steps, ['plan', 'machine', 'sample']);
    await assert.rejects(estimate({}), { code: 'usage' });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });
});

test('arguments become numbers of workers and files, and a configuration', () => {
  const parse = (words: string) => parseArguments(words.split(' '));
  const command = parse('estimate a b --workers 2,4 --files 10 --z 11 --executor slurm');
  assert.ok(command.command === 'estimate');
  assert.deepEqual([command.inputs, command.workers, command.files], [['a', 'b'], [2, 4], [10]]);
  assert.deepEqual(command.config.values.zRange, [0, 11]);
  assert.equal(command.config.values.executor, 'slurm');
  for (const [words, message] of [
    ['estimate', /^estimate needs at least one INPUT/],
    ['estimate a --workers 0', /^--workers must be whole numbers ≥ 1, as in 1,2,4, not "0"/],
    ['estimate a --files 1,x', /^--files must be whole numbers/],
    ['estimate a --force', /^There is no option --force|unknown|--force/i],
  ] as const) {
    assert.throws(() => parse(words), { code: 'usage', message });
  }
});
