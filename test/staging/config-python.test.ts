import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Config } from '../../src/staging/configuration/config.ts';
import { DEFAULTS, refused } from './config-fixture.ts';

suite('options of the Python pipeline that are passed over', () => {
  const file = {
    version: '2',
    title: 'Ice-wedge polygons',
    doi: '10.18739/A2K',
    enable_stager: true,
    enable_raster: true,
    enable_web_tiles: false,
    enable_3dtiles: true,
    generate_wmtsCapabilities: null,
    overwrite: true,
    z: 11,
  };

  test('are named with the reason, and change nothing', () => {
    const config = Config.parse(file);
    assert.deepEqual(config.values, { ...DEFAULTS, zRange: [0, 11] });
    const expected = [
      /^version, title, doi: passed over, since it describes the dataset/,
      /^enable_raster, enable_3dtiles: passed over, since it is about a later step/,
      /^overwrite: passed over, since rows of inputs that have changed are replaced.*force/,
    ];
    assert.equal(config.notes.length, expected.length);
    for (const [i, pattern] of expected.entries()) assert.match(config.notes[i]!, pattern);
    assert.deepEqual(config.merge({ z: 3 }).notes, config.notes);
    assert.deepEqual(Config.parse({ overwrite: false, enableRaster: false }).notes, []);
  });

  test('have values that mean something', () => {
    refused(() => Config.parse({ enable_stager: false }), 'enable_stager', 'all that is done here');
    refused(() => Config.parse({ overwrite: 'yes' }), 'overwrite', 'true or false');
    refused(() => Config.parse({ enable_rasters: true }), 'enable_rasters', 'not a known option');
  });
});

suite('options of the Python pipeline that Tilewright does not have', () => {
  const on: Record<string, unknown> = {
    dir_web_tiles: 'web_tiles',
    dir_geotiff: 'geotiff',
    statistics: [{ name: 'coverage' }],
    tile_size: [256, 256],
    z_coord: 0,
    geometricError: 57,
    tileSize: [256, 256],
  };
  for (const [key, value] of Object.entries(on)) {
    test(`${key} is refused`, () =>
      refused(
        () => Config.parse({ [key]: value }),
        key,
        'Python pipeline',
        'not supported here yet',
      ));
  }

  test('ext_staged names a format of tiles', () => {
    refused(
      () => Config.parse({ ext_staged: '.shp' }),
      'ext_staged',
      'must be gpkg or geoparquet or ',
    );
    assert.equal(Config.parse({ ext_staged: '.GPKG' }).values.extStaged, '.gpkg');
  });

  test('may be there when they are off', () => {
    const config = Config.parse({
      dir_web_tiles: '',
      statistics: [],
      ext_staged: '.gpkg',
    });
    assert.deepEqual(config.values, DEFAULTS);
  });
});
