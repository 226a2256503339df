import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { getTileMatrixSet, tileMatrixSetNames } from '../../src/tms/registry.ts';
import { type Bounds, type Tile, TileMatrix } from '../../src/tms/tile-matrix.ts';

/** The same grid as `matrix`, with its rows counted upwards. */
function upsideDown(matrix: TileMatrix): TileMatrix {
  return new TileMatrix({ ...matrix, originY: matrix.extent()[1], cornerOfOrigin: 'bottomLeft' });
}

/** A tile, and its neighbours by the name of the side; null outside the matrix. */
function randomTile(matrix: TileMatrix, random: Random): [column: number, row: number] {
  // Border tiles are what goes wrong.
  const pick = (n: number) => [0, n - 1, random.integer(n)][random.integer(3)]!;
  const row = pick(matrix.matrixHeight);
  return [matrix.tileColumn(pick(matrix.matrixWidth), row), row];
}

function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  if (value === 0) return Number.MIN_VALUE;
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}
const nextDown = (value: number) => -nextUp(-value);

function bruteForceRange(matrix: TileMatrix, box: Bounds): number[] {
  const found = [0, 0, -1, -1];
  for (let row = 0; row < matrix.matrixHeight; row++) {
    for (let column = 0; column < matrix.matrixWidth; column++) {
      const x0 = matrix.edgeX(column);
      const x1 = matrix.edgeX(column + 1);
      const y0 = Math.min(matrix.edgeY(row), matrix.edgeY(row + 1));
      const y1 = Math.max(matrix.edgeY(row), matrix.edgeY(row + 1));
      if (box[0] > x1 || box[2] < x0 || box[1] > y1 || box[3] < y0) continue;
      if (found[2] === -1) found.splice(0, 4, column, row, column, row);
      found[0] = Math.min(found[0]!, column);
      found[2] = Math.max(found[2]!, column);
      found[3] = row;
    }
  }
  return found;
}

describe('tile ↔ bounds', () => {
  for (const name of tileMatrixSetNames()) {
    it(`${name}: points inside, on edges and at corners`, () => {
      const random = new Random(20260101);
      let points = 0;
      for (const plain of getTileMatrixSet(name).tileMatrices) {
        for (const matrix of [plain, upsideDown(plain)]) {
          const [west, south, east, north] = matrix.extent();
          for (let n = 0; n < 60; n++) {
            const [column, row] = randomTile(matrix, random);
            const [minX, minY, maxX, maxY] = matrix.bounds(column, row);
            const own = { z: matrix.z, x: column, y: row };
            assert.ok(minX < maxX && minY < maxY);
            const x = minX + (maxX - minX) * random.next();
            const y = maxY - (maxY - minY) * random.next();
            if (x < maxX && y > minY) assert.deepEqual(matrix.tileAt(x, y), own);
            // The north-western corner is the tile's own, the others their neighbours'.
            assert.deepEqual(matrix.tileAt(minX, maxY), own);
            assert.deepEqual(matrix.tileAt(minX, nextUp(minY)), own);
            assert.deepEqual(matrix.tileAt(nextDown(maxX), maxY), own);
            const below = matrix.tileAt(x < maxX ? x : minX, minY)!;
            assert.equal(matrix.bounds(below.x, below.y)[3], minY === south ? maxY : minY);
            const right = matrix.tileAt(maxX, maxY)!;
            assert.equal(matrix.bounds(right.x, right.y)[0], maxX === east ? minX : maxX);
            assert.equal(right.y, row);
            points += 6;
          }
          assert.equal(matrix.tileAt(nextDown(west), north), null);
          assert.equal(matrix.tileAt(nextUp(east), north), null);
          assert.equal(matrix.tileAt(west, nextUp(north)), null);
          assert.equal(matrix.tileAt(west, nextDown(south)), null);
          assert.ok(matrix.tileAt(east, south) !== null);
        }
      }
      assert.ok(points >= 14 * 2 * 60 * 6);
    });
  }

  it('gives the extreme points of WGS1984Quad their tiles', () => {
    const matrix = getTileMatrixSet('WGS1984Quad').matrix(13);
    assert.deepEqual(matrix.tileAt(-180, 90), { z: 13, x: 0, y: 0 });
    assert.deepEqual(matrix.tileAt(180, -90), { z: 13, x: 16383, y: 8191 });
    assert.deepEqual(matrix.tileAt(0, 0), { z: 13, x: 8192, y: 4096 });
    assert.equal(matrix.tileAt(Number.NaN, 0), null);
    assert.equal(matrix.tileAt(0, Number.POSITIVE_INFINITY), null);
    assert.equal(matrix.column(1e300), Math.floor((1e300 + 180) / matrix.spanX));
  });
});

