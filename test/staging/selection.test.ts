/** What is selected is staged as from files that have nothing else. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import {
  dbfBytes,
  NULL_SHAPE,
  polygonContent,
  type Ring,
  shapefileBytes,
} from '../formats/shapefile/shapefile-fixture.ts';
import { changeMarks, hashFolder, polygonWkb, readTiles, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const COLUMNS = [
  { name: 'id', type: 'INTEGER' },
  { name: 'kind', type: 'TEXT' },
  { name: 'size', type: 'REAL' },
  { name: 'wet', type: 'BOOLEAN' },
  { name: 'day', type: 'DATE' },
];
const KINDS = ['lake', 'Pond', 'bog', 'Überlauf', "o'shea"];

interface Feature {
  /** Clockwise; null without a geometry. */
  ring: Ring | null;
  values: Value[];
}

/** Squares and triangles in degrees. */
function features(seed: number, count: number): Feature[] {
  const random = new Random(seed);
  const any = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [random.integer(200) / 100, random.integer(200) / 100];
    const size = (1 + random.integer(30)) / 100;
    const square: Ring = [
      [x, y],
      [x, y + size],
      [x + size, y + size],
      [x + size, y],
      [x, y],
    ];
    const ring =
      random.integer(3) === 0 ? [square[0]!, square[1]!, square[2]!, square[0]!] : square;
    const perhaps = (value: Value): Value => (random.integer(8) === 0 ? null : value);
    return {
      ring: random.integer(15) === 0 ? null : ring,
      values: [
        ...[perhaps(i), perhaps(any(KINDS)), perhaps(random.integer(1000) / 8)],
        ...[perhaps(random.integer(2)), perhaps(`2020-0${1 + random.integer(9)}-15`)],
      ],
    };
  });
}

function write(path: string, all: readonly Feature[], kept = COLUMNS.map((_, k) => k)): void {
  writeGeoPackage(path, {
    ...{ layer: 'l', srsId: 4326, columns: kept.map((k) => COLUMNS[k]!) },
    rows: all.map(({ ring, values }, i) => ({
      ...{ fid: 3 * i + 2, values: kept.map((k) => values[k]!) },
      ...(ring === null ? { blob: null } : { wkb: polygonWkb([ring]) }),
    })),
  });
}

/** Rows of `path` that are not selected go. */
function deleteOthers(path: string, condition: string): void {
  const db = new DatabaseSync(path);
  db.exec(`pragma case_sensitive_like = on; delete from l where (${condition}) is not true`);
  db.close();
}

/** Where the edges of a box and of axis-parallel squares, or of half ones above their diagonal, meet. */
function meets(ring: Ring | null, [west, south, east, north]: readonly number[]): boolean {
  if (ring === null) return false;
  const [minX, minY] = ring[0]!;
  const [maxX, maxY] = ring[2]!;
  const boxes = minX <= east! && maxX >= west! && minY <= north! && maxY >= south!;
  if (!boxes || ring.length === 5) return boxes;
  // The corner of the box that is nearest to the triangle's own, in the upper left.
  return Math.max(minX, west!) - minX <= Math.min(maxY, north!) - minY + 1e-12;
}

async function stage(folder: string, config: ConfigInput) {
  const dirInput = join(folder, 'in');
  const dirStaged = join(folder, 'out');
  return new TileStager({ dirInput, dirStaged, zRange: [0, 6], ...config }).stageAll();
}

const summary = 'staging_summary.csv';
const hashes = (folder: string) => hashFolder(join(folder, 'out'), { summary });

