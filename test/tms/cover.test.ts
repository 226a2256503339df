import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { featureIntersectsRectangle } from '../../src/geometry/rectangle.ts';
import { coverFeature } from '../../src/tms/cover.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { TileMatrix, type TileMatrixOptions } from '../../src/tms/tile-matrix.ts';
import { parseTilePath } from '../../src/tms/tile-path.ts';

/** x, y, x, y, …, not closed. */
type Ring = number[];

/** A batch of one feature; each polygon is its rings. */
function featureOf(polygons: Ring[][]): FeatureBatch {
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  for (const rings of polygons) {
    batch.beginPolygon();
    for (const ring of rings) {
      batch.beginRing();
      batch.reserveVertices(ring.length / 2 + 1);
      batch.xy.set([...ring, ring[0]!, ring[1]!], 2 * batch.vertexCount);
      batch.vertexCount += ring.length / 2 + 1;
      batch.endRing();
    }
    batch.endPolygon();
  }
  batch.endFeature();
  return batch;
}

function boundsOf(batch: FeatureBatch): Float64Array {
  const bounds = new Float64Array([Infinity, Infinity, -Infinity, -Infinity]);
  for (let v = 0; v < batch.vertexCount; v++) {
    for (const axis of [0, 1]) {
      const value = batch.xy[2 * v + axis]!;
      bounds[axis] = Math.min(bounds[axis]!, value);
      bounds[axis + 2] = Math.max(bounds[axis + 2]!, value);
    }
  }
  return bounds;
}

function cover(batch: FeatureBatch, matrix: TileMatrix, out = new TileList()): string[] {
  coverFeature(batch, 0, boundsOf(batch), matrix, out);
  return Array.from({ length: out.length }, (_, i) => `${out.rows[i]}/${out.columns[i]}`);
}

/** Tests each tile of the matrix, in order of row and column. */
function bruteForce(batch: FeatureBatch, matrix: TileMatrix): string[] {
  const found: string[] = [];
  for (let row = 0; row < matrix.matrixHeight; row++) {
    for (let column = 0; column < matrix.matrixWidth; column += matrix.coalesce(row)) {
      if (featureIntersectsRectangle(batch, 0, ...matrix.bounds(column, row))) {
        found.push(`${row}/${column}`);
      }
    }
  }
  return found;
}

const grid: TileMatrixOptions = {
  z: 0,
  id: '0',
  scaleDenominator: 1,
  cellSize: 0.1,
  originX: -1.3,
  originY: 1.7,
  cornerOfOrigin: 'topLeft',
  tileWidth: 1,
  tileHeight: 2,
  matrixWidth: 24,
  matrixHeight: 16,
};
const GRIDS: Record<string, TileMatrix> = {
  topLeft: new TileMatrix(grid),
  bottomLeft: new TileMatrix({ ...grid, originY: -1.5, cornerOfOrigin: 'bottomLeft' }),
  'variable widths': new TileMatrix({
    ...grid,
    variableMatrixWidths: [
      { coalesce: 8, minTileRow: 0, maxTileRow: 1 },
      { coalesce: 3, minTileRow: 2, maxTileRow: 4 },
      { coalesce: 2, minTileRow: 9, maxTileRow: 12 },
      { coalesce: 24, minTileRow: 15, maxTileRow: 15 },
    ],
  }),
};

/**
 * A star around a centre, as a ring that doesn't cross itself. Vertices are often moved to the
 * nearest edge or corner of a tile, which may make it cross itself.
 */
function star(matrix: TileMatrix, random: Random, cx: number, cy: number, radius: number): Ring {
  const ring: Ring = [];
  const vertices = 3 + random.integer(9);
  const snap = Math.max(0, 1.6 * random.next() - 0.8);
  for (let k = 0; k < vertices; k++) {
    const angle = ((k + random.next()) / vertices) * 2 * Math.PI;
    const r = radius * (0.3 + 0.7 * random.next());
    let x = cx + r * Math.cos(angle);
    let y = cy + r * Math.sin(angle);
    if (random.next() < snap) x = matrix.edgeX(Math.round((x - matrix.originX) / matrix.spanX));
    if (random.next() < snap) {
      const rows = Math.abs(y - matrix.originY) / matrix.spanY;
      y = matrix.edgeY(Math.round(rows));
    }
    ring.push(x, y);
  }
  return ring;
}

