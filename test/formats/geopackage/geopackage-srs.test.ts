/** Which CRS a layer has, by the rows of gpkg_spatial_ref_sys. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CrsReference } from '../../../src/crs/reference.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import type { LayerInfo } from '../../../src/formats/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { withDatabase } from '../sqlite/sqlite-fixture.ts';
import { GEOPACKAGE_TABLES, registerLayer } from './geopackage-fixture.ts';

const WKT1 = 'PROJCS["one",GEOGCS["base"]]';
const WKT2 = 'PROJCRS["two",BASEGEOGCRS["base"]]';
/** As GDAL 3.9 writes it for layers of an undefined CRS. */
const UNDEFINED =
  'LOCAL_CS["Undefined SRS",LOCAL_DATUM["unknown",32767],UNIT["unknown",0],AXIS["Easting",EAST],' +
  'AXIS["Northing",NORTH]]';

/** A layer whose gpkg_spatial_ref_sys has these rows. */
function layerWith(t: { after(work: () => void): void }, srsId: number, sql: string): LayerInfo {
  const path = join(temporaryFolder(t), 'a.gpkg');
  withDatabase(path, (db) => {
    db.exec(`${GEOPACKAGE_TABLES} create table l (fid integer primary key, geom); ${sql}`);
    registerLayer(db, 'l', 'geom', srsId);
  });
  const source = openGeoPackage(path);
  const layer = source.layer('l');
  source.close();
  return layer;
}

function crsOf(...args: Parameters<typeof layerWith>): CrsReference | null {
  return layerWith(...args).crs;
}

const row = (id: number, organization: string, definition: string): string =>
  `insert into gpkg_spatial_ref_sys values ('name', ${id}, '${organization}', ${id}, '${definition}', null);`;
const wkt2Column = (definition: string): string =>
  `alter table gpkg_spatial_ref_sys add column definition_12_063 text not null default '';
   update gpkg_spatial_ref_sys set definition_12_063 = '${definition}';`;

test('code and definition', (t) => {
  assert.deepEqual(crsOf(t, 3413, row(3413, 'epsg', WKT1)), {
    name: 'name',
    authority: 'EPSG',
    code: '3413',
    definition: WKT1,
  });
  const own = { name: 'name', definition: WKT1 };
  assert.deepEqual(crsOf(t, 99999, row(99999, 'NONE', WKT1)), own);
  const code = { name: 'name', authority: 'EPSG', code: '3413' };
  assert.deepEqual(crsOf(t, 3413, row(3413, 'EPSG', 'undefined')), code);
});

test('WKT 2 stands in for WKT 1 that is undefined, and is more exact where there are both', (t) => {
  const expected = { name: 'name', definition: WKT2 };
  for (const wkt1 of ['undefined', '', 'Undefined', WKT1]) {
    const both = wkt1 === WKT1 ? { ...expected, otherDefinition: WKT1 } : expected;
    assert.deepEqual(crsOf(t, 100, row(100, 'NONE', wkt1) + wkt2Column(WKT2)), both);
  }
  const none = { name: 'name', definition: WKT1 };
  assert.deepEqual(crsOf(t, 100, row(100, 'NONE', WKT1) + wkt2Column('undefined')), none);
});

test('an undefined CRS is none, under whatever id', (t) => {
  assert.equal(crsOf(t, -1, ''), null);
  assert.equal(crsOf(t, 0, ''), null);
  assert.equal(crsOf(t, 99999, row(99999, 'NONE', UNDEFINED)), null);
  assert.equal(crsOf(t, 99999, row(99999, 'GDAL', UNDEFINED)), null);
  assert.equal(crsOf(t, 5, row(5, 'NONE', 'undefined')), null);
  const wkt2 = UNDEFINED.replace('LOCAL_CS["Undefined SRS"', 'ENGCRS["Undefined Cartesian SRS"');
  assert.equal(crsOf(t, 5, row(5, 'NONE', 'undefined') + wkt2Column(wkt2)), null);
});

test('a view of the CRSs, with names in another case', (t) => {
  const sql = `${row(3413, 'EPSG', WKT1)} alter table gpkg_spatial_ref_sys rename to other;
    create view GPKG_spatial_ref_sys as select srs_name as SRS_NAME, srs_id as Srs_Id,
      organization as ORGANIZATION, organization_coordsys_id as Organization_Coordsys_ID,
      definition as DEFINITION, '${WKT2}' as Definition_12_063 from other`;
  assert.equal(crsOf(t, 3413, sql)?.definition, WKT2);
});

test('an id that no row has is told by its number, also if EPSG has such a code', (t) => {
  for (const id of [7, 3413]) {
    const { crs, unknownCrs } = layerWith(t, id, '');
    assert.deepEqual([crs, unknownCrs], [null, id]);
  }
  assert.equal(layerWith(t, 0, '').unknownCrs, undefined);
});
