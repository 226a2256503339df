/** How a cell is filled where there is too much for it; without files. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { MAX_POLYGONS, readCell } from '../../src/viewer/data/cell.ts';
import type { TileFile } from '../../src/viewer/data/tile-file.ts';
import type { TileRef } from '../../src/viewer/data/tile-ref.ts';
import { decodeCell } from '../../src/viewer/shared/cell-format.ts';

type Square = [minX: number, minY: number, maxX: number, maxY: number];

/** A tile of squares, numbered from 1. */
function tileOf(squares: Square[]): { file: TileFile; reads: () => number } {
  const batch = new FeatureBatch();
  let reads = 0;
  const file = {
    keyRanges: ({ ranges }: TileRef) => ranges,
    search: (
      minX: number,
      minY: number,
      maxX: number,
      maxY: number,
      visit: (key: number, ...box: Square) => boolean | undefined,
    ) => {
      for (const [i, box] of squares.entries()) {
        const touches = box[0] <= maxX && box[2] >= minX && box[1] <= maxY && box[3] >= minY;
        if (touches && visit(i + 1, ...box) === false) return false;
      }
      return true;
    },
    geometry: (key: number) => {
      reads++;
      const [minX, minY, maxX, maxY] = squares[key - 1]!;
      batch.clear();
      batch.reserveVertices(5);
      batch.beginFeature(key);
      batch.beginPolygon();
      batch.beginRing();
      batch.xy.set([minX, minY, maxX, minY, maxX, maxY, minX, maxY, minX, minY]);
      batch.vertexCount = 5;
      batch.endRing();
      batch.endPolygon();
      batch.endFeature();
      return { batch, identifier: `id ${key}` };
    },
  };
  return { file: file as unknown as TileFile, reads: () => reads };
}

const REF: TileRef = {
  x: 0,
  y: 0,
  format: 'GeoPackage',
  path: '0.gpkg',
  pack: null,
  bounds: [0, 0, 512, 512],
  rows: 0,
  ranges: null,
  hidden: null,
  columns: { identifier: '', filename: '', area: '', centroidX: '', centroidY: '' },
};
const WHOLE = { pixel: 1, i: 0, j: 0, by: null };
const never = (): boolean => false;

function randomSquares(count: number, least: number, most: number): Square[] {
  const random = new Random(count);
  return Array.from({ length: count }, () => {
    const size = least * (most / least) ** random.next();
    const [x, y] = [random.next() * (512 - size), random.next() * (512 - size)];
    return [x, y, x + size, y + size];
  });
}

const sizeOf = ([minX, , maxX]: Square): number => maxX - minX;

test('of too many polygons the largest are drawn, and the others are counted and shaded', () => {
  const squares = randomSquares(40_000, 1.5, 30);
  const { file, reads } = tileOf(squares);
  const cell = decodeCell(readCell(file, REF, WHOLE, never)!.buffer);
  assert.ok(
    cell.polygons <= MAX_POLYGONS && cell.polygons > MAX_POLYGONS * 0.8,
    `${cell.polygons}`,
  );
  assert.equal(cell.polygons + cell.leftOut, squares.length);
  assert.equal(reads(), cell.polygons, 'nothing else is read');
  const drawn = new Set(cell.fids);
  const least = Math.min(...squares.filter((_, i) => drawn.has(i + 1)).map(sizeOf));
  const most = Math.max(...squares.filter((_, i) => !drawn.has(i + 1)).map(sizeOf));
  assert.ok(least >= most, `${least} ${most}`);
  assert.deepEqual(
    [...cell.fids],
    [...cell.fids].sort((a, b) => a - b),
  );
  assert.deepEqual([cell.densityColumns, cell.densityRows], [128, 128]);
});

test('polygons of one size are drawn up to a limit', () => {
  const { file } = tileOf(randomSquares(60_000, 3, 3.0001));
  const cell = decodeCell(readCell(file, REF, WHOLE, never)!.buffer);
  assert.ok(cell.polygons > MAX_POLYGONS / 2 && cell.polygons <= 2 * MAX_POLYGONS);
  assert.equal(cell.polygons + cell.leftOut, 60_000);
});

test('what is smaller than a pixel is shading where it is', () => {
  const squares: Square[] = [
    [10, 500, 10.5, 500.5],
    [401, 1, 402, 2],
  ];
  const cell = decodeCell(readCell(tileOf(squares).file, REF, WHOLE, never)!.buffer);
  assert.deepEqual([cell.polygons, cell.leftOut], [0, 2]);
  // Rows count from the north.
  const shaded = [...cell.density.keys()].filter((k) => cell.density[k]! > 0);
  assert.deepEqual(shaded, [2 * 128 + 2, 127 * 128 + 100]);
  assert.ok(shaded.every((k) => cell.density[k]! >= 20));
});

test('chosen keys only; nothing when it is cancelled', () => {
  const squares = randomSquares(5000, 4, 8);
  const ref = { ...REF, ranges: [10, 19, 4001, 4001] };
  const cell = decodeCell(readCell(tileOf(squares).file, ref, WHOLE, never)!.buffer);
  const expected = [...Array.from({ length: 10 }, (_, k) => k + 10), 4001];
  assert.deepEqual([...cell.fids], expected);
  const { file, reads } = tileOf(squares);
  assert.equal(
    readCell(file, REF, WHOLE, () => true),
    null,
  );
  assert.equal(reads(), 0);
  assert.throws(() => readCell(file, REF, { ...WHOLE, i: 1 }, never), { code: 'usage' });
});
