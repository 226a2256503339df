/** Commands as a worker runs them: compared with what bash and Node.js say of the same command. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { BashExitFailure } from '../../../src/parallel/apps/bash-exit-failure.ts';
import type { Command } from '../../../src/parallel/apps/command.ts';
import type { CapturedOutput, CommandTask } from '../../../src/parallel/apps/command-task.ts';
import { File } from '../../../src/parallel/apps/file.ts';
import { RUN_COMMAND_URL } from '../../../src/parallel/apps/register-commands.ts';
import { runLine } from '../../../src/parallel/apps/run-command.ts';
import { sh } from '../../../src/parallel/apps/shell-words.ts';
import { callFunction } from '../../../src/parallel/inside/call.ts';
import { assertNoneLeft, markedEnvironment } from '../../integration/engines/processes.ts';
import { commandTask, folderFor } from './support.ts';

type Bytes = CapturedOutput<Uint8Array>;

async function failureOf(command: Command, options: Partial<CommandTask> = {}) {
  const error = await runLine(commandTask({ capture: 'text', ...options }), command).then(
    (result) => assert.fail(`succeeded with ${result}`),
    (thrown: TilewrightError) => thrown,
  );
  const failure = error.cause instanceof BashExitFailure ? error.cause : undefined;
  return { error, failure };
}

suite('commands', () => {
  test('end and write as bash has them end and write', async () => {
    const commands = [
      'echo hello',
      'echo out; echo err >&2; exit 3',
      'catdogcat',
      '/dev/null',
      'kill -9 $$',
      'kill -TERM $$',
      'bash -c "kill -9 \\$\\$"; exit $?',
      'exit 255',
      '$((5/0))',
      'if then',
      'x=(1 2 3); echo "$x" <(true)',
      "printf '\\xff\\x00\\xfe'",
      'head -c 3000000 /dev/urandom | md5sum | wc -c',
      'cat',
      'for i in {1..5}; do\n  echo "line $i"\ndone',
    ];
    for (const command of commands) {
      const expected = spawnSync('/bin/bash', ['-c', command], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const options: Partial<CommandTask> = { capture: 'bytes' };
      if (expected.status !== 0) {
        const { error, failure } = await failureOf(command, options);
        assert.equal(error.code, 'task-failed', command);
        assert.equal(failure?.exitCode, expected.status, command);
        assert.equal(failure?.signal, expected.signal, command);
        const withoutPid = (text = ''): string => text.replace(/ \d+ Killed/, ' Killed');
        assert.equal(withoutPid(failure?.stderr), withoutPid(`${expected.stderr}`), command);
        assert.equal(failure?.command, command);
        continue;
      }
      const result = (await runLine(commandTask(options), command)) as Bytes;
      assert.equal(result.exitCode, 0);
      assert.deepEqual(Buffer.from(result.stdout), expected.stdout, command);
      assert.deepEqual(Buffer.from(result.stderr), expected.stderr, command);
    }
  });

  test('that fail say how and what', async () => {
    const messageOf = async (command: Command): Promise<string> =>
      (await failureOf(command)).error.message;
    assert.match(
      await messageOf('catdogcat'),
      /^test: exit code 127 \(command not found\), of the command catdogcat\. It said: .*catdogcat: command not found$/,
    );
    assert.match(await messageOf('/dev/null'), /exit code 126 \(not executable\)/);
    assert.match(
      await messageOf('kill -9 $$'),
      /ended by SIGKILL, as a system does that is out of memory/,
    );
    assert.match(
      await messageOf('bash -c "kill -11 \\$\\$"; exit $?'),
      /exit code 139 \(a process of it was ended by SIGSEGV\)/,
    );
    assert.match(
      await messageOf(['/nowhere/program', 'x']),
      /exit code 127 \(command not found\), of the command \/nowhere\/program x$/,
    );
    assert.match(await messageOf(['/dev/null']), /exit code 126/);
    // Of much that was said, the end.
    const { failure } = await failureOf('for i in {1..9999}; do echo "line $i" >&2; done; exit 1');
    assert.ok(Buffer.byteLength(failure!.stderr) <= 2 * 1024 + 4);
    assert.match(failure!.stderr, /^… line \d{4}\n.*line 9999\n$/s);
  });

  test('may end with other exit codes, if that is said', async () => {
    assert.equal(await runLine(commandTask({ successCodes: [0, 1] }), 'grep x /dev/null'), 1);
    const { failure } = await failureOf('true', { successCodes: [1] });
    assert.equal(failure?.exitCode, 0);
  });

  test('of words need no shell', async (t) => {
    const path = join(folderFor(t), "a 'file' $(rm -rf x)");
    assert.equal(await runLine(commandTask(), ['touch', path]), 0);
    assert.ok(existsSync(path));
    const { stdout } = (await runLine(commandTask({ capture: 'text' }), [
      'printf',
      '%s|',
      '$HOME',
      '*',
      '',
    ])) as CapturedOutput;
    assert.equal(stdout, '$HOME|*||');
  });

  test('what sh`…` quotes arrives as it is', async (t) => {
    const texts = [
      'plain',
      'a b',
      "it's",
      '"',
      '$HOME `id` $(id)',
      '',
      'line\nend',
      '*',
      '~',
      '-n',
      'ü\\',
    ];
    const { stdout } = (await runLine(
      commandTask({ capture: 'text' }),
      sh`printf '%s\\0' ${texts} ${1}`,
    )) as CapturedOutput;
    assert.deepEqual(stdout.split('\0'), [...texts, '1', '']);
    const folder = folderFor(t);
    await runLine(commandTask({ cwd: folder }), sh`echo ok > ${join(folder, "it's here")}`);
    assert.equal(readFileSync(join(folder, "it's here"), 'utf8'), 'ok\n');
  });

  test('what is no word is refused by sh`…`', () => {
    const none = [
      undefined,
      null,
      {},
      new Map(),
      () => 1,
      Promise.resolve('x'),
      ['x', [undefined]],
      'a\0b',
    ];
    for (const value of none) {
      assert.throws(() => sh`sort ${'x'} > ${value}`, {
        code: 'task-arguments',
        message: /no word for the shell, after “sort x > ”: /,
      });
    }
    assert.equal(
      sh`${new File('/a b')} ${new URL('file:///a%20b')} ${[]}${1n}`,
      "'/a b' file:///a%20b 1",
    );
  });

  test('have the environment, folder and shell that they are given', async (t) => {
    const folder = folderFor(t);
    const env = { ADDED: "it's $x", HOME: null, PATH: process.env['PATH']! };
    const result = (await runLine(
      commandTask({ capture: 'text', cwd: folder, env }),
      'echo "$ADDED|$(printenv HOME)|$PWD|$0"',
    )) as CapturedOutput;
    assert.equal(result.stdout, `it's $x||${folder}|/bin/bash\n`);
    const inSh = (await runLine(
      commandTask({ capture: 'text', shell: '/bin/sh' }),
      'echo "$0"',
    )) as CapturedOutput;
    assert.equal(inSh.stdout, '/bin/sh\n');
    const { error } = await failureOf('true', { cwd: join(folder, 'no') });
    assert.match(error.message, /test: its cwd .*no is no folder$/);
    const noShell = await failureOf('true', { shell: '/bin/no such shell' });
    assert.equal(noShell.failure?.exitCode, 127);
  });

  test('write to files: appended or begun anew, folders made, both outputs in one', async (t) => {
    const folder = folderFor(t);
    const out = join(folder, 'new', 'folder', 'out');
    const err = join(folder, 'err');
    const run = (flags: 'a' | 'w', one = false): Promise<unknown> =>
      runLine(
        commandTask({ stdout: { path: out, flags }, stderr: { path: one ? out : err, flags } }),
        'echo out; echo err >&2',
      );
    await run('a');
    await run('a');
    assert.equal(readFileSync(out, 'utf8'), 'out\nout\n');
    assert.equal(readFileSync(err, 'utf8'), 'err\nerr\n');
    await run('w');
    assert.equal(readFileSync(out, 'utf8'), 'out\n');
    await run('w', true);
    assert.equal(readFileSync(out, 'utf8'), 'out\nerr\n');
    // What was there before is none of what it said.
    const { failure } = await failureOf('echo this one >&2; false', {
      stderr: { path: err, flags: 'a' },
    });
    assert.equal(failure?.stderr, 'this one\n');
    writeFileSync(join(folder, 'file'), '');
    const { error } = await failureOf('echo', {
      stdout: { path: join(folder, 'file', 'out'), flags: 'a' },
    });
    assert.match(error.message, /EEXIST: .*file'$/);
    const lost = await failureOf('echo', { stdout: { path: '/proc/none/out', flags: 'w' } });
    assert.equal(lost.error.code, 'output-unwritable');
    assert.equal(
      await runLine(commandTask({ stdout: { path: '/dev/null', flags: 'a' } }), 'ls'),
      0,
    );
  });

  test('may write much, and what is no text', async (t) => {
    const path = join(folderFor(t), 'out');
    const ten =
      'head -c 10000000 /dev/zero | tr "\\0" x; head -c 5000000 /dev/zero | tr "\\0" y >&2';
    const result = (await runLine(commandTask({ capture: 'text' }), ten)) as CapturedOutput;
    assert.ok(result.stdout === 'x'.repeat(10_000_000));
    assert.ok(result.stderr === 'y'.repeat(5_000_000));
    await runLine(commandTask({ stdout: { path, flags: 'w' }, stderr: { path, flags: 'w' } }), ten);
    assert.equal(readFileSync(path).length, 15_000_000);
    const latin = "printf 'Stra\\xdfe'";
    const { error } = await failureOf(latin, { capture: 'text' });
    assert.match(error.message, /wrote to stdout is no UTF-8.*capture: 'bytes'/);
    const bytes = (await runLine(commandTask({ capture: 'bytes' }), latin)) as Bytes;
    assert.deepEqual(bytes.stdout, new Uint8Array([83, 116, 114, 97, 0xdf, 101]));
    const endless = await failureOf('yes', { capture: 'text' });
    assert.match(endless.error.message, /more than 32 MiB.*`stdout`/);
  });

  test('that are too long for the system are refused', async () => {
    const { error } = await failureOf(`: ${'x'.repeat(200_000)}`);
    assert.match(
      error.message,
      /^test: its command .*… is too long for the system.*Write it to a file/,
    );
  });

  test('are to leave their outputs', async (t) => {
    const folder = folderFor(t);
    const outputs = ['a', 'b', 'c'].map((name) => join(folder, name));
    const { error } = await failureOf(sh`touch ${outputs[1]}`, { outputs });
    assert.equal(
      error.message,
      `test: its command has ended well, but left no ${outputs[0]}, ${outputs[2]}, which are among its outputs`,
    );
    assert.equal(await runLine(commandTask({ outputs }), sh`touch ${outputs}`), 0);
  });

  test('take all that they have started along when their time is up', async (t) => {
    const { mark, env } = markedEnvironment();
    const path = join(folderFor(t), 'started');
    const { error } = await failureOf(
      `${sh`echo x > ${path}`}; sh -c "trap '' TERM; sleep 100 & sleep 100"`,
      { env, timeLimitMs: 500 },
    );
    assert.equal(error.code, 'task-timeout');
    assert.equal(error.message, 'test was stopped: it took longer than its time limit of 0.5 s');
    assert.ok(existsSync(path));
    await assertNoneLeft(mark, 0);
  });

  test('leave nothing in the background, but let it end', async (t) => {
    const { mark, env } = markedEnvironment();
    const path = join(folderFor(t), 'log');
    // The shell does not wait for what it has started like this.
    const late = (await runLine(
      commandTask({ capture: 'text', env }),
      sh`exec > >(sleep 0.3; cat > ${path}; echo done >&2); echo hello`,
    )) as CapturedOutput;
    assert.equal(late.stderr, 'done\n');
    assert.equal(readFileSync(path, 'utf8'), 'hello\n');
    assert.equal(await runLine(commandTask({ env }), 'sleep 100 & true'), 0);
    await assertNoneLeft(mark, 0);
  });

  test('get no input', async () => {
    const { stdout } = (await runLine(commandTask({ capture: 'text' }), 'wc -c')) as CapturedOutput;
    assert.equal(stdout, '0\n');
  });

  test('are made by functions, which may give none', async () => {
    const url = new URL('./commands.ts', import.meta.url).href;
    const made = async (exportName: string, ...args: unknown[]): Promise<unknown> => {
      const next = { name: `commands.${exportName}`, url, exportName };
      const name = `bash-app.runMade+${next.name}`;
      const { value } = await callFunction({
        location: { name, url: RUN_COMMAND_URL, exportName: 'runMade', next },
        args: [commandTask({ capture: 'text' }), args],
        progress: () => undefined,
      });
      return value;
    };
    assert.deepEqual(await made('greet', 'you'), {
      exitCode: 0,
      stdout: 'hello you\n',
      stderr: '',
    });
    assert.deepEqual(await made('later', 'a  b'), { exitCode: 0, stdout: 'a  b\n', stderr: '' });
    await assert.rejects(made('nothing'), { message: /^test gave no command: .* not undefined$/ });
    await assert.rejects(made('numbers'), { message: /not \["echo", 1\]$/ });
    await assert.rejects(made('empty'), { message: /not " "$/ });
    await assert.rejects(made('throws'), { name: 'RangeError', message: 'no such lake' });
    await assert.rejects(made('absent'), { code: 'task-unknown' });
  });
});
