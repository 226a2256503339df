/** One suite for all input formats: what input-format.ts and source.ts promise. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { suite, test } from 'node:test';
import type { Column, ColumnType } from '../../../src/core/columns.ts';
import { DropCounter, type DropReason } from '../../../src/core/drops.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { inputFormatOf } from '../../../src/formats/input-formats.ts';
import { openSource } from '../../../src/formats/open.ts';
import type { Slice } from '../../../src/formats/source.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { fingerprintOf } from '../../../src/staging/inputs/fingerprint.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import { testDamage } from './contract-damage.ts';
import type { ContractEntry, Described, Shape } from './contract-inputs.ts';
import { testPlaces } from './contract-places.ts';
import { expected, readSlices, takeRows, WHOLE, withSource } from './contract-reading.ts';
import { testSelection } from './contract-selection.ts';

const REASONS: Exclude<Shape, unknown[]>[] = [
  'null geometry',
  'empty geometry',
  'not a polygon',
  'curved polygon',
  'malformed geometry',
  'unclosed ring',
  'too few points',
  'non-finite coordinate',
  'deleted row',
];
/** Squares with and without holes, some of two polygons, and some features that are dropped. */
function described(seed: number, count: number, reasons: readonly DropReason[] = []): Described {
  const random = new Random(seed);
  const features = Array.from({ length: count }, (_, i): Described['features'][number] => {
    const [x, y] = [random.integer(1000) / 8, random.integer(600) / 8];
    const polygon = [square(x, y, 1)];
    if (random.integer(3) === 0) polygon.push(square(x + 0.25, y + 0.25, 0.5, false));
    const second = [square(x + 2, y, 1)];
    const shape: Shape = random.integer(4) === 0 ? [polygon, second] : [polygon];
    const reason = random.integer(5) === 0 ? reasons[random.integer(REASONS.length)] : undefined;
    return { shape: (reason as Shape | undefined) ?? shape, values: [i, `row ${i}`] };
  });
  const columns: Column[] = [
    { name: 'n', type: 'integer' },
    { name: 'name', type: 'text' },
  ];
  return { columns, crs: 4326, features };
}

