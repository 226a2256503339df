/** The scripts of `tilewright completion`, in real shells. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { SCRIPTS } from '../../src/cli/commands/completion.ts';
import { offeredCommands } from '../../src/cli/completion/offers.ts';
import { inputExtensions } from '../../src/formats/input-formats.ts';
import { runCli, temporaryFolder } from '../staging/support.ts';

type Shell = keyof typeof SCRIPTS;

const folder = temporaryFolder({ after });
const cwd = join(folder, 'here');
for (const name of ['sub', 'stage']) mkdirSync(join(cwd, name), { recursive: true });
for (const name of ['a.gpkg', 'B.SHP', 'note.txt', 'tms.json', 'x y.gpkg', 'sub/c.gpkg']) {
  writeFileSync(join(cwd, name), '');
}
for (const [shell, script] of Object.entries(SCRIPTS)) {
  writeFileSync(join(folder, shell), script(offeredCommands()));
}

/** What a shell offers for a line, which ends with the word that is being written. */
const OFFERED: [line: string, offered: string[]][] = [
  ['tilewright st', ['stage', 'status']],
  ['tilewright he', ['help']],
  ['tilewright --ver', ['--version']],
  ['tilewright stage --ex', ['--executor', '--ext']],
  ['tilewright stage --executor s', ['slurm', 'slurm-array']],
  ['tilewright stage --executor=s', ['slurm', 'slurm-array']],
  ['tilewright stage -z 4 --ext .', inputExtensions().sort()],
  ['tilewright stage ', ['B.SHP', 'a.gpkg', 'stage/', 'sub/', 'tms.json', 'x y.gpkg']],
  ['tilewright stage sub/', ['sub/c.gpkg']],
  ['tilewright stage a.gpkg --workers 2 x', ['x y.gpkg']],
  ['tilewright stage a.gpkg -o ', ['stage/', 'sub/']],
  ['tilewright stage --config n', ['note.txt']],
  ['tilewright stage --clip-to-footprint co', ['contains', 'covers']],
  ['tilewright stage --tms WGS', ['WGS1984Quad']],
  ['tilewright stage --tms t', ['tms.json']],
  ['tilewright tms ', ['list', 'show']],
  ['tilewright tms show WorldC', ['WorldCRS84Quad']],
  ['tilewright plot sub --color ', ['area', 'count', 'duplicated', 'input', 'random']],
  ['tilewright plot su', ['sub/']],
  ['tilewright plot --format ', ['png', 'svg']],
  ['tilewright completion ', ['bash', 'fish', 'zsh']],
  ['tilewright help tm', ['tms']],
  ['tilewright worker --queue-', ['--queue-ca', '--queue-name']],
];

function skip(...programs: string[]): string | false {
  const absent = programs.filter((program) => {
    return spawnSync(program, ['--version']).error !== undefined;
  });
  return absent.length > 0 && `there is no ${absent.join(' and no ')} here`;
}

function run(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

/** Words of a line as bash makes them: `=` is one of its own. */
function bashWords(line: string): string[] {
  return line.split(/ |(?<==)|(?==)/);
}

function bashOffers(line: string): string[] {
  const code =
    `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _tilewright; ` +
    `printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = run('bash', ['-c', code, join(folder, 'bash'), ...bashWords(line)]);
  const isFolder = (name: string): boolean =>
    ['sub', 'stage'].includes(name) && !line.endsWith(' st');
  // With -o filenames, readline adds the slash.
  return out
    .split('\n')
    .filter(Boolean)
    .map((name) => (isFolder(name) ? `${name}/` : name));
}

function fishOffers(line: string): string[] {
  const code = `source ${join(folder, 'fish')}; complete -C ${JSON.stringify(line)}`;
  const offers = run('fish', ['--no-config', '-c', code]).split('\n').filter(Boolean);
  return offers.map((offer) => offer.split('\t')[0]!.replace(/^--executor=/, ''));
}

function zshOffers(lines: string[]): string[][] {
  const script = join(import.meta.dirname, 'zsh-lists.py');
  const out = run('/usr/bin/python3', [script, join(folder, 'zsh'), ...lines]);
  return out
    .trimEnd()
    .split('\n')
    .map((text) => {
      const words = String(JSON.parse(text)).split(/(?<!\\)\s+/);
      return words.filter(Boolean).map((word) => word.replaceAll('\\ ', ' '));
    });
}

function check(line: string, offered: string[], expected: string[]): void {
  assert.deepEqual([...offered].sort(), [...expected].sort(), line);
}

suite('completion', () => {
  test('is printed by the command', async () => {
    for (const shell of Object.keys(SCRIPTS) as Shell[]) {
      const { code, stdout } = await runCli(['completion', shell]);
      assert.deepEqual([code, stdout], [0, SCRIPTS[shell](offeredCommands())]);
    }
    assert.equal((await runCli(['completion', 'tcsh'])).code, 2);
  });

  test('in bash', { skip: skip('bash') }, () => {
    for (const [line, expected] of OFFERED) check(line, bashOffers(line), expected);
  });

  test('in fish', { skip: skip('fish') }, () => {
    for (const [line, expected] of OFFERED) check(line, fishOffers(line), expected);
  });

  test('in zsh', { skip: skip('zsh', '/usr/bin/python3') }, () => {
    const lists = zshOffers(OFFERED.map(([line]) => line));
    for (const [i, [line, expected]] of OFFERED.entries()) {
      // A list shows the last part of a path alone.
      check(
        line,
        lists[i]!,
        expected.map((name) => name.replace(/^sub\/(?=.)/, '')),
      );
    }
  });

  test('every option and every value that is fixed is in each script', () => {
    for (const script of Object.values(SCRIPTS)) {
      const text = script(offeredCommands());
      for (const { name, options } of offeredCommands()) {
        for (const option of options) {
          const spelled = new RegExp(`(--|-l )${option.name}\\b`);
          assert.match(text, spelled, `${name} --${option.name}`);
          for (const word of option.offer.words) assert.ok(text.includes(word), word);
        }
      }
    }
  });
});
