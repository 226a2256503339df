import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { makeScenes } from '../faults/faults.ts';
import { temporaryFolder } from './support.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const HOOK = new URL('./loaded-modules.mjs', import.meta.url).href;

suite('a run loads', () => {
  /** The modules of formats, and those of Node.js, that a run loads with all of its threads. */
  function loaded(t: { after(work: () => void): void }, ...options: string[]): string[] {
    const folder = temporaryFolder(t);
    const [input] = makeScenes(join(folder, 'scenes'), 1, 10);
    const LOADED_MODULES = join(folder, 'loaded.txt');
    const words = ['stage', input!, '--out', join(folder, 'out'), '--workers', '1', ...options];
    const { status, stderr } = spawnSync(process.execPath, ['--import', HOOK, CLI, ...words], {
      env: { ...process.env, LOADED_MODULES },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return readFileSync(LOADED_MODULES, 'utf8')
      .split('\n')
      .map((url) => url.replace(/^.*\/src\/formats\//, ''));
  }

  test('of other formats only what tells them', (t) => {
    const modules = loaded(t);
    assert.ok(modules.includes('geopackage/writer.ts'));
    const others = modules.filter((path) =>
      /^(flatgeobuf|geojson|geoparquet|parquet)\//.test(path),
    );
    assert.deepEqual([...new Set(others)].sort(), [
      ...['flatgeobuf/format.ts', 'flatgeobuf/recognise.ts'],
      ...['geojson/format.ts', 'geojson/recognise.ts', 'geoparquet/format.ts'],
    ]);
  });

  test('no client of HTTP for files', (t) => {
    const modules = loaded(t, '--format', 'geoparquet');
    assert.ok(modules.includes('geoparquet/staged.ts'));
    assert.deepEqual(
      modules.filter((path) => /^node:https?$|^remote\/(ask|exchange|remote-file)/.test(path)),
      [],
    );
  });
});
