import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { inputExtensions } from '../../src/formats/input-formats.ts';
import {
  Config,
  type ConfigLookup,
  configJsonSchema,
} from '../../src/staging/configuration/config.ts';
import { CONFIG_KEYS, configSchema } from '../../src/staging/configuration/config-schema.ts';
import { DEFAULTS, PARALLEL, PROPERTIES, refused } from './config-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-config-'));
after(() => rmSync(folder, { recursive: true }));

suite('values', () => {
  test('have defaults', () => {
    assert.deepEqual(Config.from({}).values, DEFAULTS);
    assert.deepEqual(Config.from({ workers: undefined }).values, DEFAULTS);
  });

  test('have a description and say what they expect', () => {
    assert.equal(CONFIG_KEYS.length, 48);
    for (const key of CONFIG_KEYS) {
      const field = configSchema.shape[key];
      assert.match(field.description ?? '', /^[A-Z].*\.$/, key);
      assert.equal(typeof field.meta()?.['expects'], 'string', key);
      if (field.parse(undefined) === null)
        assert.equal(typeof field.meta()?.['unset'], 'string', key);
    }
  });

  test('take the names of the Python pipeline', () => {
    const config = Config.from({
      dir_input: 'input',
      ext_input: '.gpkg',
      dir_staged: 'out',
      filename_staging_summary: 'summary.csv',
      simplify_tolerance: 0.0001,
      tms_id: 'WebMercatorQuad',
      z_range: [2, 11],
      tile_path_structure: ['tms', 'style', 'z', 'y', 'x'],
      input_crs: 'EPSG:3413',
      prop_tile: 'tile',
      prop_centroid_tile: 'home',
      prop_area: 'area',
      prop_centroid_x: 'cx',
      prop_centroid_y: 'cy',
      prop_filename: 'file',
      prop_identifier: 'id',
      prop_centroid_within_tile: 'within',
      prop_duplicated: 'twice',
    });
    assert.deepEqual(config.values, {
      ...DEFAULTS,
      dirInput: 'input',
      extInput: '.gpkg',
      dirStaged: 'out',
      filenameStagingSummary: join('out', 'summary.csv'),
      simplifyTolerance: 0.0001,
      tmsId: 'WebMercatorQuad',
      zRange: [2, 11],
      tilePathStructure: ['tms', 'style', 'z', 'y', 'x'],
      inputCrs: 'EPSG:3413',
      properties: {
        tile: 'tile',
        centroidTile: 'home',
        area: 'area',
        centroidX: 'cx',
        centroidY: 'cy',
        filename: 'file',
        identifier: 'id',
        centroidWithinTile: 'within',
        duplicated: 'twice',
      },
    });
    for (const key of CONFIG_KEYS) {
      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const value: unknown = config.values[key];
      assert.deepEqual(
        Config.parse({ [snake]: value }).get(snake as keyof ConfigLookup),
        value,
        snake,
      );
    }
  });

  test('can be looked up in both spellings', () => {
    const config = Config.parse({ dirStaged: 'out', z: 9, properties: { centroid_x: 'easting' } });
    assert.equal(config.get('dirStaged'), 'out');
    assert.equal(config.get('dir_staged'), 'out');
    assert.equal(config.get('filename_staging_summary'), join('out', 'staging_summary.csv'));
    assert.equal(config.get('prop_centroid_x'), 'easting');
    assert.deepEqual(config.get('zRange'), [0, 9]);
    assert.equal(config.get('z'), 9);
    // @ts-expect-error it does not compile either
    refused(() => config.get('dir_stagd'), 'dir_staged');
  });

  test('are frozen, with all that is in them', () => {
    const { values } = Config.from({});
    assert.throws(() => Object.assign(values, { workers: 2 }), TypeError);
    assert.throws(() => Object.assign(values.properties, { tile: 'x' }), TypeError);
    assert.throws(() => Object.assign(values.zRange, { 1: 2 }), TypeError);
  });

  test('survive the trip through JSON', () => {
    const config = Config.parse({ z: 4, dirStaged: 'a', prop_tile: 't', ext_input: ['SHP'] });
    const copy = Config.from(JSON.parse(JSON.stringify(config)));
    assert.deepEqual(copy.values, config.values);
  });

  test('place the summary in the staged folder unless it has a folder', () => {
    const summary = (values: object) => Config.from(values).values.filenameStagingSummary;
    assert.equal(summary({ dirStaged: '/data/out' }), join('/data/out', 'staging_summary.csv'));
    assert.equal(summary({ filenameStagingSummary: './s.csv' }), './s.csv');
    assert.equal(summary({ filenameStagingSummary: '/logs/s.csv' }), '/logs/s.csv');
  });

  test('have extensions in one form', () => {
    assert.deepEqual(Config.from({}).extensions, inputExtensions());
    assert.deepEqual(Config.from({ extInput: 'GPKG' }).extensions, ['.gpkg']);
    assert.deepEqual(Config.from({ extInput: ['.shp', '.GPKG'] }).extensions, ['.shp', '.gpkg']);
  });
});

