/**
 * Real shapefiles of the whole Earth, with Antarctica down to the pole and rings along ±180°: every
 * feature is in the tiles that it meets, or counted.
 */

import assert from 'node:assert/strict';
import { globSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { DropCounter } from '../../../src/core/drops.ts';
import { openSource } from '../../../src/formats/open.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { featureIntersectsRectangle } from '../../../src/geometry/rectangle.ts';
import type { RunResult } from '../../../src/staging/phases/run-result.ts';
import { TileStager } from '../../../src/staging/tile-stager.ts';
import { getTileMatrixSet } from '../../../src/tms/registry.ts';
import type { Bounds, TileMatrix } from '../../../src/tms/tile-matrix.ts';
import { checkTiles, suiteFolder } from '../../faults/faults.ts';
import { SOAK } from '../../soak/rounds.ts';
import { gdalMeetings, hasGdal, NO_GDAL } from '../gdal.ts';
import { NO_SHARED_DATA, readTiles, sharedData } from '../support.ts';

const DATA = sharedData('real/natural-earth');

/** The tiles of each feature, as x/y in ascending order, by `file:record`. */
type Tiles = Map<string, string[]>;

function allTiles(matrix: TileMatrix): { tile: string; bounds: Bounds }[] {
  const tiles: { tile: string; bounds: Bounds }[] = [];
  for (let x = 0; x < matrix.matrixWidth; x++) {
    for (let y = 0; y < matrix.matrixHeight; y++) {
      tiles.push({ tile: `${x}/${y}`, bounds: matrix.bounds(x, y) });
    }
  }
  return tiles;
}

suite('Natural Earth', { skip: DATA === null ? NO_SHARED_DATA : false }, () => {
  const folder = suiteFolder();
  const paths = DATA === null ? [] : globSync(join(DATA, '*.shp')).sort();
  const names = paths.map((path) => basename(path));
  /** Records of each file, by the size of its index: 8 bytes each after 100. */
  const records = paths.map((path) => (statSync(path.replace(/shp$/, 'shx')).size - 100) / 8);
  const total = records.reduce((sum, n) => sum + n, 0);

  const stage = (tms: string, z: number): Promise<RunResult> => {
    rmSync(join(folder, 'out'), { recursive: true, force: true });
    const config = { dirStaged: join(folder, 'out'), tmsId: tms, zRange: [0, z], workers: 2 };
    return new TileStager(config).stageAll({ inputs: paths });
  };

  /** Where the staged rows are, by what they say of themselves. */
  const stagedTiles = (): Tiles => {
    const tiles: Tiles = new Map();
    for (const { tile, values } of readTiles(join(folder, 'out'))) {
      // The identifier ends in the position, here the number of the record.
      const position = Number.parseInt(String(values['staging_identifier']).slice(24), 16);
      const key = `${values['staging_filename']}:${position}`;
      const [x, y] = tile.replace('.gpkg', '').split('/').slice(-2);
      const list = tiles.get(key);
      if (list === undefined) tiles.set(key, [`${x}/${y}`]);
      else list.push(`${x}/${y}`);
    }
    for (const list of tiles.values()) {
      list.sort();
      assert.equal(new Set(list).size, list.length, 'a feature is in a tile once');
    }
    return tiles;
  };

  /** Every record is accounted for, in each file. */
  const checkCounts = (result: RunResult): void => {
    assert.deepEqual(
      result.inputs.map((input) => input.name),
      names,
    );
    for (const [i, input] of result.inputs.entries()) {
      assert.ok(input.status === 'staged');
      const dropped = Object.values(input.drops).reduce((sum, { count }) => sum + count, 0);
      assert.equal(input.rowsRead, records[i]);
      assert.equal(input.featuresStaged + dropped, input.rowsRead, input.name);
    }
  };

  test('at z 0 to 5 of WGS1984Quad nothing is dropped', async (t) => {
    assert.deepEqual(records, [1886, 1343, 127, 1420]);
    for (const z of [0, 1, 2, 4, 5]) {
      const result = await stage('WGS1984Quad', z);
      checkCounts(result);
      assert.equal(result.featuresStaged, total);
      assert.deepEqual(result.drops, {});
      const tiles = stagedTiles();
      assert.equal(tiles.size, total);
      const rows = [...tiles.values()].reduce((sum, list) => sum + list.length, 0);
      assert.equal(rows, result.rowsWritten);
      if (z <= 1) assert.equal(checkTiles(join(folder, 'out')), result.tiles.total);
      t.diagnostic(`z ${z}: ${rows} rows in ${result.tiles.total} tiles`);
      // At z 4 GDAL has the word, and in a soak this too.
      if (z <= (SOAK ? 4 : 2)) assert.deepEqual(tiles, await bruteForce(z), `z ${z}`);
    }
  });

  /** Every feature against every tile, without search or bisection. */
  const bruteForce = async (z: number): Promise<Tiles> => {
    const expected: Tiles = new Map();
    const tiles = allTiles(getTileMatrixSet('WGS1984Quad').matrix(z));
    for (const [i, path] of paths.entries()) {
      const source = await openSource(path);
      const options = {
        maxFeatures: 500,
        maxVertices: 1 << 20,
        drops: new DropCounter(),
        notes: { rowsRead: 0, droppedM: 0 },
      };
      const whole = { start: -Infinity, end: Infinity };
      const layer = (await source.layers())[0]!.name;
      for await (const batch of source.read(layer, whole, new FeatureBatch(), options)) {
        for (let f = 0; f < batch.featureCount; f++) {
          const met = tiles.filter(({ bounds }) => featureIntersectsRectangle(batch, f, ...bounds));
          expected.set(`${names[i]}:${batch.positions[f]}`, met.map(({ tile }) => tile).sort());
        }
      }
      await source.close();
    }
    return expected;
  };

  test('GDAL finds the same tiles, and every tile with land is there', async (t) => {
    if (!hasGdal) return t.skip(NO_GDAL);
    for (const z of [1, 3, 4]) {
      await stage('WGS1984Quad', z);
      const staged = stagedTiles();
      const tiles = allTiles(getTileMatrixSet('WGS1984Quad').matrix(z));
      const meetings = gdalMeetings(
        paths,
        tiles.map(({ bounds }) => bounds),
      );
      const land = new Set<string>();
      let invalid = 0;
      for (const [i, features] of meetings.entries()) {
        assert.equal(features.length, records[i]);
        for (const [k, { valid, boxes }] of features.entries()) {
          const expected = boxes.map((box) => tiles[box]!.tile).sort();
          for (const tile of expected) if (names[i]!.includes('land')) land.add(tile);
          // GEOS has no answer to what an invalid polygon covers.
          if (!valid) invalid++;
          else
            assert.deepEqual(staged.get(`${names[i]}:${k + 1}`), expected, `${names[i]} ${k + 1}`);
        }
      }
      const present = new Set([...staged.values()].flat());
      for (const tile of land) assert.ok(present.has(tile), `${z}/${tile}`);
      t.diagnostic(`z ${z}: land in ${land.size} of ${tiles.length} tiles; ${invalid} invalid`);
      assert.ok(invalid < 10);
    }
  });

  test('in WebMercatorQuad all but what reaches the pole is staged, and that is counted', async (t) => {
    for (const z of [0, 3, 6]) {
      const result = await stage('WebMercatorQuad', z);
      checkCounts(result);
      t.diagnostic(`z ${z}: ${JSON.stringify(result.drops)}`);
      const tiles = stagedTiles();
      assert.equal(tiles.size, result.featuresStaged);
      // At most the polygons of Antarctica, one in each file, have vertices at 90° S.
      assert.ok(total - result.featuresStaged <= paths.length);
      const bottom = 2 ** z - 1;
      const lowest = [...tiles.values()].flat().filter((tile) => tile.endsWith(`/${bottom}`));
      assert.ok(lowest.length > 0, 'Antarctica beyond 85° S is in the last row');
    }
  });
});
