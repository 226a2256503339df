/** What is registered as a format, how often and in which thread; extensions of several points. */

import assert from 'node:assert/strict';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import type { InputFormat } from '../../src/formats/input-format.ts';
import {
  filesOfInput,
  inputFormatOf,
  inputFormats,
  registerInputFormat,
} from '../../src/formats/input-formats.ts';
import { registerStagedFormat, stagedFormatOfFile } from '../../src/formats/staged-formats.ts';
import { inputName } from '../../src/staging/inputs/input-name.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import {
  addFormatModule,
  formatLocation,
  loadFormats,
} from '../../src/staging/tasks/format-modules.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { JSON_LINES } from '../formats/json-lines.ts';
import { tilesAsJson } from '../formats/rows-as-json.ts';
import { polygonWkb, randomPolygons, temporaryFolder } from './support.ts';

const ROWS = 50;
const REGISTRY = new URL('../../src/formats/input-formats.ts', import.meta.url).href;
const SIDECARS = [{ end: '.meta' }, { end: '-log', appended: true }];

function format(name: string, ...extensions: [string, ...string[]]): InputFormat {
  return { ...JSON_LINES, name, extensions, sidecars: SIDECARS };
}

/** A module that makes its entry anew at every call. */
function moduleOf(name: string, extension: string): string {
  const entry = `{ name: '${name}', extensions: ['${extension}'], sidecars: [], companions: [], recognises: () => false }`;
  const text = `import { registerInputFormat } from '${REGISTRY}';
    export const registerFormats = () => registerInputFormat(${entry});`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

test('a module that makes its entry inside of its function registers it once', async () => {
  await addFormatModule(moduleOf('made', '.made'), 'made');
  await Promise.all([loadFormats(formatLocation()), loadFormats(formatLocation())]);
  assert.equal(inputFormats().filter(({ name }) => name === 'made').length, 1);
});

test('what another format has, or no file could have, is refused as a fault of the caller', async () => {
  const usage = (message: RegExp) => ({ name: 'TilewrightError', code: 'usage', message });
  await assert.rejects(
    addFormatModule(moduleOf('other', '.shp'), 'other'),
    usage(/^Two input formats would be shapefile \(\.shp\) and other \(\.shp\)$/),
  );
  const number = inputFormats().length;
  const refused: [string, string, RegExp][] = [
    ['GeoPackage', '.other', /GeoPackage \(\.gpkg\) and GeoPackage \(\.other\)/],
    ['other', '.GPKG', /".GPKG" of the format other has to be in lower case/],
    ['other', 'gpkg', /with its point/],
    ['other', '.', /with its point/],
    ['other', '.a/b', /with its point/],
  ];
  for (const [name, extension, message] of refused) {
    assert.throws(() => registerInputFormat(format(name, extension)), usage(message));
    if (name === 'GeoPackage') continue;
    const staged = { ...tilesAsJson, name, extension };
    assert.throws(() => registerStagedFormat(staged), usage(message));
  }
  assert.throws(
    () => registerStagedFormat({ ...tilesAsJson, extension: '.gpkg' }),
    usage(/^Two staged formats would be GeoPackage \(\.gpkg\) and rows as JSON \(\.gpkg\)$/),
  );
  assert.equal(inputFormats().length, number);
});

suite('extensions of several points', () => {
  const plain = format('plain', '.lines');
  const geo = format('geo', '.geo.lines');

  before(() => {
    registerInputFormat(plain);
    registerInputFormat(geo);
    for (const extension of ['.rows', '.geo.rows']) {
      registerStagedFormat({ ...tilesAsJson, name: extension, extension });
    }
  });

  test('the longest that a name ends in counts, in any case', () => {
    const cases: [string, InputFormat | undefined][] = [
      ['a/b.lines', plain],
      ['a/b.geo.lines', geo],
      ['a/B.Geo.LINES', geo],
      ['a/b.geo.x.lines', plain],
      ['a/b-geo.lines', plain],
      ['a/.geo.lines', plain],
      ['a/.lines', undefined],
      ['a.geo.lines/b', undefined],
      ['a/b.lines.geo', undefined],
    ];
    for (const [path, expected] of cases) assert.equal(inputFormatOf(path), expected, path);
    assert.equal(stagedFormatOfFile('7/8/9.geo.rows')?.name, '.geo.rows');
    assert.equal(stagedFormatOfFile('7/8/9.ROWS')?.name, '.rows');
    assert.equal(stagedFormatOfFile('7/8/9.jpg'), undefined);
  });

  test('folders are searched for them, and what lies beside them is theirs', (t) => {
    const folder = temporaryFolder(t);
    const names = ['a.lines', 'b.geo.lines', 'b.meta', 'b.geo.lines-log', 'c.GEO.lines'];
    for (const name of names) writeFileSync(join(folder, name), 'x');
    const find = (...extensions: string[]) => {
      const { inputs, missing, unread } = findInputs([folder], { extensions });
      assert.deepEqual([missing, unread], [[], []]);
      return inputs.map(({ name }) => name);
    };
    assert.deepEqual(find(), ['a.lines', 'b.geo.lines', 'c.GEO.lines']);
    assert.deepEqual(find('.geo.lines'), ['b.geo.lines', 'c.GEO.lines']);
    assert.deepEqual(find('.lines'), ['a.lines']);
    const files = filesOfInput(join(folder, 'b.geo.lines')).map(({ path }) => basename(path!));
    assert.deepEqual(files, ['b.geo.lines', 'b.meta', 'b.geo.lines-log']);
  });

  test('no layer of a file has a name that ends as one', () => {
    for (const layer of ['x.lines', 'x.geo.lines', 'x.GEO.lines', '.geo.lines']) {
      const name = inputName('a.gpkg', layer, 2);
      assert.equal(inputFormatOf(name), undefined, name);
    }
  });

  test('tiles of them are staged, staged again, and told from inputs and from those of others', async (t) => {
    const folder = temporaryFolder(t);
    const stager = (dirStaged: string) =>
      new TileStager({ dirInput: folder, dirStaged, executor: 'inline', extStaged: '.geo.rows' });
    const columns = [{ name: 'n', type: 'integer' }];
    const head = JSON.stringify({ columns, crs: { authority: 'EPSG', code: '4326' }, count: ROWS });
    const box = { minX: -153.28, minY: 70.33, maxX: -153.2, maxY: 70.38 };
    const lines = randomPolygons(1, ROWS, box, 0.002).map((ring, i) =>
      JSON.stringify({ values: [i], wkb: polygonWkb([ring]).toString('hex') }),
    );
    writeFileSync(join(folder, 'a.geo.lines'), `${[head, ...lines].join('\n')}\n`);
    // Both in one: what is staged lies among the inputs.
    const first = await stager(folder).stageAll();
    assert.equal(first.featuresRead, ROWS);
    const tiles = globSync('*/*/*/*.geo.rows', { cwd: folder });
    assert.ok(tiles.length > 1);
    assert.equal(tiles.length, first.tiles.total);
    // As if tiles could be inputs, too.
    registerInputFormat(format('rows', '.geo.rows'));
    const { inputs } = await stager(folder).stageAll();
    assert.deepEqual(
      inputs.map(({ name, status }) => [name, status]),
      [['a.geo.lines', 'unchanged']],
    );
    const other = join(folder, 'other');
    mkdirSync(join(other, 'WGS1984Quad/13/1'), { recursive: true });
    writeFileSync(join(other, 'WGS1984Quad/13/1/2.geo.rows'), '');
    await assert.rejects(stager(other).stageAll(), {
      code: 'tiles-foreign',
      message: /2\.geo\.rows/,
    });
  });
});
