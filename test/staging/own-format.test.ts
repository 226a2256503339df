/**
 * A format that nothing in src knows: rows as lines of JSON, of inputs and of tiles. It joins by one
 * entry in each registry, and is staged, staged again, drawn and shown as GeoPackages are.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { infoCommand } from '../../src/cli/commands/info.ts';
import type { Value } from '../../src/core/columns.ts';
import { registerStagedFormat } from '../../src/formats/staged-formats.ts';
import { estimate, plotTiles, serve, TileStager } from '../../src/index.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { addFormatModule } from '../../src/staging/tasks/format-modules.ts';
import type {
  FeatureDetails,
  FeatureList,
  FolderInfo,
  TablePage,
} from '../../src/viewer/shared/messages.ts';
import { tilesAsJson } from '../formats/rows-as-json.ts';
import { polygonWkb, randomPolygons, readCsv, readRows, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const MODULE = new URL('../formats/rows-as-json.ts', import.meta.url);
const DIE_AT = join(import.meta.dirname, '../faults/die-at.ts');
/** Some tiles of z 13. */
const BOX = { minX: -153.28, minY: 70.33, maxX: -153.2, maxY: 70.38 };
const ROWS = 120;
const KILLS = 5;

interface Table {
  columns: { name: string; type: string }[];
  values: (i: number) => unknown[];
}

/** The inputs; those of `b` have what `d` has. */
const TABLES: Record<string, Table> = {
  'a.jsonrows': {
    columns: [
      { name: 'count', type: 'integer' },
      { name: 'name', type: 'text' },
    ],
    values: (i) => [i % 3 === 0 ? null : i, i % 5 === 0 ? '' : `Eiskeil 🧊\u0000 ${i}`],
  },
  'b.jsonrows': {
    columns: [
      { name: 'NAME', type: 'text' },
      { name: 'depth', type: 'real' },
      { name: 'count', type: 'real' },
      { name: 'thawed', type: 'boolean' },
      { name: 'photo', type: 'blob' },
    ],
    values: (i) => [
      `b ${i}`,
      i / 7,
      i / 2,
      i % 2,
      { blob: Buffer.from([i, 0, 255]).toString('hex') },
    ],
  },
  'c.gpkg': {
    columns: [
      { name: 'count', type: 'INTEGER' },
      { name: 'depth', type: 'REAL' },
    ],
    values: (i) => [i, i / 3],
  },
};
TABLES['d.jsonrows'] = TABLES['b.jsonrows']!;

const FIRST = ['a.jsonrows', 'b.jsonrows', 'c.gpkg'];

interface TileRow {
  wkb: string;
  values: Record<string, Value>;
}

