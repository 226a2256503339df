/** The viewer's server: what it answers, and to whom. */

import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { runReport, serve, type Viewer } from '../../src/index.ts';
import { allowedHosts, isLoopback } from '../../src/viewer/guard.ts';
import type { FolderVersion } from '../../src/viewer/shared/run-messages.ts';
import { listTiles, temporaryFolder } from '../staging/support.ts';
import { getRaw, sendRaw, stageScenes } from './support.ts';

const SECRET = 'nobody may read this';

suite('a viewer', () => {
  const folder = temporaryFolder({ after });
  let staged: string;
  let viewer: Viewer;
  let host: string;
  after(() => viewer.close());
  before(async () => {
    ({ staged } = await stageScenes(folder));
    writeFileSync(join(staged, 'notes.txt'), SECRET);
    writeFileSync(join(staged, '..', 'secret.txt'), SECRET);
    viewer = await serve(staged, { port: 0 });
    ({ host } = new URL(viewer.url));
  });

  test('gives the page with all that it loads, and the headers that keep it to itself', async () => {
    const response = await fetch(viewer.url);
    const html = await response.text();
    const policy = response.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|http/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    const wanted = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
    assert.deepEqual(wanted, ['/style.css', '/data/folder', '/main.js']);
    for (const [path, type, text] of [
      ['/style.css', 'text/css', /\.ol-viewport/],
      ['/main.js', 'text/javascript', /\/data\/folder/],
      [
        '/licences.txt',
        'text/plain',
        /ol 10\.\d+\.\d+ \(BSD-2-Clause\)[\s\S]+Redistributions in binary form/,
      ],
    ] as const) {
      const file = await fetch(new URL(path, viewer.url));
      assert.equal(file.status, 200, path);
      assert.equal(file.headers.get('content-type'), `${type}; charset=utf-8`);
      const body = await file.text();
      assert.match(body, text, path);
      assert.doesNotMatch(body, /sourceMappingURL|@import/, path);
      // One file: it asks for no other.
      if (path === '/main.js') assert.doesNotMatch(body, /^(?:import|export) /m);
    }
  });

  test('answers GET and HEAD alone', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const response = await fetch(new URL('/data/folder', viewer.url), { method });
      assert.equal(response.status, 405, method);
      assert.equal(response.headers.get('allow'), 'GET, HEAD');
    }
    const head = await fetch(viewer.url, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.ok(Number(head.headers.get('content-length')) > 1000);
    assert.equal(await head.text(), '');
  });

  test('answers to no other name than its own', async () => {
    const { port } = new URL(viewer.url);
    for (const name of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`]) {
      assert.equal((await getRaw(viewer.url, '/', name)).status, 200, name);
    }
    assert.equal((await getRaw(viewer.url, '/', `[::1]:${port}`)).status, 200);
    const foreign = [
      'example.com',
      `example.com:${port}`,
      `127.0.0.1.example.com:${port}`,
      `localhost.example.com:${port}`,
      '127.0.0.1',
      'localhost:1',
      `0.0.0.0:${port}`,
      `user@127.0.0.1:${port}`,
    ];
    for (const name of foreign) {
      for (const path of ['/', '/data/folder', '/report', '/main.js']) {
        const { status, text } = await getRaw(viewer.url, path, name);
        assert.equal(status, 421, `${name} ${path}`);
        assert.doesNotMatch(text, /staged|tiles/);
      }
    }
    const without = await sendRaw(viewer.url, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n');
    assert.equal(without.status, 400);
    const old = await sendRaw(viewer.url, 'GET / HTTP/1.0\r\n\r\n');
    assert.equal(old.status, 421);
    const twice = await sendRaw(
      viewer.url,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: example.com\r\nConnection: close\r\n\r\n`,
    );
    assert.notEqual(twice.status, 200);
  });

  test('never leaves its fixed addresses', async () => {
    const tile = listTiles(staged)[0]!;
    const [, z, x, y] = /\/(\d+)\/(\d+)\/(\d+)\.gpkg$/.exec(tile)!;
    const paths = [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/%2e%2e%2fsecret.txt',
      '/..%5csecret.txt',
      '/..\\secret.txt',
      '/page/../../../package.json',
      '/page/..%2f..%2f..%2fpackage.json',
      '/page/%2e%2e/serve.ts',
      '/page/../serve.ts',
      '/page/../page/main.ts',
      '/page/index.html',
      '/page/tsconfig.json',
      '/page/main.ts%00.js',
      '/page/',
      '/page',
      '/lib/../../package.json',
      '/main.js/../../package.json',
      '//etc/passwd',
      '/etc/passwd',
      '/notes.txt',
      `/${tile}`,
      '/.tilewright/journal.sqlite',
      `/data/${tile}`,
      `/data/tile/${z}/${x}/..`,
      `/data/tile/${z}/${x}/../${y}`,
      `/data/tile/${z}/${x}/%2e%2e`,
      `/data/tile/${z}/${x}/${y}.gpkg`,
      `/data/tile/${z}/${x}/${y}/`,
      `/data/tile/${z}/0${x}/${y}`,
      `/data/tile/${z}/+${x}/${y}`,
      `/data/tile/${z}/${x}/-1`,
      `/data/tile/${z}/1e3/${y}`,
      `/data/tile/${z}/99999999999/${y}`,
      `/data/tile/${Number(z) + 1}/${x}/${y}`,
      `/data/cell/${z}/${x}/${y}/99/0/0`,
      `/data/cell/${z}/1/1/0/0/0`,
      '/data/__proto__',
      '/data/constructor/1/2/3',
      '/data/',
      `http://${host}/../secret.txt`,
    ];
    for (const path of paths) {
      const { status, text } = await getRaw(viewer.url, path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.ok(!text.includes(SECRET) && !text.includes('root:'), path);
      assert.match(text, /Content-Security-Policy|^HTTP\/1\.1 400/, path);
    }
    assert.equal((await getRaw(viewer.url, `/data/tile/${z}/${x}/${y}`)).status, 200);
  });

  test('says which parameter is wrong', async () => {
    const tile = listTiles(staged)[0]!.replace(/^[^/]*\/(.*)\.gpkg$/, '$1');
    for (const [path, message] of [
      ['/data/table?limit=abc', /parameter limit must be/],
      ['/data/table?limit=501', /limit must be: a whole number up to 500/],
      ['/data/table?limit=5&sort=path', /sort must be: tile, rows/],
      ['/data/grid?box=1,2,3', /box must be: 4 numbers/],
      ['/data/grid?box=1,2,3,NaN', /box must be/],
      ['/data/grid?inputs=%27%3B', /not one of this folder’s inputs/],
      ['/data/grid?inputs=AAAAAAAA', /not one of this folder’s inputs/],
      [`/data/at/${tile}?point=1`, /point must be: 4 numbers/],
      [`/data/cell/${tile}/0/5/5`, /no cell 5\/5/],
    ] as const) {
      const response = await fetch(new URL(path, viewer.url));
      assert.equal(response.status, 400, path);
      const { error } = (await response.json()) as { error: string };
      assert.match(error, message, path);
    }
  });

  test('reads no tile that is a link out of the folder', async () => {
    const name = listTiles(staged).at(-1)!;
    const path = join(staged, name);
    const outside = join(staged, '..', 'outside.gpkg');
    const tile = name.replace(/^[^/]*\/(.*)\.gpkg$/, '$1');
    const cell = new URL(`/data/cell/${tile}/0/0/0`, viewer.url);
    assert.equal((await fetch(cell)).status, 200);
    copyFileSync(path, outside);
    renameSync(path, `${path}.kept`);
    try {
      symlinkSync(outside, path);
      const response = await fetch(cell);
      assert.equal(response.status, 500);
      const { error } = (await response.json()) as { error: string };
      assert.equal(error, `${name} leads out of the staged folder, and is not read`);
    } finally {
      renameSync(`${path}.kept`, path);
    }
    assert.equal((await fetch(cell)).status, 200);
    renameSync(path, `${path}.kept`);
    const gone = (await (await fetch(cell)).json()) as { error: string };
    renameSync(`${path}.kept`, path);
    assert.match(gone.error, /is not there: a run is removing it/);
  });

  test('has a report if there is one, in a page that can reach nothing', async (t) => {
    const hasReport = async (url: string): Promise<boolean> => {
      const answer = await fetch(new URL('/data/version', url));
      return ((await answer.json()) as { report: boolean }).report;
    };
    assert.equal(await hasReport(viewer.url), true);
    const response = await fetch(new URL('/report', viewer.url));
    const { verdict } = runReport(staged);
    assert.ok((await response.text()).includes(verdict.sentence));
    const policy = response.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'.*sandbox allow-scripts.*frame-ancestors 'self'/);
    assert.doesNotMatch(policy, /connect-src|allow-same-origin/);

    const records = join(staged, '.tilewright/records');
    const aside = join(folder, 'records');
    renameSync(records, aside);
    t.after(() => {
      rmSync(records, { recursive: true, force: true });
      renameSync(aside, records);
    });
    assert.equal(await hasReport(viewer.url), false);
    assert.equal((await fetch(new URL('/report', viewer.url))).status, 404);
    // A record that is a link out of the folder is not read.
    mkdirSync(records);
    const [name] = readdirSync(aside);
    symlinkSync(join(aside, name!), join(records, name!));
    assert.equal(await hasReport(viewer.url), false);
  });

  test('options that it can do nothing with are refused', async () => {
    for (const [options, message] of [
      [{ port: 65_536 }, /^port must be a whole number from 0 to 65535, not 65536$/],
      [{ port: '80' }, /^port must be a whole number from 0 to 65535, not "80"$/],
      [{ host: '' }, /^host must be an address, not ""$/],
      [{ prot: 80 }, /^prot is not a known option\. Did you mean port\?$/],
    ] as const) {
      await assert.rejects(serve(staged, options as never), { code: 'usage', message });
    }
  });

  test('takes the next free port, but not in place of one that was asked for', async (t) => {
    const second = await serve(staged);
    t.after(() => second.close());
    const third = await serve(staged);
    t.after(() => third.close());
    const [port, next] = [second.url, third.url].map((url) => Number(new URL(url).port));
    assert.ok(next! > port!);
    await assert.rejects(serve(staged, { port: next! }), {
      code: 'usage',
      message: `Can't listen on 127.0.0.1, port ${next}: another program listens there. Choose another --port`,
    });
    await third.close();
    // It is free again.
    const server = createServer().listen(next, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(serve(staged, { port: 0, host: '192.0.2.1' }), { code: 'usage' });
  });
});

test('a folder that is empty, or not there yet, is waited for', async (t) => {
  const folder = temporaryFolder(t);
  const staged = join(folder, 'staged');
  const viewer = await serve(staged, { port: 0 });
  t.after(() => viewer.close());
  assert.equal(viewer.waiting, true);
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(new URL(path, viewer.url))).json();
  const name = 'staged';
  assert.deepEqual(await ask('/data/folder'), { waiting: true, name, isThere: false });
  assert.deepEqual(await ask('/data/version'), { version: 0, report: false, run: null });
  assert.deepEqual(await ask('/data/run'), { run: null });
  assert.equal((await fetch(new URL('/data/grid', viewer.url))).status, 404);
  assert.equal((await fetch(new URL('/report', viewer.url))).status, 404);
  mkdirSync(staged);
  assert.deepEqual(await ask('/data/folder'), { waiting: true, name, isThere: true });
  const other = await serve(staged, { port: 0 });
  assert.equal(other.waiting, true);
  await other.close();

  await stageScenes(folder);
  const { tiles } = (await ask('/data/folder')) as { tiles: number };
  assert.equal(tiles, listTiles(staged).length);
  await setTimeout(1000);
  const { version, report, run } = (await ask('/data/version')) as FolderVersion;
  assert.ok(version > 0 && report);
  assert.equal(run!.state, 'finished');
});