describe('coverFeature', () => {
  for (const [name, matrix] of Object.entries(GRIDS)) {
    it(`finds the tiles that a test of all tiles finds: ${name}`, () => {
      const random = new Random(77);
      const out = new TileList();
      const [west, south, east, north] = matrix.extent();
      const sizes = { one: 0, few: 0, many: 0, none: 0 };
      for (let n = 0; n < 900; n++) {
        const polygons: Ring[][] = [];
        const parts = random.next() < 0.7 ? 1 : 2 + random.integer(3);
        for (let part = 0; part < parts; part++) {
          // Some reach over the borders of the matrix, or lie beyond.
          const cx = west - 0.3 + random.next() * (east - west + 0.6);
          const cy = south - 0.3 + random.next() * (north - south + 0.6);
          const radius = [0.01, 0.05, 0.2, 0.8, 2][random.integer(5)]!;
          const rings = [star(matrix, random, cx, cy, radius)];
          if (random.next() < 0.5) rings.push(star(matrix, random, cx, cy, radius * 0.28));
          polygons.push(rings);
        }
        const batch = featureOf(polygons);
        const expected = bruteForce(batch, matrix);
        assert.deepEqual(cover(batch, matrix, out), expected, JSON.stringify(polygons));
        const size = expected.length;
        sizes[size === 0 ? 'none' : size === 1 ? 'one' : size <= 12 ? 'few' : 'many']++;
      }
      for (const count of Object.values(sizes)) assert.ok(count > 25, JSON.stringify(sizes));
    });
  }

  it('counts all that touch, and no tile within a hole', () => {
    const matrix = GRIDS['topLeft']!;
    const at = (column: number, row: number) => [matrix.edgeX(column), matrix.edgeY(row)];
    const square = (c0: number, r0: number, c1: number, r1: number) =>
      [at(c0, r0), at(c1, r0), at(c1, r1), at(c0, r1)].flat();
    const size = (polygons: Ring[][]) => cover(featureOf(polygons), matrix).length;
    assert.equal(size([[square(5, 5, 6, 6)]]), 9);
    assert.equal(size([[square(3, 3, 13, 13)]]), 144);
    // The tiles along the hole's border touch it, those inside of it don't.
    assert.equal(size([[square(3, 3, 13, 13), square(5, 5, 11, 11)]]), 144 - 16);
    // A second part that fills the hole.
    assert.equal(size([[square(3, 3, 13, 13), square(5, 5, 11, 11)], [square(5, 5, 11, 11)]]), 144);
    // Parts that overlap: what both cover is covered.
    assert.equal(size([[square(3, 3, 13, 13)], [square(3, 3, 13, 13)]]), 144);
    assert.equal(size([[square(0, 0, 24, 16)]]), 24 * 16);
  });

  it('covers the whole of a matrix', () => {
    for (const name of ['WGS1984Quad', 'GNOSISGlobalGrid']) {
      const matrix = getTileMatrixSet(name).matrix(6);
      const world = featureOf([[[-180, -90, 180, -90, 180, 90, -180, 90]]]);
      let tiles = 0;
      for (let row = 0; row < matrix.matrixHeight; row++) {
        tiles += matrix.matrixWidth / matrix.coalesce(row);
      }
      assert.equal(cover(world, matrix).length, tiles);
    }
  });

  it('takes a polygon of 20,000 vertices over a million tiles', () => {
    const matrix = new TileMatrix({
      ...grid,
      cellSize: 1,
      originX: 0,
      originY: 1000,
      tileHeight: 1,
      matrixWidth: 1000,
      matrixHeight: 1000,
    });
    const ring: Ring = [];
    const radii = [499, 480];
    for (let k = 0; k < 20_000; k++) {
      const angle = (k / 20_000) * 2 * Math.PI;
      const radius = radii[k % 2]!;
      ring.push(500 + radius * Math.cos(angle), 500 + radius * Math.sin(angle));
    }
    const out = new TileList();
    const batch = featureOf([[ring]]);
    coverFeature(batch, 0, boundsOf(batch), matrix, out);
    // All tiles that reach into the disc of the inner radius, none beyond that of the outer.
    let inner = 0;
    let outer = 0;
    for (let row = 0; row < 1000; row++) {
      for (let column = 0; column < 1000; column++) {
        const dx = Math.max(column - 500, 500 - (column + 1), 0);
        const dy = Math.max(row - 500, 500 - (row + 1), 0);
        const near = Math.hypot(dx, dy);
        // The chords between the inner vertices are within 1e-4 of their circle.
        if (near <= 479.99) inner++;
        if (near <= 499) outer++;
      }
    }
    assert.ok(out.length >= inner && out.length <= outer, `${inner} ${out.length} ${outer}`);
    const found = new Set<number>();
    for (let i = 0; i < out.length; i++) found.add(out.rows[i]! * 1000 + out.columns[i]!);
    assert.equal(found.size, out.length);
    // A sample is tested one by one.
    const random = new Random(9);
    let tested = 0;
    for (let n = 0; n < 600; n++) {
      const angle = random.next() * 2 * Math.PI;
      const radius = 470 + 35 * random.next();
      const column = Math.floor(500 + radius * Math.cos(angle));
      const row = Math.floor(500 + radius * Math.sin(angle));
      if (!matrix.has(column, row)) continue;
      const expected = featureIntersectsRectangle(batch, 0, ...matrix.bounds(column, row));
      assert.equal(found.has(row * 1000 + column), expected);
      tested++;
    }
    assert.ok(tested > 500);
  });

  it('says when a feature is in too many tiles, and of nothing below that', () => {
    const matrix = getTileMatrixSet('WGS1984Quad').matrix(13);
    const coverOf = (tiles: number): [boolean, number] => {
      // So many columns, and 1,024 rows, less a little on each side.
      const width = tiles / 1024;
      const { spanX, spanY } = matrix;
      const [x0, x1] = [0.1 * spanX, (width - 0.1) * spanX];
      const [y0, y1] = [0.1 * spanY, 1023.9 * spanY];
      const box = featureOf([[[x0, y0, x1, y0, x1, y1, x0, y1]]]);
      const out = new TileList();
      const few = coverFeature(box, 0, boundsOf(box), matrix, out);
      return [few, out.length];
    };
    assert.deepEqual(coverOf(2 ** 20), [true, 2 ** 20]);
    assert.equal(coverOf(2 ** 20 + 1024)[0], false);
    const world = featureOf([[[-180, -90, 180, -90, 180, 90, -180, 90]]]);
    const finest = getTileMatrixSet('WGS1984Quad').matrix(23);
    const out = new TileList();
    assert.equal(coverFeature(world, 0, boundsOf(world), finest, out), false);
    // What it refuses it does not gather first.
    assert.ok(out.columns.length <= 2 ** 22);
  });

  it('sorts parts that are far apart', () => {
    const matrix = getTileMatrixSet('GNOSISGlobalGrid').matrix(28);
    const { spanX } = matrix;
    const square = (x: number, y: number) =>
      [x, y, x + 3.5 * spanX, y, x + 3.5 * spanX, y + 3.5 * spanX, x, y + 3.5 * spanX].map(Number);
    const part = (x: number, y: number) => cover(featureOf([[square(x, y)]]), matrix);
    const a = part(-170.123, -30.1);
    const b = part(150.4, 44.7);
    assert.ok(a.length >= 16 && b.length >= 16);
    const both = featureOf([[square(-170.123, -30.1)], [square(150.4, 44.7)]]);
    assert.deepEqual(cover(both, matrix), [...b, ...a]);
    const twice = featureOf([[square(150.4, 44.7)], [square(150.4, 44.7)], [square(-170, 0)]]);
    assert.deepEqual(cover(twice, matrix), [...b, ...part(-170, 0)]);
  });
});

