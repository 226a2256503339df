/** Files as values, and futures of them. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { app, File, InlineExecutor } from '../../../src/parallel.ts';
import type * as Commands from './commands.ts';
import { folderFor, loaded } from './support.ts';

const COMMANDS_URL = new URL('./commands.ts', import.meta.url);

suite('files', () => {
  test('have a path, however they are named', () => {
    const file = new File('/data/my lakes.gpkg');
    assert.deepEqual(
      { ...file, text: `${file}`, filepath: file.filepath },
      {
        url: 'file:///data/my%20lakes.gpkg',
        scheme: 'file',
        path: '/data/my lakes.gpkg',
        filename: 'my lakes.gpkg',
        text: '/data/my lakes.gpkg',
        filepath: '/data/my lakes.gpkg',
      },
    );
    for (const same of [
      file.url,
      new URL(file.url),
      'file://localhost/data/my%20lakes.gpkg',
      '/data/x/../my lakes.gpkg',
    ]) {
      assert.deepEqual(new File(same), file);
    }
    assert.deepEqual(file.cleancopy(), file);
    assert.equal(new File('a:b.txt').path, join(process.cwd(), 'a:b.txt'));
    assert.equal(new File('100%.txt').path, join(process.cwd(), '100%.txt'));
    for (const url of [
      'https://example.org/x',
      'ftp://host/x',
      'globus://id/x',
      'http:x',
      'zip:/a/b',
    ]) {
      assert.throws(
        () => new File(url),
        { code: 'usage', message: /on a disk.*an app fetch it/ },
        url,
      );
    }
    for (const url of ['', 'a\0b', 'file://other-host/x'])
      assert.throws(() => new File(url), { code: 'usage' });
  });

  test('are there when their future is', async (t) => {
    await using _kernel = await loaded(() => new InlineExecutor());
    const folder = folderFor(t);
    const [file, other] = ['a', 'b'].map((name) => new File(join(folder, name))) as [File, File];
    const touch = app<typeof Commands.touchFirst>(COMMANDS_URL, 'touchFirst');
    const call = touch.with({ outputs: [file, other] })();
    assert.deepEqual(await call.outputs[0], file);
    await call;
    assert.deepEqual(
      call.outputs.map((future) => future.filename),
      ['a', 'b'],
    );
    await assert.rejects(async () => await call.outputs[1], {
      code: 'task-failed',
      message: `commands.touchFirst has ended well, but left no ${other}, which is among its outputs`,
    });
    writeFileSync(other.path, '');
  });
});
