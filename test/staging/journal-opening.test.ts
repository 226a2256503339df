/** Opening a journal to which a run adds the tables of products meanwhile. */

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Journal } from '../../src/staging/folder/journal/journal.ts';
import {
  PRODUCT_SCHEMA,
  PRODUCT_VERSION,
} from '../../src/staging/folder/journal/product-schema.ts';
import { temporaryFolder } from './support.ts';

const SQLITE_BUSY = 5;
const CHANGE = `begin immediate; ${PRODUCT_SCHEMA} pragma user_version = ${PRODUCT_VERSION}; commit`;

for (const readOnly of [false, true]) {
  const how = readOnly ? 'to be read' : 'to be changed';
  test(`a journal is opened ${how} whenever tables of products are added`, (t) => {
    const folder = temporaryFolder(t);
    const made = join(folder, 'made.sqlite');
    new Journal(made).close();
    /** Steps until the change is tried. */
    let left = Infinity;
    let path = '';
    const results = { added: 0, busy: 0 };
    const step = (): void => {
      if (left-- !== 0) return;
      const db = new DatabaseSync(path, { timeout: 0 });
      try {
        db.exec(CHANGE);
        results.added++;
      } catch (error) {
        assert.equal((error as { errcode?: number }).errcode, SQLITE_BUSY);
        results.busy++;
      } finally {
        db.close();
      }
    };
    for (const name of ['prepare', 'exec'] as const) {
      const real = DatabaseSync.prototype[name] as (this: DatabaseSync, sql: string) => unknown;
      t.mock.method(DatabaseSync.prototype, name, function (this: DatabaseSync, sql: string) {
        step();
        return real.call(this, sql);
      });
    }
    for (let k = 0; ; k++) {
      path = join(folder, `${k}.sqlite`);
      copyFileSync(made, path);
      left = k;
      new Journal(path, { readOnly }).close();
      // It has had fewer steps.
      if (left >= 0) break;
    }
    t.mock.restoreAll();
    assert.ok(results.added > 1 && results.busy > 1, JSON.stringify(results));
  });
}