for (const executor of ['inline', 'threads', 'local'] as const) {
  test(`rows by attributes are those that SQLite selects, with ${executor}`, async (t) => {
    const conditions = [
      "kind IN ('lake', 'bog') AND size > 20.5",
      "NOT wet OR kind LIKE '%o%' OR day BETWEEN '2020-03-01' AND '2020-05-31'",
      'id IS NULL OR (id >= 100 AND id < 200 AND kind IS NOT NULL)',
      'size < 0',
    ];
    const all = features(31, 400);
    for (const [n, where] of conditions.entries()) {
      if (executor !== 'inline' && n > 0) break;
      const [asked, prefiltered] = [temporaryFolder(t), temporaryFolder(t)];
      for (const folder of [asked, prefiltered]) {
        mkdirSync(join(folder, 'in'));
        write(join(folder, 'in/a.gpkg'), all);
      }
      deleteOthers(join(prefiltered, 'in/a.gpkg'), where);
      const more = { executor, workers: 2, sliceBytes: 20_000 };
      const result = await stage(asked, { where, ...more });
      const expected = await stage(prefiltered, more);
      assert.deepEqual(result.drops, expected.drops, where);
      assert.equal(result.featuresRead, expected.featuresRead);
      assert.deepEqual(hashes(asked), hashes(prefiltered));
    }
  });
}

test('features of a box are those that meet it', async (t) => {
  const all = features(32, 600);
  const boxes = [
    [0.4, 0.4, 0.8, 0.9],
    [1, 1, 1, 1],
    [-10, -10, 0, 0],
    [0.25, 0, 0.26, 5],
  ] as const;
  for (const bbox of boxes) {
    const [asked, prefiltered] = [temporaryFolder(t), temporaryFolder(t)];
    for (const folder of [asked, prefiltered]) {
      mkdirSync(join(folder, 'in'));
      write(join(folder, 'in/a.gpkg'), all);
    }
    const isIn = all.map(({ ring }) => meets(ring, bbox));
    const fids = isIn.flatMap((is, i) => (is ? [3 * i + 2] : []));
    deleteOthers(join(prefiltered, 'in/a.gpkg'), `fid in (${fids})`);
    const more = { executor: 'inline', sliceBytes: 20_000 } as const;
    const result = await stage(asked, { bbox, ...more });
    const expected = await stage(prefiltered, more);
    assert.equal(result.featuresRead, fids.length, `${bbox}`);
    assert.deepEqual(result.drops, {});
    assert.deepEqual(hashes(asked), hashes(prefiltered));
    assert.equal(expected.featuresRead, fids.length);
  }
});

test('columns that are left out are as if they were not there', async (t) => {
  const all = features(33, 300);
  const cases: [ConfigInput, number[]][] = [
    [{ columns: ['day', 'KIND'] }, [1, 4]],
    [{ dropColumns: ['id', 'wet'], where: 'id > 100 AND wet' }, [1, 2, 4]],
    [{ columns: ['id'], where: "kind = 'lake'" }, [0]],
  ];
  for (const [config, kept] of cases) {
    const [asked, prefiltered] = [temporaryFolder(t), temporaryFolder(t)];
    for (const folder of [asked, prefiltered]) mkdirSync(join(folder, 'in'));
    write(join(asked, 'in/a.gpkg'), all);
    const matching = all.map(({ values: [id, kind, , wet] }) => {
      if (config.where === "kind = 'lake'") return kind === 'lake';
      return config.where === undefined || (Number(id) > 100 && id !== null && wet === 1);
    });
    const others = join(prefiltered, 'in/a.gpkg');
    write(others, all, kept);
    const fids = matching.flatMap((is, i) => (is ? [3 * i + 2] : []));
    deleteOthers(others, `fid in (${fids})`);
    await stage(asked, { ...config, executor: 'inline' });
    await stage(prefiltered, { executor: 'inline' });
    assert.deepEqual(hashes(asked), hashes(prefiltered));
  }
});

