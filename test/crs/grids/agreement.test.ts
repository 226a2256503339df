/** Shifts by grids against PROJ 9, which reads the same files, in both directions. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { stampOf } from '../../../src/crs/grids/grid-file.ts';
import { type GridStep, gridLoop, OutsideGrids } from '../../../src/crs/grids/loop.ts';
import { openGrids } from '../../../src/crs/grids/open-grid.ts';
import { askProj, noProj, type Request, type TestGrid } from './proj.ts';
import { nadcon, ntv2, pointsAround, sampleFamily, sampleGrid } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-grids-'));
after(() => rmSync(folder, { recursive: true }));

/** Degrees: 0.1 mm. PROJ rounds shifts to float32 in radians, which of 10″ is 3e-10 degrees. */
const CLOSE = 1e-9;

function shifted(path: string, points: readonly number[], inverse: boolean): Float64Array {
  const longitudes = /\.las$/.test(path) ? path.replace(/las$/, 'los') : null;
  const source = {
    path,
    stamp: stampOf(path),
    ...(longitudes && { longitudes: { path: longitudes, stamp: stampOf(longitudes) } }),
  };
  const xy = Float64Array.from(points);
  const step: GridStep = { kind: 'grid', files: [source], inverse, outside: 'nothing' };
  gridLoop(step, new OutsideGrids())(xy, 0, points.length / 2);
  return xy;
}

type Pairs = (number | null)[];

/** @param theirs - what PROJ makes of the points, forward and inverse */
function compare(t: TestContext, path: string, points: number[], theirs: [Pairs, Pairs]): void {
  const [forward, inverse] = [shifted(path, points, false), shifted(path, points, true)];
  let inside = 0;
  let largest = 0;
  const off = (ours: Float64Array, i: number, at: Pairs): number => {
    let x = Math.abs(ours[i]! - at[i]!);
    if (x > 180) x = Math.abs(x - 360);
    return Math.max(x, Math.abs(ours[i + 1]! - at[i + 1]!));
  };
  const back = shifted(
    path,
    theirs[1].map((n) => n ?? Number.NaN),
    false,
  );
  for (let i = 0; i < points.length; i += 2) {
    const where = `${points[i]}, ${points[i + 1]}`;
    assert.equal(Number.isNaN(forward[i]!), theirs[0][i] === null, `forward: ${where}`);
    if (theirs[0][i] !== null) {
      inside++;
      largest = Math.max(largest, off(forward, i, theirs[0]));
    }
    if (Number.isNaN(inverse[i]!)) {
      // At its edge PROJ takes a first guess outside of the grid, which leads nowhere.
      assert.ok(theirs[1][i] === null || Number.isNaN(back[i]!), `inverse: ${where}`);
    } else {
      assert.notEqual(theirs[1][i], null, `inverse: ${where}`);
      largest = Math.max(largest, off(inverse, i, theirs[1]));
    }
  }
  t.diagnostic(`${inside} of ${points.length / 2} points inside, at most ${largest} degrees off`);
  assert.ok(inside > points.length / 6, `${inside} inside`);
  assert.ok(largest < CLOSE, `${largest} degrees`);
}

async function agree(t: TestContext, path: string, grids: readonly TestGrid[]): Promise<void> {
  const points = pointsAround(grids, 500);
  const [theirs] = await askProj([['shift', path, points]]);
  compare(t, path, points, theirs as [Pairs, Pairs]);
}

describe('grids that come with PROJ', () => {
  for (const name of [
    'BETA2007.gsb',
    'ntf_r93.gsb',
    'nzgd2kgrid0005.gsb',
    'CHENYX06.gsb',
    'CHENYX06a.gsb',
    'CHENYX06_etrs.gsb',
  ]) {
    const path = join('/usr/share/proj', name);
    const skip = noProj || (existsSync(path) ? false : `there is no ${path}`);
    test(name, { skip }, async (t) => {
      const { grids, close } = openGrids({ path, stamp: stampOf(path) });
      close();
      const around = grids.map((grid) => ({
        ...sampleGrid(1, [grid.west, grid.south], 1, [2, 2]),
        columns: grid.columns,
        rows: grid.rows,
        step: Math.max(grid.stepLongitude, grid.stepLatitude),
      }));
      await agree(t, path, around);
    });
  }
});

describe('NTv2', { skip: noProj }, () => {
  for (const isLittle of [true, false]) {
    test(`${isLittle ? 'little' : 'big'}-endian, with grids in grids`, async (t) => {
      const path = join(folder, `family-${isLittle}.gsb`);
      writeFileSync(path, ntv2(sampleFamily(), isLittle));
      await agree(t, path, sampleFamily());
    });
  }
});

