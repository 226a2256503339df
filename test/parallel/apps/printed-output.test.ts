/** Files for what functions print. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { app, autoLogname, InlineExecutor } from '../../../src/parallel.ts';
import type * as Commands from './commands.ts';
import { executors, folderFor, loaded } from './support.ts';

const COMMANDS_URL = new URL('./commands.ts', import.meta.url);

for (const [where, make] of Object.entries({
  ...executors,
  'this thread': () => new InlineExecutor(),
})) {
  suite(`what functions print on ${where}`, () => {
    test('goes to files, if that is asked for', async (t) => {
      const folder = folderFor(t);
      const [out, err] = [join(folder, 'new', 'out'), join(folder, 'err')];
      await using _kernel = await loaded(make, join(folder, 'runinfo'));
      const print = app<typeof Commands.print>(COMMANDS_URL, 'print', {
        stdout: out,
        stderr: [err, 'w'],
      });
      const future = print('one', '');
      assert.deepEqual([future.stdout, future.stderr], [out, err]);
      assert.equal(await future, 'one');
      assert.equal(await print('two', ''), 'two');
      assert.equal(readFileSync(out, 'utf8'), 'out one\nout two\n');
      assert.equal(readFileSync(err, 'utf8'), 'err two\n');
      const logged = print.with({ stdout: autoLogname, stderr: [err, 'w'], retries: 2 });
      const again = logged('three', join(folder, 'counter'), 1);
      await again;
      assert.equal(again.attempts, 2);
      assert.equal(readFileSync(again.stdout!, 'utf8'), 'out three\nout three\n');
      assert.equal(readFileSync(err, 'utf8'), 'err three\nerr three\n');
      const both = print.with({ stdout: [out, 'w'], stderr: [out, 'w'] });
      await both('four', '');
      assert.deepEqual(readFileSync(out, 'utf8').trim().split('\n').sort(), [
        'err four',
        'out four',
      ]);
      const chatter = app<typeof Commands.chatter>(COMMANDS_URL, 'chatter', { stdout: [out, 'w'] });
      await chatter(30_000);
      assert.equal(
        readFileSync(out, 'utf8'),
        spawnSync('seq', ['30000'], { encoding: 'utf8' }).stdout,
      );
    });

    test('that can not be written fails the task', async () => {
      await using _kernel = await loaded(make);
      const print = app<typeof Commands.print>(COMMANDS_URL, 'print', { stderr: '/dev/null' });
      const nowhere = await print.with({ stdout: '/dev/null/x' })('x', '').exception();
      assert.equal(nowhere?.code, 'output-unwritable');
      const full = await print.with({ stdout: '/dev/full' })('x', '').exception();
      assert.equal(full?.code, 'disk-full');
    });
  });
}
