/** Files beside a shapefile behind a URL: those that are there are read, others are told by name. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { filesOfInput } from '../../src/formats/input-formats.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { type Described, ENTRIES } from '../formats/contract/contract-inputs.ts';
import { readSlices, withSource } from '../formats/contract/contract-reading.ts';
import { type Nginx, nginxMissing, startNginx } from '../formats/remote/nginx.ts';
import { square } from '../formats/shapefile/shapefile-fixture.ts';
import { runCli, temporaryFolder } from './support.ts';

const INPUT: Described = {
  columns: [{ name: 'name', type: 'text' }],
  crs: 4326,
  features: [0, 1].map((n) => ({ shape: [[square(n, 10, 0.5)]], values: [`Þór ${n}`] })),
};
const SIDECARS = ['.shx', '.dbf', '.prj', '.cpg'];

suite('files beside a shapefile behind a URL', { skip: nginxMissing(), timeout: 120_000 }, () => {
  const served = temporaryFolder({ after });
  let nginx: Nginx;
  before(async () => {
    const refusals = [403, 404, 410, 500].map((status) => {
      return `location ~ ^/${status}(\\.\\w+)/.*\\1$ { return ${status}; }`;
    });
    nginx = await startNginx(served, refusals.join(' '));
  });
  after(() => nginx.stop());

  /** A folder of the server with a shapefile in it. */
  function write(name: string): { path: string; url: string } {
    const folder = join(served, name);
    mkdirSync(folder);
    const entry = ENTRIES.find(({ format }) => format.name === 'shapefile')!;
    return { path: entry.write(folder, 'a', INPUT), url: `${nginx.url}/${name}/a.shp` };
  }

  let seen = 0;
  function requests(): string[] {
    const log = readFileSync(nginx.log, 'utf8');
    const lines = log.slice(seen).split('\n').filter(Boolean);
    seen = log.length;
    return lines;
  }

  const check = async (url: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli(['check', url, '--json', ...args]);
    return { code, stderr, result: JSON.parse(stdout) };
  };

  test('the CRS is said to come from the .prj, or from who checks', async () => {
    const { url, path } = write('origin');
    for (const input of [url, path]) {
      const { result } = await check(input);
      const [{ crs }] = result.inputs;
      assert.deepEqual([crs.id, crs.origin], ['EPSG:4326', 'sidecar'], input);
    }
    rmSync(path.replace('.shp', '.prj'));
    for (const input of [url, path]) {
      const { result } = await check(input, '--input-crs', 'EPSG:4326');
      assert.equal(result.inputs[0].crs.origin, 'inputCrs', input);
    }
  });

  test('what was found beside it is not asked for again when a long check ends', () => {
    const { url } = write('long');
    findInputs([url], { extensions: [] });
    const found = filesOfInput(url).map(({ path }) => path);
    requests();
    assert.deepEqual(
      filesOfInput(url, Infinity).map(({ path }) => path),
      found,
    );
    assert.deepEqual(requests(), []);
    filesOfInput(url, 0);
    assert.ok(requests().length > 0);
  });

  test('what is not there is as beside a file', async (t) => {
    for (const status of [404, 410]) {
      for (const end of SIDECARS) {
        const { url, path } = write(`${status}${end}`);
        const local = path.replace('.shp', end);
        renameSync(local, `${local}.away`);
        const here = await read(path);
        renameSync(`${local}.away`, local);
        requests();
        const there = await read(url);
        assert.deepEqual(there, here, `${status} ${end}`);
        once(t, requests());
      }
    }
  });

  test('what the server refuses, or fails to give, is told by name', async () => {
    for (const [status, message] of [
      [403, /refuses it \(403 Forbidden\)/],
      [500, /says 500 Internal Server Error/],
    ] as const) {
      // Of 500 it is asked again and again, which takes its time.
      for (const end of status === 403 ? SIDECARS : ['.cpg']) {
        const { url } = write(`${status}${end}`);
        const { code, result } = await check(url);
        assert.equal(code, 1);
        const [input] = result.inputs;
        assert.equal(input.status, 'failed');
        assert.match(input.error.message, message);
        assert.ok(input.error.message.startsWith(url.replace('.shp', end)), input.error.message);
      }
    }
  });

  test('a name in capitals has its files in capitals', async (t) => {
    const { url, path } = write('capitals');
    for (const end of ['.shp', ...SIDECARS]) {
      renameSync(path.replace('.shp', end), path.replace('a.shp', `A${end.toUpperCase()}`));
    }
    const upper = url.replace('a.shp', 'A.SHP');
    requests();
    const { rows, crs } = await read(upper);
    assert.deepEqual([rows.length, crs !== null], [2, true]);
    once(t, requests());
  });

  async function read(path: string) {
    return withSource(path, async (source, { crs, columns }) => {
      const { rows } = await readSlices(source);
      return { rows, crs, columns };
    });
  }

  /** Each thing is asked for once, and nothing but what a shapefile has. */
  function once(t: TestContext, lines: readonly string[]): void {
    t.diagnostic(`${lines.length} requests`);
    assert.equal(new Set(lines).size, lines.length, lines.join('\n'));
    const known = /^(?:HEAD|GET) \/[\w.]+\/a\.(?:shp|shx|dbf|prj|cpg) (?:200|206|404|410) /i;
    for (const line of lines) assert.match(line, known);
  }
});