test('folders that are none are refused with a sentence', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'notes.txt'), '');
  const advice = 'Name the folder that was given to tilewright stage as --out';
  for (const [path, what] of [
    [folder, 'has no journal: it is no staged folder'],
    [join(folder, 'x/y'), 'is not there, nor is the folder above it'],
    [join(folder, 'notes.txt'), 'is no folder'],
  ] as const) {
    const message = `${path} ${what}. ${advice}`;
    await assert.rejects(serve(path), { code: 'staged-folder', message });
  }
  const outside = join(folder, 'journal.sqlite');
  writeFileSync(outside, '');
  mkdirSync(join(folder, 'linked/.tilewright'), { recursive: true });
  symlinkSync(outside, join(folder, 'linked/.tilewright/journal.sqlite'));
  await assert.rejects(serve(join(folder, 'linked')), {
    code: 'staged-folder',
    message: /is a link out of the folder/,
  });
  mkdirSync(join(folder, 'damaged/.tilewright'), { recursive: true });
  writeFileSync(join(folder, 'damaged/.tilewright/journal.sqlite'), 'no database'.repeat(100));
  await assert.rejects(serve(join(folder, 'damaged')), {
    code: 'staged-folder',
    message: /is damaged/,
  });
});

test('names of hosts', () => {
  assert.ok(isLoopback('127.0.0.1') && isLoopback('127.8.8.8') && isLoopback('::1'));
  assert.ok(!isLoopback('0.0.0.0') && !isLoopback('10.0.0.1') && !isLoopback('127.0.0.1.a'));
  const own = allowedHosts('127.0.0.1', 80);
  assert.deepEqual(
    [...own].sort(),
    ['127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:80', 'localhost', 'localhost:80'].sort(),
  );
  assert.ok(allowedHosts('Tiles.example', 4173).has('tiles.example:4173'));
  assert.ok(allowedHosts('::', 4173).size > 4);
  assert.ok(!allowedHosts('0.0.0.0', 4173).has('example.com:4173'));
});
