/**
 * What every format of staged tiles has to hold, whoever reads and writes it: rows come back as they
 * were, in order, by number and by box; the same rows give the same bytes; and what is damaged or of
 * somebody else is refused by name.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Column } from '../../../src/core/columns.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { type Crs, resolveCrs } from '../../../src/crs/resolve.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import type { StagedFile, StagedFormat } from '../../../src/formats/staged-format.ts';
import {
  GEOMETRY_MULTI,
  GEOMETRY_POLYGON,
  GEOMETRY_XY,
  GEOMETRY_XYZ,
} from '../../../src/geometry/kind.ts';
import { polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { damageContract } from './staged-contract-damage.ts';
import {
  allOf,
  type Box,
  COLUMNS,
  comparable,
  decoded,
  encoded,
  extentOf,
  type Row,
  randomRows,
  touches,
} from './staged-contract-rows.ts';

export interface ContractCase {
  format: StagedFormat;
  /** A CRS that tiles may have. Default: EPSG:3413. */
  crs?: Crs;
  /** Whether a changed byte is always noticed; else a value may come out as another one. */
  hasChecksum: boolean;
  /** Writes anew what is at the path, with one more column, as another program would. */
  addColumn(path: string): void;
}

const NOTHING = new RowWriter();
const POLAR = resolveCrs({ authority: 'EPSG', code: '3413' });
const ALL_KINDS = GEOMETRY_POLYGON | GEOMETRY_MULTI | GEOMETRY_XY | GEOMETRY_XYZ;

