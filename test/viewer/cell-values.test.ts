/** What cells have of a column, against the tiles' own tables. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { serve, type Viewer } from '../../src/index.ts';
import { MAX_LABELS, readCellValues } from '../../src/viewer/data/cell-values.ts';
import type { TileFile } from '../../src/viewer/data/tile-file.ts';
import { type Cell, decodeCell } from '../../src/viewer/shared/cell-format.ts';
import type { ColumnInfo } from '../../src/viewer/shared/messages.ts';
import { polygonWkb, readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';
import { writeAttributes } from './attributes.ts';
import { stageAgain, tileName } from './support.ts';

const ODD = 'a "quoted" \'name\'; --';

test('of too many texts the later ones are not told apart; nothing when it is cancelled', () => {
  const file = {
    columns: [{ name: 'a', type: 'text' }],
    values: () => (key: number) => `text ${key % 1500}`,
  } as unknown as TileFile;
  const keys = Array.from({ length: 3000 }, (_, k) => k);
  const { values, labels } = readCellValues(file, 'a', [keys], () => false)!;
  assert.equal(labels?.length, MAX_LABELS);
  for (const key of keys) {
    assert.equal(values[key], key % 1500 < MAX_LABELS ? key % 1500 : -1);
  }
  assert.equal(
    readCellValues(file, 'a', [keys], () => true),
    null,
  );
});

suite('values of a column', () => {
  const folder = temporaryFolder({ after });
  let viewer: Viewer;
  let rows: TileRow[];
  after(() => viewer?.close());
  before(async () => {
    const input = join(folder, 'input');
    mkdirSync(input);
    writeAttributes(join(input, 'a.gpkg'), [-153, 70.3], 20);
    const square = (k: number) => {
      const [x, y] = [-152.99 + (k % 40) * 3e-4, 70.29 - Math.floor(k / 40) * 1e-4];
      return [
        [x, y],
        [x + 2e-4, y],
        [x + 2e-4, y + 6e-5],
        [x, y + 6e-5],
        [x, y],
      ];
    };
    writeGeoPackage(join(input, 'b.gpkg'), {
      layer: 'b',
      srsId: 4326,
      columns: [
        { name: ODD, type: 'TEXT' },
        { name: 'big', type: 'INTEGER' },
        { name: 'bytes', type: 'BLOB' },
      ],
      rows: Array.from({ length: 1200 }, (_, k) => ({
        wkb: polygonWkb([square(k)]),
        values: [`${k} ${'ü'.repeat(300)}`, 2n ** 60n + BigInt(k), new Uint8Array([k & 255])],
      })),
    });
    const staged = join(folder, 'staged');
    await stageAgain(input, staged, { zRange: [0, 10] });
    rows = readTiles(staged);
    viewer = await serve(staged, { port: 0 });
  });

  async function cellsAt(level: number, by: string): Promise<{ cell: Cell; own: TileRow[] }[]> {
    const found = [];
    for (const [name, own] of Map.groupBy(rows, tileName)) {
      const side = 2 ** Math.max(0, level - 2);
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++) {
          const url = new URL(`/data/cell/${name}/${level}/${i}/${j}`, viewer.url);
          url.searchParams.set('by', by);
          const answer = await fetch(url);
          assert.equal(answer.status, 200);
          found.push({ cell: decodeCell(await answer.arrayBuffer()), own });
        }
      }
    }
    return found;
  }

  const shownAs = (column: string, value: unknown): unknown => {
    if (value === null || value === undefined) return null;
    if (column === 'wet') return value === 1 ? 'yes' : 'no';
    return typeof value === 'bigint' ? Number(value) : value;
  };

  for (const column of ['kind', 'wet', 'depth', 'grade', 'seen', 'big', 'staging_filename']) {
    test(`${column}: of each polygon, and of shading`, async () => {
      let drawn = 0;
      let shaded = 0;
      for (const level of [0, 3]) {
        for (const { cell, own } of await cellsAt(level, column)) {
          const byFid = new Map(own.map((row) => [row.fid, row]));
          const squares = cell.density.reduce((sum, part) => sum + (part > 0 ? 1 : 0), 0);
          assert.equal(cell.values.length, cell.polygons + squares);
          const there = new Set(own.map(({ values }) => shownAs(column, values[column])));
          for (const [k, value] of cell.values.entries()) {
            const shown = Number.isNaN(value) ? null : (cell.labels?.[value] ?? value);
            if (k >= cell.polygons) {
              assert.ok(there.has(shown), `${shown}`);
              shaded++;
              continue;
            }
            assert.deepEqual(shown, shownAs(column, byFid.get(cell.fids[k]!)!.values[column]));
            drawn++;
          }
        }
      }
      assert.ok(drawn > 500 && shaded > 50, `${drawn} ${shaded}`);
    });
  }

  test('names that are odd, or of no column, and texts that are long', async () => {
    const texts = new Set(
      rows.map(({ values }) => values[ODD]).filter((text) => typeof text === 'string'),
    );
    const cut = new Set([...texts].map((text) => text.slice(0, 200)));
    const found = (await cellsAt(5, ODD)).flatMap(({ cell }) => cell.labels ?? []);
    assert.ok(found.length >= MAX_LABELS);
    assert.ok(found.every((label) => cut.has(label)));
    for (const none of ['nothing', 'kind"', 'rowid', 'geom', 'x'.repeat(5000)]) {
      for (const { cell } of await cellsAt(0, none)) {
        assert.ok(cell.values.every(Number.isNaN), none);
        assert.equal(cell.labels, null);
      }
    }
    for (const { cell } of await cellsAt(0, '')) assert.equal(cell.values.length, 0);
  });

  test('the columns of all inputs, but bytes', async () => {
    const answer = await fetch(new URL('/data/columns', viewer.url));
    const columns = (await answer.json()) as ColumnInfo[];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    assert.equal(types.get('kind'), 'text');
    assert.equal(types.get('wet'), 'boolean');
    assert.equal(types.get('depth'), 'real');
    assert.equal(types.get('grade'), 'integer');
    assert.equal(types.get('seen'), 'date');
    assert.equal(types.get(ODD), 'text');
    assert.equal(types.has('bytes'), false);
    assert.equal(types.has('geom'), false);
  });
});
