import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { parseTileMatrixSet } from '../../src/tms/parse.ts';
import { getTileMatrixSet, tileMatrixSetNames } from '../../src/tms/registry.ts';

const PUBLISHED = join(import.meta.dirname, '../../../shared/data/conformance/morecantile/data');
const absent = existsSync(PUBLISHED) ? false : 'shared/data/conformance/morecantile is absent';

interface Published {
  id: string;
  crs: string;
  title: string;
  orderedAxes: string[];
  tileMatrices: {
    id: string;
    cellSize: number;
    scaleDenominator: number;
    pointOfOrigin: [number, number];
    matrixWidth: number;
    matrixHeight: number;
    tileWidth: number;
    tileHeight: number;
    variableMatrixWidths?: object[];
  }[];
}

/** Whether they are the same up to one in the last of the digits that `published` has. */
function agrees(computed: number, published: number): boolean {
  const [digits, exponent = '0'] = String(published).split('e');
  const unit = 10 ** (Number(exponent) - (digits!.split('.')[1]?.length ?? 0));
  return Math.abs(computed - published) <= Math.max(unit, Math.abs(published) * 1e-14);
}

it('knows 13 sets', () => {
  assert.deepEqual(tileMatrixSetNames(), [
    'CDB1GlobalGrid',
    'CanadianNAD83_LCC',
    'EuropeanETRS89_LAEAQuad',
    'GNOSISGlobalGrid',
    'LINZAntarticaMapTilegrid',
    'NZTM2000Quad',
    'UPSAntarcticWGS84Quad',
    'UPSArcticWGS84Quad',
    'UTM31WGS84Quad',
    'WGS1984Quad',
    'WebMercatorQuad',
    'WorldCRS84Quad',
    'WorldMercatorWGS84Quad',
  ]);
});

describe('the built-in definitions have the published numbers', { skip: absent }, () => {
  let levels = 0;
  for (const name of tileMatrixSetNames()) {
    it(name, () => {
      const published = JSON.parse(
        readFileSync(join(PUBLISHED, `${name}.json`), 'utf8'),
      ) as Published;
      const tms = getTileMatrixSet(name);
      const parsed = parseTileMatrixSet(published);
      const definition = tms.definition as Published;
      assert.equal(tms.id, published.id);
      assert.equal(tms.title, published.title);
      assert.deepEqual(tms.crs, parsed.crs);
      assert.deepEqual(definition.orderedAxes, published.orderedAxes);
      assert.equal(tms.tileMatrices.length, published.tileMatrices.length);
      for (const [i, theirs] of published.tileMatrices.entries()) {
        const ours = definition.tileMatrices[i]!;
        const where = `${name} ${theirs.id}`;
        assert.equal(ours.id, theirs.id);
        assert.equal(ours.matrixWidth, theirs.matrixWidth, where);
        assert.equal(ours.matrixHeight, theirs.matrixHeight, where);
        assert.equal(ours.tileWidth, theirs.tileWidth, where);
        assert.equal(ours.tileHeight, theirs.tileHeight, where);
        assert.ok(agrees(ours.pointOfOrigin[0], theirs.pointOfOrigin[0]), where);
        assert.ok(agrees(ours.pointOfOrigin[1], theirs.pointOfOrigin[1]), where);
        assert.ok(agrees(ours.cellSize, theirs.cellSize), `${where}: ${ours.cellSize}`);
        assert.ok(
          Math.abs(ours.scaleDenominator / theirs.scaleDenominator - 1) < 1e-8,
          `${where}: ${ours.scaleDenominator}`,
        );
        assert.deepEqual(ours.variableMatrixWidths ?? [], theirs.variableMatrixWidths ?? [], where);
        // Parsing changes nothing of what was computed.
        assert.equal(tms.tileMatrices[i]!.cellSize, ours.cellSize, where);
        // And the published file gives the same tiles.
        for (const [k, value] of parsed.tileMatrices[i]!.extent().entries()) {
          assert.ok(Math.abs(value - tms.tileMatrices[i]!.extent()[k]!) < 0.02, where);
        }
        levels++;
      }
    });
  }
  it('at all levels', () => {
    assert.equal(levels, 311);
  });
});

it('the axes of the CRS are in the order that each set names', () => {
  for (const name of tileMatrixSetNames()) {
    const tms = getTileMatrixSet(name);
    const silent = parseTileMatrixSet({ ...(tms.definition as object), orderedAxes: undefined });
    for (const [i, matrix] of silent.tileMatrices.entries()) {
      assert.deepEqual(matrix.extent(), tms.tileMatrices[i]!.extent(), name);
    }
  }
});

describe('getTileMatrixSet', () => {
  it('suggests the nearest name', () => {
    const unknown = (name: string, message: RegExp) =>
      assert.throws(
        () => getTileMatrixSet(name),
        (error) => {
          assert.ok(error instanceof TilewrightError);
          assert.equal(error.code, 'tms-unknown');
          assert.match(error.message, message);
          return true;
        },
      );
    unknown('webmercatorquad', /Did you mean WebMercatorQuad\?/);
    unknown('WGS84Quad', /Did you mean WGS1984Quad\?/);
    const aliases: [name: string, meant: string][] = [
      ['WGS84', 'WGS1984Quad'],
      ['EPSG:4326', 'WGS1984Quad'],
      ['EPSG:3857', 'WebMercatorQuad'],
      ['epsg:900913', 'WebMercatorQuad'],
      ['GoogleMapsCompatible', 'WebMercatorQuad'],
      ['WebMercator', 'WebMercatorQuad'],
      ['OGC:CRS84', 'WorldCRS84Quad'],
      ['EPSG:3978', 'CanadianNAD83_LCC'],
      ['http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad', 'WebMercatorQuad'],
    ];
    for (const [name, meant] of aliases) unknown(name, new RegExp(`Did you mean ${meant}\\?`));
    unknown('EPSG:3413', /None is in EPSG:3413\./);
    unknown('toString', /Known are CDB1GlobalGrid, /);
    unknown('x'.repeat(10_000), /There is no TileMatrixSet/);
    unknown('nowhere/at-all.json', /no TileMatrixSet file nowhere/);
  });

  it('reads a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-tms-'));
    try {
      const path = join(folder, 'own.json');
      const definition = getTileMatrixSet('WGS1984Quad').definition as object;
      writeFileSync(path, JSON.stringify({ ...definition, id: 'Own' }));
      const own = getTileMatrixSet(path);
      assert.equal(own.id, 'Own');
      assert.deepEqual(own.matrix(13).extent(), [-180, -90, 180, 90]);
      const broken = (text: string, message: RegExp) => {
        writeFileSync(path, text);
        assert.throws(
          () => getTileMatrixSet(path),
          (error) => {
            assert.ok(error instanceof TilewrightError);
            assert.equal(error.code, 'tms-invalid');
            assert.ok(error.message.includes(path));
            assert.match(error.message, message);
            return true;
          },
        );
      };
      broken('{', /JSON/);
      broken('{"id": "x"}', /tileMatrices is missing/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
