/** `tilewright check`: what it prints, and what it exits with. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import { checkLines } from '../../src/cli/lines/check-table.ts';
import { unstacked } from '../../src/cli/told-error.ts';
import { cellWidth } from '../../src/core/columns-of-text.ts';
import type { CheckedInput, CheckResult } from '../../src/index.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { check } from '../../src/staging/check/check.ts';
import { polygonWkb, runCli, temporaryFolder } from '../staging/support.ts';
import { type OddRow, writeGeoPackage } from '../staging/write-geopackage.ts';

const box = (x: number, y: number): OddRow => ({
  wkb: polygonWkb([
    [
      [x, y],
      [x + 0.01, y],
      [x + 0.01, y + 0.01],
      [x, y],
    ],
  ]),
  values: [1],
});

/** A sound input, one of which features are dropped, one without a CRS, and a file that is none. */
function inputs(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'input');
  mkdirSync(folder);
  const columns = [{ name: 'n', type: 'INTEGER' }];
  const write = (name: string, srsId: number, rows: OddRow[]) =>
    writeGeoPackage(join(folder, name), { layer: 'l', srsId, columns, rows });
  write('sound.gpkg', 4326, [box(10, 50), box(11, 50)]);
  write('partly.gpkg', 4326, [box(10, 50), { blob: null, values: [2] }]);
  write('no-crs.gpkg', -1, [box(10, 50)]);
  writeFileSync(join(folder, 'broken.gpkg'), 'no database');
  return folder;
}

suite('tilewright check', () => {
  test('tells what would not be staged, and exits with 1', async (t) => {
    const folder = inputs(t);
    const { code, stdout, stderr } = await runCli(['check', folder], { cwd: join(folder, '..') });
    assert.equal(code, 1);
    const lines = stdout.split('\n');
    // What is worse comes first.
    assert.match(
      lines[1]!,
      /^partly +partly\.gpkg +GeoPackage POLYGON +2 +1 +0 +EPSG:4326 +same datum$/,
    );
    assert.match(lines[2]!, /^fine +sound\.gpkg /);
    assert.match(
      stdout,
      /^inputs {5}1 fine, 1 of which features would be dropped, 2 that would fail$/m,
    );
    assert.match(
      stdout,
      /^features {3}4 read in .*, 3 would be staged, 1 dropped \(null geometry\)$/m,
    );
    assert.match(stdout, /^dropped {4}1: null geometry, for example feature 2$/m);
    assert.match(stderr, /^failed: crs-missing: no-crs\.gpkg does not say which CRS/m);
    assert.match(stderr, /^failed: input-format: .*broken\.gpkg/m);
    assert.deepEqual(readdirSync(join(folder, '..')), ['input']);
  });

  test('exits with 0 where all would be staged, and with 2 for a wrong command line', async (t) => {
    const folder = inputs(t);
    const sound = join(folder, 'sound.gpkg');
    assert.equal((await runCli(['check', sound])).code, 0);
    assert.equal((await runCli(['check', sound, '--duplicates', '--z', '9'])).code, 0);
    for (const args of [
      ['check'],
      ['check', sound, '--z', '99'],
      ['check', sound, '--tms', 'Nowhere'],
      ['check', sound, '--out', 'x'],
    ]) {
      assert.equal((await runCli(args)).code, 2, args.join(' '));
    }
    assert.equal((await runCli(['check', join(folder, 'nosuch.gpkg')])).code, 1);
  });

  test('--json is what the library gives', async (t) => {
    const folder = inputs(t);
    const options = ['--json', '--executor', 'inline', '--input-crs', 'EPSG:3413', '--z', '7'];
    const { code, stdout } = await runCli(['check', folder, ...options]);
    assert.equal(code, 1);
    const { seconds: _, ...told } = JSON.parse(stdout) as CheckResult;
    const config = { inputCrs: 'EPSG:3413', z: 7, zRange: undefined };
    const result = await check(config, { inputs: [folder], executor: new InlineExecutor() });
    const { seconds: __, ...own } = result;
    assert.deepEqual(told, JSON.parse(JSON.stringify(own, unstacked)));
    assert.equal(existsSync('staged'), false);
  });

  test('takes the options and the file of stage', (t) => {
    const file = join(temporaryFolder(t), 'staging.json');
    writeFileSync(file, JSON.stringify({ dirInput: 'lakes', z: 5, invalid: 'drop' }));
    const command = parseArguments(['check', '--config', file, '--layer', 'a', '--duplicates']);
    assert.ok(command.command === 'check' && command.duplicates && !command.json);
    assert.deepEqual(command.inputs, ['lakes']);
    const { zRange, invalid, layer } = command.config.values;
    assert.deepEqual([zRange, invalid, layer], [[0, 5], 'drop', 'a']);
  });
});