suite('merging', () => {
  test('replaces what was given, mixes names of properties, and changes nothing', () => {
    const base = Config.parse({ dirStaged: 'a', z_range: [3, 12], prop_tile: 'tile', workers: 3 });
    const merged = base.merge({ dir_staged: 'b', z: 8, properties: { area: 'size' } });
    assert.deepEqual(merged.values, {
      ...DEFAULTS,
      dirStaged: 'b',
      filenameStagingSummary: join('b', 'staging_summary.csv'),
      zRange: [0, 8],
      properties: { ...PROPERTIES, tile: 'tile', area: 'size' },
      workers: 3,
    });
    assert.equal(base.values.dirStaged, 'a');
    assert.equal(merged.merge({ workers: null }).values.workers, null);
  });

  test('mixes options of the section parallel', () => {
    const base = Config.parse({ parallel: { max_blocks: 4, workerInit: 'module load node' } });
    const { parallel } = base.merge({ parallel: { maxBlocks: 8 } }).values;
    assert.deepEqual(parallel, { ...PARALLEL, maxBlocks: 8, workerInit: 'module load node' });
  });

  test('knows what was given', () => {
    const config = Config.parse({ dirStaged: 'staged', prop_tile: 'tile' }).merge({ z: 2 });
    assert.deepEqual(
      CONFIG_KEYS.filter((key) => config.isGiven(key)),
      ['dirStaged', 'zRange', 'properties'],
    );
  });
});

suite('what is wrong', () => {
  const cases: [values: object, ...parts: string[]][] = [
    [{ dirInput: '' }, 'dirInput must be the path of a folder or null, not ""'],
    [{ dir_staged: null }, 'dir_staged must be the path of a folder, not null'],
    [{ extInput: '.gml' }, `extInput must be ${inputExtensions().join(' or ')}, not ".gml"`],
    [{ extInput: [] }, 'extInput'],
    [
      { extInput: 3 },
      `extInput must be ${inputExtensions().join(' or ')}, an array of them or null, not 3`,
    ],
    [{ zRange: [3] }, 'zRange must be two whole numbers'],
    [{ zRange: [3, 2] }, 'zRange must be [lowest, highest], not [ 3, 2 ]'],
    [{ z_range: [0, 1.5] }, 'z_range must be two whole numbers'],
    [{ z: -1.5 }, 'z must be a whole number, not -1.5'],
    [{ z: '13' }, 'z must be a whole number, not "13"'],
    [{ z: 5, zRange: [0, 5] }, 'z and zRange are the same option'],
    [{ tms_id: 'A', tmsId: 'A' }, 'tms_id and tmsId are the same option'],
    [{ style: '..' }, 'style'],
    [{ style: 'a/b' }, 'style'],
    [{ tilePathStructure: ['x', 'y', 'z', 'tms', 'style'] }, 'style and tms, then z, x and y'],
    [{ tilePathStructure: ['style', 'tms', 'z', 'x', 'x'] }, 'style and tms, then z, x and y'],
    [{ tilePathStructure: ['style', 'tms', 'z', 'x'] }, 'tilePathStructure must be an array'],
    [{ simplifyTolerance: -0.1 }, 'simplifyTolerance must be a number ≥ 0 or null, not -0.1'],
    [{ simplifyTolerance: Number.NaN }, 'not NaN'],
    [{ simplifyTolerance: 'none' }, 'not "none"'],
    [{ workers: 0 }, 'workers must be a whole number ≥ 1 or null, not 0'],
    [{ executor: 'cloud' }, 'executor must be "threads", "local"', '"inline", not "cloud"'],
    [{ parallel: { maxBlocks: -1 } }, 'parallel.maxBlocks must be a whole number ≥ 0, not -1'],
    [{ parallel: { max_bloks: 1 } }, 'Did you mean parallel.maxBlocks?'],
    [{ parallel: { minBlocks: 3 } }, 'must have minBlocks and initBlocks that are not above'],
    [{ parallel: { queue: 'http://a' } }, 'parallel.queue must be a URL that begins with redis://'],
    [{ parallel: { walltime: '2 hours' } }, 'parallel.walltime must be a time such as "02:00:00"'],
    [{ parallel: 4 }, 'parallel must be an object of options, not 4'],
    [{ sliceBytes: 1n }, 'sliceBytes must be a whole number of bytes ≥ 1, not 1n'],
    [{ force: 'yes' }, 'force must be true or false'],
    [{ properties: null }, 'properties must be an object of column names, not null'],
    [{ properties: { tile: '' } }, 'properties.tile must be the name of a column, not ""'],
    [{ prop_area: 'a\0b' }, 'prop_area must be the name of a column'],
    [{ prop_tile: 'Staging_AREA' }, 'different names, whatever their case'],
    [{ prop_duplicated: 'staging_tile' }, 'different names, whatever their case'],
    [{ prop_tile: 'FID' }, 'not fid or geom'],
    [{ properties: { til: 'x' } }, 'Did you mean properties.tile?'],
    [{ simplify_tolerence: 1 }, 'simplify_tolerence is not a known', 'mean simplify_tolerance?'],
    [{ simplifyTollerance: 1 }, 'Did you mean simplifyTolerance?'],
    [{ tolerance: 1 }, 'Did you mean simplifyTolerance?'],
    [{ propCentroidX: 'x' }, 'not a known option'],
    [JSON.parse('{"__proto__": {"force": true}}'), '__proto__ is not a known option'],
    [{ constructor: 1, toString: 2 }, 'constructor is not a known', 'toString is not a known'],
    [[], 'must be an object'],
  ];
  for (const [values, ...parts] of cases) {
    test(parts.join(' … '), () => refused(() => Config.parse(values), ...parts));
  }

  test('is told all at once, under the names that were written', () => {
    refused(
      () => Config.parse({ dirstaged: 'x', z_range: 3, workers: -1, tile_size: [256, 256] }),
      'dirstaged is not a known option. Did you mean dirStaged?\n',
      'z_range must be',
      'workers must be',
      'tile_size is an option of the Python pipeline',
    );
  });

  test('a value is cut where it is long', () => {
    refused(() => Config.parse({ workers: 'x'.repeat(10_000) }), /x{79}…\.$/);
  });
});

