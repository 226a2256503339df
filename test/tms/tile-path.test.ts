import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { formatTilePath, parseTilePath, tileLabel } from '../../src/tms/tile-path.ts';

const USUAL = ['style', 'tms', 'z', 'x', 'y'];
const tile = { style: '', tms: 'WGS1984Quad', z: 13, x: 1218, y: 895 };

describe('tile paths', () => {
  it('follow the structure', () => {
    const path = (structure: string[], style = '') =>
      formatTilePath({ ...tile, style }, structure, '.gpkg');
    assert.equal(path(USUAL), 'WGS1984Quad/13/1218/895.gpkg');
    assert.equal(path(USUAL, 'ice'), 'ice/WGS1984Quad/13/1218/895.gpkg');
    assert.equal(path(['tms', 'style', 'z', 'y', 'x'], 'ice'), 'WGS1984Quad/ice/13/895/1218.gpkg');
    assert.equal(path(['tms', 'style', 'x', 'y', 'z']), 'WGS1984Quad/1218/895/13.gpkg');
  });

  it('are read back', () => {
    const random = new Random(3);
    const orders = [
      USUAL,
      ['tms', 'style', 'z', 'y', 'x'],
      ['style', 'tms', 'x', 'y', 'z'],
      ['tms', 'style', 'y', 'z', 'x'],
    ];
    for (let n = 0; n < 200; n++) {
      const parts = {
        style: random.next() < 0.5 ? '' : 'ice wedges',
        tms: 'CDB1GlobalGrid',
        z: random.integer(32) - 10,
        x: random.integer(2 ** 30),
        y: random.integer(100),
      };
      const structure = orders[n % orders.length]!;
      const path = formatTilePath(parts, structure, '.gpkg');
      assert.deepEqual(parseTilePath(path, structure, '.gpkg'), parts);
    }
  });

  it('are told from other paths', () => {
    for (const path of [
      'WGS1984Quad/13/1218/895.gpkg-journal',
      'WGS1984Quad/13/1218/895.gpkg.tmp',
      'WGS1984Quad/13/1218/0895.gpkg',
      'WGS1984Quad/13/1218/8 95.gpkg',
      'WGS1984Quad/13/-0/895.gpkg',
      'WGS1984Quad/13/x/895.gpkg',
      '13/1218/895.gpkg',
      'a/b/WGS1984Quad/13/1218/895.gpkg',
      '/13/1218/895.gpkg',
      '../13/1218/895.gpkg',
      '',
    ]) {
      assert.equal(parseTilePath(path, USUAL, '.gpkg'), null, path);
    }
  });

  it('refuse structures and names that can not be', () => {
    for (const structure of [
      ['z', 'x', 'y'],
      ['style', 'z', 'tms', 'x', 'y'],
      ['style', 'tms', 'z', 'x', 'x'],
      [...USUAL, 'z'],
      ['style', 'tms', 'z', 'x', 'name'],
    ]) {
      assert.throws(() => formatTilePath(tile, structure, ''), /tile path structure/);
      assert.throws(() => parseTilePath('a/0/0/0', structure, ''), /tile path structure/);
    }
    for (const name of ['..', 'a/b', 'a\\b', '.']) {
      assert.throws(() => formatTilePath({ ...tile, tms: name }, USUAL, ''), /name of a folder/);
      assert.throws(() => formatTilePath({ ...tile, style: name }, USUAL, ''), /name of a folder/);
    }
    assert.throws(() => formatTilePath({ ...tile, tms: '' }, USUAL, ''), /name of a folder/);
    assert.throws(() => formatTilePath({ ...tile, x: Number.NaN }, USUAL, ''), /x is NaN/);
  });

  it('have a label', () => {
    assert.equal(tileLabel(1218, 895, 13), 'Tile(x=1218, y=895, z=13)');
  });
});