describe('NADCON', { skip: noProj }, () => {
  for (const isLittle of [true, false]) {
    test(`${isLittle ? 'little' : 'big'}-endian, against the same grid as GeoTIFF`, async (t) => {
      const grid = sampleGrid(11, [-120, 30], 0.25, [81, 41]);
      const path = join(folder, `nadcon-${isLittle}.las`);
      const [las, los] = nadcon(grid, isLittle);
      writeFileSync(path, las);
      writeFileSync(path.replace(/las$/, 'los'), los);
      const tiff = join(folder, `nadcon-${isLittle}.tif`);
      const points = pointsAround([grid], 500);
      const [, theirs] = (await askProj([
        ['geotiff', tiff, [grid], 'float32', [], 1, 'arc-second', 1],
        ['shift', tiff, points],
      ])) as [null, [Pairs, Pairs]];
      compare(t, path, points, theirs);
    });
  }

  test('nodes are where GDAL finds them', async () => {
    // GDAL reads the byte order of this machine, which is little-endian.
    const grid = sampleGrid(13, [-120, 30], 0.25, [30, 20]);
    const path = join(folder, 'nodes.las');
    const [las, los] = nadcon(grid, true);
    writeFileSync(path, las);
    writeFileSync(path.replace(/las$/, 'los'), los);
    const theirs = (await askProj([
      ['nodes', path],
      ['nodes', path.replace(/las$/, 'los')],
    ])) as { values: number[]; west: number; north: number; step: number }[];
    for (const { west, north, step } of theirs) {
      assert.deepEqual([west, north, step], [grid.west, grid.south + 19 * 0.25, 0.25]);
    }
    const [latitudes, longitudes] = theirs.map(({ values }) => values) as [number[], number[]];
    for (let r = 0; r < grid.rows; r++) {
      for (let c = 0; c < grid.columns; c++) {
        const i = 2 * ((grid.rows - 1 - r) * grid.columns + c);
        assert.equal(latitudes[r * grid.columns + c], grid.shifts[i + 1]);
        assert.equal(longitudes[r * grid.columns + c], -grid.shifts[i]!);
      }
    }
  });

  test('CTable2, what PROJ made of it', async (t) => {
    const grid = sampleGrid(12, [-170, 50], 0.125, [90, 70]);
    const path = join(folder, 'conus');
    await askProj([['ctable2', path, [grid]]]);
    await agree(t, path, [grid]);
  });
});

describe('GeoTIFF', { skip: noProj }, () => {
  const tiled = ['TILED=YES', 'BLOCKXSIZE=16', 'BLOCKYSIZE=32', 'COMPRESS=DEFLATE'];
  const kinds: [string, string, string[], number, string, number][] = [
    [
      'as on cdn.proj.org',
      'float32',
      [...tiled, 'PREDICTOR=3', 'INTERLEAVE=BAND'],
      1,
      'arc-second',
      1,
    ],
    [
      'pixel by pixel',
      'float32',
      [...tiled, 'PREDICTOR=3', 'INTERLEAVE=PIXEL'],
      1,
      'arc-second',
      1,
    ],
    ['positive west', 'float32', tiled, -1, 'arc-second', 1],
    ['strips, plain', 'float32', [], 1, 'degree', 1],
    ['strips of a few rows', 'float64', ['BLOCKYSIZE=5', 'COMPRESS=DEFLATE'], -1, 'radian', 1],
    ['float64, predictor 3', 'float64', [...tiled, 'PREDICTOR=3'], 1, 'degree', 1],
    ['scaled integers', 'int16', [...tiled, 'PREDICTOR=2'], 1, 'arc-second', 0.001],
    [
      'large integers',
      'int32',
      [...tiled, 'PREDICTOR=2', 'INTERLEAVE=PIXEL'],
      1,
      'arc-second',
      1e-6,
    ],
    ['Zstandard', 'float32', ['COMPRESS=ZSTD', 'PREDICTOR=3'], 1, 'arc-second', 1],
    ['BigTIFF', 'float32', [...tiled, 'BIGTIFF=YES'], 1, 'arc-second', 1],
    // With predictor 3, GDAL 3.6 writes big-endian files that it can't read itself.
    ['big-endian', 'float32', ['ENDIANNESS=BIG', 'COMPRESS=DEFLATE'], 1, 'degree', 1],
    ['big-endian, plain', 'int16', ['ENDIANNESS=BIG'], 1, 'arc-second', 0.001],
  ];
  for (const [title, kind, creation, sign, unit, scale] of kinds) {
    test(title, async (t) => {
      const path = join(folder, `${title.replaceAll(/\W/g, '-')}.tif`);
      const grids = sampleFamily();
      const requests: Request[] = [['geotiff', path, grids, kind, creation, sign, unit, scale]];
      await askProj(requests);
      await agree(t, path, grids);
    });
  }

  test('pixels that are areas', async (t) => {
    const path = join(folder, 'area.tif');
    const grid: TestGrid = { ...sampleGrid(21, [5, 5], 0.25, [30, 20]), pixel: 'Area' };
    await askProj([['geotiff', path, [grid], 'float32', tiled, 1, 'arc-second', 1]]);
    await agree(t, path, [grid]);
  });

  test('without names, one within another by where they are', async (t) => {
    const path = join(folder, 'nameless.tif');
    const grids = sampleFamily().map((grid) => ({ ...grid, name: '', parent: '' }));
    await askProj([['geotiff', path, grids, 'float32', tiled, 1, 'arc-second', 1]]);
    await agree(t, path, grids);
  });
});
