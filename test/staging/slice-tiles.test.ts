import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { parseCrs } from '../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform, cyclicX, operationBetween } from '../../src/crs/transform.ts';
import { TileToucher } from '../../src/staging/planning/slice-tiles.ts';
import { DEFINITIONS } from '../../src/tms/definitions.ts';
import { parseTileMatrixSet } from '../../src/tms/parse.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import type { Bounds, TileMatrix } from '../../src/tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../src/tms/tile-matrix-set.ts';

const crsOf = (text: string): Crs => resolveCrs(parseCrs(text));

function toucher(crs: string, tms: TileMatrixSet, z: number): TileToucher {
  const source = crsOf(crs);
  return new TileToucher(source, tms, z, operationBetween(source, resolveCrs(tms.crs)));
}

/** Tiles that points of the box lie in, very many of them: what is touched, but for slivers. */
function tilesOfPoints(crs: string, tms: TileMatrixSet, z: number, box: Bounds): Set<number> {
  const target = resolveCrs(tms.crs);
  const transform = createTransform(crsOf(crs), target);
  const matrix = tms.matrix(z);
  const axis = cyclicX(target);
  const side = 300;
  const xy = new Float64Array(2 * (side + 1) ** 2);
  for (let i = 0; i < (side + 1) ** 2; i++) {
    const [across, up] = [(i % (side + 1)) / side, Math.floor(i / (side + 1)) / side];
    xy[2 * i] = box[0] + across * (box[2] - box[0]);
    xy[2 * i + 1] = box[1] + up * (box[3] - box[1]);
  }
  transform.apply(xy, 0, (side + 1) ** 2);
  const keys = new Set<number>();
  for (let i = 0; i < xy.length; i += 2) {
    let x = xy[i]!;
    if (axis !== null) x -= axis.period * Math.floor((x - axis.minX) / axis.period);
    const tile = matrix.tileAt(x, xy[i + 1]!);
    if (tile !== null) keys.add(tile.y * matrix.matrixWidth + tile.x);
  }
  return keys;
}

interface Place {
  crs: string;
  tms: string;
  z: number;
  /** Where boxes are, and how wide and high they are at the most. */
  within: Bounds;
  size: number;
}

const PLACES: Record<string, Place> = {
  'polar to longitudes': {
    ...{ crs: 'EPSG:3413', tms: 'WGS1984Quad', z: 13 },
    ...{ within: [-2.5e6, 0.2e6, -1.5e6, 1.2e6], size: 20_000 },
  },
  'around the North Pole': {
    ...{ crs: 'EPSG:3413', tms: 'WGS1984Quad', z: 7 },
    ...{ within: [-1e6, -1e6, 1e6, 1e6], size: 900_000 },
  },
  'around the South Pole': {
    ...{ crs: 'EPSG:3031', tms: 'WorldCRS84Quad', z: 6 },
    ...{ within: [-2e6, -2e6, 2e6, 2e6], size: 1_500_000 },
  },
  'past the antimeridian, as drawn': {
    ...{ crs: 'EPSG:4326', tms: 'WGS1984Quad', z: 8 },
    ...{ within: [170, -89, 190, 89], size: 12 },
  },
  'longitudes from 0 to 360': {
    ...{ crs: 'EPSG:4326', tms: 'WebMercatorQuad', z: 7 },
    ...{ within: [150, -84, 360, 84], size: 30 },
  },
  'Mercator at the antimeridian': {
    ...{ crs: 'EPSG:3832', tms: 'WGS1984Quad', z: 8 },
    ...{ within: [1e6, -6e6, 6e6, 6e6], size: 800_000 },
  },
  'UTM in the south': {
    ...{ crs: 'EPSG:32733', tms: 'WebMercatorQuad', z: 12 },
    ...{ within: [300_000, 6_000_000, 700_000, 9_000_000], size: 60_000 },
  },
  'longitudes to polar tiles': {
    ...{ crs: 'EPSG:4326', tms: 'UPSArcticWGS84Quad', z: 7 },
    ...{ within: [-180, 62, 180, 90], size: 15 },
  },
  'longitudes to polar tiles of the south': {
    ...{ crs: 'EPSG:4326', tms: 'UPSAntarcticWGS84Quad', z: 7 },
    ...{ within: [-180, -90, 180, -62], size: 15 },
  },
  'sides that are bent': {
    ...{ crs: 'EPSG:4326', tms: 'UPSArcticWGS84Quad', z: 3 },
    ...{ within: [-180, 10, 180, 90], size: 200 },
  },
  'tiles of variable width': {
    ...{ crs: 'EPSG:4326', tms: 'GNOSISGlobalGrid', z: 6 },
    ...{ within: [-180, -90, 180, 90], size: 30 },
  },
  'one CRS, rows from the south': {
    ...{ crs: 'EPSG:4326', tms: 'CDB1GlobalGrid', z: 0 },
    ...{ within: [-180, -90, 180, 90], size: 30 },
  },
  'national tiles': {
    ...{ crs: 'EPSG:4258', tms: 'EuropeanETRS89_LAEAQuad', z: 8 },
    ...{ within: [-10, 35, 30, 70], size: 8 },
  },
};

