/** `tilewright monitor`: arguments, what it prints and writes, the page that it serves. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import { serveMonitor } from '../../src/viewer/serve-monitor.ts';
import { randomRun, runningRun } from '../insight/monitored-runs.ts';
import { findBrowser, launchBrowser, NO_BROWSER, watch } from '../integration/browser.ts';
import { runCli, temporaryFolder } from '../staging/support.ts';

test('arguments become options', () => {
  const none = { once: false, json: false, html: null, serve: false, run: 1 };
  const command = 'monitor' as const;
  assert.deepEqual(parseArguments(['monitor']), { command, ...none, path: 'runinfo' });
  assert.deepEqual(parseArguments('monitor a.db --once --json --run 2'.split(' ')), {
    ...{ command, ...none, path: 'a.db', once: true, json: true, run: 2 },
  });
  const served = { command, ...none, path: 'a', serve: true, port: 0 };
  assert.deepEqual(parseArguments('monitor a --serve --port 0'.split(' ')), served);
  for (const [call, message] of [
    ['monitor a b', /^monitor takes one RUN/],
    ['monitor a --run 0', /^--run must be a whole number ≥ 1/],
    ['monitor a --port 1', /^--port goes with --serve/],
    ['monitor a --serve --html x', /^--serve goes with none of/],
    ['monitor a --serve --port 65536', /^--port must be a whole number/],
  ] as const) {
    assert.throws(() => parseArguments(call.split(' ')), { code: 'usage', message }, call);
  }
});

suite('the command', () => {
  test('finds the last run in a folder, and tells of it in text, JSON and a page', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'monitoring'));
    const old = join(folder, 'monitoring/b.db');
    randomRun(old, 1, 10);
    utimesSync(old, 1, 1);
    const last = join(folder, 'monitoring/a.db');
    const tally = randomRun(last, 2, 50);
    const text = await runCli(['monitor', folder]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /^made-up\.ts has ended after [\d.]+ s: \d+ tasks done/);
    assert.ok(text.stdout.includes(last));
    const json = JSON.parse((await runCli(['monitor', folder, '--json'])).stdout);
    assert.equal(json.version, 1);
    assert.equal(json.tasks, 50);
    assert.equal(json.retried, tally.retried);
    const html = await runCli(['monitor', last, '--html', folder]);
    assert.equal(html.code, 0, html.stderr);
    assert.match(readFileSync(join(folder, 'a.html'), 'utf8'), /^<!DOCTYPE html>/);
  });

  test('says what is wrong with what it is given', async (t) => {
    const folder = temporaryFolder(t);
    const other = join(folder, 'other.db');
    const db = new DatabaseSync(other);
    db.exec('CREATE TABLE workflow (run_id TEXT)');
    db.close();
    const text = join(folder, 'text.db');
    writeFileSync(text, 'no database at all, but long enough to be one'.repeat(100));
    const run = join(folder, 'run.db');
    randomRun(run, 1, 3);
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    for (const [args, message] of [
      [[join(folder, 'nothing')], /is not there\. Name the file/],
      [[empty], /holds no file of a MonitoringHub/],
      [[other], /is no file of a MonitoringHub/],
      [[text], /text\.db can't be read/],
      [[run, '--run', '2'], /has no 2 runs/],
      [[run, '--html', join(folder, 'no/folder.html')], /can't be written/],
    ] as const) {
      const { code, stderr, stdout } = await runCli(['monitor', ...args]);
      assert.equal(code, 1, stdout);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  });
});

test('the page that is served goes with the run, for this machine alone', async (t) => {
  const path = join(temporaryFolder(t), 'run.db');
  const { run, task } = runningRun(path);
  const viewer = await serveMonitor(path, 1, { port: 0 });
  t.after(() => viewer.close());
  const ask = (at: string, headers = {}): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(at, viewer.url), { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject);
      asked.end();
    });
  assert.equal(await ask('/', { host: 'elsewhere.example' }), 421);
  assert.equal(await ask('/', {}), 200);
  assert.equal(await ask('/data', {}), 200);
  assert.equal(await ask('/../etc/passwd', {}), 404);
  assert.match(viewer.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);

  if (findBrowser() === null) {
    t.diagnostic(NO_BROWSER);
    return;
  }
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const log = watch(page);
  await page.goto(viewer.url);
  assert.match(await page.title(), /^live\.ts has run for .*: 0 of 1 task ended$/);
  // The page has to have asked once before it can see that something is new.
  await page.waitForResponse(/version/);
  run.add({ ...task, state: 'done', at: Date.now() });
  run.write(Date.now());
  const deadline = Date.now() + 20_000;
  while (!(await page.title()).includes('1 task done')) {
    assert.ok(Date.now() < deadline, await page.title());
    await page.waitForTimeout(100);
  }
  assert.deepEqual(log.problems, []);
  assert.deepEqual([...log.hosts], [new URL(viewer.url).host]);
});
