import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { parseCrs } from '../../src/crs/parse.ts';

const WGS84 =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,' +
  'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0],' +
  'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]';

describe('parseCrs', () => {
  const codes: [string, string, string][] = [
    ['EPSG:3413', 'EPSG', '3413'],
    ['epsg:3413', 'EPSG', '3413'],
    [' [EPSG:3413] ', 'EPSG', '3413'],
    ['OGC:CRS84', 'OGC', 'CRS84'],
    ['CRS:84', 'OGC', 'CRS84'],
    ['ESRI:102001', 'ESRI', '102001'],
    ['http://www.opengis.net/def/crs/EPSG/0/3413', 'EPSG', '3413'],
    ['https://www.opengis.net/def/crs/OGC/1.3/CRS84', 'OGC', 'CRS84'],
    ['http://www.opengis.net/gml/srs/epsg.xml#4326', 'EPSG', '4326'],
    ['urn:ogc:def:crs:EPSG::3413', 'EPSG', '3413'],
    ['urn:ogc:def:crs:EPSG:9.9.1:3413', 'EPSG', '3413'],
    ['urn:ogc:def:crs:OGC:1.3:CRS84', 'OGC', 'CRS84'],
    ['+init=epsg:3413 +no_defs', 'EPSG', '3413'],
  ];
  for (const [text, authority, code] of codes) {
    test(text, () => assert.deepEqual(parseCrs(text), { authority, code }));
  }

  test('PROJ strings are kept as they are', () => {
    for (const text of ['+proj=utm +zone=33 +datum=WGS84', 'proj=merc lat_ts=56.5 ellps=GRS80']) {
      assert.deepEqual(parseCrs(text), { definition: text });
    }
  });

  test('WKT and PROJJSON are kept as they are, but for what stands around them', () => {
    const json = '{"type":"GeographicCRS","name":"WGS 84"}';
    for (const text of [WGS84, WGS84.replaceAll('[', '(').replaceAll(']', ')'), json]) {
      assert.deepEqual(parseCrs(`\uFEFF${text}\n`), { definition: text });
    }
  });

  test('anything else is refused with the text and the forms that are understood', () => {
    const deep = 'GEOGCS['.repeat(100_000);
    const texts = [
      '',
      'foo',
      '3413',
      'C:\\data',
      'EPSG:',
      'EPSG:../../x',
      'undefined',
      WGS84.slice(0, -2),
      '["x"]',
      'GEOGCS[,]x',
      deep,
    ]; // prettier-ignore
    for (const text of texts) {
      assert.throws(
        () => parseCrs(text),
        (error: unknown) =>
          error instanceof TilewrightError &&
          error.code === 'crs-unknown' &&
          error.message.includes(text.slice(0, 30)) &&
          error.message.includes('urn:ogc:def:crs') &&
          error.message.length < 500,
        text.slice(0, 50),
      );
    }
  });
});
