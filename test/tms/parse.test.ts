import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { parseTileMatrixSet } from '../../src/tms/parse.ts';

const CONFORMANCE = join(import.meta.dirname, '../../../shared/data/conformance');
const absent = existsSync(CONFORMANCE) ? false : 'shared/data/conformance is absent';

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(CONFORMANCE, path), 'utf8'));
}

function jsonFiles(folder: string): string[] {
  return readdirSync(join(CONFORMANCE, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`);
}

interface RawMatrix {
  pointOfOrigin: [number, number];
  cellSize: number;
  matrixWidth: number;
  matrixHeight: number;
}

describe('the registered TileMatrixSets', { skip: absent }, () => {
  it('are all parsed, with the numbers that they have', () => {
    const files = jsonFiles('ogc-tms/registry/json');
    assert.equal(files.length, 69);
    let matrices = 0;
    for (const file of files) {
      const json = read(file) as { id: string; orderedAxes: string[]; tileMatrices: RawMatrix[] };
      const tms = parseTileMatrixSet(json);
      assert.equal(tms.id, json.id, file);
      assert.equal(tms.definition, json);
      const swapped = /^(?:Lat|Y)$/.test(json.orderedAxes[0]!);
      for (const [i, matrix] of tms.tileMatrices.entries()) {
        const raw = json.tileMatrices[i]!;
        const origin = swapped ? raw.pointOfOrigin.toReversed() : raw.pointOfOrigin;
        assert.deepEqual([matrix.originX, matrix.originY], origin, file);
        assert.equal(matrix.matrixWidth, raw.matrixWidth);
        assert.equal(matrix.matrixHeight, raw.matrixHeight);
        assert.ok(Math.abs(matrix.cellSize / raw.cellSize - 1) < 1e-4, file);
        matrices++;
      }
    }
    assert.equal(matrices, 1667);
  });

  it('and so are the examples of the schemas', () => {
    const files = jsonFiles('ogc-tms/schemas/tms/2.0/json/examples/tilematrixset');
    assert.equal(files.length, 11);
    for (const file of files) parseTileMatrixSet(read(file));
  });

  it('but not the schemas and tile sets beside them', () => {
    const files = [
      ...jsonFiles('ogc-tms/schemas/tms/2.0/json'),
      ...jsonFiles('ogc-tms/schemas/tms/2.0/json/examples/tileset'),
    ];
    assert.equal(files.length, 20);
    for (const file of files) {
      assert.throws(() => parseTileMatrixSet(read(file)), invalid(/tileMatrices is missing/), file);
    }
  });

  it('nest exactly where cell sizes are published rounded', () => {
    const arctic = parseTileMatrixSet(read('ogc-tms/registry/json/UPSArcticWGS84Quad.json'));
    const [first] = arctic.tileMatrices;
    for (const matrix of arctic.tileMatrices) {
      assert.deepEqual(matrix.extent(), first!.extent());
    }
  });
});

describe('version 1', { skip: absent }, () => {
  it('gives the same tiles as version 2', () => {
    const files = jsonFiles('morecantile/tests/fixtures/v1_tms');
    assert.equal(files.length, 3);
    for (const file of files) {
      const old = parseTileMatrixSet(read(file));
      const name = file.split('/').at(-1);
      const now = parseTileMatrixSet(read(`morecantile/data/${name}`));
      assert.equal(old.id, now.id);
      assert.deepEqual(old.crs, now.crs);
      // 17-083r2's 0.28 mm gives the Canadian set other cells than its cell sizes of 1/96 inch.
      const factor = old.id === 'CanadianNAD83_LCC' ? 0.00028 * 39.37 * 96 : 1;
      for (const [i, matrix] of old.tileMatrices.entries()) {
        const other = now.tileMatrices[i]!;
        assert.equal(matrix.matrixWidth, other.matrixWidth);
        assert.ok(Math.abs(matrix.originX - other.originX) < 1e-6);
        assert.ok(Math.abs(matrix.originY - other.originY) < 1e-6);
        assert.ok(Math.abs(matrix.cellSize / factor / other.cellSize - 1) < 1e-9, `${file} ${i}`);
      }
    }
  });
});

describe('a custom TileMatrixSet', { skip: absent }, () => {
  it('UPSArctic3413Quad', () => {
    const [file] = readdirSync(join(CONFORMANCE, 'tms-custom')).filter((f) => f.endsWith('.json'));
    const tms = parseTileMatrixSet(read(`tms-custom/${file}`));
    assert.equal(tms.id, 'UPSArctic3413Quad');
    assert.equal(tms.crs.code, '3413');
    assert.deepEqual(tms.matrix(0).extent(), [-4000100, -3400100, 3500100, 4100100]);
    assert.equal(tms.matrix(2).spanX, 7324.4140625 * 256);
  });
});

describe('parseTileMatrixSet', () => {
  const matrix = {
    id: '0',
    scaleDenominator: 1000,
    cellSize: 0.28,
    pointOfOrigin: [100, 2000],
    tileWidth: 256,
    tileHeight: 256,
    matrixWidth: 12,
    matrixHeight: 6,
  };
  const set = { id: 'Test', crs: 'http://www.opengis.net/def/crs/EPSG/0/32633' };
  const parse = (change: object, changeSet: object = {}) =>
    parseTileMatrixSet({ ...set, tileMatrices: [{ ...matrix, ...change }], ...changeSet });
  const wgs84 = 'http://www.opengis.net/def/crs/EPSG/0/4326';

  it('reads degrees from the scale in version 1', () => {
    const tms = parseTileMatrixSet({
      type: 'TileMatrixSetType',
      identifier: 'Old',
      supportedCRS: 'urn:ogc:def:crs:EPSG::4326',
      tileMatrix: [
        {
          identifier: '0',
          scaleDenominator: 279541132.014358,
          topLeftCorner: [90, -180],
          tileWidth: 256,
          tileHeight: 256,
          matrixWidth: 2,
          matrixHeight: 1,
        },
      ],
    });
    assert.equal(tms.title, 'Old');
    assert.deepEqual(tms.matrix(0).extent(), [-180, -90, 180, 90]);
  });

  it('takes the order of axes from orderedAxes, else from the CRS', () => {
    const origin = (change: object) => {
      const { originX, originY } = parse({}, change).matrix(0);
      return [originX, originY];
    };
    const eastingFirst = [100, 2000];
    const northingFirst = [2000, 100];
    assert.deepEqual(origin({}), eastingFirst);
    assert.deepEqual(origin({ orderedAxes: ['N', 'E'] }), northingFirst);
    assert.deepEqual(origin({ orderedAxes: ['Y', 'X'] }), northingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:3035' }), northingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:2193' }), northingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:3413' }), eastingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:5041' }), eastingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:32661' }), northingFirst);
    // Gauss–Krüger: X is the northing.
    assert.deepEqual(origin({ crs: 'EPSG:31466' }), northingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:31466', orderedAxes: ['X', 'Y'] }), northingFirst);
    assert.deepEqual(origin({ crs: 'EPSG:31466', orderedAxes: ['Y', 'X'] }), eastingFirst);
    const wkt = (axes: string) =>
      `PROJCS["a",GEOGCS["b",DATUM["c",SPHEROID["d",6378137,298.25]],PRIMEM["e",0],` +
      `UNIT["degree",0.0174532925]],PROJECTION["Transverse_Mercator"],UNIT["metre",1],${axes}]`;
    const north = wkt('AXIS["N",NORTH],AXIS["E",EAST]');
    assert.deepEqual(origin({ crs: { wkt: north } }), northingFirst);
    assert.deepEqual(origin({ crs: wkt('AXIS["E",EAST],AXIS["N",NORTH]') }), eastingFirst);
  });

  it('reads the CRS as an object', () => {
    assert.equal(parse({}, { crs: { uri: 'urn:ogc:def:crs:EPSG::3413' } }).crs.code, '3413');
    const projjson = { type: 'ProjectedCRS', id: { authority: 'EPSG', code: 3413 } };
    assert.deepEqual(parse({}, { crs: { wkt: projjson } }).crs, {
      authority: 'EPSG',
      code: '3413',
    });
  });

  it('numbers matrices by identifier, or by position', () => {
    const two = (a: string, b: string) =>
      parse({}, { tileMatrices: [matrix, matrix].map((m, i) => ({ ...m, id: i === 0 ? a : b })) });
    assert.deepEqual(
      two('3', '-4').tileMatrices.map(({ z, id }) => [z, id]),
      [
        [-4, '-4'],
        [3, '3'],
      ],
    );
    assert.deepEqual(
      two('coarse', 'fine').tileMatrices.map(({ z }) => z),
      [0, 1],
    );
    assert.throws(() => two('1', '01'), invalid(/two of its tile matrices/));
  });

  const wrong: [string, object, object, RegExp][] = [
    ['no matrices', {}, { tileMatrices: [] }, /TileMatrixSet Test: tileMatrices is \[\]/],
    ['no id', {}, { id: undefined }, /TileMatrixSet: id is missing/],
    ['an id that leaves the folder', {}, { id: '../x' }, /usable as the name of a folder/],
    ['no CRS', {}, { crs: undefined }, /crs is missing/],
    ['an unknown CRS', {}, { crs: 'somewhere' }, /Test: crs can't be used.*somewhere/],
    ['a CRS that nobody knows', {}, { crs: 'EPSG:999999' }, /Test: crs can't be used.*EPSG:999999/],
    ['a CRS of heights', {}, { crs: 'EPSG:5703' }, /Test: crs can't be used.*vertical/],
    ['a geocentric CRS', {}, { crs: 'EPSG:4978' }, /Test: crs can't be used.*geocentric/],
    ['unknown axes', {}, { orderedAxes: ['a', 'b'] }, /orderedAxes is \["a","b"\]/],
    ['no cell size', { cellSize: undefined }, {}, /matrix "0" .*Test: cellSize is missing/],
    ['a negative cell size', { cellSize: -1 }, {}, /cellSize is -1/],
    ['half a tile', { matrixWidth: 1.5 }, {}, /matrixWidth is 1.5, but must be an integer/],
    ['too many tiles', { matrixHeight: 2 ** 31 }, {}, /matrixHeight is 2147483648/],
    ['text for a number', { tileWidth: '256' }, {}, /tileWidth is "256"/],
    ['an origin that is no point', { pointOfOrigin: [1] }, {}, /pointOfOrigin is \[1\]/],
    ['an origin out of reach', { pointOfOrigin: [1e300, 0] }, {}, /nearer to the tiles/],
    ['another corner', { cornerOfOrigin: 'topRight' }, {}, /cornerOfOrigin is "topRight"/],
    ['no identifier', { id: undefined }, {}, /matrix at position 0 .* id is missing/],
    ['a matrix that is none', {}, { tileMatrices: [7] }, /position 0 .*not a JSON object/],
    ['latitude and longitude mixed up', {}, { crs: wgs84 }, /order of the axes/],
    [
      'a coalesce that does not divide',
      { variableMatrixWidths: [{ coalesce: 5, minTileRow: 0, maxTileRow: 1 }] },
      {},
      /variableMatrixWidths\[0\] of the tile matrix "0".*coalesce is 5.*divisor/,
    ],
    [
      'rows with two widths',
      {
        variableMatrixWidths: [
          { coalesce: 2, minTileRow: 0, maxTileRow: 1 },
          { coalesce: 3, minTileRow: 1, maxTileRow: 2 },
        ],
      },
      {},
      /row 1 is in two/,
    ],
  ];
  for (const [name, change, changeSet, message] of wrong) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parse(change, changeSet), invalid(message));
    });
  }

  it('refuses what is no object', () => {
    for (const json of [null, 1, 'x', [], undefined]) {
      assert.throws(() => parseTileMatrixSet(json), invalid(/not a JSON object/));
    }
  });
});

function invalid(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof TilewrightError, String(error));
    assert.equal(error.code, 'tms-invalid');
    assert.match(error.message, message);
    return true;
  };
}
