import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { openShapefile } from '../../../src/formats/shapefile/source.ts';
import { fails, readFile, shapefileBytes, squares, withFiles } from './shapefile-fixture.ts';

const nasty = join(import.meta.dirname, '../../../../shared/data/nasty/gdal-autotest/data/shp');

/** Error codes of a read, `ok` if it worked. */
function outcome(path: string): string {
  try {
    const { features, dropped, notes } = readFile(path);
    assert.equal(features.length + dropped, notes.rowsRead);
    return 'ok';
  } catch (error) {
    assert.ok(error instanceof TilewrightError, String(error));
    assert.ok(error.message.includes('.') && error.input === path, error.message);
    return error.code;
  }
}

test('a file cut anywhere is an error that names the file and the record', () => {
  const { shp, shx, dbf } = squares();
  const start = shp.subarray(0, 4000);
  const cuts = Array.from({ length: 41 }, (_, i) => 97 * i);
  let cases = 0;
  for (const withShx of [false, true]) {
    for (const cut of cuts) {
      const files: Record<string, Buffer> = { 'c.shp': start.subarray(0, cut), 'c.dbf': dbf };
      if (withShx) files['c.shx'] = shx;
      withFiles(files, (path) => {
        const code = cut === 0 ? 'input-empty' : 'input-truncated';
        const message = cut === 0 ? /c\.shp is empty/ : /c\.shp is cut short .*record \d+/;
        assert.throws(() => readFile(path('c.shp')), fails(code, message), `cut at ${cut}`);
      });
      cases++;
    }
  }
  assert.equal(cases, 82);
  withFiles({ 'c.shp': shp, 'c.shx': shx, 'c.dbf': dbf.subarray(0, 1000) }, (path) => {
    assert.throws(() => readFile(path('c.shp')), fails('input-truncated', /c\.dbf .* row \d+/));
  });
  // Cut after the last record but before the length in its header: nothing is missing.
  const longer = Buffer.from(shp);
  longer.writeInt32BE(shp.length, 24);
  withFiles({ 'c.shp': longer, 'c.shx': shx, 'n.shp': longer }, (path) => {
    assert.equal(readFile(path('c.shp')).features.length, 300);
    // Without the .shx that can't be known.
    assert.throws(() => readFile(path('n.shp')), fails('input-truncated', /record 301/));
  });
});

test('what is not a shapefile is said to be none', () => {
  withFiles({ 'x.shp': 'SQLite format 3', 'y.shp': '', 'z.shp': '\0\0' }, (path) => {
    assert.equal(outcome(path('x.shp')), 'input-format');
    assert.equal(outcome(path('y.shp')), 'input-empty');
    assert.equal(outcome(path('z.shp')), 'input-format');
    assert.equal(outcome(path('missing.shp')), 'input-missing');
    assert.throws(() => openShapefile(path('.')), fails('input-format', /not a file/));
  });
});

test('random damage gives features and drops that add up, or an error with a code', () => {
  const { shp, shx, dbf } = squares();
  const random = new Random(11);
  const codes = new Map<string, number>();
  for (let round = 0; round < 150; round++) {
    const files: Record<string, Buffer> = { 'r.dbf': Buffer.from(dbf), 'r.shp': Buffer.from(shp) };
    if (round % 2) files['r.shx'] = Buffer.from(shx);
    for (const bytes of Object.values(files)) {
      for (let i = 0; i < 3; i++) {
        const at = random.integer(round % 3 ? 300 : bytes.length);
        bytes[at] = random.integer(256);
      }
    }
    withFiles(files, (path) => {
      const code = outcome(path('r.shp'));
      assert.notEqual(code, 'internal');
      codes.set(code, (codes.get(code) ?? 0) + 1);
    });
  }
  assert.ok(codes.get('ok')! > 20 && codes.size > 2, JSON.stringify([...codes]));
});

test('every shapefile of the autotest folder is read or refused', {
  skip: existsSync(nasty) ? false : 'shared/data/nasty is not here',
}, () => {
  const names = readdirSync(nasty).filter((name) => name.endsWith('.shp'));
  assert.ok(names.length >= 40, `${names.length} files`);
  const results = new Map(names.map((name) => [name, outcome(join(nasty, name))]));
  for (const [name, code] of results) assert.notEqual(code, 'internal', name);
  const refused = [...results].filter(([, code]) => code !== 'ok');
  assert.deepEqual(refused, []);
  const polygons = (name: string): number[] =>
    readFile(join(nasty, `${name}.shp`)).features.map((feature) => feature.polygons.length);
  assert.deepEqual(polygons('CoHI_GCS12').length, 4);
  assert.deepEqual(polygons('bigoffset'), [2]);
  assert.deepEqual(polygons('multipolygon_as_invalid_polygon'), [2, 2]);
  assert.deepEqual(polygons('slightly_overlapping_polygons'), [3]);
  assert.deepEqual(polygons('polygonm_with_m'), [1, 1]);
  assert.equal(readFile(join(nasty, 'polygonm_with_m.shp')).notes.droppedM, 2);
  assert.equal(readFile(join(nasty, 'multipointz_non_constant_z.shp')).features[0]!.z[0], 44.907);
  assert.deepEqual(Object.keys(readFile(join(nasty, 'buggymultipoly.shp')).drops), [
    'malformed geometry',
  ]);
  assert.deepEqual(Object.keys(readFile(join(nasty, 'emptymultipoly.shp')).drops), [
    'empty geometry',
  ]);
});

test('an index of many blocks is checked to its last entry', () => {
  const content = Buffer.alloc(44);
  content.writeInt32LE(5, 0);
  const { shp, shx } = shapefileBytes(5, new Array<Buffer>(9000).fill(content));
  const entry = 100 + 8 * 8500;
  const elsewhere = Buffer.from(shx);
  elsewhere.writeInt32BE(shp.length, entry);
  const unused = Buffer.from(shx);
  unused.writeInt32BE(0, entry + 4);
  const files = { 'a.shp': shp, 'a.shx': shx, 'b.shp': shp, 'b.shx': elsewhere };
  const cut = shp.subarray(0, shp.length - 60);
  withFiles({ ...files, 'c.shp': cut, 'c.shx': shx, 'd.shp': shp, 'd.shx': unused }, (path) => {
    assert.deepEqual(readFile(path('a.shp')).drops['empty geometry']?.count, 9000);
    // Not used: the records are found by walking.
    assert.deepEqual(readFile(path('b.shp')).drops['empty geometry']?.count, 9000);
    assert.throws(() => readFile(path('c.shp')), fails('input-truncated', /record 8999/));
    assert.deepEqual(readFile(path('d.shp')).drops['empty geometry']?.count, 8999);
    assert.deepEqual(readFile(path('d.shp')).drops['null geometry']?.count, 1);
  });
});
