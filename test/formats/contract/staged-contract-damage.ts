/** What every format of staged tiles has to hold where files are damaged, or of somebody else. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import type { StagedFile, StagedFormat } from '../../../src/formats/staged-format.ts';
import { hasProgram, type temporaryFolder } from '../../staging/support.ts';
import { allOf, comparable, type Row, randomRows, shown } from './staged-contract-rows.ts';

/** A format, and how a suite writes and opens its tiles. */
interface DamageCase {
  format: StagedFormat;
  hasChecksum: boolean;
  addColumn(path: string): void;
  write(folder: string, name: string, rows: readonly Row[]): string;
  folderOf(t: Parameters<typeof temporaryFolder>[0], name: string): string;
  opened<T>(path: string, work: (file: StagedFile) => T): T;
  refused(path: string, code: string | RegExp): void;
}

export function damageContract({
  format,
  hasChecksum,
  addColumn,
  write,
  folderOf,
  opened,
  refused,
}: DamageCase): void {
  test('what is cut off or changed: the same rows, or an error that names it', (t) => {
    // Short values, so that much of what is hit is structure.
    const isShort = ({ values }: Row): boolean =>
      values.every((value) => Number(Object(value).length ?? 0) < 100);
    const rows = randomRows(41, 200).filter(isShort).slice(0, 80);
    const folder = folderOf(t, 'damaged');
    const whole = readFileSync(write(folder, '895', rows));
    const expected = rows.map((row) => JSON.stringify(comparable(row), shown));
    const path = join(folderOf(t, 'damage'), `895${format.extension}`);
    const outcomes = { same: 0, other: 0, refused: 0 };
    const meet = (bytes: Uint8Array, what: string): 'same' | 'other' | 'refused' => {
      writeFileSync(path, bytes);
      try {
        const found = opened(path, (file) => {
          file.search(-1e9, -1e9, 1e9, 1e9, () => undefined);
          for (let k = 1; k <= Math.min(file.rowCount, 100); k++) file.row(k);
          return allOf(file).map((row) => JSON.stringify(row, shown));
        });
        // Bytes of a value may be others; rows are as many, and the rest of them the same.
        const others = expected.filter((row, i) => row !== found[i]).length;
        assert.equal(found.length, expected.length, what);
        assert.ok(others <= 1, `${what}: ${others} rows`);
        return others === 0 ? 'same' : 'other';
      } catch (error) {
        const { code } = error as TilewrightError;
        assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
        assert.match(code, /^(staged-folder|input-)/, what);
        return 'refused';
      }
    };
    const random = new Random(42);
    for (let n = 0; n < 80; n++) {
      const length = n < 20 ? n : random.integer(whole.length);
      assert.notEqual(meet(whole.subarray(0, length), `cut to ${length}`), 'other', `${length}`);
    }
    for (let n = 0; n < 400; n++) {
      const bytes = Uint8Array.from(whole);
      const at = n < 100 ? n : random.integer(whole.length);
      bytes[at]! ^= 1 << random.integer(8);
      outcomes[meet(bytes, `byte ${at}`)]++;
    }
    t.diagnostic(`changed bytes: ${JSON.stringify(outcomes)}`);
    assert.ok(outcomes.refused > 20);
    if (hasChecksum) assert.equal(outcomes.other, 0);
  });

  test('what is not there, no file, or of another program', (t) => {
    const folder = folderOf(t, 'others');
    const path = (name: string): string => join(folder, name, `895${format.extension}`);
    const names = 'none folder link target dangling words sqlite ogr more';
    for (const name of names.split(' ')) {
      mkdirSync(join(folder, name));
    }
    refused(path('none'), 'input-missing');
    mkdirSync(path('folder'));
    refused(path('folder'), '^(staged-folder|input-)');
    symlinkSync(path('none'), path('dangling'));
    refused(path('dangling'), 'input-missing');
    // Whoever must not follow links looks before.
    const linked = randomRows(51, 3);
    symlinkSync(write(join(folder, 'target'), '895', linked), path('link'));
    assert.deepEqual(opened(path('link'), allOf), linked.map(comparable));
    writeFileSync(path('words'), 'words\n'.repeat(500));
    refused(path('words'), '^(staged-folder|input-)');
    const db = new DatabaseSync(path('sqlite'));
    db.exec(
      'create table "895" (fid integer primary key, geom blob); insert into "895" values (1, null)',
    );
    db.close();
    refused(path('sqlite'), '^(staged-folder|input-)');
    const more = write(join(folder, 'more'), '895', randomRows(52, 3));
    addColumn(more);
    refused(more, 'staged-folder');
    if (!hasProgram('ogr2ogr')) return;
    const json = join(folder, 'one.geojson');
    const geometry = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    };
    writeFileSync(json, JSON.stringify({ type: 'Feature', properties: { n: 1 }, geometry }));
    const args = ['-f', 'GPKG', '-nln', '895', path('ogr'), json];
    assert.equal(spawnSync('ogr2ogr', args).status, 0);
    refused(path('ogr'), '^(staged-folder|input-)');
  });
}
