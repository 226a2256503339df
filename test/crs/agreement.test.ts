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
