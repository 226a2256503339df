/** The contract of staged formats: an entry for each. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { geoPackageTiles } from '../../src/formats/geopackage/staged.ts';
import { geoParquetTiles } from '../../src/formats/geoparquet/staged.ts';
import { duckRun } from './duckdb.ts';
import { tilesAsJson } from './rows-as-json.ts';
import { stagedContract } from './staged-contract.ts';

stagedContract({
  format: geoPackageTiles,
  // A page has none: its structure is checked, and a value is what its bytes say.
  hasChecksum: false,
  addColumn(path) {
    const db = new DatabaseSync(path);
    db.exec('alter table "895" add column added text');
    db.close();
  },
});

stagedContract({
  format: geoParquetTiles,
  hasChecksum: true,
  addColumn(path) {
    duckRun(`copy (select *, 'text' as added from '${path}') to '${path}.new' (format parquet)`);
    renameSync(`${path}.new`, path);
  },
});

stagedContract({
  format: tilesAsJson,
  hasChecksum: true,
  addColumn(path) {
    const [head, ...rest] = readFileSync(path, 'utf8').split('\n');
    const { columns, ...more } = JSON.parse(head!);
    const wider = { ...more, columns: [...columns, { name: 'added', type: 'text' }] };
    writeFileSync(path, [JSON.stringify(wider), ...rest].join('\n'));
  },
});
