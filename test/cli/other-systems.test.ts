/** What is different on Windows and macOS, as far as it can be tried here. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { suite, test } from 'node:test';
import { stopSignals } from '../../src/cli/stop-signals.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { Config } from '../../src/staging/configuration/config.ts';
import { splitGlob } from '../../src/staging/inputs/input-paths.ts';
import { formatTilePath, isFolderName, parseTilePath } from '../../src/tms/tile-path.ts';
import { runCli, temporaryFolder } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

const STRUCTURE = ['style', 'tms', 'z', 'x', 'y'];

suite('Windows', () => {
  test('globs may have backslashes', () => {
    assert.deepEqual(splitGlob('lakes\\**\\*.shp', '\\'), ['lakes', '**/*.shp']);
    assert.deepEqual(splitGlob('C:\\data\\a*.gpkg', '\\'), ['C:/data', 'a*.gpkg']);
    assert.deepEqual(splitGlob('C:\\data/b/[ab].gpkg', '\\'), ['C:/data/b', '[ab].gpkg']);
    // Elsewhere a backslash belongs to the name.
    assert.deepEqual(splitGlob('a\\b/*.shp', '/'), ['a\\b', '*.shp']);
  });

  test('paths of tiles are the same there, whatever separates', () => {
    const parts = { style: '', tms: 'WGS1984Quad', z: 13, x: 7, y: 8 };
    const path = formatTilePath(parts, STRUCTURE, '.gpkg');
    const there = win32.join('C:\\staged', path);
    assert.equal(there, 'C:\\staged\\WGS1984Quad\\13\\7\\8.gpkg');
    const below = win32.relative('C:\\staged', there).split(win32.sep).join('/');
    assert.deepEqual(parseTilePath(below, STRUCTURE, '.gpkg'), parts);
  });

  test('names that it reserves are no folders of tiles', () => {
    const bad = [
      'CON',
      'con',
      'nul',
      'NUL.txt',
      'AUX',
      'prn',
      'COM1',
      'lpt9',
      'a.',
      'a ',
      '.',
      '..',
    ];
    for (const name of [...bad, '', 'a/b', 'a\\b']) assert.equal(isFolderName(name), false, name);
    for (const name of ['console', 'COM', 'lpt10', 'a.b', 'nulls', 'a b', '.a']) {
      assert.equal(isFolderName(name), true, name);
    }
    const parts = { style: 'aux', tms: 'WGS1984Quad', z: 1, x: 1, y: 1 };
    assert.throws(() => formatTilePath(parts, STRUCTURE, '.gpkg'), {
      code: 'config-invalid',
      message: /"aux" can't be the name of a folder on every system/,
    });
  });

  test('signals: Ctrl-Break and the closing of the window stop a run; a hang-up elsewhere does not', () => {
    assert.deepEqual(stopSignals('win32'), ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP']);
    for (const platform of ['linux', 'darwin'] as const) {
      assert.deepEqual(stopSignals(platform), ['SIGINT', 'SIGTERM']);
    }
  });

  test('a configuration and a TileMatrixSet may end their lines as it does, after a byte order mark', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'config.json');
    const text = JSON.stringify({ dir_staged: 'out', z_range: [0, 9] }, null, 2);
    writeFileSync(path, `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n`);
    assert.deepEqual(Config.fromFile(path).values.zRange, [0, 9]);
    const { stdout } = await runCli(['tms', 'show', 'WebMercatorQuad', '--json']);
    const tms = join(folder, 'tms.json');
    writeFileSync(tms, `\uFEFF${stdout.replaceAll('\n', '\r\n')}`);
    const [own, known] = [
      await runCli(['tms', 'show', tms]),
      await runCli(['tms', 'show', 'WebMercatorQuad']),
    ];
    assert.deepEqual([own.code, own.stdout], [0, known.stdout]);
  });
});

test('the WKT of a .prj may end its lines as Windows does', () => {
  const wkt =
    'GEOGCS["WGS 84",\n DATUM["WGS_1984",\n  SPHEROID["WGS 84",6378137,298.257223563]],\n' +
    ' PRIMEM["Greenwich",0],\n UNIT["degree",0.0174532925199433]]\n';
  const crs = resolveCrs({ definition: wkt.replaceAll('\n', '\r\n') });
  assert.deepEqual(crs.name, resolveCrs({ definition: wkt }).name);
  assert.equal(crs.name, 'WGS 84');
});

test('without a terminal that says what it is, progress is lines', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  const args = ['stage', at.input, '-o', at.staged, '--executor', 'inline'];
  const { code, stderr } = await runCli(args, { env: { TERM: '' } });
  assert.equal(code, 0);
  assert.equal(stderr.includes('\x1b'), false);
});
