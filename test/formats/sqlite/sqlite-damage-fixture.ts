import assert from 'node:assert/strict';
import { TilewrightError } from '../../../src/core/errors.ts';
import { PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { TableCursor } from '../../../src/formats/sqlite/table-cursor.ts';
import { rootOf, withDatabase } from './sqlite-fixture.ts';

export const PAGE = 512;

/** Rows of up to 4,000 bytes in a tree of three levels. */
export function writeSound(path: string): { root: number; rows: number } {
  withDatabase(path, (db) => {
    db.exec(`pragma page_size = ${PAGE}; pragma journal_mode = off;
      create table t (id integer primary key, a, b);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200)
      insert into t select i, zeroblob(case i % 10 when 0 then 4 * i % 4000 else 60 end), i
      from n`);
  });
  return { root: rootOf(path, 't'), rows: 1200 };
}

export type Outcome = { rows: number; bytes: number } | TilewrightError;

/** Walks the whole table; anything but a TilewrightError is passed on. */
export function walk(path: string, root: number, start = Number.NEGATIVE_INFINITY): Outcome {
  let pages: PageFile | undefined;
  try {
    pages = new PageFile(path);
    const cursor = new TableCursor(pages, root);
    cursor.seek(start);
    let rows = 0;
    let bytes = 0;
    while (cursor.next()) {
      rows++;
      bytes += cursor.payloadEnd - cursor.payloadStart;
    }
    assert.ok(rows <= (pages.pageCount * pages.pageSize) / 2, 'no more rows than cell pointers');
    return { rows, bytes };
  } catch (error) {
    if (error instanceof TilewrightError) return error;
    throw error;
  } finally {
    pages?.close();
  }
}

/** Code of the error, or `rows`. */
export function outcomeOf(outcome: Outcome): string {
  return outcome instanceof TilewrightError ? outcome.code : 'rows';
}

export function countOutcomes(outcomes: Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const word = outcomeOf(outcome);
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
