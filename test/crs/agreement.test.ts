import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveCrs } from '../../src/crs/resolve.ts';

const wktOf = (code: string): string => resolveCrs({ authority: 'EPSG', code }).wkt!;

test('a definition agrees with its code, also where its words differ', () => {
  for (const code of ['4326', '3413', '32633', '3857', '2056', '27700', '3031', '5070']) {
    const wkt = wktOf(code);
    for (const definition of [wkt, wkt.replaceAll(/,AUTHORITY\["EPSG","\d+"\]/g, '')]) {
      resolveCrs({ authority: 'EPSG', code, definition });
    }
  }
  // Versions of one datum are up to some hundred metres apart.
  const definition = '+proj=longlat +ellps=clrk66 +towgs84=-8,160,176';
  resolveCrs({ authority: 'EPSG', code: '4267', definition });
});

test('another zone, hemisphere, parallel, unit or projection contradicts the code', () => {
  const utm33 = wktOf('32633').replaceAll(/,AUTHORITY\["EPSG","\d+"\]/g, '');
  const pairs: [code: string, definition: string][] = [
    ['32634', utm33],
    ['32733', utm33],
    ['4326', wktOf('3413')],
    ['3413', wktOf('4326')],
    ['3413', wktOf('3031')],
    ['3857', wktOf('3395')],
    ['32633', '+proj=utm +zone=33 +datum=WGS84 +units=us-ft'],
    ['3413', '+proj=stere +lat_0=90 +lat_ts=75 +lon_0=-45 +datum=WGS84'],
  ];
  for (const [code, definition] of pairs) {
    assert.throws(
      () => resolveCrs({ authority: 'EPSG', code, definition }),
      { code: 'crs-unknown', message: new RegExp(`EPSG:${code}.*definition`) },
      `${code} ${definition}`,
    );
  }
});

test('a code inside of a definition that says something else is a contradiction', () => {
  const moved = wktOf('32633').replace('"central_meridian",15', '"central_meridian",16');
  assert.throws(() => resolveCrs({ definition: moved }), {
    code: 'crs-unknown',
    message: /contradict/,
  });
});

test('of several datums of one name, that of the code beside it is meant', () => {
  // EPSG's 6713 and ESRI's 106208 both go by it.
  const definition =
    'GEOGCS["GCS_Ayabelle",DATUM["D_Ayabelle",SPHEROID["Clarke_1880_RGS",6378249.145,293.465]],' +
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';
  const esri = resolveCrs({ authority: 'ESRI', code: '37208', definition });
  assert.equal(esri.definition.datum.id, 'ESRI:106208');
  resolveCrs({ authority: 'EPSG', code: '4713', definition });
});

test('another code in the definition has to mean the very same', () => {
  resolveCrs({ authority: 'EPSG', code: '900913', definition: wktOf('3857') });
  assert.throws(() => resolveCrs({ authority: 'EPSG', code: '26905', definition: wktOf('26705') }));
});

test('what is not understood is not compared', () => {
  const definition = 'LOCAL_CS["site",UNIT["metre",1]]';
  resolveCrs({ authority: 'EPSG', code: '4326', definition });
  resolveCrs({ authority: 'X', code: '1', definition: wktOf('4326') });
  resolveCrs({ authority: 'EPSG', code: '4326' });
  assert.throws(() => resolveCrs({ definition }), /local/);
});
