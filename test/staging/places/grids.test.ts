/** `--grids` end to end: what it changes, what is staged again, what is left out. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { stampOf } from '../../../src/crs/grids/grid-file.ts';
import { openGrids } from '../../../src/crs/grids/open-grid.ts';
import { askProj, noProj } from '../../crs/grids/proj.ts';
import { ntv2, sampleGrid } from '../../crs/grids/samples.ts';
import { polygonWkb, readTiles, resultOf } from '../support.ts';
import { Workplace } from '../workplace.ts';

const GRID = sampleGrid(31, [8, 49], 0.1, [21, 21]);

/** Squares with their south-western corners within the box, in a GeoPackage that says its extent. */
function writeSquares(
  at: Workplace,
  name: string,
  srsId: number,
  [west, south, east, north]: [number, number, number, number],
): void {
  const random = new Random(5);
  const rows = Array.from({ length: 20 }, (_, n) => {
    const x = west + (east - west) * random.next();
    const y = south + (north - south) * random.next();
    const ring: [number, number][] = [
      [x, y],
      [x + 0.001, y],
      [x + 0.001, y + 0.001],
      [x, y + 0.001],
      [x, y],
    ];
    return { wkb: polygonWkb([ring]), values: [n] };
  });
  const columns = [{ name: 'n', type: 'INTEGER' }];
  at.write(name, { layer: 'squares', srsId, columns, rows });
  const db = new DatabaseSync(join(at.input, name));
  db.prepare('update gpkg_contents set min_x = ?, min_y = ?, max_x = ?, max_y = ?').run(
    west,
    south,
    east + 0.001,
    north + 0.001,
  );
  db.close();
}

/** First corner of each square, by its number; of a square in several tiles once. */
function corners(at: Workplace): Map<unknown, [number, number]> {
  const rows = readTiles(at.staged).filter(({ values }) => values['staging_filename'] === 'a.gpkg');
  return new Map(
    rows.map(({ values, geometry }) => {
      const bytes = Buffer.from(geometry);
      // Envelope xy, then a polygon or multipolygon in little-endian WKB, of which the polygon's
      // first vertex is looked at.
      const wkb = 8 + [0, 32][(bytes[3]! >> 1) & 7]!;
      assert.equal(bytes.readUInt32LE(wkb + 1), 3);
      return [values['n'], [bytes.readDoubleLE(wkb + 13), bytes.readDoubleLE(wkb + 21)]];
    }),
  );
}

test('staged without, with, with another and again without grids', { skip: noProj }, async (t) => {
  const at = new Workplace(t);
  writeSquares(at, 'a.gpkg', 4314, [8.2, 49.2, 9.8, 50.8]);
  writeSquares(at, 'wgs.gpkg', 4326, [8.2, 49.2, 9.8, 50.8]);
  const folder = join(at.base, 'grids');
  mkdirSync(folder);
  const grid = join(folder, 'BETA2007.gsb');
  writeFileSync(grid, ntv2([GRID], true));
  const run = async (...options: string[]) => {
    const { code, stdout, stderr } = await at.run('--json', '--z', '8', ...options);
    assert.equal(code, 0, stderr);
    const { inputs } = resultOf(stdout);
    return Object.fromEntries(
      inputs.map((input) => [input.name, [input.status, input.operation?.id]]),
    );
  };
  assert.deepEqual(await run(), {
    'a.gpkg': ['staged', 'EPSG:1777'],
    'wgs.gpkg': ['staged', null],
  });
  const before = corners(at);
  const sources = [...before.keys()];
  assert.equal(sources.length, 20);

  assert.deepEqual(await run('--grids', folder), {
    'a.gpkg': ['staged', 'EPSG:15949'],
    'wgs.gpkg': ['unchanged', null],
  });
  const after = corners(at);
  const db = new DatabaseSync(join(at.input, 'a.gpkg'), { readOnly: true });
  const rows = db.prepare('select n, geom from squares').all();
  db.close();
  const points = rows.flatMap(({ geom }) => {
    const bytes = Buffer.from(geom as Uint8Array);
    const wkb = 8 + [0, 32][(bytes[3]! >> 1) & 7]!;
    return [bytes.readDoubleLE(wkb + 13), bytes.readDoubleLE(wkb + 21)];
  });
  const [theirs] = (await askProj([['shift', grid, points]])) as [[number[]]];
  rows.forEach(({ n }, i) => {
    const [x, y] = after.get(n)!;
    assert.ok(Math.abs(x - theirs[0][2 * i]!) < 1e-9, `${x} is not ${theirs[0][2 * i]}`);
    assert.ok(Math.abs(y - theirs[0][2 * i + 1]!) < 1e-9);
    // The grid is not the real one: it leads some 50 m away.
    assert.ok(Math.abs(before.get(n)![0] - x) > 1e-5);
  });

  const same = { 'a.gpkg': ['unchanged', 'EPSG:15949'], 'wgs.gpkg': ['unchanged', null] };
  assert.deepEqual(await run('--grids', folder), same);
  writeFileSync(grid, ntv2([sampleGrid(32, [8, 49], 0.1, [21, 21])], true));
  assert.equal((await run('--grids', folder))['a.gpkg']![0], 'staged');
  assert.notDeepEqual(corners(at), after);
  assert.deepEqual(await run(), {
    'a.gpkg': ['staged', 'EPSG:1777'],
    'wgs.gpkg': ['unchanged', null],
  });
  assert.deepEqual(corners(at), before);
});

