/** What a check tells is what staging does. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type CheckResult, check } from '../../src/index.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { InputResult } from '../../src/staging/phases/run-result.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { seededRandom } from '../geometry/random.ts';
import {
  multiPolygonWkb,
  NO_SHARED_DATA,
  polygonWkb,
  type Ring,
  sharedData,
  temporaryFolder,
} from './support.ts';
import { FAULTS } from './validity-fixture.ts';
import { type OddLayer, writeGeoPackage } from './write-geopackage.ts';

/** What both tell of an input, whether it is staged or fails. */
function facts(input: InputResult | CheckResult['inputs'][number]): object {
  const { name, rowsRead, featuresStaged, rows, droppedM, drops, validity } = input;
  const { guessedText, hint, operation } = input;
  const error = input.status === 'failed' ? input.error.code : null;
  const message = input.status === 'failed' ? input.error.message : null;
  const told = { name, rowsRead, featuresStaged, rows, droppedM, drops, validity };
  return { ...told, guessedText, hint, operation, error, message };
}

/** Of the columns together only staging has a sentence: a check has them as data. */
const isOfColumns = (text: string): boolean => text.startsWith('The inputs do not have the same');

function assertSame(checked: CheckResult, staged: StageAllResult): void {
  assert.deepEqual(checked.inputs.map(facts), staged.inputs.map(facts));
  assert.deepEqual(
    checked.missing.map(({ argument, error }) => [argument, error.message]),
    staged.missing.map(({ argument, error }) => [argument, error.message]),
  );
  for (const key of [
    ...(['featuresRead', 'featuresStaged', 'droppedM', 'featuresDropped', 'drops'] as const),
    ...(['guessedText', 'commonestDrop', 'validity', 'unread'] as const),
  ]) {
    assert.deepEqual(checked[key], staged[key], key);
  }
  assert.equal(checked.rows, staged.rowsWritten);
  const others = staged.warnings.filter((text) => !isOfColumns(text));
  assert.deepEqual(checked.warnings.toSorted(), others.toSorted());
  const isFailed = ({ status }: { status: string }): boolean => status === 'failed';
  const failed = staged.missing.length > 0 || staged.inputs.some(isFailed);
  const all = !failed && staged.nothingStaged === null && staged.featuresDropped === 0;
  assert.equal(checked.fine, all);
}

/** Both, of the same inputs; the check first, of which nothing may be left. */
async function both(
  t: TestContext,
  inputs: readonly string[],
  config: ConfigInput = {},
): Promise<CheckResult> {
  const place = temporaryFolder(t);
  const dirStaged = join(place, 'staged');
  const values = { ...config, dirStaged, record: false };
  const checked = await check(values, { inputs, executor: new InlineExecutor() });
  assert.equal(existsSync(dirStaged), false);
  const staged = await new TileStager(values).stageAll({ inputs, executor: new InlineExecutor() });
  assertSame(checked, staged);
  return checked;
}

type Random = () => number;

function square(random: Random, west: number, south: number, size: number): Ring {
  const [x, y] = [west + 8 * random(), south + 8 * random()];
  const [dx, dy] = [size * (0.2 + random()), size * (0.2 + random())];
  return [
    [x, y],
    [x + dx, y],
    [x + dx, y + dy],
    [x, y + dy],
    [x, y],
  ];
}

const TYPES = ['INTEGER', 'REAL', 'TEXT', 'BOOLEAN', ''] as const;

/** A layer with what staging takes, and with all that it does not. */
function oddLayer(random: Random, name: string): OddLayer {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(all.length * random())]!;
  const srsId = pick([4326, 4326, 32633, 3035, 4267, -1]);
  const [west, south, size] = srsId === 4326 || srsId === 4267 ? [10, 50, 0.02] : [4e5, 5.5e6, 900];
  const point = Buffer.from('0101000000000000000000244000000000000049400', 'hex');
  const columns = [
    { name: pick(['Class', 'class']), type: pick(TYPES) },
    { name: `c${Math.floor(3 * random())}`, type: pick(TYPES) },
  ];
  const value = (): number | string | null => pick([1, 2.5, 'x', null, 3]);
  const rows = Array.from({ length: 5 + Math.floor(60 * random()) }, (_, k) => {
    const values = [value(), value()];
    const kind = Math.floor(16 * random());
    if (kind === 0) return { blob: null, values };
    if (kind === 1) return { wkb: point, values };
    if (kind === 2) return { blob: Buffer.from('no geometry'), values };
    const ring = square(random, west, south, size);
    if (kind === 3) return { wkb: polygonWkb([ring.slice(0, -1)]), values };
    if (kind === 4) return { wkb: polygonWkb([ring.map(([x]) => [x!, Number.NaN])]), values };
    if (kind === 5) return { wkb: polygonWkb([ring.map(([x, y]) => [x! + 1e9, y!])]), values };
    if (kind === 6) {
      return { wkb: multiPolygonWkb([[ring], [square(random, west, south, size)]]), values };
    }
    if (kind >= 7 && kind < 10 && srsId === 4326) {
      const polygons = FAULTS[k % FAULTS.length]!.polygons.map((rings) =>
        rings.map((points) => points.map(([x, y]) => [12 + 0.001 * x, 52 + 0.001 * y])),
      );
      return { wkb: multiPolygonWkb(polygons), values };
    }
    return { wkb: polygonWkb([ring]), values };
  });
  return { layer: name, srsId, columns, rows, geometryType: 'GEOMETRY' };
}