test('a shapefile is staged as one whose other records have no shape', async (t) => {
  const all = features(34, 500);
  const where = "kind = 'bog' OR size > 60";
  const bbox = [0.5, 0.5, 1.25, 1.25] as const;
  const fields = [
    { name: 'id', type: 'N', width: 9 },
    { name: 'kind', type: 'C', width: 12 },
    { name: 'size', type: 'N', width: 12, decimals: 3 },
  ];
  const isSelected = ({ ring, values: [, kind, size] }: Feature): boolean =>
    (kind === 'bog' || (size !== null && Number(size) > 60)) && meets(ring, bbox);
  const [asked, prefiltered] = [temporaryFolder(t), temporaryFolder(t)];
  for (const folder of [asked, prefiltered]) {
    mkdirSync(join(folder, 'in'));
    const contents = all.map((feature) => {
      const { ring } = feature;
      const isLeft = ring !== null && (folder === asked || isSelected(feature));
      return isLeft ? polygonContent(5, [ring]) : NULL_SHAPE;
    });
    const { shp, shx } = shapefileBytes(5, contents);
    const text = (value: Value): string => (value === null ? '' : String(value));
    const rows = all.map(({ values: [id, kind, size] }) => [id!, kind!, size!].map(text));
    const files = { shp, shx, dbf: dbfBytes(fields, rows), cpg: 'UTF-8' };
    const prj = resolveCrs({ authority: 'EPSG', code: '4326' }).wkt!;
    for (const [end, bytes] of Object.entries({ ...files, prj })) {
      writeFileSync(join(folder, `in/a.${end}`), bytes);
    }
  }
  const result = await stage(asked, { where, bbox, sliceBytes: 9_000, executor: 'inline' });
  await stage(prefiltered, { executor: 'inline' });
  assert.equal(result.featuresRead, all.filter(isSelected).length);
  assert.deepEqual(hashFolder(join(asked, 'out')), hashFolder(join(prefiltered, 'out')));
  const rows = readTiles(join(asked, 'out'));
  assert.ok(rows.length >= 30, `${rows.length} rows`);
});

test('a column that no input has is an error before work starts; one that some lack is none', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'in'));
  const all = features(36, 20);
  write(join(folder, 'in/a.gpkg'), all, [0, 1]);
  write(join(folder, 'in/b.gpkg'), all, [0, 4]);
  for (const key of ['columns', 'dropColumns'] as const) {
    await assert.rejects(stage(folder, { [key]: ['id', 'kinds'], executor: 'inline' }), {
      code: 'config-invalid',
      message: `${key} has kinds, and no input has a column of this name. Did you mean kind?`,
    });
    assert.ok(!existsSync(join(folder, 'out')));
  }
  const config = { dirInput: join(folder, 'in'), dirStaged: join(folder, 'out') };
  const dry = new TileStager({ ...config, columns: ['kinds'] }).dryRun();
  await assert.rejects(dry, { code: 'config-invalid' });
  const result = await stage(folder, { columns: ['id', 'day'], executor: 'inline' });
  assert.deepEqual(
    result.inputs.map(({ status }) => status),
    ['staged', 'staged'],
  );
  // Of inputs that are staged one by one others may have it.
  rmSync(join(folder, 'out'), { recursive: true });
  const one = new TileStager({ ...config, columns: ['id', 'day'], executor: 'inline' });
  await one.stage(join(folder, 'in/a.gpkg'));
  // A condition on a column that an input lacks fails this input.
  rmSync(join(folder, 'out'), { recursive: true });
  const { inputs } = await stage(folder, { where: "kind = 'lake'", executor: 'inline' });
  const failed = inputs.flatMap((input) => (input.status === 'failed' ? [input] : []));
  assert.deepEqual(
    failed.map(({ name, error }) => [name, error.code]),
    [['b.gpkg', 'input-selection']],
  );
  assert.match(failed[0]!.error.message, /There is no column kind\./);
});

test('the same selection again does nothing; another is another configuration', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'in'));
  write(join(folder, 'in/a.gpkg'), features(35, 50));
  const config = { where: 'size > 20', columns: ['kind', 'id'], executor: 'inline' } as const;
  await stage(folder, config);
  const before = changeMarks(join(folder, 'out'));
  const again = await stage(folder, { ...config, columns: ['id', 'kind', 'id'] });
  assert.deepEqual(
    again.inputs.map(({ status }) => status),
    ['unchanged'],
  );
  assert.deepEqual(changeMarks(join(folder, 'out')), before);
  await assert.rejects(stage(folder, { ...config, where: 'size > 21' }), {
    code: 'config-differs',
    message: /where: "size > 20" then, "size > 21" now/,
  });
  await assert.rejects(stage(folder, { executor: 'inline' }), {
    code: 'config-differs',
    message: /where: "size > 20" then, null now\n {2}columns: \["id","kind"\] then, null now/,
  });
});