suite('the table', () => {
  const input = (k: number): CheckedInput => ({
    ...{
      name: `region-${k % 40}/scene-of-a-long-name-${k}.gpkg`,
      path: '/x',
      format: 'GeoPackage',
    },
    status: k % 1000 === 7 ? 'partly' : k % 500 === 3 ? 'empty' : 'fine',
    ...{ layer: 'l', geometryType: 'MULTIPOLYGON', columns: [] },
    crs: { id: k % 10 === 0 ? 'EPSG:32633' : 'EPSG:3413', name: 'x', origin: 'file' },
    ...{ rowsRead: 1000 + k, featuresStaged: 900, rows: 1000, droppedM: 0 },
    drops: k % 1000 === 7 ? { 'null geometry': { count: 1 + k, positions: [k] } } : {},
    validity: { kinds: {}, features: k === 123 ? { invalid: { count: 3, positions: [1] } } : {} },
    operation: { kind: 'same', name: 'one datum', id: null, accuracy: 0, inside: true },
  });
  const inputs = Array.from({ length: 17_000 }, (_, k) => input(k));
  const result: CheckResult = {
    ...{ fine: false, tms: 'WGS1984Quad', z: 13, inputs, missing: [], unread: [] },
    ...{ featuresRead: 17e6, featuresStaged: 16e6, rows: 2e7, droppedM: 0, guessedText: null },
    ...{ featuresDropped: 17, drops: {}, commonestDrop: null, validity: null, seconds: 60 },
    columns: Array.from({ length: 300 }, (_, k) => ({
      ...{ name: `c${k}`, type: 'text', clashes: true },
      needs: [{ type: 'integer', inputs: 16_999, example: 'a.gpkg' }],
    })),
    warnings: inputs.map(({ name }) => `${name}: it is odd`),
  };

  for (const width of [80, 120]) {
    test(`of 17,000 inputs stays readable at ${width} columns`, () => {
      const lines = checkLines(result, width, 'keep');
      assert.ok(lines.length < 70, `${lines.length} lines`);
      const at = lines.findIndex((line) => line.startsWith('… and'));
      assert.equal(lines[at], '… and 16,980 that are no worse; --json lists all');
      for (const line of lines.slice(0, at)) assert.ok(cellWidth(line) <= width, line);
      // The most of its features is worst: inputs of about as many, of which ever more are dropped.
      assert.deepEqual(
        lines.slice(1, 3).map((line) => / ([\d,]+) +0 +EPSG/.exec(line)![1]),
        ['16,008', '15,008'],
      );
      assert.equal(
        lines.slice(1, 18).every((line) => line.startsWith('partly')),
        true,
      );
      assert.match(lines[18]!, /^empty/);
      assert.ok(
        lines.includes(
          'inputs     16,949 fine, 17 of which features would be dropped, 34 without features',
        ),
      );
      assert.ok(
        lines.some((line) =>
          /^CRS {8}15,300 inputs, such as .*: EPSG:3413: same datum$/.test(line),
        ),
      );
    });
  }
});
