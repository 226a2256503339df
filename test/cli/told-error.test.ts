/** How errors are told: in a sentence, as one event with --json, with stack traces only on request. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { COMMANDS, type CommandName } from '../../src/cli/arguments/commands.ts';
import { type CliResult, runCli, temporaryFolder } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

const FRAME = /\n {4}at /;

/** Runs the program after this code, which makes something of it fail. */
function broken(code: string, args: string[], env: Record<string, string> = {}) {
  const module = `data:text/javascript,${encodeURIComponent(code)}`;
  return runCli(args, { env: { NODE_OPTIONS: `--import=${module}`, ...env } });
}

function eventOf({ stdout, stderr }: CliResult): Record<string, unknown> {
  assert.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  return JSON.parse(lines.at(-1)!);
}

suite('errors with --json are one event', () => {
  const names = (Object.keys(COMMANDS) as CommandName[]).filter((name) =>
    COMMANDS[name].options.some((option) => option.name === 'json'),
  );
  for (const name of names) {
    test(`of ${name}`, async () => {
      const result = await runCli([name, '--json', '--no-such-option']);
      const event = eventOf(result);
      assert.deepEqual([result.code, event['type'], event['code']], [2, 'error', 'usage']);
      assert.match(String(event['message']), /^--no-such-option is not an option of /);
      assert.equal('stack' in event, false);
      assert.equal(result.stdout.trimEnd().includes('\n'), false);
      const traced = eventOf(await runCli([name, '--json', '--nope', '--verbose']));
      assert.match(String(traced['stack']), FRAME);
    });
  }

  test('also where no run begins, a run fails, or the command is none', async (t) => {
    const at = new Workplace(t);
    writeFileSync(join(at.base, 'file'), '');
    at.write('a.gpkg', layerAt([0]));
    const cases: [args: string[], code: number, error: string][] = [
      [['stag', '--json'], 2, 'usage'],
      [['stage', 'input', '--json'], 2, 'usage'],
      [['stage', 'input', '-o', 'x', '--config', 'none.json', '--json'], 2, 'config-invalid'],
      [['stage', 'input', '-o', 'file/x', '--json'], 1, 'output-unwritable'],
      [['stage', 'input', '-o', 'x', '--tms', 'WGS84', '--json', '--quiet'], 2, 'tms-unknown'],
      [['tms', 'show', 'none', '--json'], 2, 'tms-unknown'],
      [['status', 'none', '--json'], 1, 'staged-folder'],
      [['report', 'none', '--json'], 1, 'staged-folder'],
    ];
    for (const [args, code, error] of cases) {
      const result = await runCli(args, { cwd: at.base });
      const event = eventOf(result);
      assert.deepEqual([result.code, event['type'], event['code']], [code, 'error', error]);
    }
  });

  test('failed inputs in them have no stack traces either', async (t) => {
    const at = new Workplace(t);
    writeFileSync(join(at.input, 'a.gpkg'), 'nothing of that kind');
    const args = ['stage', at.input, '-o', at.staged, '--executor', 'inline', '--json'];
    const { stdout } = await runCli(args);
    assert.match(stdout, /"input-failed"/);
    assert.doesNotMatch(stdout, /"stack"/);
    assert.match((await runCli([...args, '-v'])).stdout, /"stack"/);
    assert.doesNotMatch((await runCli(['info', at.input, '--json'])).stdout, /"stack"/);
  });
});

suite('stack traces are shown when they are asked for', () => {
  test('of errors that are expected', async (t) => {
    const cwd = temporaryFolder(t);
    const args = ['status', 'none'];
    assert.doesNotMatch((await runCli(args, { cwd })).stderr, FRAME);
    assert.match((await runCli([...args, '-v'], { cwd })).stderr, FRAME);
    assert.match((await runCli([...args, '--verbose'], { cwd })).stderr, FRAME);
    assert.match((await runCli(args, { cwd, env: { TILEWRIGHT_DEBUG: '1' } })).stderr, FRAME);
    assert.doesNotMatch(
      (await runCli(args, { cwd, env: { TILEWRIGHT_DEBUG: '0' } })).stderr,
      FRAME,
    );
  });

  const fails = 'String.prototype.padEnd = () => { throw new TypeError("boom"); }';
  const failsLater =
    'String.prototype.padEnd = () => { setImmediate(() => { throw new TypeError("boom"); }); return ""; }';
  for (const [what, code] of [
    ['that are not', fails],
    ['that nobody waits for', failsLater],
  ] as const) {
    test(`of errors ${what}`, async () => {
      const plain = await broken(code, ['tms']);
      assert.equal(plain.code, 1);
      assert.match(
        plain.stderr,
        /^tilewright: boom\nThis is a fault in tilewright itself\. .*--verbose/,
      );
      assert.doesNotMatch(plain.stderr, FRAME);
      assert.match((await broken(code, ['tms', '--verbose'])).stderr, /TypeError: boom\n {4}at /);
      assert.match((await broken(code, ['tms'], { TILEWRIGHT_DEBUG: '1' })).stderr, FRAME);
    });
  }
});
