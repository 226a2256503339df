/** TileMatrixSets of one's own, from JSON files, staged into: odd ones, and ones meant to do harm. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { parseTileMatrixSet } from '../../src/tms/parse.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { PlainMatrix, type PublishedMatrix, type Triangle } from '../conformance/published-sets.ts';
import { seededRandom } from '../geometry/random.ts';
import { polygonWkb, readTiles, temporaryFolder } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';

const EPSG = 'http://www.opengis.net/def/crs/EPSG/0/';
const FOOT = 1200 / 3937;
/** The whole of the grids below, in units of each CRS, which inputs are in too. */
const HALF = 40_000;

interface Own {
  id: string;
  code: number;
  orderedAxes?: [string, string];
  /** Northing first in `pointOfOrigin`. */
  northingFirst?: boolean;
  /** Metres per unit; default: 1. */
  unit?: number;
  centre: [x: number, y: number];
  matrices: Partial<PublishedMatrix>[];
}

const SETS: Own[] = [
  { id: 'bottom', code: 32633, centre: [5e5, 5e6], matrices: [{ cornerOfOrigin: 'bottomLeft' }] },
  { id: 'flat', code: 3413, centre: [0, 0], matrices: [{ tileWidth: 400, tileHeight: 40 }] },
  { id: 'tall', code: 3031, centre: [0, 0], matrices: [{ tileWidth: 7, tileHeight: 333 }] },
  {
    ...{ id: 'varying', code: 32633, centre: [5e5, 5e6] },
    matrices: [
      {
        variableMatrixWidths: [
          { coalesce: 6, minTileRow: 0, maxTileRow: 1 },
          { coalesce: 12, minTileRow: 3, maxTileRow: 7 },
        ],
      },
    ],
  },
  {
    ...{ id: 'varying-bottom', code: 32633, centre: [5e5, 5e6] },
    matrices: [
      {
        cornerOfOrigin: 'bottomLeft',
        variableMatrixWidths: [{ coalesce: 4, minTileRow: 0, maxTileRow: 5 }],
      },
    ],
  },
  { id: 'feet', code: 2263, unit: FOOT, centre: [1e6, 2e5], matrices: [{}] },
  {
    ...{ id: 'north-first', code: 2193, northingFirst: true, centre: [1.6e6, 5.4e6] },
    matrices: [{ cornerOfOrigin: 'bottomLeft', tileHeight: 100 }],
  },
  {
    ...{ id: 'named-north-first', code: 32633, northingFirst: true, centre: [5e5, 5e6] },
    ...{ orderedAxes: ['N', 'E'], matrices: [{}] },
  },
  // Gaps between z, and scales that go up and down.
  {
    ...{ id: 'gaps', code: 32633, centre: [5e5, 5e6] },
    matrices: [
      { id: '-7' },
      { id: '2', cellSize: 3 },
      { id: '11', cellSize: 40 },
      { id: '900', cellSize: 8 },
    ],
  },
  {
    ...{ id: 'words', code: 32633, centre: [5e5, 5e6] },
    matrices: [{ id: 'coarse', cellSize: 50 }, { id: 'fine' }],
  },
  // Tiles of a centimetre, 10⁹ in a row: only triangles that small have so few of them.
  {
    ...{ id: 'wide', code: 32633, centre: [5e5, 5e6] },
    matrices: [
      { tileWidth: 1, tileHeight: 1, cellSize: 0.01, matrixWidth: 1e9, matrixHeight: 1e9 },
    ],
  },
];

