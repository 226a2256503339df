/** The contract of staged formats: an entry for each. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { flatGeobufTiles } from '../../../src/formats/flatgeobuf/format.ts';
import { readFlatHeader } from '../../../src/formats/flatgeobuf/header.ts';
import { geoJsonTiles } from '../../../src/formats/geojson/format.ts';
import { geoPackageTiles } from '../../../src/formats/geopackage/staged.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { duckRun } from '../duckdb.ts';
import { headerTable } from '../flatgeobuf/flatgeobuf-fixture.ts';
import { tilesAsJson } from '../rows-as-json.ts';
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

stagedContract({
  format: flatGeobufTiles,
  hasChecksum: true,
  addColumn(path) {
    const window = new FileWindow(path, path);
    const { featuresCount, columns, metadata, indexAt, ...more } = readFlatHeader(window);
    window.close();
    const added = [...columns, { name: 'added', code: 11, metadata: null }];
    const header = headerTable({
      ...{ name: more.name, count: featuresCount, nodeSize: more.indexNodeSize },
      ...{ geometryType: more.geometryType, header: { 13: { text: metadata! } } },
      columns: added.map(({ name, code: type, metadata }) => ({
        ...{ name, type },
        ...(metadata !== null && { metadata }),
      })),
    });
    const rest = readFileSync(path);
    writeFileSync(path, Buffer.concat([rest.subarray(0, 8), header, rest.subarray(indexAt)]));
  },
});

stagedContract({
  format: geoJsonTiles,
  crs: resolveCrs({ authority: 'OGC', code: 'CRS84' }),
  hasChecksum: true,
  addColumn(path) {
    const lines = readFileSync(path, 'utf8').replaceAll(
      '"properties":{',
      '"properties":{"added":1,',
    );
    writeFileSync(path, lines.replace('"columns":[', '"columns":[["added","integer"],'));
  },
});
