/** Whatever files, layers, columns and values are called: no terminal obeys what is printed. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { suite, test } from 'node:test';
import { guardOutput, styledWriter } from '../../src/cli/output.ts';
import { listTiles, runCli } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const PTY_RUN = join(import.meta.dirname, 'pty-run.py');
/** Escape, bell, C1's CSI, a turn of the direction, one without width, and a line of its own. */
const EVIL = '\x1b[2J\x1b]0;own\x07\x9b31m\u202egnp\u200b';

function assertHarmless(text: string, what: string): void {
  const found = /[^\P{C}\n]|\p{Zl}|\p{Zp}/u.exec(text);
  assert.equal(found?.[0].codePointAt(0)?.toString(16), undefined, `${what}: ${text}`);
}

suite('the command line', () => {
  test('prints nothing that a terminal obeys, by any command', async (t) => {
    const at = new Workplace(t);
    const evil = `la${EVIL}`;
    const layer = { ...layerAt([0], 1, `${evil}\nfailed: forged`), key: `k${EVIL}` };
    at.write('a.gpkg', [
      { ...layer, columns: [{ name: `c${EVIL}`, type: 'INTEGER' }] },
      { ...layerAt([1], 2, `broken${EVIL}`), srsId: 0 },
    ]);
    const input = join(at.input, 'a.gpkg');
    const config = join(at.base, 'config.json');
    writeFileSync(config, JSON.stringify({ [`key${EVIL}`]: 1 }));
    const picture = join(at.base, 'map.svg');
    const page = join(at.base, 'report.html');
    const tms = join(at.base, 'tms.json');
    writeFileSync(tms, JSON.stringify({ id: EVIL, title: EVIL, crs: EVIL, tileMatrices: [] }));
    const out = ['--out', at.staged, '--executor', 'inline'];
    const calls: string[][] = [
      ['info', input],
      ['info', input, '--json'],
      ['info', `${input}${EVIL}`],
      ['stage', input, ...out],
      ['stage', input, ...out, '--json', '--force'],
      ['stage', input, `${EVIL}.gpkg`, ...out],
      ['stage', input, ...out, '--config', config],
      ['stage', input, ...out, `--${EVIL}`],
      ['estimate', input],
      ['estimate', input, '--json'],
      ['status', at.staged],
      ['status', at.staged, '--json'],
      ['report', at.staged],
      ['report', at.staged, '--json'],
      ['report', at.staged, '--html', page],
      ['plot', at.staged, '--output', picture, '--color', 'input'],
      ['tms', 'show', tms],
      ['tms', 'show', EVIL],
      ['serve', `${at.staged}${EVIL}`],
      ['worker', '--queue', `redis://${EVIL}`],
      ['help', EVIL],
      [EVIL],
    ];
    for (const args of calls) {
      const { code, stdout, stderr } = await runCli(args, { cwd: at.base });
      assert.ok(stdout !== '' || stderr !== '' || code === 0, args.join(' '));
      assertHarmless(stdout, args.join(' '));
      assertHarmless(stderr, args.join(' '));
      assert.doesNotMatch(stdout + stderr, /^failed: forged/m);
      if (!args.includes('--json') || stdout === '') continue;
      // The reader of JSON gets the names as they are.
      const lines = args[0] === 'info' ? [stdout] : stdout.trimEnd().split('\n');
      const names = JSON.stringify(lines.map((line) => JSON.parse(line)));
      if (args[0] === 'info') assert.ok(names.includes(JSON.stringify(`c${EVIL}`).slice(1, -1)));
    }
    assert.equal(listTiles(at.staged).length, 1);
    for (const file of [picture, page]) assertHarmless(readFileSync(file, 'utf8'), file);
  });

  test('shows a run on a terminal that nothing but its own block moves', (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', [layerAt([0]), { ...layerAt([1], 2, `broken${EVIL}`), srsId: 0 }]);
    const command = [process.execPath, CLI, 'stage', at.input, '--out', at.staged];
    const args = [PTY_RUN, '[[80, 24]]', 'tiles', ...command, '--executor', 'inline'];
    const { error, stdout } = spawnSync('python3', args, {
      encoding: 'utf8',
      env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
    });
    if (error !== undefined) return t.skip('python3 is not there');
    const lines = stdout.trimEnd().split('\n');
    const text = lines.map((line) => JSON.parse(line).data ?? '').join('');
    assert.match(text, /failed: .*\\u202egnp\\u200b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the block and its colours
    assertHarmless(text.replace(/\x1b\[(\?(25|7)[hl]|[JK]|\d*[AB]|\d*m)|\r/g, ''), 'terminal');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what erases all of a screen
    assert.doesNotMatch(text, /\x1b\[2J|\x1b\]|\x07/);
  });

  test('what anybody writes goes through the guard, styled text alone passes it', async () => {
    const written: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    guardOutput([stream]);
    guardOutput([stream]);
    let told = 0;
    stream.write('a\x1b[1mb\n', () => told++);
    stream.write('c\x07', 'utf8', () => told++);
    // The two bytes of é, of a thread that has written them apart.
    stream.write(Uint8Array.of(0xc3));
    stream.write(Uint8Array.of(0xa9, 0x1b));
    styledWriter(stream)('\x1b[1md');
    assert.equal(written.join(''), 'a\\u001b[1mb\nc\\u0007é\\u001b\x1b[1md');
    await new Promise(setImmediate);
    assert.equal(told, 2);
  });
});
