/**
 * What is wrong with an input or with the place for the tiles is told clearly, and does not stop
 * what can be staged.
 */

import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, suite, test } from 'node:test';
import type { StageAllResult } from '../../src/staging/tile-stager.ts';
import { checkNothingElse, checkTiles, square, suiteFolder } from '../faults/faults.ts';
import {
  multiPolygonWkb,
  NO_SHARED_DATA,
  polygonWkb,
  readTiles,
  resultOf,
  runCli,
  sharedData,
} from './support.ts';
import { type OddLayer, writeGeoPackage } from './write-geopackage.ts';

const SQUARE = polygonWkb([square(10, 50)]);

suite('bad input', () => {
  const folder = suiteFolder();
  const good = join(folder, 'good.gpkg');
  let runs = 0;

  /** A GeoPackage with one square, changed by SQL. */
  const oneSquare = (name: string, sql = '', layer: Partial<OddLayer> = {}): string => {
    const path = join(folder, `${name}.gpkg`);
    const rows = [{ wkb: SQUARE, values: [] }];
    writeGeoPackage(path, { layer: 'squares', srsId: 4326, columns: [], rows, ...layer });
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    return path;
  };

  interface Staged {
    code: number | null;
    stderr: string;
    out: string;
    report: StageAllResult;
    /** Code and message of what failed, by the name of its file. */
    failures: Map<string, { code: string; message: string }>;
  }

  /** Stages files with the good one beside them, which must be staged in any case. */
  const stage = async (paths: readonly string[], args: readonly string[] = []): Promise<Staged> => {
    const out = join(folder, `out-${runs++}`);
    const { code, stdout, stderr } = await runCli([
      'stage',
      good,
      ...paths,
      '--out',
      out,
      '--executor',
      'inline',
      '--json',
      ...args,
    ]);
    const report = resultOf(stdout);
    const failures: Staged['failures'] = new Map();
    for (const { argument, error } of report.missing) failures.set(basename(argument), error);
    for (const input of report.inputs) {
      if (input.status === 'failed') failures.set(basename(input.path), input.error);
    }
    assert.equal(report.inputs.find((input) => input.name === 'good.gpkg')?.status, 'staged');
    assert.equal(readTiles(out).filter((row) => row.values['word'] === 'good').length, 1);
    checkTiles(out);
    checkNothingElse(out);
    return { code, stderr, out, report, failures };
  };

  before(() => {
    writeGeoPackage(good, {
      layer: 'good',
      srsId: 4326,
      columns: [{ name: 'word', type: 'TEXT' }],
      rows: [{ wkb: SQUARE, values: ['good'] }],
    });
  });

  test('files that are none, or not what their name says', async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    writeFileSync(join(bad, 'empty.gpkg'), '');
    writeFileSync(join(bad, 'text.gpkg'), 'This is no database. '.repeat(200));
    const plain = new DatabaseSync(join(bad, 'plain.gpkg'));
    plain.exec('create table a (b)');
    plain.close();
    writeFileSync(join(bad, 'empty.shp'), '');
    writeFileSync(join(bad, 'text.shp'), 'This is no shapefile. '.repeat(20));
    writeFileSync(join(bad, 'image.tif'), 'II*');
    mkdirSync(join(bad, 'folder.gpkg'));
    const { code, failures } = await stage(
      [
        ...['missing.gpkg', 'empty.gpkg', 'text.gpkg', 'plain.gpkg', 'empty.shp', 'text.shp'],
        ...['image.tif', 'folder.gpkg', 'no-such-folder', '*.nothing'],
      ].map((name) => join(bad, name)),
    );
    assert.equal(code, 1);
    const expected: [string, string, RegExp][] = [
      ['missing.gpkg', 'input-missing', /no file or folder .*bad\/missing\.gpkg/],
      ['empty.gpkg', 'input-empty', /bad\/empty\.gpkg is empty \(0 bytes\)/],
      ['text.gpkg', 'input-format', /bad\/text\.gpkg is not a GeoPackage/],
      ['plain.gpkg', 'input-format', /bad\/plain\.gpkg is not a GeoPackage: it has no gpkg_/],
      ['empty.shp', 'input-empty', /bad\/empty\.shp is empty/],
      ['text.shp', 'input-format', /bad\/text\.shp/],
      [
        'image.tif',
        'input-format',
        /bad\/image\.tif is of a format that is not read: GeoTIFF raster\./,
      ],
      ['folder.gpkg', 'input-missing', /folder .*bad\/folder\.gpkg holds no file that is an input/],
      ['no-such-folder', 'input-missing', /no file or folder .*no-such-folder/],
      ['*.nothing', 'input-missing', /No file below .* that matches/],
    ];
    for (const [name, error, message] of expected) {
      assert.equal(failures.get(name)?.code, error, name);
      assert.match(failures.get(name)!.message, message);
    }
    assert.equal(failures.size, expected.length);
  });

  test('files that were cut short', async () => {
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    const whole = join(folder, 'whole.gpkg');
    writeGeoPackage(whole, {
      layer: 'whole',
      srsId: 4326,
      columns: [],
      rows: Array.from({ length: 2000 }, (_, i) => ({
        wkb: polygonWkb([square(10 + i / 1000, 50)]),
        values: [],
      })),
    });
    const bytes = readFileSync(whole);
    const page = 4096;
    for (const length of [17, 99, 100, page, 3 * page + 100, bytes.length >> 1, bytes.length - 1]) {
      copyFileSync(whole, join(cut, `${length}.gpkg`));
      truncateSync(join(cut, `${length}.gpkg`), length);
    }
    const paths = globSync(join(cut, '*.gpkg'));
    // Headers whose number of pages fits the length, or does not count.
    const half = page * Math.floor(bytes.length / page / 2);
    const fits = Buffer.from(bytes.subarray(0, half));
    fits.writeUInt32BE(half / page, 28);
    writeFileSync(join(cut, 'fits.gpkg'), fits);
    const uncounted = Buffer.from(bytes.subarray(0, half));
    uncounted.writeUInt32BE(uncounted.readUInt32BE(24) + 1, 92);
    writeFileSync(join(cut, 'uncounted.gpkg'), uncounted);
    const { code, failures } = await stage([
      ...paths,
      join(cut, 'fits.gpkg'),
      join(cut, 'uncounted.gpkg'),
    ]);
    assert.equal(code, 1);
    assert.equal(failures.size, paths.length + 2);
    for (const [name, error] of failures) {
      const length = Number.parseInt(name, 10);
      if (length < 100) {
        assert.equal(error.code, 'input-format', name);
        assert.match(error.message, /is not a GeoPackage/);
      } else if (length >= 100) {
        assert.equal(error.code, 'input-truncated', name);
        assert.match(error.message, /is cut short.*pages of 4096.*Copy or download it again/);
      } else {
        assert.equal(error.code, 'input-corrupt', name);
        assert.match(error.message, /is damaged/);
      }
      assert.ok(error.message.includes(join(cut, name)), error.message);
    }
  });

  test('shapefiles that were cut short, or lack a part', async (t) => {
    const source = sharedData('real/natural-earth');
    const shp = source === null ? undefined : globSync(join(source, '**/*lakes*.shp'))[0];
    if (shp === undefined) return t.skip(NO_SHARED_DATA);
    const cut = join(folder, 'cut-shp');
    mkdirSync(cut);
    const make = (name: string, ends: readonly string[], lengths: Record<string, number> = {}) => {
      for (const end of ends) {
        const path = join(cut, `${name}.${end}`);
        copyFileSync(shp.replace(/shp$/, end), path);
        if (lengths[end] !== undefined) truncateSync(path, lengths[end]);
      }
      return join(cut, `${name}.shp`);
    };
    const all = ['shp', 'shx', 'dbf', 'prj'];
    const size = statSync(shp).size;
    const { code, failures } = await stage(
      [
        make('header', all, { shp: 60 }),
        make('half', all, { shp: size >> 1 }),
        make('last', all, { shp: size - 1 }),
        make('half-dbf', all, { dbf: 10_000 }),
        make('dbf-header', all, { dbf: 20 }),
        make('no-prj', ['shp', 'shx', 'dbf']),
        make('no-dbf', ['shp', 'shx', 'prj']),
      ],
      ['--z', '3'],
    );
    assert.equal(code, 1);
    for (const name of ['header', 'half', 'last', 'half-dbf', 'dbf-header']) {
      const error = failures.get(`${name}.shp`);
      t.diagnostic(`${name}: ${error?.code} ${error?.message.replaceAll(cut, '')}`);
      assert.match(error?.code ?? 'staged', /^input-(truncated|corrupt|format)$/, name);
      assert.ok(error!.message.includes(`${name}.`), error!.message);
    }
    assert.equal(failures.get('no-prj.shp')?.code, 'crs-missing');
  });

  test('geometries whose counts, types or coordinates can not be', async () => {
    const forged = (change: (bytes: Buffer) => void): Buffer => {
      const bytes = Buffer.from(SQUARE);
      change(bytes);
      return bytes;
    };
    const multi = multiPolygonWkb([[square(10, 50)]]);
    multi.writeUInt32LE(0xffffffff, 5);
    const wkbs = [
      forged((b) => b.writeUInt32LE(0xffffffff, 5)),
      forged((b) => b.writeUInt32LE(0x80000000, 9)),
      forged((b) => b.writeUInt32LE(6, 9)),
      multi,
      SQUARE.subarray(0, 30),
      forged((b) => b.writeDoubleLE(Number.NaN, 13)),
      forged((b) => b.writeDoubleLE(Number.POSITIVE_INFINITY, 21)),
      forged((b) => b.writeUInt32LE(2, 1)),
      SQUARE,
    ];
    const path = join(folder, 'forged.gpkg');
    const rows = [...wkbs.map((wkb) => ({ wkb, values: [] })), { blob: null, values: [] }];
    writeGeoPackage(path, { layer: 'forged', srsId: 4326, columns: [], rows });
    const { code, report } = await stage([path]);
    assert.equal(code, 0);
    const input = report.inputs.find((candidate) => candidate.name === 'forged.gpkg');
    assert.ok(input?.status === 'staged');
    assert.equal(input.rowsRead, 10);
    assert.equal(input.featuresStaged, 1);
    assert.deepEqual(input.drops, {
      'malformed geometry': { count: 5, positions: [1, 2, 3, 4, 5] },
      'non-finite coordinate': { count: 2, positions: [6, 7] },
      'not a polygon': { count: 1, positions: [8] },
      'null geometry': { count: 1, positions: [10] },
    });
    // A person is told the same.
    const out = join(folder, 'forged-out');
    const { stdout } = await runCli(['stage', path, '--out', out]);
    assert.match(stdout, /^dropped +5: malformed geometry, for example feature 1, 2, 3, 4, 5$/m);
    assert.match(stdout, /^dropped +2: non-finite coordinate, for example feature 6, 7$/m);
  });

  test('a CRS that is not known, or not said', async () => {
    const setCrs = (text: string): string =>
      `update gpkg_spatial_ref_sys set ${text} where srs_id = 4326`;
    const paths = {
      nowhere: oneSquare(
        'nowhere',
        'update gpkg_geometry_columns set srs_id = 2193; update gpkg_contents set srs_id = 2193',
      ),
      code: oneSquare('code', setCrs("organization_coordsys_id = 99999, definition = 'undefined'")),
      nonsense: oneSquare(
        'nonsense',
        setCrs("organization = 'NONE', definition = 'PROJCS[\"x\",'"),
      ),
      none: oneSquare('none', '', { srsId: 0 }),
    };
    const { code, failures } = await stage(Object.values(paths));
    assert.equal(code, 1);
    const expected: [string, string, RegExp][] = [
      [
        'nowhere.gpkg',
        'crs-missing',
        /nowhere\.gpkg does not say which CRS.*srs_id 2193, which.*--input-crs EPSG:2193/,
      ],
      ['code.gpkg', 'crs-unknown', /CRS of code\.gpkg.*EPSG:99999.*--override-crs/],
      ['nonsense.gpkg', 'crs-unknown', /CRS of nonsense\.gpkg.*PROJCS.*--override-crs/],
      ['none.gpkg', 'crs-missing', /none\.gpkg does not say which CRS.*--input-crs EPSG:3413/],
    ];
    for (const [name, error, message] of expected) {
      assert.equal(failures.get(name)?.code, error, name);
      assert.match(failures.get(name)!.message, message);
    }
    const told = await runCli(['stage', ...Object.values(paths), '--out', join(folder, 'told')]);
    assert.equal(told.code, 1);
    assert.match(told.stderr, /^failed: The CRS of code\.gpkg is not understood.*\nfailed: none/m);

    // As they advise: for those without, and for all.
    const given = await stage([paths.none, paths.nowhere], ['--input-crs', 'EPSG:4326']);
    assert.equal(given.code, 0);
    assert.equal(readTiles(given.out).length, 3);
    const out = join(folder, 'overruled');
    const args = ['stage', ...Object.values(paths), '--out', out, '--override-crs', 'EPSG:3857'];
    const overruled = await runCli(args);
    assert.equal(overruled.code, 0, overruled.stderr);
    const rows = readTiles(out);
    assert.equal(rows.length, 4);
    for (const { values } of rows) {
      // 10 metres east of Greenwich, not 10 degrees.
      assert.ok(Math.abs(Number(values['staging_centroid_x']) - 10.0005 / 111_319.49) < 1e-9);
    }

    for (const option of ['--input-crs', '--override-crs']) {
      for (const [text, message] of [
        ['EPSG:99999', /EPSG:99999/],
        ['bananas', /"bananas"/],
      ] as const) {
        const nowhere = join(folder, 'not-made');
        const result = await runCli(['stage', good, '--out', nowhere, option, text]);
        assert.equal(result.code, 2);
        assert.match(result.stderr, message);
        assert.ok(result.stderr.includes(option), result.stderr);
        assert.equal(existsSync(nowhere), false);
      }
    }
  });

  test('staged tiles as inputs', async () => {
    const { out } = await stage([]);
    const tile = readTiles(out)[0]!.tile;
    const copy = join(folder, 'tile.gpkg');
    copyFileSync(join(out, tile), copy);
    const { code, failures } = await stage([copy]);
    assert.equal(code, 1);
    assert.equal(failures.get('tile.gpkg')?.code, 'property-exists');
    assert.match(
      failures.get('tile.gpkg')!.message,
      /^tile\.gpkg already has what staging would add: .*Is it a staged tile\?.*other names/,
    );
  });

  test('names of layers and columns that mean something to SQL or to paths', async () => {
    const path = join(folder, 'names.gpkg');
    const columns = [`c"o'l`, 'select', 'a]b`c', '--', 'x"; drop table gpkg_contents; --'];
    const names = [
      `it's "quoted"`,
      '../../up',
      'x; drop table y --',
      '/tmp',
      '..',
      '%s\\n',
      'é\u0301',
    ];
    writeGeoPackage(
      path,
      names.map((layer) => ({
        layer,
        srsId: 4326,
        columns: columns.map((name) => ({ name, type: 'TEXT' })),
        rows: [{ wkb: SQUARE, values: columns }],
      })),
    );
    const before = readdirSync(folder).length;
    const { code, out, report } = await stage([path]);
    assert.equal(code, 0);
    assert.equal(readdirSync(folder).length, before + 1, 'only the staged folder is new');
    assert.deepEqual(
      report.inputs.map((input) => input.name).sort(),
      [...names.map((name) => `names.gpkg#${name}`), 'good.gpkg'].sort(),
    );
    const rows = readTiles(out).filter((row) => row.values['word'] === null);
    assert.equal(rows.length, names.length);
    for (const { values } of rows) {
      for (const name of columns) assert.equal(values[name], name);
    }
    // Again, and away.
    const args = ['stage', good, path, '--out', out, '--json'];
    const again = resultOf((await runCli(args)).stdout);
    assert.deepEqual(new Set(again.inputs.map((input) => input.status)), new Set(['unchanged']));
    const missing = await stage([], ['--layer', 'nope']).catch((error) => error);
    assert.ok(missing instanceof assert.AssertionError, 'no input has such a layer');
    const layer = await runCli(['stage', path, '--out', join(folder, 'l'), '--layer', 'nope']);
    assert.equal(layer.code, 1);
    assert.match(
      layer.stderr,
      /names\.gpkg has no layer nope; it has: it's "quoted", \.\.\/\.\.\/up/,
    );
  });
});