/** The JSON of a set, and its matrices as the test reckons them. */
function write(own: Own): { json: object; plain: Map<number, PlainMatrix> } {
  const { id, code, centre, unit = 1, orderedAxes, northingFirst = false } = own;
  const plain = new Map<number, PlainMatrix>();
  const tileMatrices = own.matrices.map((change, i): PublishedMatrix => {
    const cellSize = change.cellSize ?? 20;
    const { tileWidth = 256, tileHeight = 256 } = change;
    const wide = change.matrixWidth ?? 12 * Math.ceil(HALF / 6 / (cellSize * tileWidth));
    const high =
      change.matrixHeight ?? Math.max(8, Math.ceil((2 * HALF) / (cellSize * tileHeight)));
    const x = centre[0] - (wide * cellSize * tileWidth) / 2;
    const toEdge = (high * cellSize * tileHeight) / 2;
    const y = centre[1] + (change.cornerOfOrigin === 'bottomLeft' ? -toEdge : toEdge);
    const json = {
      ...{ id: String(i), scaleDenominator: (cellSize * unit) / 0.00028, cellSize },
      ...{ tileWidth, tileHeight, matrixWidth: wide, matrixHeight: high, ...change },
    };
    const z = Number.isNaN(Number(json.id)) ? i : Number(json.id);
    const set = { id, crs: '', orderedAxes: [], tileMatrices: [] };
    const scaled = { ...json, scaleDenominator: cellSize / 0.00028 };
    plain.set(z, new PlainMatrix(set, { ...scaled, pointOfOrigin: [x, y] }));
    return { ...json, pointOfOrigin: northingFirst ? [y, x] : [x, y] };
  });
  const axes = orderedAxes === undefined ? {} : { orderedAxes };
  return { json: { id, crs: `${EPSG}${code}`, ...axes, tileMatrices }, plain };
}

async function stageInto(t: TestContext, own: Own): Promise<number> {
  const folder = temporaryFolder(t);
  const { json, plain } = write(own);
  const file = join(folder, `${own.id}.json`);
  writeFileSync(file, JSON.stringify(json));
  const random = seededRandom(own.id.length);
  let met = 0;
  for (const [z, matrix] of plain) {
    const [minX, minY, maxX, maxY] = matrix.box;
    const triangles = Array.from({ length: 30 }, (_, k): Triangle => {
      const at = (low: number, high: number) => low + (high - low) * (1.2 * random() - 0.1);
      const [x, y] = [at(minX, maxX), at(minY, maxY)];
      const size = [0.2, 2, 5][k % 3]!;
      const corner = (): [number, number] => [
        x + size * matrix.span[0] * random(),
        y + size * matrix.span[1] * random(),
      ];
      return [...corner(), ...corner(), ...corner()];
    });
    const input = join(folder, `input${z}.gpkg`);
    writeGeoPackage(input, {
      ...{ layer: 'l', srsId: own.code, columns: [{ name: 'n', type: 'INTEGER' }] },
      rows: triangles.map(([a, b, c, d, e, f], n) => ({
        wkb: polygonWkb([
          [
            [a, b],
            [c, d],
            [e, f],
            [a, b],
          ],
        ]),
        values: [n],
      })),
    });
    const dirStaged = join(folder, `staged${z}`);
    const stager = new TileStager({ dirInput: input, dirStaged, tmsId: file, z });
    const executor = new InlineExecutor();
    const result = await stager.stageAll({ executor });
    const found = triangles.map(() => new Set<string>());
    for (const { tile, values } of readTiles(dirStaged)) {
      const [tms, level, column, row] = tile.replace('.gpkg', '').split('/');
      assert.deepEqual([tms, level], [own.id, String(z)]);
      found[values['n'] as number]!.add(`${column}/${row}`);
    }
    let outside = 0;
    for (const [n, triangle] of triangles.entries()) {
      const { sure, maybe } = matrix.cover(triangle, 1e-6);
      for (const tile of found[n]!) assert.ok(maybe.has(tile), `z ${z}, ${n}: ${tile}`);
      for (const tile of sure) assert.ok(found[n]!.has(tile), `z ${z}, ${n}: no ${tile}`);
      if (found[n]!.size === 0) outside++;
      met += found[n]!.size;
    }
    const { drops } = result.inputs[0] as { drops: Record<string, { count: number }> };
    assert.equal(drops['outside the TileMatrixSet']?.count ?? 0, outside);
    assert.ok(outside < 15 && outside > 0, `${outside} outside`);
    // The same folder again, by what is kept of the set in it.
    const again = await stager.stageAll({ executor: new InlineExecutor() });
    assert.deepEqual([again.tiles.new, again.tiles.changed], [0, 0]);
    assert.equal(again.tiles.total, result.tiles.new);
  }
  return met;
}