suite('a format of its own', () => {
  const folder = temporaryFolder({ after });
  const input = join(folder, 'input');

  const write = (name: string, seed = 1, rows = ROWS): void => {
    const { columns, values } = TABLES[name]!;
    const wkbs = randomPolygons(seed, rows, BOX, 0.002).map((ring) => polygonWkb([ring]));
    const path = join(input, name);
    if (name.endsWith('.gpkg')) {
      const records = wkbs.map((wkb, i) => ({ wkb, values: values(i) as Value[] }));
      writeGeoPackage(path, { layer: 'c', srsId: 4326, columns, rows: records });
      return;
    }
    const crs = { authority: 'EPSG', code: '4326' };
    const head = { lines: 1, layer: basename(name, '.jsonrows'), crs, columns };
    const lines = wkbs.map((wkb, i) => ({ wkb: wkb.toString('hex'), values: values(i) }));
    writeFileSync(path, [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  };

  const stager = (staged: string, values: ConfigInput = {}): TileStager =>
    new TileStager({
      ...{ dirInput: input, dirStaged: join(folder, staged), executor: 'inline', prune: true },
      ...{ extStaged: '.jsonrows', sliceBytes: 20_000, ...values },
    });
  const stage = async (staged: string, values: ConfigInput = {}) => {
    const result = await stager(staged, values).stageAll();
    const failed = result.inputs.filter(({ status }) => status === 'failed');
    assert.deepEqual(failed, []);
    return result;
  };
  const tilesOf = (staged: string, extension: string): string[] =>
    globSync(`*/*/*/*${extension}`, { cwd: join(folder, staged) }).sort();
  /** Every tile's bytes, and the summary without its times. */
  const bytesOf = (staged: string): Map<string, string> => {
    const bytes = tilesOf(staged, '.jsonrows').map((tile): [string, string] => [
      tile,
      readFileSync(join(folder, staged, tile), 'latin1'),
    ]);
    const summary = readCsv(join(folder, staged, 'staging_summary.csv'));
    const rows = summary.map(({ datetime: _, ...rest }) => rest);
    return new Map([...bytes, ['summary', JSON.stringify(rows)]]);
  };
  /** What a tile's lines say, by JSON alone. */
  const linesOf = (path: string): TileRow[] => {
    const [head, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
    const { columns } = JSON.parse(head!) as { columns: { name: string }[] };
    return lines.slice(0, -1).map((line) => {
      const { wkb, values } = JSON.parse(line) as { wkb: string; values: unknown[] };
      return {
        wkb,
        values: Object.fromEntries(columns.map(({ name }, i) => [name, plain(values[i])])),
      };
    });
  };
  /** The rows of GeoPackages, by SQLite, are those of lines. */
  const checkTwins = (lines: string, geoPackages: string): number => {
    const tiles = tilesOf(lines, '.jsonrows');
    const names = (paths: string[]): string[] => paths.map((path) => path.replace(/\.\w+$/, ''));
    assert.deepEqual(names(tiles), names(tilesOf(geoPackages, '.gpkg')));
    let rows = 0;
    for (const tile of tiles) {
      const own = linesOf(join(folder, lines, tile));
      const theirs = readRows(join(folder, geoPackages, tile.replace('.jsonrows', '.gpkg')));
      const plainRows = theirs.map(({ geometry, values }) => ({
        wkb: Buffer.from(geometry.subarray(40)).toString('hex'),
        values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value])),
      }));
      assert.deepEqual(own, plainRows, tile);
      rows += own.length;
    }
    return rows;
  };

  before(async () => {
    await addFormatModule(MODULE);
    mkdirSync(input);
    for (const [i, name] of FIRST.entries()) write(name, i);
    await stage('lines');
    await stage('geopackages', { extStaged: '.gpkg' });
  });

  test('its rows, attributes and geometries are those of GeoPackages, tile by tile', () => {
    assert.ok(tilesOf('lines', '.jsonrows').length >= 9);
    assert.ok(checkTwins('lines', 'geopackages') > 3 * ROWS);
  });

  for (const executor of ['threads', 'local'] as const) {
    test(`the same bytes: ${executor}`, async () => {
      const { tiles } = await stage(executor, { executor, workers: 2 });
      assert.equal(tiles.new, tilesOf('lines', '.jsonrows').length);
      assert.deepEqual(bytesOf(executor), bytesOf('lines'));
    });
  }

  test('a process that dies at any step: the same call gives the same bytes', async () => {
    await stage('whole');
    const { values } = stager('killed').config;
    const run = (step: number): { died: boolean; text: string } => {
      const options = JSON.stringify({ config: values, inputs: [input], formats: String(MODULE) });
      const { signal, status, stdout, stderr } = spawnSync(
        process.execPath,
        [DIE_AT, String(step), options],
        { encoding: 'utf8' },
      );
      assert.ok(signal === 'SIGKILL' || status === 0, stderr);
      return { died: signal === 'SIGKILL', text: stdout };
    };
    const steps = Number(run(0).text);
    assert.ok(steps > 40, `${steps} steps`);
    for (let k = 0; k < KILLS; k++) {
      rmSync(join(folder, 'killed'), { recursive: true, force: true });
      assert.ok(run(Math.floor(((k + 0.5) / KILLS) * steps)).died);
      await stage('killed');
      assert.deepEqual(bytesOf('killed'), bytesOf('whole'));
    }
  });

  test('what a run would do and take, and what is in a file', async (t) => {
    const { inputs } = await stager('planned').dryRun();
    assert.deepEqual(
      inputs.map(({ name, status, features }) => [name, status, features]),
      FIRST.map((name) => [name, 'new', ROWS]),
    );
    const { rows } = await estimate(stager('estimated').config.values, { workers: [1], files: [] });
    assert.deepEqual(
      rows.filter(({ kind }) => kind === 'given').map(({ features }) => features),
      [inputs.length * ROWS],
    );
    const written: string[] = [];
    t.mock.method(process.stdout, 'write', (text: string) => written.push(text));
    const tile = join(folder, 'lines', tilesOf('lines', '.jsonrows')[0]!);
    // Tiles of a format that is none of inputs.
    registerStagedFormat({ ...tilesAsJson, name: 'rows', extension: '.rows' });
    const alone = join(folder, '893.rows');
    copyFileSync(tile, alone);
    const code = await infoCommand({
      ...{ command: 'info', inputs: [join(input, 'b.jsonrows'), tile, alone], json: false },
    });
    t.mock.restoreAll();
    assert.equal(code, 0);
    assert.match(
      written.join(''),
      /b\.jsonrows {2}\(rows as JSON, 1 layer\)\n {2}b\n.*120 features\n.*EPSG:4326/,
    );
    assert.match(written.join(''), /\(rows as JSON, 1 layer\)[\s\S]*staging_identifier \(text\)/);
    const count = linesOf(alone).length;
    // It is what its content says, whatever its name.
    const said = `\\.rows {2}\\(rows as JSON, 1 layer\\)\\n.*\\n +geometry {2}POLYGON, ${count} features`;
    assert.match(written.join(''), new RegExp(said));
  });

  test('maps are those of GeoPackages, to the byte', async () => {
    for (const color of ['random', 'count', 'area', 'input'] as const) {
      const format = color === 'random' ? 'png' : 'svg';
      const [own, theirs] = await Promise.all(
        ['lines', 'geopackages'].map((staged) =>
          plotTiles(stager(staged).config.values, { color, format, tiles: 20 }),
        ),
      );
      assert.ok(own!.polygons > ROWS);
      assert.deepEqual(Buffer.from(own!.image), Buffer.from(theirs!.image));
    }
  });

  test('the viewer answers as it does for GeoPackages', async (t) => {
    const viewers = await Promise.all(
      ['lines', 'geopackages'].map((staged) => serve(join(folder, staged), { port: 0 })),
    );
    t.after(() => Promise.all(viewers.map((viewer) => viewer.close())));
    /** The answer of both. */
    const get = async (path: string): Promise<Buffer> => {
      const [own, theirs] = await Promise.all(
        viewers.map(async ({ url }) => {
          const response = await fetch(new URL(path, url));
          const body = Buffer.from(await response.arrayBuffer());
          assert.equal(response.status, 200, `${path}: ${body}`);
          return body;
        }),
      );
      if (path !== '/data/folder') assert.deepEqual(own, theirs, path);
      return own!;
    };
    const json = async <T>(path: string): Promise<T> => JSON.parse(String(await get(path))) as T;
    const info = await json<FolderInfo>('/data/folder');
    assert.deepEqual([info.tiles, info.inputs.length], [tilesOf('lines', '.jsonrows').length, 3]);
    const columns = await json<{ name: string }[]>('/data/columns');
    assert.ok(JSON.stringify(columns).includes('"depth"'));
    const { rows } = await json<TablePage>('/data/table?limit=100');
    assert.equal(rows.length, info.tiles);
    for (const { x, y, rows: count } of rows) {
      const tile = `${info.z}/${x}/${y}`;
      await get(`/data/tile/${tile}`);
      await get(`/data/cell/${tile}/0/0/0`);
      await get(`/data/cell/${tile}/0/0/0?by=depth`);
      const path = tilesOf('lines', '.jsonrows').find((one) => one.endsWith(`/${tile}.jsonrows`))!;
      const lines = linesOf(join(folder, 'lines', path));
      assert.equal(lines.length, count);
      for (const [i, { values }] of lines.entries()) {
        if (i % 17 !== 0) continue;
        const feature = await json<FeatureDetails>(`/data/feature/${tile}/${i + 1}`);
        assert.equal(feature.identifier, values['staging_identifier']);
        assert.deepEqual(
          feature.attributes.map(([name]) => name),
          Object.keys(values),
        );
      }
    }
    const list = await json<FeatureList>(`/data/list?box=${info.bounds!.join(',')}&limit=50`);
    assert.equal(list.features.length, 50);
  });

  test('staged again: changed, added and removed inputs, and those that stay', async () => {
    const steps: (() => void)[] = [
      () => write('a.jsonrows', 50, ROWS / 2),
      () => write('d.jsonrows', 51),
      () => rmSync(join(input, 'c.gpkg')),
      () => rmSync(join(input, 'a.jsonrows')),
      () => write('c.gpkg', 52),
    ];
    for (const [i, step] of steps.entries()) {
      step();
      const { inputs } = await stage('again');
      await stage('again-gpkg', { extStaged: '.gpkg' });
      const fresh = `fresh-${i}`;
      await stage(fresh);
      assert.deepEqual(bytesOf('again'), bytesOf(fresh));
      checkTwins('again', 'again-gpkg');
      const kept = inputs.filter(({ status }) => status === 'unchanged').length;
      // The others' rows are those that the tiles had, by the format's own reader.
      assert.equal(kept, i === 0 ? 0 : [0, 3, 3, 2, 2][i], String(i));
    }
  });
});

function plain(value: unknown): Value {
  const { blob, real, integer } = (value ?? {}) as Record<string, string | undefined>;
  if (blob !== undefined) return Uint8Array.from(Buffer.from(blob, 'hex'));
  if (integer !== undefined) return BigInt(integer);
  return real === undefined ? (value as Value) : Number(real);
}