export function stagedContract({
  format,
  crs: CRS = POLAR,
  hasChecksum,
  addColumn,
}: ContractCase): void {
  suite(`staged format ${format.name}`, () => {
    /** Writes a tile; its layer is named after its file, as those of staging are. */
    const write = (
      folder: string,
      name: string,
      rows: readonly Row[],
      columns = COLUMNS,
    ): string => {
      const path = join(folder, name + format.extension);
      const output = OutputFile.create(path);
      const writer = format.create(output, { name: '895', columns, crs: CRS, geometry: ALL_KINDS });
      for (const row of rows) writer.add(encoded(row, columns), NOTHING);
      assert.equal(writer.rows, rows.length);
      writer.finish();
      assert.equal(writer.rows, rows.length);
      output.close();
      return path;
    };
    const folderOf = (t: Parameters<typeof temporaryFolder>[0], name: string): string => {
      const folder = join(temporaryFolder(t), name);
      mkdirSync(folder);
      return folder;
    };
    const opened = <T>(path: string, work: (file: StagedFile) => T): T => {
      const file = format.open(path);
      try {
        return work(file);
      } finally {
        file.close();
      }
    };
    const refused = (path: string, code: string | RegExp): void => {
      assert.throws(
        () => opened(path, allOf),
        (error: unknown) => error instanceof TilewrightError && new RegExp(code).test(error.code),
        path,
      );
    };

    for (const count of [0, 1, 2, 1000]) {
      test(`${count} rows with values of all types come back, in order and by number`, (t) => {
        const rows = randomRows(count + 1, count);
        const path = write(folderOf(t, 'a'), '895', rows);
        opened(path, (file) => {
          assert.deepEqual(file.columns, COLUMNS);
          assert.equal(file.rowCount, count);
          assert.deepEqual(file.extent && [...file.extent], extentOf(rows));
          assert.deepEqual(allOf(file), rows.map(comparable));
          const random = new Random(count);
          for (let n = 0; n < Math.min(count, 300); n++) {
            const k = random.integer(count);
            assert.deepEqual(decoded(file.row(k + 1)!), comparable(rows[k]!));
          }
          for (const k of [0, -1, count + 1, 0.5, 2 ** 40]) assert.equal(file.row(k), null);
        });
      });
    }

    test('the same rows give the same bytes, added or copied', (t) => {
      const rows = randomRows(5, 400);
      const [one, two, three] = ['one', 'two', 'three'].map((name) => folderOf(t, name));
      const path = write(one!, '895', rows);
      assert.deepEqual(readFileSync(write(two!, '895', rows)), readFileSync(path));
      const copied = join(three!, `895${format.extension}`);
      const output = OutputFile.create(copied);
      const writer = format.create(output, {
        name: '895',
        columns: COLUMNS,
        crs: CRS,
        geometry: ALL_KINDS,
      });
      opened(path, (file) => {
        const cursor = file.rows();
        while (cursor.next()) {
          // Rows that are copied and rows that are added take turns.
          if (writer.rows % 3 === 0) writer.add(cursor.row, NOTHING);
          else writer.copy(cursor);
        }
      });
      writer.finish();
      output.close();
      assert.deepEqual(readFileSync(copied), readFileSync(path));
    });

    test('two writers that take turns do not disturb each other', (t) => {
      const folders = ['one', 'two'].map((name) => folderOf(t, name));
      const rows = folders.map((_, k) => randomRows(60 + k, 300));
      const alone = folders.map((folder, k) => readFileSync(write(folder, '895', rows[k]!)));
      const turns = folderOf(t, 'turns');
      const paths = ['a', 'b'].map((name) => join(turns, name));
      const writers = paths.map((folder) => {
        mkdirSync(folder);
        const output = OutputFile.create(join(folder, `895${format.extension}`));
        return {
          output,
          writer: format.create(output, {
            name: '895',
            columns: COLUMNS,
            crs: CRS,
            geometry: ALL_KINDS,
          }),
        };
      });
      for (let i = 0; i < 300; i++) {
        for (const [k, { writer }] of writers.entries())
          writer.add(encoded(rows[k]![i]!, COLUMNS), NOTHING);
      }
      for (const [k, { output, writer }] of writers.entries()) {
        writer.finish();
        output.close();
        const made = readFileSync(join(paths[k]!, `895${format.extension}`));
        assert.ok(made.equals(alone[k]!));
      }
    });

    test('values of another class than their column declares', (t) => {
      const columns = Array.from(
        { length: 8 },
        (_, i): Column => ({ name: `c${i}`, type: 'text' }),
      );
      const writer = new RowWriter();
      writer.double(-0);
      writer.double(2.5);
      writer.double(Number.NaN);
      writer.double(Number.NEGATIVE_INFINITY);
      writer.integer(-300);
      writer.bigint(-(2n ** 60n));
      writer.blob(Uint8Array.of(1, 2));
      writer.text('1e5');
      const [{ wkb, box }] = randomRows(7, 1) as [Row];
      const row = encoded({ values: [], wkb, box }, []);
      const path = join(folderOf(t, 'odd'), `895${format.extension}`);
      const output = OutputFile.create(path);
      const tile = format.create(output, { name: '895', columns, crs: CRS, geometry: 15 });
      tile.add(row, writer);
      tile.finish();
      output.close();
      const blob = Uint8Array.of(1, 2);
      const expected = [-0, 2.5, null, -Infinity, -300, -(2n ** 60n), blob, '1e5'];
      assert.deepEqual(opened(path, allOf)[0]!.values, expected);
    });

    test('values that follow a row’s own are its last', (t) => {
      const [row] = randomRows(8, 1) as [Row];
      const path = join(folderOf(t, 'more'), `895${format.extension}`);
      const output = OutputFile.create(path);
      const columns: Column[] = [...COLUMNS, { name: 'more', type: 'text' }];
      const writer = format.create(output, { name: '895', columns, crs: CRS, geometry: 15 });
      const more = new RowWriter();
      more.text('more');
      writer.add(encoded(row, COLUMNS), more);
      writer.finish();
      output.close();
      assert.deepEqual(opened(path, allOf)[0]!.values, [...row.values, 'more']);
    });

    test('boxes: all that touch, and nothing that is far from it', (t) => {
      const rows = randomRows(11, 2000);
      opened(write(folderOf(t, 'boxes'), '895', rows), (file) => {
        const random = new Random(12);
        let met = 0;
        for (let n = 0; n < 60; n++) {
          const size = 10 ** (2 + 4 * random.next());
          const from = rows[random.integer(rows.length)]!.box;
          // Every other window touches a box at its corner.
          const [x, y] =
            n % 2 === 0 ? [from[2], from[3]] : [from[0] - size / 2, from[1] - size / 2];
          const window: Box = [x, y, x + size, y + size];
          const found = new Set<number>();
          const isWhole = file.search(...window, (number, minX, minY, maxX, maxY) => {
            const { box } = rows[number - 1]!;
            assert.ok(minX <= box[0] && minY <= box[1] && maxX >= box[2] && maxY >= box[3]);
            found.add(number);
            return undefined;
          });
          assert.ok(isWhole);
          const wide: Box = [window[0] - 1, window[1] - 1, window[2] + 1, window[3] + 1];
          for (const [i, { box }] of rows.entries()) {
            if (touches(box, window)) assert.ok(found.has(i + 1), `row ${i + 1}`);
            else if (!touches(box, wide)) assert.ok(!found.has(i + 1), `row ${i + 1}`);
          }
          met += found.size;
        }
        assert.ok(met > 60);
        const all: Box = [-1e9, -1e9, 1e9, 1e9];
        let visits = 0;
        assert.equal(
          file.search(...all, () => ++visits < 3),
          false,
        );
        assert.equal(visits, 3);
        assert.equal(
          file.search(
            ...all,
            () => undefined,
            () => true,
          ),
          false,
        );
      });
    });

    test('two walks, a search and single rows at once do not disturb each other', (t) => {
      const rows = randomRows(21, 500);
      opened(write(folderOf(t, 'at-once'), '895', rows), (file) => {
        const [one, two] = [file.rows(), file.rows()];
        const random = new Random(22);
        let [a, b] = [0, 0];
        while (a < rows.length || b < rows.length) {
          if (random.next() < 0.6 && a < rows.length) {
            assert.ok(one.next());
            a++;
          } else if (b < rows.length) {
            assert.ok(two.next());
            b++;
          }
          const k = random.integer(rows.length);
          if (k % 5 === 0) {
            file.search(...rows[k]!.box, (number) => {
              assert.deepEqual(decoded(file.row(number)!), comparable(rows[number - 1]!));
              return number !== k + 1;
            });
          }
          if (a > 0) assert.deepEqual(decoded(one.row), comparable(rows[a - 1]!));
          if (b > 0) assert.deepEqual(decoded(two.row), comparable(rows[b - 1]!));
        }
        assert.deepEqual([one.next(), two.next()], [false, false]);
      });
    });

    test('as many columns as fit, and rows of megabytes', (t) => {
      const columns = Array.from(
        { length: format.maxColumns },
        (_, i): Column => ({
          name: `c${i}`,
          type: (['integer', 'text', 'real'] as const)[i % 3]!,
        }),
      );
      const rows = randomRows(31, 3, columns);
      const wide = write(folderOf(t, 'wide'), '895', rows, columns);
      opened(wide, (file) => {
        assert.deepEqual(file.columns, columns);
        assert.deepEqual(allOf(file), rows.map(comparable));
      });
      const long = randomRows(32, 3);
      long[1]!.values[3] = 'ü🧊'.repeat(700_000);
      long[1]!.values[6] = new Uint8Array(3_000_000).fill(0x5c);
      const ring = Array.from({ length: 60_000 }, (_, i) => [Math.cos(i) * 100, Math.sin(i) * 100]);
      long[2]!.wkb = polygonWkb([[...ring, ring[0]!]]);
      const side = (k: number, of: typeof Math.min): number =>
        ring.reduce((a, point) => of(a, point[k]!), ring[0]![k]!);
      long[2]!.box = [side(0, Math.min), side(1, Math.min), side(0, Math.max), side(1, Math.max)];
      opened(write(folderOf(t, 'long'), '895', long), (file) => {
        assert.deepEqual(allOf(file), long.map(comparable));
        assert.deepEqual(decoded(file.row(3)!), comparable(long[2]!));
      });
    });

    damageContract({ format, hasChecksum, addColumn, write, folderOf, opened, refused });
  });
}