describe('a check tells what staging does', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`of random inputs, ${seed}`, async (t) => {
      const random = seededRandom(seed);
      const input = join(temporaryFolder(t), 'input');
      mkdirSync(input);
      for (let n = 0; n < 5; n++) {
        const layers = Array.from({ length: 1 + (n % 3) }, (_, k) => oddLayer(random, `layer${k}`));
        writeGeoPackage(join(input, `${n}.gpkg`), layers);
      }
      const invalid = (['keep', 'repair', 'drop', 'fail', 'unchecked'] as const)[seed % 5]!;
      const checked = await both(t, [input, join(input, 'nosuch.gpkg')], {
        ...{ invalid, zRange: [0, 9 + seed], sliceBytes: seed % 2 === 0 ? 2000 : 1 << 20 },
        ...(seed % 3 === 0 && { simplifyTolerance: 0.001 }),
        ...(seed % 2 === 0 && { inputCrs: 'EPSG:4326' }),
        ...(seed === 4 && { bbox: [9, 49, 15, 55] as const, columns: ['class'] }),
        ...(seed % 4 === 1 && {
          allowBallpark: true,
          tmsId: 'EuropeanETRS89_LAEAQuad',
          zRange: [0, 9],
        }),
      });
      // What a box leaves out is as if it were not there, and so are features without a place.
      assert.ok(invalid === 'fail' || seed === 4 || checked.featuresDropped > 5);
      assert.ok(invalid === 'fail' || checked.featuresStaged > 20);
      assert.equal(checked.fine, false);
    });
  }

  for (const folder of ['nasty/gdal-autotest', 'nasty/pyogrio']) {
    const path = sharedData(folder);
    test(`of ${folder}`, { skip: path === null && NO_SHARED_DATA }, async (t) => {
      const checked = await both(t, [path!], { inputCrs: 'EPSG:4326', zRange: [0, 3] });
      assert.ok(checked.inputs.length >= 5, `${checked.inputs.length} inputs`);
    });
  }

  test('on threads too, and where all is fine', async (t) => {
    const folder = temporaryFolder(t);
    const random = seededRandom(8);
    const rows = Array.from({ length: 300 }, () => {
      return { wkb: polygonWkb([square(random, 10, 50, 0.02)]), values: [1] };
    });
    const path = join(folder, 'a.gpkg');
    const columns = [{ name: 'n', type: 'INTEGER' }];
    writeGeoPackage(path, { layer: 'l', srsId: 4326, columns, rows });
    const checked = await both(t, [path], { sliceBytes: 4000 });
    assert.equal(checked.fine, true);
    assert.equal(checked.inputs[0]!.status, 'fine');
    const executor = new ThreadPoolExecutor({ maxThreads: 2 });
    t.after(() => executor.shutdown());
    const { seconds: _, ...threads } = await check(
      { sliceBytes: 4000 },
      { inputs: [path], executor },
    );
    const { seconds: __, ...inline } = checked;
    assert.deepEqual(threads, inline);
  });

  test('and features without any polygon, and inputs without features', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'empty.gpkg');
    writeGeoPackage(path, { layer: 'l', srsId: -1, columns: [], rows: [] });
    const { inputs, fine } = await both(t, [path]);
    assert.equal(fine, false);
    assert.deepEqual([inputs[0]!.status, inputs[0]!.crs], ['empty', null]);
  });
});