suite('files', () => {
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test('are JSON, also with a byte order mark and the name of their schema', () => {
    const path = file('a.json', '\uFEFF{ "$schema": "./schema.json", "tms_id": "X", "z": 3 }');
    assert.deepEqual(Config.fromFile(path).values, { ...DEFAULTS, tmsId: 'X', zRange: [0, 3] });
  });

  test('that are wrong are named', () => {
    const wrong = file('wrong.json', '{ "wrkers": 3 }');
    refused(() => Config.fromFile(wrong), wrong, 'Did you mean workers?');
    const broken = file('broken.json', '{ "workers": ');
    refused(() => Config.fromFile(broken), broken, 'JSON');
    refused(() => Config.fromFile(file('null.json', 'null')), 'must be an object');
    const absent = join(folder, 'absent.json');
    refused(() => Config.fromFile(absent), absent, 'There is no configuration file');
  });
});

test('the JSON Schema has every key in both spellings, with default and description', () => {
  type Node = { properties: Record<string, Node>; default?: unknown; description?: string };
  const schema = configJsonSchema() as Node & { additionalProperties: unknown };
  assert.equal(schema.additionalProperties, false);
  for (const key of CONFIG_KEYS) {
    const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    assert.deepEqual(schema.properties[key], schema.properties[snake]);
    assert.ok(
      schema.properties[key]?.description?.startsWith(configSchema.shape[key].description!),
    );
    assert.ok('default' in schema.properties[key]!, key);
  }
  assert.equal(schema.properties['prop_centroid_x']?.default, 'staging_centroid_x');
  const names = Object.keys(schema.properties['properties']!.properties);
  assert.deepEqual(
    names.filter((name) => name.startsWith('centroid')).sort(),
    ['centroidTile', 'centroidWithinTile', 'centroidX', 'centroidY'].concat([
      'centroid_tile',
      'centroid_within_tile',
      'centroid_x',
      'centroid_y',
    ]),
  );
  assert.doesNotMatch(JSON.stringify(schema), /"(expects|unset)"/);
  // Object keys: 48 + 30 with a capital + 9 prop_ + z + $schema, and 11 that are passed over.
  assert.equal(Object.keys(schema.properties).length, 100);
});
