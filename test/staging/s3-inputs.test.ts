/** Inputs of S3: prefixes, credentials, and that nothing tells or keeps these. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ENTRIES } from '../formats/contract/contract-inputs.ts';
import { type Server, startServer } from '../formats/remote/servers.ts';
import { square } from '../formats/shapefile/shapefile-fixture.ts';
import { hashFolder, runCli, temporaryFolder } from './support.ts';
import { layerAt, SUMMARY } from './workplace.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const SECRET = 'geheimgeheimgeheim';
const TOKEN = 'auchgeheim';

suite('inputs of S3', { timeout: 240_000 }, () => {
  const folder = temporaryFolder({ after });
  let server: Server;
  let env: Record<string, string>;
  before(async () => {
    for (const bucket of ['data', 'public', 'elsewhere']) mkdirSync(join(folder, bucket));
    const credentials = { accessKeyId: 'ID', secretAccessKey: SECRET, sessionToken: TOKEN };
    server = await startServer('./s3-server.ts', {
      folder,
      page: 3,
      credentials,
      region: 'here-1',
    });
    env = {
      AWS_ACCESS_KEY_ID: 'ID',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: TOKEN,
      AWS_REGION: 'here-1',
      AWS_ENDPOINT_URL: server.url,
    };
  });
  after(() => server.stop());

  function makeInputs(place: string): void {
    mkdirSync(join(place, 'sub/ä b+c&d'), { recursive: true });
    mkdirSync(join(place, '.hidden'));
    writeGeoPackage(join(place, 'a.gpkg'), layerAt([0, 1]));
    writeGeoPackage(join(place, 'sub/ä b+c&d/b.gpkg'), layerAt([1, 2], 2));
    writeGeoPackage(join(place, '.hidden/c.gpkg'), layerAt([3], 3));
    const shapefile = ENTRIES.find(({ format }) => format.name === 'shapefile')!;
    const columns = [{ name: 'n', type: 'integer' as const }];
    const features = [{ shape: [[square(-145, 70, 0.01)]], values: [7] }];
    shapefile.write(join(place, 'sub'), 'S', { columns, crs: 4326, features });
  }

  async function stage(inputs: string[], out: string, ...options: string[]): Promise<string> {
    const args = ['stage', ...inputs, '--out', out, '--z', '10', ...options];
    const { code, stdout, stderr } = await runCli(args, { env });
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  }

  test('a prefix gives the same tiles as the folder, and what is gone from it is gone', async (t) => {
    const base = temporaryFolder(t);
    const place = join(folder, 'data/in');
    makeInputs(place);
    const [local, remote] = [join(base, 'local'), join(base, 'remote')];
    await stage([place], local);
    assert.match(await stage(['s3://data/in/'], remote), /^inputs +3 staged/m);
    const hashes = hashFolder(local, { summary: SUMMARY });
    assert.ok(hashes.size > 2);
    assert.deepEqual(hashFolder(remote, { summary: SUMMARY }), hashes);
    assert.match(await stage(['s3://data/in/'], remote), /^Nothing to do: 3 inputs unchanged/);
    for (const entry of readdirSync(remote, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
      for (const secret of [SECRET, TOKEN]) assert.ok(!text.includes(secret), entry.name);
    }
    renameSync(join(place, 'a.gpkg'), join(base, 'a.gpkg'));
    const said = await stage(['s3://data/in/'], remote, '--prune');
    assert.match(said, /a\.gpkg/);
    await stage([place], local, '--prune');
    assert.deepEqual(
      hashFolder(remote, { summary: SUMMARY }),
      hashFolder(local, { summary: SUMMARY }),
    );
    rmSync(place, { recursive: true });
  });

  test('what is public is read without credentials, what is not is refused by name', async (t) => {
    const base = temporaryFolder(t);
    writeGeoPackage(join(folder, 'public/a.gpkg'), layerAt([0]));
    writeGeoPackage(join(folder, 'data/a.gpkg'), layerAt([0]));
    const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' };
    const wrong = { AWS_SECRET_ACCESS_KEY: `${SECRET}falsch` };
    const cases: [url: string, changed: Record<string, string>, code: number, said: RegExp][] = [
      ['s3://public/a.gpkg', none, 0, /polygons/],
      ['s3://data/a.gpkg', {}, 0, /polygons/],
      ['s3://data/a.gpkg', none, 1, /403.*There are no credentials in the environment/s],
      ['s3://data/a.gpkg', wrong, 1, /403.*The credentials in the environment do not open it/s],
      ['s3://data/', wrong, 1, /403 Forbidden, SignatureDoesNotMatch/],
      ['s3://elsewhere/a.gpkg', {}, 1, /another region .*Set AWS_REGION=eu-north-1/s],
      ['s3://data/none/', {}, 1, /no .* object below s3:\/\/data\/none\//],
      ['s3://data/in', {}, 1, /A prefix, which stands for all below it, ends with a slash/],
      ['s3://data/*.gpkg', {}, 1, /no wildcards/],
    ];
    for (const [url, changed, code, said] of cases) {
      const result = await runCli(['info', url], { cwd: base, env: { ...env, ...changed } });
      const text = result.stdout + result.stderr;
      assert.equal(result.code, code, text);
      assert.match(text, said);
      assert.ok(!text.includes(SECRET) && !text.includes(TOKEN));
    }
  });
});
