/** A write-ahead log holds rows that the file does not: it is read, or the file is refused. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { boxBlob, create, readLayer } from './geopackage-fixture.ts';

const BOX = `x'${boxBlob(1, 2, 3, 4).toString('hex')}'`;

test('rows of a write-ahead log are read, or it is said why they are not', (t) => {
  const folder = temporaryFolder(t);
  const path = create(join(folder, 'a.gpkg'), 'create table l (fid integer primary key, geom)', [
    ['l'],
  ]);
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  db.exec(`pragma journal_mode = wal; insert into l values (1, ${BOX}), (2, ${BOX})`);
  const copy = (name: string, files: string[], folders: string[]): string => {
    const to = join(folder, name);
    for (const end of files) copyFileSync(`${path}${end}`, `${to}${end}`);
    for (const end of folders) mkdirSync(`${to}${end}`);
    return to;
  };
  const sound = openGeoPackage(copy('sound.gpkg', ['', '-wal'], []));
  assert.equal(readLayer(sound, 'l').features.length, 2);
  sound.close();
  // A folder in its place can't be read by root either.
  const file = copy('wal.gpkg', [''], ['-wal']);
  assert.throws(() => openGeoPackage(file), {
    code: 'input-unreadable',
    message: /-wal\), with changes.*copy both files to where you may write/,
  });
});