const GOLDEN = join(import.meta.dirname, '../../../shared/data/golden');

describe('the tiles of the Python pipeline', {
  skip: existsSync(GOLDEN) ? false : 'shared/data/golden is absent',
}, () => {
  for (const [run, z] of [
    ['tiny-z13-none', 13],
    ['tiny-z13-1e-4', 13],
    ['tiny-z11-none', 11],
  ] as const) {
    it(`${run}: home tiles and bounds`, () => {
      const rows = readCsv(join(GOLDEN, run, 'features.csv'));
      const matrix = getTileMatrixSet('WGS1984Quad').matrix(z);
      let home = 0;
      for (const row of rows) {
        const path = row['tile_path']!;
        const tile = parseTilePath(path, ['style', 'tms', 'z', 'x', 'y'], '.gpkg');
        assert.ok(tile !== null, path);
        const { x, y } = tile;
        const centroid = [row['staging_centroid_x'], row['staging_centroid_y']].map(Number);
        const at = matrix.tileAt(centroid[0]!, centroid[1]!);
        if (row['staging_centroid_within_tile'] === 'True') {
          assert.deepEqual(at, { z, x, y });
          home++;
        } else {
          assert.notDeepEqual(at, { z, x, y });
        }
        const range = new Int32Array(4);
        const box = ['minx', 'miny', 'maxx', 'maxy'].map((name) => Number(row[name]));
        assert.ok(matrix.coveringRange(box[0]!, box[1]!, box[2]!, box[3]!, range));
        assert.ok(x >= range[0]! && x <= range[2]! && y >= range[1]! && y <= range[3]!, path);
      }
      assert.equal(home, 6000);
    });
  }
});

/** Rows by column; quoted fields may hold commas, but neither quotes nor line breaks. */
function readCsv(path: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => {
    const values = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map((m) => m[1] ?? m[2]!);
    assert.equal(values.length, names.length);
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  });
}
