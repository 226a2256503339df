/** Inputs behind URLs: named, refused, staged and staged again as files are. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, suite, test } from 'node:test';
import { inputFormats } from '../../src/formats/input-formats.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { ENTRIES } from '../formats/contract/contract-inputs.ts';
import { type Nginx, nginxMissing, startNginx } from '../formats/remote/nginx.ts';
import { square } from '../formats/shapefile/shapefile-fixture.ts';
import { hashFolder, NO_SHARED_DATA, runCli, sharedData, temporaryFolder } from './support.ts';
import { layerAt, SUMMARY, Workplace } from './workplace.ts';
import { writeGeoPackage } from './write-geopackage.ts';

suite('inputs behind URLs', { skip: nginxMissing(), timeout: 300_000 }, () => {
  const served = temporaryFolder({ after });
  let nginx: Nginx;
  before(async () => {
    nginx = await startNginx(served);
  });
  after(() => nginx.stop());

  /** What was asked for since the last call. */
  let seen = 0;
  function requests(): string[] {
    const log = readFileSync(nginx.log, 'utf8');
    const lines = log.slice(seen).split('\n').filter(Boolean);
    seen = log.length;
    return lines.map((line) => line.replace(/ bytes=.*| -$/, ''));
  }

  /** Stages files, and URLs of them, in two folders: the same tiles, byte for byte. */
  async function stagesAlike(
    base: string,
    files: readonly string[],
    folder: string,
    values: ConfigInput = {},
  ): Promise<void> {
    const hashes: Map<string, string>[] = [];
    for (const start of [folder, `${nginx.url}/${folder.slice(served.length + 1)}`]) {
      const dirStaged = join(base, `staged-${hashes.length}`);
      const stager = new TileStager({ z: 5, dirStaged, executor: 'inline', ...values });
      const { inputs, missing } = await stager.stageAll({
        inputs: files.map((file) => `${start}/${file}`),
      });
      assert.deepEqual(missing, []);
      assert.ok(inputs.length >= files.length);
      for (const input of inputs) {
        assert.equal(input.status, 'staged', JSON.stringify(input));
        const file = input.name.replace(/#.*/, '');
        assert.ok(
          files.some((one) => `/${one}`.endsWith(`/${file}`)),
          input.name,
        );
      }
      hashes.push(hashFolder(dirStaged, { summary: SUMMARY }));
    }
    assert.ok(hashes[0]!.size > 1);
    assert.deepEqual(hashes[1], hashes[0]);
  }

  for (const entry of ENTRIES.filter(({ format }) => inputFormats().includes(format))) {
    test(`${entry.format.name}: the same tiles as from files`, async (t) => {
      const folder = join(served, entry.format.name);
      mkdirSync(folder);
      const columns = [
        { name: 'n', type: 'integer' as const },
        { name: 'name', type: 'text' as const },
      ];
      const features = Array.from({ length: 3000 }, (_, i) => ({
        shape: [[square((i % 100) / 2, 10 + Math.floor(i / 100), 0.4)]],
        values: [i, `row ${i}`],
      }));
      const path = entry.write(folder, 'a b', { columns, crs: 4326, features });
      const file = path.slice(folder.length + 1);
      const values = { sliceBytes: 2 ** 16 };
      await stagesAlike(temporaryFolder(t), [file], folder, values);
    });
  }

  test('real files: the same tiles as from files', async (t) => {
    const shared = sharedData('real');
    if (shared === null) return t.skip(NO_SHARED_DATA);
    const files = [
      ...['natural-earth/ne_50m_land.shp', 'natural-earth/ne_10m_lakes.shp'],
      'taxi-zones/taxi_zones.shp',
      ...inputFormats().flatMap(({ extensions: [end] }) => {
        if (end === '.fgb') return ['flatgeobuf/countries.fgb', 'geoparquet/quadrangles_100k.fgb'];
        if (end === '.parquet') return ['geoparquet/quadrangles_100k.parquet'];
        return end === '.geojson' ? ['natural-earth-geojson/ne_50m_lakes.json'] : [];
      }),
    ];
    cpSync(shared, join(served, 'real'), { recursive: true });
    await stagesAlike(temporaryFolder(t), files, join(served, 'real'), {
      allowBallpark: true,
    });
  });

  test('nothing is read again that has not changed, at the cost of a look; what changed is', async (t) => {
    const at = new Workplace(t);
    at.input = join(served, 'again');
    mkdirSync(at.input);
    at.write('a.gpkg', layerAt([0, 1]));
    at.write('b.gpkg', layerAt([1, 2], 2));
    const urls = ['a', 'b'].map((name) => `${nginx.url}/again/${name}.gpkg`);
    const stage = async (...inputs: string[]) => {
      const { code, stdout, stderr } = await at.runOn(inputs);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(await stage(...urls), /^inputs +2 staged, 0 unchanged/m);
    requests();
    assert.match(await stage(...urls), /^Nothing to do: 2 inputs unchanged/);
    assert.deepEqual(requests().sort(), ['HEAD /again/a.gpkg 200', 'HEAD /again/b.gpkg 200']);
    at.write('b.gpkg', layerAt([1, 3], 9));
    assert.match(await stage(urls[1]!), /^inputs +1 staged, 0 unchanged/m);
    await at.assertAsFromScratch();
    // What was not named stays as long as it is there.
    at.remove('a.gpkg');
    assert.match(await stage(urls[1]!), /^gone +a\.gpkg is no longer there/m);
    assert.equal((await at.runOn([urls[1]!], '--prune')).code, 0);
    await at.assertAsFromScratch();
  });

  test('the columns that rows of earlier versions lack have their defaults', async (t) => {
    const folder = join(served, 'defaults');
    mkdirSync(folder);
    const path = join(folder, 'a.gpkg');
    writeGeoPackage(path, { ...layerAt([0, 1, 2]), layer: 'polygons' });
    const db = new DatabaseSync(path);
    db.exec("alter table polygons add column extra text not null default 'none'");
    db.exec('alter table polygons add column size real default 2.5');
    db.close();
    await stagesAlike(temporaryFolder(t), ['a.gpkg'], folder, { z: 13 });
  });

  test('rows are counted where the GeoPackage does not say how many there are', async (t) => {
    const folder = join(served, 'uncounted');
    mkdirSync(folder);
    const path = join(folder, 'a.gpkg');
    writeGeoPackage(path, layerAt([0, 1, 2]));
    const db = new DatabaseSync(path);
    db.exec('drop table if exists gpkg_ogr_contents');
    db.close();
    await stagesAlike(temporaryFolder(t), ['a.gpkg'], folder, { z: 13 });
  });

  test('views and WITHOUT ROWID need a file', async (t) => {
    const folder = join(served, 'views');
    mkdirSync(folder);
    const at = new Workplace(t);
    writeGeoPackage(join(folder, 'view.gpkg'), layerAt([0]));
    const db = new DatabaseSync(join(folder, 'view.gpkg'));
    db.exec(`create view seen as select * from polygons;
      update gpkg_contents set table_name = 'seen', identifier = 'seen';
      update gpkg_geometry_columns set table_name = 'seen'`);
    db.close();
    const { code, stdout, stderr } = await at.runOn([`${nginx.url}/views/view.gpkg`]);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /view\.gpkg can only be read through SQLite.* Download it/);
  });

  test('sidecars are found in either case, and none is asked for twice in a look', async () => {
    const folder = join(served, 'case');
    mkdirSync(folder);
    const entry = ENTRIES.find(({ format }) => format.name === 'shapefile')!;
    const columns = [{ name: 'n', type: 'integer' as const }];
    const features = [{ shape: [[square(0, 10, 1)]], values: [7] }];
    const path = entry.write(folder, 'a', { columns, crs: 4326, features });
    for (const end of ['.shp', '.shx', '.dbf', '.prj']) {
      writeFileSync(
        join(folder, `B${end.toUpperCase()}`),
        readFileSync(path.replace(/\.shp$/, end)),
      );
    }
    for (const name of ['a.shp', 'B.SHP']) {
      requests();
      const { stdout } = await runCli(['info', `${nginx.url}/case/${name}`, '--json']);
      const [{ layers }] = JSON.parse(stdout);
      assert.equal(layers[0].columns[0].name, 'n');
      assert.notEqual(layers[0].crs, null);
      const heads = requests().filter((line) => line.startsWith('HEAD'));
      assert.equal(new Set(heads).size, heads.length, heads.join('\n'));
    }
    rmSync(folder, { recursive: true });
  });

  test('names of inputs begin behind the last slash, or behind the base folder', () => {
    const dirs = join(served, 'deep/er');
    mkdirSync(dirs, { recursive: true });
    writeGeoPackage(join(dirs, 'ä b#c.gpkg'), layerAt([0]));
    const url = `${nginx.url}/deep/er/${encodeURIComponent('ä b#c.gpkg')}`;
    const find = (baseFolder: string | null) =>
      findInputs([url], { extensions: [], baseFolder }).inputs;
    const [path, root] = [new URL(url).href, `${nginx.url}/deep/er`];
    assert.deepEqual(find(null), [{ path, name: 'ä b#c.gpkg', root }]);
    assert.deepEqual(find(`${nginx.url}/deep/`), [
      { path, name: 'er/ä b#c.gpkg', root: `${nginx.url}/deep` },
    ]);
    assert.deepEqual(find('/deep'), [{ path, name: 'ä b#c.gpkg', root }]);
  });

  test('what can not be an input is told by name, and no secret with it', async (t) => {
    const at = new Workplace(t);
    const { host } = new URL(nginx.url);
    const cases: [url: string, code: number, message: RegExp][] = [
      [`http://me:geheim@${host}/a.gpkg`, 2, /a user or a password/],
      [`${nginx.url}/a.gpkg?token=geheim`, 2, /the question mark may be a key/],
      ['s3://bucket/a.gpkg?X-Amz-Signature=geheim', 2, /the question mark may be a key/],
      [`${nginx.url}/a.gpkg#layer`, 2, /no fragment/],
      ['s3:///a.gpkg', 2, /names no bucket/],
      [`${nginx.url}/`, 1, /a folder, which servers do not list/],
      [`${nginx.url}/*.gpkg`, 1, /no wildcards/],
      [`${nginx.url}/none.gpkg`, 1, /There is no http/],
    ];
    for (const [url, code, message] of cases) {
      for (const args of [
        ['info', url],
        ['stage', url, '--out', at.staged],
        ['estimate', url],
      ]) {
        const result = await runCli(args);
        const said = result.stdout + result.stderr;
        assert.equal(result.code, code, said);
        assert.match(said, message);
        assert.doesNotMatch(said, /geheim/);
      }
    }
    const dirInput = 'https://me:geheim@a.org/x?y=geheim';
    assert.throws(
      () => new TileStager({ dirInput, dirStaged: at.staged }),
      ({ code, message }) => code === 'config-invalid' && !/geheim/.test(message),
    );
  });
});