suite('the tiles that a box touches are those that its points are in, and few more', () => {
  for (const [name, { crs, tms, z, within, size }] of Object.entries(PLACES)) {
    test(name, () => {
      const set = getTileMatrixSet(tms);
      const boxes = toucher(crs, set, z);
      const { matrixWidth } = set.matrix(z);
      const random = new Random(1);
      let [all, missed, found] = [0, 0, 0];
      for (let n = 0; n < 24; n++) {
        const part = n % 4 === 0 ? 0.05 : 1;
        const width = Math.min(size * part * random.next(), within[2] - within[0]);
        const height = Math.min(size * part * random.next(), within[3] - within[1]);
        const x = within[0] + random.next() * (within[2] - within[0] - width);
        const y = within[1] + random.next() * (within[3] - within[1] - height);
        const box: Bounds = [x, y, x + width, y + height];
        const { tiles, middle } = boxes.touch(box);
        assert.ok(tiles !== null, `${box}`);
        const truth = tilesOfPoints(crs, set, z, box);
        const keys = new Set(tiles);
        assert.equal(keys.size, tiles.length);
        assert.ok(tiles.every((key, i) => i === 0 || key > tiles[i - 1]!));
        for (const key of tiles) {
          const [column, row] = [key % matrixWidth, Math.floor(key / matrixWidth)];
          assert.ok(set.matrix(z).has(column, row), `${column}, ${row}`);
        }
        all += truth.size;
        found += tiles.length;
        for (const key of truth) if (!keys.has(key)) missed++;
        const centre: Bounds = [x + width / 2, y + height / 2, x + width / 2, y + height / 2];
        const [own] = tilesOfPoints(crs, set, z, centre);
        if (own === undefined) continue;
        assert.ok(middle !== null);
        const [column, row] = middle.map(Math.floor) as [number, number];
        assert.equal(row * matrixWidth + set.matrix(z).tileColumn(column, row), own);
      }
      assert.ok(all > 100, `${all}`);
      assert.equal(missed, 0, `${missed} of ${all}`);
      assert.ok(found <= 1.1 * all, `${found} tiles, where there are ${all}`);
    });
  }
});

test('where all of the Earth is touched, so are all tiles', () => {
  for (const [tms, z, count] of [
    ['WGS1984Quad', 3, 128],
    ['WebMercatorQuad', 4, 256],
    ['WGS1984Quad', 0, 2],
  ] as const) {
    const { tiles } = toucher('EPSG:4326', getTileMatrixSet(tms), z).touch([-180, -90, 180, 90]);
    assert.equal(tiles?.length, count, tms);
  }
  const polar = toucher('EPSG:3413', getTileMatrixSet('WGS1984Quad'), 2);
  assert.equal(polar.touch([-1e5, -1e5, 1e5, 1e5]).tiles?.length, 8);
  // A row of all columns around the pole, of a box of a few metres.
  const north = toucher('EPSG:3413', getTileMatrixSet('WGS1984Quad'), 13);
  assert.equal(north.touch([-3, -2, 1, 5]).tiles?.length, 2 ** 14);
});