describe('a check describes', () => {
  const polygons = (count: number, values: (k: number) => (number | string | null)[]) => {
    const random = seededRandom(4);
    return Array.from({ length: count }, (_, k) => {
      return { wkb: polygonWkb([square(random, 10, 50, 0.02)]), values: values(k) };
    });
  };

  test('columns that clash, as staging unites them', async (t) => {
    const folder = temporaryFolder(t);
    const write = (name: string, type: string, values: (k: number) => (number | string)[]) =>
      writeGeoPackage(join(folder, name), {
        ...{ layer: 'l', srsId: 4326, columns: [{ name: 'Class', type }] },
        rows: polygons(3, values),
      });
    write('a.gpkg', 'INTEGER', () => [1]);
    write('b.gpkg', 'REAL', () => [1.5]);
    write('c.gpkg', 'INTEGER', (k) => [k]);
    const { columns } = await both(t, [folder]);
    assert.deepEqual(columns, [
      {
        ...{ name: 'Class', type: 'real', clashes: true },
        needs: [
          { type: 'integer', inputs: 2, example: 'a.gpkg' },
          { type: 'real', inputs: 1, example: 'b.gpkg' },
        ],
      },
    ]);
    // A value that its column does not declare.
    write('d.gpkg', 'INTEGER', (k) => [k === 2 ? 'two' : 2]);
    const [odd] = (await both(t, [folder])).columns;
    assert.deepEqual([odd!.type, odd!.needs.length], ['text', 3]);
  });

  test('where the CRS was found, and the way to that of the tiles', async (t) => {
    const folder = temporaryFolder(t);
    const write = (name: string, srsId: number) =>
      writeGeoPackage(join(folder, name), {
        ...{ layer: 'l', srsId, columns: [], rows: polygons(2, () => []) },
      });
    write('file.gpkg', 4326);
    write('none.gpkg', -1);
    write('nad27.gpkg', 4267);
    const { inputs } = await both(t, [folder], { inputCrs: 'EPSG:4258' });
    const [file, nad27, none] = inputs;
    assert.deepEqual(file!.crs, { id: 'EPSG:4326', name: 'WGS 84', origin: 'file' });
    assert.equal(file!.operation!.kind, 'same');
    assert.deepEqual([none!.crs!.id, none!.crs!.origin], ['EPSG:4258', 'inputCrs']);
    assert.ok(none!.operation!.accuracy! >= 1);
    assert.equal(nad27!.crs!.id, 'EPSG:4267');
    const over = await both(t, [folder], { overrideCrs: 'EPSG:4326' });
    assert.ok(over.inputs.every(({ crs }) => crs!.origin === 'overrideCrs'));
  });

  const lakes = sharedData('real/natural-earth');
  test('a CRS beside a shapefile', { skip: lakes === null && NO_SHARED_DATA }, async (t) => {
    const { inputs } = await both(t, [join(lakes!, 'ne_10m_lakes.shp')], { zRange: [0, 4] });
    assert.equal(inputs[0]!.crs!.origin, 'sidecar');
    assert.equal(inputs[0]!.format, 'shapefile');
  });
});

describe('overlaps', () => {
  const box = (x: number, y: number): Buffer =>
    polygonWkb([
      [
        [x, y],
        [x + 0.01, y],
        [x + 0.01, y + 0.01],
        [x, y + 0.01],
        [x, y],
      ],
    ]);

  test('between inputs are counted on demand, and nothing is left of what that takes', async (t) => {
    const folder = temporaryFolder(t);
    const write = (name: string, boxes: [number, number][]) =>
      writeGeoPackage(join(folder, name), {
        ...{ layer: 'l', srsId: 4326, columns: [] },
        rows: boxes.map(([x, y]) => ({ wkb: box(x, y), values: [] })),
      });
    // Two of b share some area with one of a each; a third only touches one.
    write('a.gpkg', [
      [10, 50],
      [10.1, 50],
      [10.2, 50],
    ]);
    write('b.gpkg', [
      [10.001, 50],
      [10.101, 50.001],
      [10.11, 50.01],
      [10.3, 50],
    ]);
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    t.after(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    const modified = statSync(folder).mtimeMs;
    const inputs = [join(folder, 'a.gpkg'), join(folder, 'b.gpkg')];
    const executor = new InlineExecutor();
    const result = await check({}, { inputs, duplicates: true, executor });
    assert.deepEqual(result.overlaps, { pairs: 2, duplicates: 2 });
    assert.deepEqual(readdirSync(temporary), []);
    assert.equal(statSync(folder).mtimeMs, modified);
    assert.equal((await check({}, { inputs, executor })).overlaps, undefined);
  });
});

test('a check is stopped by its signal', async (t) => {
  const folder = temporaryFolder(t);
  const rows = Array.from({ length: 50 }, (_, k) => ({
    wkb: polygonWkb([square(seededRandom(k + 1), 10, 50, 0.02)]),
    values: [],
  }));
  writeGeoPackage(join(folder, 'a.gpkg'), { layer: 'l', srsId: 4326, columns: [], rows });
  const abort = new AbortController();
  const stopped = check(
    { executor: 'inline', sliceBytes: 500 },
    {
      inputs: [folder],
      signal: abort.signal,
      onProgress: ({ type }) => {
        if (type === 'task-started') abort.abort();
      },
    },
  );
  await assert.rejects(stopped, { code: 'interrupted' });
  await assert.rejects(check({}, {}), { code: 'usage' });
});