describe('coveringRange', () => {
  const square = { z: 0, id: '0', scaleDenominator: 1, tileWidth: 1, tileHeight: 1 };
  const shape = { matrixWidth: 5, matrixHeight: 4, cellSize: 0.1, originX: -0.3, originY: 0.7 };

  it('agrees with a search of all tiles', () => {
    const random = new Random(5);
    let touching = 0;
    for (const cornerOfOrigin of ['topLeft', 'bottomLeft'] as const) {
      const matrix = new TileMatrix({ ...square, ...shape, cornerOfOrigin });
      // Every second coordinate lies on an edge, some outside the matrix.
      const at = (edge: (k: number) => number, n: number) => {
        const k = random.integer(n + 5) - 2;
        return random.next() < 0.5 ? edge(k) : edge(k) + 0.1 * random.next();
      };
      for (let n = 0; n < 3000; n++) {
        const xs = [at((k) => matrix.edgeX(k), 5), at((k) => matrix.edgeX(k), 5)];
        const ys = [at((k) => matrix.edgeY(k), 4), at((k) => matrix.edgeY(k), 4)];
        const box: Bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
        const out = new Int32Array(4);
        const any = matrix.coveringRange(...box, out);
        const expected = bruteForceRange(matrix, box);
        assert.deepEqual([...out], expected, `${cornerOfOrigin} ${box}`);
        assert.equal(any, expected[2] !== -1);
        if (any) touching++;
      }
    }
    assert.ok(touching > 3000 && touching < 6000);
  });

  it('is empty for what is no box', () => {
    const matrix = new TileMatrix({ ...square, ...shape, cornerOfOrigin: 'topLeft' });
    const out = [9, 9, 9, 9];
    assert.equal(matrix.coveringRange(Number.NaN, 0, 1, 1, out), false);
    assert.deepEqual(out, [0, 0, -1, -1]);
    assert.equal(matrix.coveringRange(0.1, 0.5, 0, 0.6, out), false);
    const all = Number.POSITIVE_INFINITY;
    assert.equal(matrix.coveringRange(-all, -all, all, all, out), true);
    assert.deepEqual(out, [0, 0, 4, 3]);
  });
});

describe('coalesced tiles', () => {
  it('are named by their first column', () => {
    const matrix = getTileMatrixSet('CDB1GlobalGrid').matrix(0);
    assert.deepEqual(matrix.tileAt(-179.5, 89.5), { z: 0, x: 0, y: 0 });
    assert.deepEqual(matrix.tileAt(-168.5, 89.5), { z: 0, x: 0, y: 0 });
    assert.deepEqual(matrix.tileAt(-168, 89.5), { z: 0, x: 12, y: 0 });
    assert.deepEqual(matrix.bounds(12, 0), [-168, 89, -156, 90]);
    assert.deepEqual(matrix.bounds(17, 0), [-168, 89, -156, 90]);
    assert.deepEqual(matrix.tileAt(-178.5, 0.5), { z: 0, x: 1, y: 89 });
    assert.equal(matrix.has(12, 0), true);
    assert.equal(matrix.has(13, 0), false);
    assert.equal(matrix.has(13, 89), true);
    assert.equal(matrix.has(360, 89), false);
  });

  it('have their width in the rows that are given', () => {
    const matrix = getTileMatrixSet('GNOSISGlobalGrid').matrix(3);
    const widths = Array.from({ length: matrix.matrixHeight }, (_, row) => matrix.coalesce(row));
    assert.deepEqual(widths, [8, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, 8]);
    const last = Array.from({ length: matrix.matrixHeight }, (_, row) => matrix.lastRowLike(row));
    assert.deepEqual(last, [0, 1, 3, 3, 11, 11, 11, 11, 11, 11, 11, 11, 13, 13, 14, 15]);
  });
});

describe('parents and children', () => {
  it('are the quads of a quad set', () => {
    const random = new Random(11);
    for (const name of ['WGS1984Quad', 'WebMercatorQuad', 'UPSArcticWGS84Quad', 'NZTM2000Quad']) {
      const tms = getTileMatrixSet(name);
      for (const matrix of tms.tileMatrices.slice(1)) {
        const [x, y] = randomTile(matrix, random);
        const tile = { z: matrix.z, x, y };
        const parent = { z: matrix.z - 1, x: x >> 1, y: y >> 1 };
        assert.deepEqual(tms.parents(tile), [parent]);
        const siblings = tms.children(parent);
        assert.equal(siblings.length, 4);
        assert.ok(siblings.some((sibling) => sibling.x === x && sibling.y === y));
      }
      assert.deepEqual(tms.parents({ z: tms.tileMatrices[0]!.z, x: 0, y: 0 }), []);
    }
  });

  it('are the tiles that overlap where scales are no powers of two', () => {
    const tms = getTileMatrixSet('CanadianNAD83_LCC');
    const from = tms.matrix(3);
    const to = tms.matrix(4);
    for (let y = 0; y < from.matrixHeight; y += 5) {
      for (let x = 0; x < from.matrixWidth; x += 3) {
        const [minX, minY, maxX, maxY] = from.bounds(x, y);
        const expected: Tile[] = [];
        for (let row = 0; row < to.matrixHeight; row++) {
          for (let column = 0; column < to.matrixWidth; column++) {
            const box = to.bounds(column, row);
            const width = Math.min(maxX, box[2]) - Math.max(minX, box[0]);
            const height = Math.min(maxY, box[3]) - Math.max(minY, box[1]);
            if (width > 1 && height > 1) expected.push({ z: 4, x: column, y: row });
          }
        }
        const children = tms.children({ z: 3, x, y });
        assert.deepEqual(children, expected);
        for (const child of children) {
          assert.ok(tms.parents(child).some((tile) => tile.x === x && tile.y === y));
        }
      }
    }
  });

  it('follow coalesced tiles', () => {
    const tms = getTileMatrixSet('GNOSISGlobalGrid');
    // A tile at a pole has three children: one at the pole, two below it.
    assert.deepEqual(tms.children({ z: 27, x: 0, y: 0 }), [
      { z: 28, x: 0, y: 0 },
      { z: 28, x: 0, y: 1 },
      { z: 28, x: 2 ** 27, y: 1 },
    ]);
    assert.deepEqual(tms.parents({ z: 28, x: 2 ** 27, y: 1 }), [{ z: 27, x: 0, y: 0 }]);
    assert.throws(() => tms.children({ z: 27, x: 1, y: 0 }), /27\/1\/0 is no tile/);
    assert.throws(() => tms.matrix(29), /no tile matrix for z = 29: it has z from 0 to 28/);
  });
});
