import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeScenes } from '../bench/scenes.ts';
import { linesOf, type TableName } from '../src/crs/table/records.ts';
import { testParallelGuides } from './parallel-guides.ts';
import { hashFolder, runCli, temporaryFolder } from './staging/support.ts';

const ROOT = join(import.meta.dirname, '..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ENETUNREACH/;

/** Runs a program with this Node first in the PATH; npm's settings of the test run are not its. */
function run(command: string, args: string[], cwd: string) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
  const env = { ...Object.fromEntries(inherited), PATH: path };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 120_000 });
}

function bytesOf(folder: string): number {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

test('the package, installed from its tarball, does what the source does', async (t) => {
  const folder = temporaryFolder(t);
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], ROOT);
  if (packed.error !== undefined) {
    t.skip('npm is not on this machine');
    return;
  }
  assert.equal(packed.status, 0, packed.stdout + packed.stderr);
  const tarball = globSync('*.tgz', { cwd: folder })[0]!;

  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
  const installed = run(
    'npm',
    ['install', '--prefer-offline', '--fetch-retries=0', '--no-audit', `../${tarball}`],
    app,
  );
  if (installed.status !== 0 && OFFLINE.test(installed.stderr)) {
    t.skip('the package registry is out of reach');
    return;
  }
  assert.equal(installed.status, 0, installed.stderr);
  const home = join(app, 'node_modules/tilewright');
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));

  await t.test('it holds what is needed and nothing else', () => {
    const files = globSync('**/*', { cwd: home, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
    const tops = new Set(files.map((name) => name.split(/[/\\]/)[0]));
    const expected = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json'];
    assert.deepEqual([...tops].sort(), expected);
    assert.deepEqual(
      files.filter((name) => /\.(gpkg|sqlite|tgz)$|(?<!\.d)\.ts$/.test(name)),
      [],
    );
    assert.ok(files.some((name) => name === join('dist', 'index.d.ts')));
    // Of CRSs one file; declarations of what is public, and what that needs.
    assert.deepEqual(
      files.filter((name) => /\.(?:tsv|bin)$/.test(name)),
      [join('dist', 'crs', 'table', 'crs-table.bin')],
    );
    assert.ok(files.filter((name) => name.endsWith('.d.ts')).length < 150);
    assert.ok(bytesOf(home) < 6e6, `the package has ${bytesOf(home)} bytes`);
    // With the packages for Redis.
    const all = bytesOf(join(app, 'node_modules'));
    assert.ok(all < 45e6, `${all} bytes are installed`);
    assert.equal(manifest.engines.node, '>=24');
    assert.equal(manifest.dependencies.node, undefined);
  });

  const version = run('npx', ['--no-install', 'tilewright', '--version'], app);
  assert.equal(version.stdout, `tilewright ${manifest.version}\n`, version.stderr);

  writeScenes(join(app, 'input'), { seed: 3, count: 3, polygonsEach: 300 });
  const source = await runCli(['stage', 'input', '--out', 'from-source'], { cwd: app });
  assert.equal(source.code, 0, source.stderr);
  const expected = hashFolder(join(app, 'from-source'));
  assert.ok(expected.size >= 2);

  await t.test('its command stages', () => {
    const stage = run('npx', ['--no-install', 'tilewright', 'stage', 'input', '--out', 'a'], app);
    assert.equal(stage.status, 0, stage.stderr);
    assert.match(stage.stdout, /^inputs {5}3 staged/);
    assert.deepEqual(hashFolder(join(app, 'a')), expected);
  });

  await t.test('its library stages, in threads', () => {
    writeFileSync(
      join(app, 'use.ts'),
      `import { initializeStager, TileStager, TilewrightError, type RunResult } from 'tilewright';
      const stager: TileStager = initializeStager('input', 'b');
      const merged = new TileStager(stager.config.merge({ workers: 2, executor: 'threads' }));
      const result: RunResult = await merged.stageAll();
      console.log(result.featuresStaged, result.tiles.total, TilewrightError.name);
      `,
    );
    const used = run(process.execPath, ['use.ts'], app);
    assert.equal(used.status, 0, used.stderr);
    assert.equal(used.stdout, `900 ${expected.size} TilewrightError\n`);
    assert.deepEqual(hashFolder(join(app, 'b')), expected);
  });

  await t.test('its engine runs apps, and stages, on local workers', () => {
    writeFileSync(join(app, 'apps.js'), 'export const twice = (n) => 2 * n;');
    writeFileSync(
      join(app, 'parallel.ts'),
      `import { app, Config, HighThroughputExecutor, load, LocalProvider } from 'tilewright/parallel';
      await using kernel = await load(new Config({
        executors: [new HighThroughputExecutor({ provider: new LocalProvider({ maxBlocks: 1 }) })],
      }));
      const twice = app<(n: number) => number>(new URL('./apps.js', import.meta.url), 'twice');
      console.log(await twice(twice(21)), kernel.counts.done);
      `,
    );
    const used = run(process.execPath, ['parallel.ts'], app);
    assert.equal(used.stdout, '84 2\n', used.stderr);
    const args = ['--no-install', 'tilewright', 'stage', 'input', '--out', 'c'];
    const stage = run('npx', [...args, '--executor', 'local'], app);
    assert.equal(stage.status, 0, stage.stderr);
    assert.deepEqual(hashFolder(join(app, 'c')), expected);
  });

  await t.test('its table of CRSs is that of the source', () => {
    const records = pathToFileURL(join(home, 'dist/crs/table/records.js')).href;
    const tables = readdirSync(join(ROOT, 'src/crs/table/data')).map((name) =>
      basename(name, '.tsv'),
    );
    assert.ok(tables.length > 5);
    const hash = (lines: unknown) =>
      createHash('sha256').update(JSON.stringify(lines)).digest('hex');
    writeFileSync(
      join(app, 'tables.js'),
      `import { createHash } from 'node:crypto';
      import { linesOf } from '${records}';
      const hash = ${hash};
      console.log(hash(${JSON.stringify(tables)}.map((name) => linesOf(name))));`,
    );
    const used = run(process.execPath, ['tables.js'], app);
    const lines = tables.map((name) => linesOf(name as TableName));
    assert.equal(used.stdout, `${hash(lines)}\n`, used.stderr);
  });

  await t.test('its viewer serves the page, as one small script, and the tiles', () => {
    writeFileSync(
      join(app, 'view.ts'),
      `import { serve, type Viewer } from 'tilewright';
      const viewer: Viewer = await serve('a', { port: 0 });
      const get = (path: string) => fetch(new URL(path, viewer.url));
      const page = await (await get('/')).text();
      const [, script] = /src="([^"]+)"/.exec(page)!;
      const text = await (await get(script!)).text();
      const statuses = [];
      for (const path of ['/style.css', '/licences.txt']) statuses.push((await get(path)).status);
      const folder = (await (await get('/data/folder')).json()) as { tiles: number };
      console.log(script, text.length > 1e5 && text.length < 4e5, statuses.join(), folder.tiles);
      await viewer.close();
      `,
    );
    const used = run(process.execPath, ['view.ts'], app);
    const expectedLine = `/main.js true 200,200 ${expected.size}\n`;
    assert.equal(used.stdout, expectedLine, used.stderr);
    assert.equal(used.stderr, '');
  });

  await t.test('its pages on the engine hold', (one) => testParallelGuides(one, app));

  await t.test('its types are complete', () => {
    // Whoever writes `await using` has its types.
    for (const [files, lib] of [
      [['use.ts', 'view.ts'], 'es2024,dom'],
      [['parallel.ts'], 'es2024,dom,esnext.disposable'],
    ] as const) {
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--lib', lib];
      const checked = run(process.execPath, [TSC, ...options, '--types', '', ...files], app);
      assert.equal(checked.status, 0, checked.stdout);
    }
  });
});