describe('sets of one’s own', () => {
  for (const own of SETS) {
    it(`${own.id} is staged into`, async (t) => {
      assert.ok((await stageInto(t, own)) > 30);
    });
  }

  it('name the z that they have, where some are missing', () => {
    const { json } = write(SETS.find(({ id }) => id === 'gaps')!);
    const tms = parseTileMatrixSet(json);
    assert.throws(() => tms.matrix(3), /no tile matrix for z = 3: it has z -7, 2, 11, 900\./);
  });
});

describe('sets that are meant to do harm', () => {
  const matrix = {
    ...{ id: '0', scaleDenominator: 1000, cellSize: 0.28, pointOfOrigin: [100, 2000] },
    ...{ tileWidth: 256, tileHeight: 256, matrixWidth: 12, matrixHeight: 6 },
  };
  const set = (...changes: object[]) => ({
    ...{ id: 'Test', crs: 'EPSG:32633' },
    tileMatrices: changes.map((change) => ({ ...matrix, ...change })),
  });
  const most = 2 ** 31 - 1;

  for (const [name, json, message] of [
    ['cells wider than a double', set({ cellSize: 1e308 }), /must be nearer to the tiles/],
    ['cells of no width', set({ cellSize: 0 }), /cellSize is 0/],
    ['edges that are one double', set({ cellSize: 1e-9, pointOfOrigin: [1e9, 0] }), /nearer/],
    [
      'more columns than can be counted',
      set({ matrixWidth: most + 1 }),
      /matrixWidth is 2147483648/,
    ],
    ['1e999 columns', set({ matrixWidth: Number.POSITIVE_INFINITY }), /matrixWidth is null/],
    ['the same z twice', set({ id: '-0' }, { id: '0' }), /two of its tile matrices/],
    ['an id longer than names of folders', { ...set({}), id: 'x'.repeat(256) }, /name of a folder/],
    ['a matrix nested in itself', set({ pointOfOrigin: [[[[1]]], 2] }), /array of two numbers/],
    [
      'a width for rows that are not there',
      set({ variableMatrixWidths: [{ coalesce: 2, minTileRow: 0, maxTileRow: 6 }] }),
      /maxTileRow is 6/,
    ],
  ] as const) {
    it(`${name}: refused by name`, () => {
      assert.throws(
        () => parseTileMatrixSet(json),
        (error) => {
          assert.ok(error instanceof TilewrightError);
          assert.equal(error.code, 'tms-invalid');
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('as large as they may be: whole', () => {
    const tms = parseTileMatrixSet(
      set({ matrixWidth: most, matrixHeight: most, tileWidth: most, tileHeight: most }),
    );
    const [grid] = tms.tileMatrices;
    const [, minY, maxX] = grid!.extent();
    assert.deepEqual(grid!.tileAt(maxX, minY), { z: 0, x: most - 1, y: most - 1 });
    // Every parent of a tile in a grid that is 10⁹ times finer is refused, not gathered.
    const deep = parseTileMatrixSet(set({}, { id: '1', cellSize: 2.8e-10, matrixWidth: 1e9 }));
    assert.throws(() => deep.children({ z: 0, x: 0, y: 0 }), /overlaps more than 65536 tiles/);
  });

  it('100,000 matrices, and as many widths, take no time to speak of', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ id: String(i) }));
    assert.equal(parseTileMatrixSet(set(...many)).tileMatrices.length, 100_000);
    const widths = many.map((_, i) => ({ coalesce: 2, minTileRow: 2 * i, maxTileRow: 2 * i }));
    const banded = parseTileMatrixSet(set({ matrixHeight: 200_000, variableMatrixWidths: widths }));
    assert.equal(banded.matrix(0).coalesce(199_998), 2);
    assert.equal(banded.matrix(0).coalesce(199_999), 1);
  });

  it('a file that is too big is not read', (t) => {
    const path = join(temporaryFolder(t), 'big.json');
    writeFileSync(path, ' '.repeat(2 ** 24 + 1));
    assert.throws(() => getTileMatrixSet(path), /can't be read as JSON: it has 16777217 bytes/);
  });
});
