/** Frames of layers are kept for layers that differ in name alone: each file is what its own would be. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Column } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { SQL_TYPES } from '../../../src/formats/geopackage/column-types.ts';
import {
  CREATE,
  layerTable,
  rtreeTables,
  rtreeTriggers,
} from '../../../src/formats/geopackage/ddl.ts';
import {
  type LayerDescription,
  LayerFrame,
  layerFrame,
  systemColumns,
} from '../../../src/formats/geopackage/layer-frame.ts';
import { DatabaseWriter } from '../../../src/formats/sqlite/database-writer.ts';
import { RTreeBuilder } from '../../../src/formats/sqlite/rtree.ts';
import { TableWriter } from '../../../src/formats/sqlite/table-writer.ts';
import { integrityOf, select, temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import { WGS84 } from './geopackage-fixture.ts';

const POLAR = { ...WGS84, id: 3413, name: 'polar', organizationId: 3413 };
const NAMES = ['895', '0', '12345', 'a "b"', "it's", 'größe', 'x_y', '"', '895'];
const COLUMNS: Column[][] = [
  [],
  [{ name: 'fid', type: 'text' }],
  [{ name: 'a', type: 'integer' }],
  [{ name: 'a', type: 'real' }],
  [{ name: 'it"s 895', type: 'text' }],
];

function sqlOf({ name, columns, geometryType }: LayerDescription): string[] {
  const { key, geometry } = systemColumns(columns);
  const declared = columns.map((c) => ({ name: c.name, sqlType: SQL_TYPES[c.type] }));
  return [
    ...Object.values(CREATE),
    layerTable(name, key, geometry, geometryType, declared),
    ...Object.values(rtreeTables(`rtree_${name}_${geometry}`)),
    ...rtreeTriggers(name, geometry, key).map(({ sql }) => sql),
  ].sort();
}

test('files of layers that take turns', (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(3);
  const any = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;
  const write = (
    name: string,
    frame: LayerFrame,
    layer: LayerDescription,
    rows: number,
  ): string => {
    const path = join(folder, name);
    const output = OutputFile.create(path);
    const options = { pageSize: 4096, applicationId: 1, userVersion: 1 };
    const database = new DatabaseWriter(output, options);
    const features = new TableWriter(database).finish();
    const rtree = new RTreeBuilder().finish(database);
    const extent = Float64Array.of(1, 2, 3.5, -4);
    frame.write(database, layer, { count: rows, extent, features, rtree });
    output.close();
    return path;
  };
  let kept = 0;
  let before: LayerFrame | undefined;
  let last: LayerDescription | undefined;
  for (let n = 0; n < 200; n++) {
    const layer: LayerDescription = {
      ...{ name: any(NAMES), columns: any(COLUMNS), srs: any([WGS84, POLAR]), wgs84: WGS84 },
      ...{ geometryType: any(['POLYGON', 'GEOMETRY']), z: any([0, 1, 2]) },
    };
    // Every other layer is the one before under another name, as tiles mostly are.
    const described = n % 2 === 0 ? layer : { ...last!, name: layer.name, z: layer.z };
    last = described;
    const frame = layerFrame(described);
    if (frame === before) kept++;
    before = frame;
    const path = write(`${n}`, frame, described, n);
    const fresh = write(`${n}-fresh`, new LayerFrame(described), described, n);
    assert.ok(readFileSync(path).equals(readFileSync(fresh)));
    const texts = withDatabase(path, (db) => {
      const [name, type] = select(
        db,
        'select table_name, geometry_type_name from gpkg_geometry_columns',
      )[0]!;
      assert.deepEqual([name, type], [described.name, described.geometryType]);
      const [table, minX, maxY] = select(
        db,
        'select table_name, min_x, max_y from gpkg_contents',
      )[0]!;
      assert.deepEqual(
        [table, minX, maxY],
        [described.name, ...(n === 0 ? [null, null] : [1, -4])],
      );
      return select(db, 'select sql from sqlite_schema where sql is not null').map(([sql]) =>
        String(sql),
      );
    });
    assert.deepEqual(texts.sort(), sqlOf(described));
    if (n < 20) assert.equal(integrityOf(path), 'ok');
  }
  assert.ok(kept > 20 && kept < 180, `${kept}`);
});
