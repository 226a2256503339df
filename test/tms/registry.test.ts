import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { parseTileMatrixSet } from '../../src/tms/parse.ts';
import { getTileMatrixSet, tileMatrixSetNames } from '../../src/tms/registry.ts';

const CONFORMANCE = join(import.meta.dirname, '../../../shared/data/conformance');
const REGISTRY = join(CONFORMANCE, 'ogc-tms/registry/json');
/** Sets that are known, and are not in OGC's registry. */
const OTHERS = ['LINZAntarticaMapTilegrid', 'NZTM2000Quad', 'WGS1984Quad'];

interface Published {
  id: string;
  crs: string;
  title: string;
  orderedAxes: string[];
  uri?: string;
  wellKnownScaleSet?: string;
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

it('knows 72 sets', () => {
  const zones = Array.from(
    { length: 60 },
    (_, i) => `UTM${String(i + 1).padStart(2, '0')}WGS84Quad`,
  );
  assert.deepEqual(tileMatrixSetNames(), [
    'CDB1GlobalGrid',
    'CanadianNAD83_LCC',
    'EuropeanETRS89_LAEAQuad',
    'GNOSISGlobalGrid',
    'LINZAntarticaMapTilegrid',
    'NZTM2000Quad',
    'UPSAntarcticWGS84Quad',
    'UPSArcticWGS84Quad',
    ...zones,
    'WGS1984Quad',
    'WebMercatorQuad',
    'WorldCRS84Quad',
    'WorldMercatorWGS84Quad',
  ]);
});

/** Compares a set with what is published; returns how many levels were. */
function compare(published: Published): number {
  const { id } = published;
  const tms = getTileMatrixSet(id);
  const parsed = parseTileMatrixSet(published);
  const definition = tms.definition as Published;
  assert.equal(tms.id, id);
  assert.equal(tms.title, published.title);
  assert.deepEqual(tms.crs, parsed.crs);
  assert.deepEqual(definition.orderedAxes, published.orderedAxes);
  assert.equal(tms.tileMatrices.length, published.tileMatrices.length);
  for (const [i, theirs] of published.tileMatrices.entries()) {
    const ours = definition.tileMatrices[i]!;
    const where = `${id} ${theirs.id}`;
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
  }
  return published.tileMatrices.length;
}

for (const [whose, folder, sets, levels] of [
  ["OGC's registry", REGISTRY, 69, 1667],
  ['morecantile', join(CONFORMANCE, 'morecantile/data'), 13, 311],
] as const) {
  describe(`the built-in definitions have the numbers of ${whose}`, {
    skip: existsSync(folder) ? false : `${folder} is absent`,
  }, () => {
    let compared = 0;
    const files = existsSync(folder) ? readdirSync(folder) : [];
    const published = files
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Published);
    for (const set of published) {
      it(set.id, () => {
        compared += compare(set);
        if (folder !== REGISTRY) return;
        const { uri, wellKnownScaleSet } = getTileMatrixSet(set.id).definition as Published;
        assert.deepEqual(
          { uri, wellKnownScaleSet },
          { uri: set.uri, wellKnownScaleSet: set.wellKnownScaleSet },
        );
      });
    }
    it('at all levels, of all sets', () => {
      assert.equal(published.length, sets);
      assert.equal(compared, levels);
      if (folder !== REGISTRY) return;
      const names = [...published.map(({ id }) => id), ...OTHERS];
      assert.deepEqual(names.sort(), tileMatrixSetNames());
    });
  });
}

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
      ['http://www.opengis.net/def/tilematrixset/OGC/1.0/utm33wgs84quad', 'UTM33WGS84Quad'],
      ['UTM33', 'UTM33WGS84Quad'],
      ['utm zone 5n', 'UTM05WGS84Quad'],
      ['UTM3WGS84Quad', 'UTM03WGS84Quad'],
      ['Utm31WGS84Qaud', 'UTM31WGS84Quad'],
      ['UTM61WGS84Quad', 'one of UTM01WGS84Quad to UTM60WGS84Quad'],
      ['UTM', 'one of UTM01WGS84Quad to UTM60WGS84Quad'],
      ['EPSG:32633', 'UTM33WGS84Quad'],
    ];
    for (const [name, meant] of aliases) unknown(name, new RegExp(`Did you mean ${meant}\\?`));
    unknown('EPSG:3413', /None is in EPSG:3413\./);
    unknown('EPSG:32733', /None is in EPSG:32733\./);
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