test('a point is in its tile, one on an edge in both, one in a corner in four', () => {
  const boxes = toucher('EPSG:4326', getTileMatrixSet('WGS1984Quad'), 3);
  const touched = (x: number, y: number): number[] => [...boxes.touch([x, y, x, y]).tiles!];
  assert.deepEqual(touched(-170, 80), [0]);
  assert.deepEqual(touched(-157.5, 80), [0, 1]);
  assert.deepEqual(touched(-157.5, 67.5), [0, 1, 16, 17]);
});

test('no box costs more than it is worth: too many tiles are told, as is a place outside', () => {
  const fine = toucher('EPSG:4326', getTileMatrixSet('WGS1984Quad'), 17);
  assert.equal(fine.touch([-180, -90, 180, 90]).tiles, null);
  assert.deepEqual(fine.touch([-180, -90, 180, 90]).middle, [2 ** 17, 2 ** 16]);
  const utm = toucher('EPSG:4326', getTileMatrixSet('UTM31WGS84Quad'), 10);
  for (const box of [
    [1e300, 1e300, 2e300, 2e300],
    [-170, 100, -160, 120],
    [-1e308, -1e308, 1e308, 1e308],
    [0, 0, Number.MAX_VALUE, 1],
  ] as Bounds[]) {
    const { tiles, middle } = utm.touch(box);
    assert.ok(tiles === null || tiles.length >= 0);
    assert.ok(middle === null || middle.every(Number.isFinite));
  }
});

test('a box that is widened past a pole ends there', () => {
  for (const [tms, z, size] of [
    ['UPSArcticWGS84Quad', 7, 1],
    ['UPSAntarcticWGS84Quad', 7, -1],
  ] as const) {
    const boxes = toucher('EPSG:4326', getTileMatrixSet(tms), z);
    const until = (y: number): Bounds => [
      ...([10, Math.min(size * 89.9, size * y)] as const),
      ...([20, Math.max(size * 89.9, size * y)] as const),
    ];
    const whole = boxes.touch(until(90)).tiles;
    assert.ok(whole !== null && whole.length > 0);
    assert.deepEqual(boxes.touch(until(97)).tiles, whole);
  }
});

/** The coarsest matrix of WGS1984Quad with each tile halved, again and again. */
function halved(times: number): TileMatrixSet {
  const json = DEFINITIONS['WGS1984Quad']!() as { tileMatrices: Record<string, unknown>[] };
  const [first] = json.tileMatrices;
  const by = (name: string, factor: number) => ({ [name]: (first![name] as number) * factor });
  const matrix = {
    ...{ ...first, ...by('cellSize', 0.5 ** times), ...by('scaleDenominator', 0.5 ** times) },
    ...{ ...by('matrixWidth', 2 ** times), ...by('matrixHeight', 2 ** times) },
  };
  return parseTileMatrixSet({ ...json, tileMatrices: [matrix] });
}

test('of a matrix with millions of columns no more is listed than there is room for', () => {
  for (const times of [25, 29]) {
    const set = halved(times);
    const [{ z, spanX, matrixWidth }] = set.tileMatrices as [TileMatrix];
    assert.ok(matrixWidth >= 2 ** times);
    const boxes = toucher('EPSG:4326', set, z);
    for (const box of [
      [-180, -90, 180, 90],
      [-180, 1, 180, 1],
    ] as Bounds[]) {
      assert.equal(boxes.touch(box).tiles, null);
    }
    const { tiles, middle } = boxes.touch([1, 1, 1 + 3 * spanX, 1 + 3 * spanX]);
    assert.ok(middle !== null);
    // A number for each tile is one that a double holds, or it is not told.
    if (times === 29) assert.equal(tiles, null);
    else assert.ok(tiles!.length >= 9 && tiles!.length <= 25, `${tiles!.length}`);
  }
});