test('features outside of the only grid are counted, those of the input stay', async (t) => {
  const at = new Workplace(t);
  // Of CGQ77 no operation is known but one with a grid.
  writeSquares(at, 'a.gpkg', 4609, [-73, 46, -71, 47]);
  const folder = join(at.base, 'grids');
  mkdirSync(folder);
  const refused = await at.run();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /ca_que_mern_cq77na83\.tif/);

  const grid = { ...GRID, west: -74, south: 45 };
  writeFileSync(join(folder, 'cq77na83.gsb'), ntv2([grid], true));
  const { code, stdout, stderr } = await at.run('--json', '--grids', folder);
  assert.equal(code, 0, stderr);
  const [input] = resultOf(stdout).inputs;
  assert.ok(input?.status === 'staged');
  const { count } = input.drops['outside the grid']!;
  assert.ok(count > 0 && count < 20, `${count}`);
  assert.equal(new Set(readTiles(at.staged).map(({ values }) => values['n'])).size, 20 - count);
  assert.match(stderr + stdout, /grids do not hold all of the input/);
});

test('a grid that is not there, or damaged within, fails its inputs alone', async (t) => {
  const at = new Workplace(t);
  writeSquares(at, 'a.gpkg', 4314, [8.2, 49.2, 9.8, 50.8]);
  writeSquares(at, 'wgs.gpkg', 4326, [8.2, 49.2, 9.8, 50.8]);
  const folder = join(at.base, 'grids');
  const none = await at.run('--grids', folder);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /--grids \(grids\): there is no folder/);

  mkdirSync(folder);
  const grid = join(folder, 'BETA2007.gsb');
  writeFileSync(grid, ntv2([GRID], true).subarray(0, 4000));
  const damaged = await at.run('--json', '--grids', folder);
  assert.equal(damaged.code, 1);
  const { inputs } = resultOf(damaged.stdout);
  const [a, wgs] = inputs;
  assert.ok(a?.status === 'failed' && wgs?.status === 'staged');
  assert.equal(a.error.code, 'crs-grid');
  assert.match(a.error.message, /BETA2007\.gsb can't be used: it is cut off/);
});

test('a block that is damaged is found when a feature needs it', { skip: noProj }, async (t) => {
  const at = new Workplace(t);
  writeSquares(at, 'a.gpkg', 4314, [8.2, 49.2, 9.8, 50.8]);
  const folder = join(at.base, 'grids');
  mkdirSync(folder);
  const grid = join(folder, 'de_adv_BETA2007.tif');
  await askProj([['geotiff', grid, [GRID], 'float32', ['COMPRESS=DEFLATE'], 1, 'arc-second', 1]]);
  const bytes = readFileSync(grid);
  // GDAL appends what is in blocks: the last bytes are of one.
  for (let i = bytes.length - 300; i < bytes.length; i++) bytes[i] = 0;
  writeFileSync(grid, bytes);
  const { close } = openGrids({ path: grid, stamp: stampOf(grid) });
  close();
  const { code, stdout } = await at.run('--json', '--grids', folder);
  assert.equal(code, 1);
  const [input] = resultOf(stdout).inputs;
  assert.ok(input?.status === 'failed');
  assert.equal(input.error.code, 'crs-grid');
  assert.match(input.error.message, /de_adv_BETA2007\.tif can't be used: a block/);
  rmSync(grid);
});
