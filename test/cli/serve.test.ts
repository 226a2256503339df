/** `tilewright serve`: arguments, what it prints, and how it ends. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import { runCli, temporaryFolder } from '../staging/support.ts';
import { stageScenes } from '../viewer/support.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');

test('arguments become options', () => {
  const command = 'serve' as const;
  assert.deepEqual(parseArguments(['serve', 'staged']), {
    command,
    folder: 'staged',
    host: '127.0.0.1',
  });
  assert.deepEqual(parseArguments('serve staged --port 0 --host=::1'.split(' ')), {
    command,
    folder: 'staged',
    port: 0,
    host: '::1',
  });
  for (const [call, message] of [
    ['serve', /^serve needs one DIR\. See tilewright serve --help\.$/],
    ['serve a b', /^serve needs one DIR/],
    ['serve a --port 65536', /^--port must be a whole number from 0 to 65535, not "65536"/],
    ['serve a --port=-1', /^--port must be a whole number/],
    ['serve a --port http', /^--port must be a whole number/],
  ] as const) {
    assert.throws(() => parseArguments(call.split(' ')), { code: 'usage', message }, call);
  }
});

suite('the command', () => {
  const folder = temporaryFolder({ after });
  let staged: string;
  before(async () => {
    ({ staged } = await stageScenes(folder, {}, 60));
  });

  test('serves until Ctrl-C, and warns where others can see it', async (t) => {
    for (const [args, signal] of [
      [[], 'SIGINT'],
      [['--host', '0.0.0.0'], 'SIGTERM'],
    ] as const) {
      const child = spawn(process.execPath, [CLI, 'serve', staged, '--port', '0', ...args]);
      t.after(() => child.kill('SIGKILL'));
      let stdout = '';
      let stderr = '';
      child.stderr.on('data', (text) => {
        stderr += String(text);
      });
      while (!stdout.includes('\n')) {
        const [text] = await once(child.stdout, 'data');
        stdout += String(text);
      }
      const [, shown, url, port] = /^(.*) is shown at (http:\/\/[\w.]+:(\d+)\/)\n/.exec(stdout)!;
      assert.equal(shown, staged);
      const page = await fetch(`http://127.0.0.1:${port}/`);
      assert.match(await page.text(), /<title>Tilewright<\/title>/);
      child.kill(signal);
      assert.deepEqual(await once(child, 'close'), [0, null]);
      await assert.rejects(fetch(url!));
      if (args.length === 0) assert.equal(stderr, '');
      else assert.match(stderr, /^Warning: whoever reaches 0\.0\.0\.0 can see what is staged/);
    }
  });

  test('says in a sentence what is wrong', async () => {
    const result = await runCli(['serve', folder]);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^tilewright: .* has no journal: it is no staged folder\. .*\n$/);
    const other = await runCli(['serve', staged, '--host', '192.0.2.1']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /^tilewright: Can't listen on 192\.0\.2\.1, port 4173: .*\n$/);
  });
});
