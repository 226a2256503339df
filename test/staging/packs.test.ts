/**
 * Tiles that are packed, several in a file: their rows are those of tiles that are files of their own,
 * whatever becomes of inputs, rules and processes.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { readRow } from '../../src/formats/sqlite/record.ts';
import { stagedFormat } from '../../src/formats/staged-formats.ts';
import { plotTiles, serve, TileStager } from '../../src/index.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { FolderInfo, TablePage } from '../../src/viewer/shared/messages.ts';
import { duckRows } from '../formats/duckdb.ts';
import { rounds } from '../soak/rounds.ts';
import { polygonWkb, randomPolygons, readCsv, readRows, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const DIE_AT = join(import.meta.dirname, '../faults/die-at.ts');
/** Some tiles of z 13, in several packs. */
const BOX = { minX: -153.4, minY: 70.33, maxX: -153.2, maxY: 70.42 };
const ROWS = 150;
const PACK = 2;
const KILLS = rounds(3, 30);

const NAMES = ['a.gpkg', 'b.gpkg', 'c.gpkg', 'd.gpkg'];
const RULES: ConfigInput = { deduplicateMethod: 'neighbor', deduplicateOverlapTolerance: 0.1 };

suite('packs', () => {
  const folder = temporaryFolder({ after });
  const input = join(folder, 'input');

  /** Inputs differ in columns, and the types of these. */
  const write = (name: string, seed: number, rows = ROWS): void => {
    const k = NAMES.indexOf(name);
    const columns = [
      { name: 'count', type: k % 2 === 0 ? 'INTEGER' : 'REAL' },
      { name: `own_${name[0]}`, type: 'TEXT' },
    ];
    const records = randomPolygons(seed, rows, BOX, 0.002).map((ring, i) => ({
      wkb: polygonWkb([ring]),
      values: [k % 2 === 0 ? i : i / 2, `${name} ${i}`] as Value[],
    }));
    writeGeoPackage(join(input, name), { layer: 'a', srsId: 4326, columns, rows: records });
  };

  const stager = (staged: string, values: ConfigInput = {}): TileStager =>
    new TileStager({
      ...{ dirInput: input, dirStaged: join(folder, staged), executor: 'inline', prune: true },
      ...{ extStaged: 'geoparquet', pack: PACK, sliceBytes: 20_000, ...values },
    });
  const stage = async (staged: string, values: ConfigInput = {}) => {
    const result = await stager(staged, values).stageAll();
    assert.deepEqual(
      result.inputs.filter(({ status }) => status === 'failed'),
      [],
    );
    return result;
  };
  const unpacked = { extStaged: '.gpkg', pack: null };
  const packsOf = (staged: string): string[] =>
    globSync(`*/*/*/*.parquet`, { cwd: join(folder, staged) }).sort();
  const bytesOf = (staged: string): Map<string, string> =>
    new Map([
      ...packsOf(staged).map((path): [string, string] => [
        path,
        readFileSync(join(folder, staged, path), 'latin1'),
      ]),
      [
        'summary',
        JSON.stringify(
          readCsv(join(folder, staged, 'staging_summary.csv')).map(
            ({ datetime: _, ...rest }) => rest,
          ),
        ),
      ],
    ]);
  /** What is private when nobody is at work. */
  const checkPrivate = (staged: string): void => {
    const names = readdirSync(join(folder, staged, '.tilewright'));
    assert.ok(!names.includes('tiles'), names.join());
  };

  type Rows = { wkb: string; values: Record<string, Value> }[];
  const withoutNulls = (values: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
  const packedRows = (staged: string): Map<string, Rows> => {
    const tiles = new Map<string, Rows>();
    for (const path of packsOf(staged)) {
      const pack = stagedFormat('geoparquet').pack!.open(join(folder, staged, path));
      const [px, py] = path
        .split('/')
        .slice(-2)
        .map((part) => Number.parseInt(part, 10));
      for (const { x, y, rows: count } of pack.tiles()) {
        assert.deepEqual([x >> PACK, y >> PACK], [px, py]);
        const file = pack.tile(x, y)!;
        const rows: Rows = [];
        for (const read = file.rows(); read.next(); ) {
          const { types, typesStart, typesEnd, body, bodyStart } = read.row;
          const { geometry, geometryStart, geometryEnd } = read.row;
          const values = readRow(types, typesStart, typesEnd, body, bodyStart);
          rows.push({
            wkb: Buffer.from(geometry.subarray(geometryStart, geometryEnd)).toString('hex'),
            values: withoutNulls(
              Object.fromEntries(pack.columns.map(({ name }, i) => [name, values[i] ?? null])),
            ),
          });
        }
        assert.equal(rows.length, count);
        tiles.set(`${x}/${y}`, rows);
      }
    }
    return new Map([...tiles].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const ownRows = (staged: string): Map<string, Rows> => {
    const cwd = join(folder, staged);
    const tiles = globSync('*/*/*/*.gpkg', { cwd }).map((path): [string, Rows] => [
      path.replace('.gpkg', '').split('/').slice(-2).join('/'),
      readRows(join(cwd, path)).map(({ geometry, values }) => ({
        wkb: Buffer.from(geometry.subarray(40)).toString('hex'),
        values: withoutNulls(values),
      })),
    ]);
    return new Map(tiles.sort(([a], [b]) => (a < b ? -1 : 1)));
  };

  before(async () => {
    mkdirSync(input);
    for (const [i, name] of NAMES.slice(0, 3).entries()) write(name, i);
    await stage('packed');
    await stage('files', unpacked);
  });

  test('have the rows of tiles that are files of their own', () => {
    assert.deepEqual(packedRows('packed'), ownRows('files'));
    assert.ok(packedRows('packed').size >= 20);
    assert.ok(packsOf('packed').length > 3);
    assert.ok(packsOf('packed').length < packedRows('packed').size / 3);
    checkPrivate('packed');
  });

  test('are one dataset to DuckDB, which reads of it what a box asks for', async () => {
    const path = join(folder, 'packed/*/*/*/*.parquet');
    const from = `from read_parquet('${path}', union_by_name = true)`;
    const rows = await duckRows(
      `select staging_tile as tile, staging_identifier as id, "count"::double as n, own_b ${from}`,
    );
    const told = rows.map(({ tile, id, n, own_b }) => [tile, id, n, own_b].join(' ')).sort();
    const own = [...ownRows('files').values()].flat().map(({ values }) => {
      const { staging_tile, staging_identifier, count, own_b } = values;
      return [staging_tile, staging_identifier, count, own_b ?? null].join(' ');
    });
    assert.deepEqual(told, own.sort());
    const [west, south, east, north] = [-153.3, 70.35, -153.25, 70.38];
    const [inBox] = await duckRows(
      `select count(*)::int as n ${from} where bbox.xmin <= ${east} and bbox.xmax >= ${west}
        and bbox.ymin <= ${north} and bbox.ymax >= ${south}`,
    );
    const touching = [...ownRows('files').values()].flat().filter(({ wkb }) => {
      const bytes = Buffer.from(wkb, 'hex');
      const xs = Array.from({ length: bytes.readUInt32LE(9) }, (_, i) => 13 + 16 * i);
      const x = xs.map((at) => bytes.readDoubleLE(at));
      const y = xs.map((at) => bytes.readDoubleLE(at + 8));
      const meets = Math.min(...x) <= east && Math.max(...x) >= west;
      return meets && Math.min(...y) <= north && Math.max(...y) >= south;
    });
    // Boxes may be a little larger than what is in them.
    assert.ok(Number(inBox!['n']) >= touching.length && touching.length > 10);
    assert.ok(Number(inBox!['n']) <= touching.length + 2);
  });

  test('nothing to do', async () => {
    const before = readdirSync(join(folder, 'packed/.tilewright'));
    const { tiles } = await stage('packed');
    assert.deepEqual([tiles.new, tiles.changed, tiles.removed], [0, 0, 0]);
    assert.deepEqual(readdirSync(join(folder, 'packed/.tilewright')), before);
  });

  for (const executor of ['threads', 'local'] as const) {
    test(`the same bytes: ${executor}`, async () => {
      await stage(executor, { executor, workers: 2 });
      assert.deepEqual(bytesOf(executor), bytesOf('packed'));
      checkPrivate(executor);
    });
  }

  test('one of a pack that is gone: made again only by staging anew', async () => {
    await stage('lost');
    rmSync(join(folder, 'lost', packsOf('lost')[0]!));
    await assert.rejects(stage('lost'), { code: 'tile-damaged' });
    await stage('lost', { force: true });
    assert.deepEqual(bytesOf('lost'), bytesOf('packed'));
  });

  for (const duplicates of ['label', 'remove'] as const) {
    test(`duplicates: ${duplicates}`, async () => {
      const rules: ConfigInput = { ...RULES, duplicates: duplicates };
      const packed = await stage(`packed-${duplicates}`, rules);
      await stage(`files-${duplicates}`, { ...rules, ...unpacked });
      assert.ok(Object.keys(packed.duplicates ?? {}).length > 0);
      assert.deepEqual(packedRows(`packed-${duplicates}`), ownRows(`files-${duplicates}`));
      // By other rules, from what is staged already.
      await stage('judged');
      await stager('judged', rules).deduplicate();
      assert.deepEqual(bytesOf('judged'), bytesOf(`packed-${duplicates}`));
      const other = duplicates === 'label' ? 'remove' : 'label';
      await stager('judged', { ...rules, duplicates: other }).deduplicate();
      await stager('judged', rules).deduplicate();
      assert.deepEqual(bytesOf('judged'), bytesOf(`packed-${duplicates}`));
      await stager('judged', { deduplicateMethod: null }).deduplicate();
      assert.deepEqual(bytesOf('judged'), bytesOf('packed'));
      checkPrivate('judged');
      rmSync(join(folder, 'judged'), { recursive: true });
    });
  }

  test('a process that dies at any step: the same call gives the same bytes', async () => {
    const rules: ConfigInput = { ...RULES, duplicates: 'remove' };
    const { values } = stager('killed', rules).config;
    const run = (step: number): { died: boolean; text: string } => {
      const options = JSON.stringify({ config: values, inputs: [input] });
      const { signal, status, stdout, stderr } = spawnSync(
        process.execPath,
        [DIE_AT, String(step), options],
        { encoding: 'utf8' },
      );
      assert.ok(signal === 'SIGKILL' || status === 0, stderr);
      return { died: signal === 'SIGKILL', text: stdout };
    };
    const steps = Number(run(0).text);
    assert.ok(steps > 100, `${steps} steps`);
    for (let k = 0; k < KILLS; k++) {
      rmSync(join(folder, 'killed'), { recursive: true, force: true });
      // Most of them late, where packs are made.
      const step = Math.floor((0.4 + (0.6 * (k + 0.5)) / KILLS) * steps);
      assert.ok(run(step).died);
      await stage('killed', rules);
      assert.deepEqual(bytesOf('killed'), bytesOf('packed-remove'), `step ${step}`);
      checkPrivate('killed');
    }
  });

  test('maps and the viewer are those of tiles that are files of their own', async (t) => {
    const [own, theirs] = await Promise.all(
      ['packed', 'files'].map((staged) =>
        plotTiles(stager(staged).config.values, { color: 'input', format: 'svg', tiles: 20 }),
      ),
    );
    assert.ok(own!.polygons > ROWS);
    assert.deepEqual(Buffer.from(own!.image), Buffer.from(theirs!.image));
    const viewers = await Promise.all(
      ['packed', 'files'].map((staged) => serve(join(folder, staged), { port: 0 })),
    );
    t.after(() => Promise.all(viewers.map((viewer) => viewer.close())));
    const get = async (path: string): Promise<string> => {
      const [a, b] = await Promise.all(
        viewers.map(async ({ url }) => {
          const response = await fetch(new URL(path, url));
          const body = await response.text();
          assert.equal(response.status, 200, `${path}: ${body}`);
          return body;
        }),
      );
      if (path.includes('/cell/')) assert.deepEqual(a, b, path);
      return a!;
    };
    const info = JSON.parse(await get('/data/folder')) as FolderInfo;
    const { rows } = JSON.parse(await get('/data/table?limit=100')) as TablePage;
    for (const { x, y } of rows.slice(0, 12)) {
      await get(`/data/cell/${info.z}/${x}/${y}/0/0/0`);
      const feature = await get(`/data/feature/${info.z}/${x}/${y}/1`);
      assert.match(feature, /staging_identifier/);
    }
  });

  test('another number of tiles a file is another folder', async () => {
    await assert.rejects(stage('packed', { pack: 3 }), { code: 'config-differs' });
    await assert.rejects(
      stage('none', unpacked).then(() => stage('none', { extStaged: '.gpkg' })),
      {
        code: 'config-invalid',
      },
    );
  });

  test('staged again: changed, added and removed inputs, and those that stay', async () => {
    const steps: (() => void)[] = [
      () => write('a.gpkg', 50, ROWS / 2),
      () => write('d.gpkg', 51),
      () => rmSync(join(input, 'c.gpkg')),
      () => rmSync(join(input, 'a.gpkg')),
    ];
    const rules: ConfigInput = { ...RULES, duplicates: 'remove' };
    for (const [i, step] of steps.entries()) {
      step();
      await stage('packed');
      await stage('packed-remove', rules);
      await stage(`fresh-${i}`);
      await stage(`fresh-remove-${i}`, rules);
      assert.deepEqual(bytesOf('packed'), bytesOf(`fresh-${i}`));
      assert.deepEqual(bytesOf('packed-remove'), bytesOf(`fresh-remove-${i}`));
      checkPrivate('packed');
    }
  });

  test('are removed with all else', async () => {
    const removed = await stager('packed').clean();
    assert.ok(removed > 0);
    assert.ok(!existsSync(join(folder, 'packed')));
  });
});