export function inputContract(entry: ContractEntry, others: readonly ContractEntry[]): void {
  const { format, write, values } = entry;
  const reasons = REASONS.filter((reason) => !entry.without.includes(reason));
  suite(`input format: ${format.name}`, () => {
    test('a whole layer, and any slices of it, give the same rows, each once', async (t) => {
      const input = described(1, 400, reasons);
      const path = write(temporaryFolder(t), 'a', input);
      const { rows, drops, rowsRead } = expected(input);
      assert.ok(rows.length > 250 && rows.length < 390);
      await withSource(path, async (source, layer) => {
        assert.equal(source.format, format.name);
        assert.equal(source.path, path);
        assert.equal(layer.featureCount, 400);
        assert.deepEqual(layer.columns, input.columns);
        const random = new Random(2);
        const cuts: Slice[][] = [[WHOLE]];
        for (const bytes of [1, 1_000, 10_000, 1e9]) {
          const slices = await source.slices(layer.name, bytes);
          cuts.push(slices);
          assert.ok(slices.length >= (bytes === 1 ? 100 : 1), `${slices.length} of ${bytes} bytes`);
          if (bytes === 1e9) assert.equal(slices.length, 1);
          for (const [i, { start, end }] of slices.entries()) {
            assert.ok(start < end);
            if (i > 0) assert.equal(start, slices[i - 1]!.end);
          }
        }
        for (let n = 0; n < 10; n++) {
          const at = Array.from({ length: 5 }, () => 1 + random.integer(401)).sort((a, b) => a - b);
          const edges = [-5, ...at, 1_000];
          cuts.push(edges.slice(1).map((end, i) => ({ start: edges[i]!, end })));
        }
        for (const slices of cuts) {
          const read = await readSlices(source, slices);
          assert.deepEqual(read.rows, rows, JSON.stringify(slices.slice(0, 5)));
          assert.deepEqual(read.drops, drops);
          assert.equal(read.rowsRead, rowsRead);
        }
      });
    });

    test('where slices are thought to be: all of a few rows, nearly all of many', async (t) => {
      const input = described(14, 400, reasons);
      const path = write(temporaryFolder(t), 'a', input);
      await withSource(path, async (source, layer) => {
        if (source.extents === undefined) return t.skip('the format does not tell');
        assert.deepEqual(await source.extents(layer.name, []), []);
        for (const bytes of [1, 1_000, 1e9]) {
          const slices = await source.slices(layer.name, bytes);
          const extents = await source.extents(layer.name, slices);
          assert.equal(extents.length, slices.length);
          let [inside, all] = [0, 0];
          for (const [i, slice] of slices.entries()) {
            const { rows } = await readSlices(source, [slice]);
            const [minX, minY, maxX, maxY] = extents[i] ?? [NaN, NaN, NaN, NaN];
            if (extents[i] === null) assert.equal(rows.length, 0);
            else assert.ok(minX <= maxX && minY <= maxY);
            const vertices = rows.flatMap((row) =>
              row.polygons.flat().flatMap((ring) => ring.split(', ')),
            );
            for (const vertex of vertices) {
              const [x, y] = vertex.split(' ').map(Number) as [number, number];
              all++;
              if (x >= minX && y >= minY && x <= maxX && y <= maxY) inside++;
            }
          }
          assert.ok(all > 1000);
          if (bytes === 1) assert.equal(inside, all);
          assert.ok(inside >= 0.99 * all, `${inside} of ${all}, in slices of ${bytes} bytes`);
        }
      });
    });

    test('no batch is larger than was asked for, but by its last feature', async (t) => {
      const input = described(3, 120);
      const path = write(temporaryFolder(t), 'a', input);
      const { rows } = expected(input);
      await withSource(path, async (source) => {
        for (const [maxFeatures, maxVertices] of [
          [1, 1e6],
          [7, 1e6],
          [1000, 1],
          [1000, 60],
          [1000, 1e6],
        ] as const) {
          const read = await readSlices(source, [WHOLE], { maxFeatures, maxVertices });
          assert.deepEqual(read.rows, rows);
          const full = read.batches.filter(({ features }) => features > 0);
          for (const { features, vertices, last } of full) {
            assert.ok(features <= maxFeatures);
            assert.ok(vertices - last < maxVertices);
          }
          // And not smaller, or there would be one for each row.
          for (const { features, vertices } of full.slice(0, -1)) {
            assert.ok(features === maxFeatures || vertices >= maxVertices);
          }
        }
      });
    });

    for (const reason of reasons) {
      test(`a feature that can't be staged is counted: ${reason}`, async (t) => {
        const sound = described(4, 8);
        const features = sound.features.map((feature, i) =>
          i % 4 === 1 ? { ...feature, shape: reason as Shape } : feature,
        );
        const path = write(temporaryFolder(t), 'a', { ...sound, features });
        const { rows, rowsRead, drops } = await withSource(path, (source) => readSlices(source));
        assert.deepEqual(drops, { [reason]: { count: 2, positions: [2, 6] } });
        assert.deepEqual(rows, expected({ ...sound, features }).rows);
        assert.equal(rowsRead, 8);
      });
    }

    for (const [type, all] of Object.entries(values) as [
      ColumnType,
      (typeof values)['text'] & {},
    ][]) {
      test(`a column of ${type} holds its extremes, and none`, async (t) => {
        const { features } = described(5, all.length + 1);
        const columns: Column[] = [{ name: 'v', type }];
        const own = features.map(({ shape }, i) => ({ shape, values: [all[i] ?? null] }));
        const path = write(temporaryFolder(t), 'a', { columns, crs: 4326, features: own });
        await withSource(path, async (source, layer) => {
          assert.deepEqual(layer.columns, columns);
          const { rows } = await readSlices(source);
          // Bytes are bytes, in whatever class of array.
          const plain = rows.map(({ values: [value] }) =>
            value instanceof Uint8Array ? Buffer.from(value) : value,
          );
          assert.deepEqual(plain, [...all, null]);
          // An integer that no double holds is told of, so that it is not put among reals.
          const odd = rows.map((row) => row.odd);
          assert.deepEqual(odd, [...all.map((value) => typeof value === 'bigint'), false]);
        });
      });
    }

    test('names of columns and layers are any text', async (t) => {
      const names = ['select', 'a b', 'ünï', '"q"', "it's", '🧊'].filter(
        (name) => Buffer.byteLength(name) <= entry.nameBytes,
      );
      assert.ok(names.length >= 5);
      const columns = names.map((name): Column => ({ name, type: 'integer' }));
      const [feature] = described(6, 1).features;
      const features = [{ shape: feature!.shape, values: names.map((_, i) => i) }];
      const stem = "a b.c ü 'q'";
      const path = write(temporaryFolder(t), stem, { columns, crs: 4326, features });
      await withSource(path, async (source, layer) => {
        assert.deepEqual(source.layerNames(), [stem]);
        assert.equal(layer.name, stem);
        assert.deepEqual(layer.columns, columns);
        const { rows } = await readSlices(source);
        assert.deepEqual(rows[0]!.values, features[0]!.values);
        for (const work of [() => source.layer('no'), () => source.slices('no', 1)]) {
          await assert.rejects(
            async () => work(),
            (error: TilewrightError) => {
              assert.match(error.code, /^input-/);
              return error.message.includes(path);
            },
          );
        }
      });
    });

    test('a CRS is one that is known, or none, or said to be unknown', async (t) => {
      const folder = temporaryFolder(t);
      const crsOf = (crs: Described['crs'], stem: string) =>
        withSource(write(folder, stem, { ...described(7, 3), crs }), async (_, layer) => layer);
      for (const code of [4326, 3413]) {
        const { crs } = await crsOf(code, `known${code}`);
        assert.equal(
          resolveCrs(crs!).name,
          resolveCrs({ authority: 'EPSG', code: `${code}` }).name,
        );
      }
      const none = await crsOf(null, 'none');
      assert.deepEqual([none.crs, none.unknownCrs], [null, undefined]);
      const { crs, unknownCrs } = await crsOf('unknown', 'unknown');
      if (crs === null) assert.equal(typeof unknownCrs, 'number');
      else assert.throws(() => resolveCrs(crs), { code: /^crs-/ as unknown as string });
    });

    test('what is known of a layer need not be read again; two sources of one file do not meet', async (t) => {
      const input = described(8, 300, reasons);
      const path = write(temporaryFolder(t), 'a', input);
      const { rows } = expected(input);
      const layer = await withSource(path, async (_, info) => info);
      const known = [JSON.parse(JSON.stringify(layer)) as typeof layer];
      const again = await withSource(path, (source) => readSlices(source), { known });
      assert.deepEqual(again.rows, rows);
      const sources = await Promise.all([openSource(path), openSource(path, { known })]);
      const both = sources.map((source) => {
        const options = {
          ...{ maxFeatures: 10, maxVertices: 1e6 },
          drops: new DropCounter(),
          notes: { rowsRead: 0, droppedM: 0 },
        };
        const batches = source.read(layer.name, WHOLE, new FeatureBatch(), options);
        const iterator =
          Symbol.asyncIterator in batches
            ? batches[Symbol.asyncIterator]()
            : batches[Symbol.iterator]();
        return { iterator, contents: { rows: [], batches: [] } as Parameters<typeof takeRows>[1] };
      });
      for (let open = 2; open > 0; ) {
        open = 0;
        for (const { iterator, contents } of both) {
          const next = await iterator.next();
          if (next.done) continue;
          takeRows(next.value, contents);
          open++;
        }
      }
      for (const { contents } of both) assert.deepEqual(contents.rows, rows);
      for (const source of sources) await source.close();
    });

    test('a key that only numbers rows becomes a column where it is asked for', async (t) => {
      const input = described(9, 5);
      const path = write(temporaryFolder(t), 'a', input);
      const { rows } = expected(input);
      assert.equal(await withSource(path, async (_, { key }) => key), entry.key);
      await withSource(
        path,
        async (source, { columns, key }) => {
          const own = entry.key === null ? [] : [{ name: entry.key, type: 'integer' as const }];
          assert.deepEqual(columns, [...own, ...input.columns]);
          assert.equal(key, null);
          const withKey = rows.map((row) => ({
            ...row,
            values: [...own.map(() => row.position), ...row.values],
          }));
          assert.deepEqual((await readSlices(source)).rows, withKey);
        },
        { keepPrimaryKey: true },
      );
    });

    test('each sidecar shows in the fingerprint, in any spelling, also while it is read', async (t) => {
      const folder = temporaryFolder(t);
      const path = write(folder, 'a', described(10, 50));
      assert.deepEqual(
        Object.keys(entry.sidecars).sort(),
        format.sidecars.map(({ end }) => end).sort(),
      );
      for (const { end, appended = false } of format.sidecars) {
        const stem = appended ? path : path.slice(0, -extname(path).length);
        rmSync(stem + end, { force: true });
        const without = fingerprintOf(path);
        const upper = end.toUpperCase();
        const spellings = appended ? [end] : [end, upper, `.${upper[1]}${end.slice(2)}`];
        for (const spelling of spellings) {
          const seen = [without];
          for (const content of entry.sidecars[end]!) {
            writeFileSync(stem + spelling, content);
            seen.push(fingerprintOf(path));
          }
          assert.equal(new Set(seen).size, 3, `${spelling}: ${seen.join('\n')}`);
          rmSync(stem + spelling);
          assert.equal(fingerprintOf(path), without, spelling);
        }
      }
      if (format.sidecars.length === 0) return;
      const sound = write(folder, 'b', described(10, 50));
      const before = fingerprintOf(sound);
      const [first] = format.sidecars;
      if (first === undefined) return;
      const { end, appended = false } = first;
      await withSource(sound, async (source) => {
        const beside = appended ? sound + end : sound.slice(0, -extname(sound).length) + end;
        writeFileSync(beside, 'new');
        await readSlices(source).catch((error: TilewrightError) => assert.ok(error.code));
        assert.notEqual(fingerprintOf(sound), before);
      });
    });

    test('what is no such file is refused by name', async (t) => {
      const folder = temporaryFolder(t);
      const [end] = format.extensions;
      const path = (name: string): string => join(folder, `${name}${end}`);
      mkdirSync(path('folder'));
      writeFileSync(path('empty'), '');
      writeFileSync(path('words'), 'no more than a few words\n');
      const cases: [string, string][] = [
        [path('empty'), 'input-empty'],
        [path('folder'), 'input-format'],
        [path('words'), 'input-format'],
        [path('missing'), 'input-missing'],
        [join(path('words'), `inside${end}`), 'input-unreadable'],
      ];
      for (const [file, code] of cases) {
        await assert.rejects(openSource(file), (error: TilewrightError) => {
          assert.ok(error instanceof TilewrightError);
          assert.equal(error.code, code, error.message);
          assert.ok(error.message.includes(file), error.message);
          return error.input === file;
        });
      }
    });

    test('its files are known by their content, and no others', (t) => {
      const folder = temporaryFolder(t);
      for (const other of others) {
        const path = other.write(
          folder,
          `of ${other.format.extensions[0].slice(1)}`,
          described(11, 3),
        );
        const unnamed = join(folder, 'no name of its own');
        copyFileSync(path, unnamed);
        for (const name of [path, unnamed]) assert.equal(inputFormatOf(name), other.format);
        assert.equal(inputFormatOf(path.toUpperCase()), other.format);
      }
    });

    testSelection(entry, described, reasons);
    testPlaces(entry);
    testDamage(entry, described);
  });
}
