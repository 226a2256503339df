/** The manual page: what a reader sees of it has all commands, options and keys of the configuration. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manPage } from '../../scripts/man-page.ts';
import { COMMANDS } from '../../src/cli/arguments/commands.ts';
import { EXIT_CODES } from '../../src/cli/arguments/help.ts';
import { CONFIG_KEYS } from '../../src/staging/configuration/config-schema.ts';
import { temporaryFolder } from '../staging/support.ts';

const WIDTH = '200';

/** As plain text: no overstriking, no hyphens at the ends of lines, one space between words. */
function plain(shown: string): string {
  return shown
    .replace(/.[\b]/g, '')
    .replace(/[‐‑−]\n\s*/g, '')
    .replace(/[‐‑−]/g, '-')
    .replace(/\s+/g, ' ');
}

const programs: [program: string, args: (file: string) => string[]][] = [
  ['man', (file) => ['--nh', '--nj', '-l', file]],
  ['mandoc', (file) => ['-T', 'utf8', '-O', `width=${WIDTH}`, file]],
];

for (const [program, args] of programs) {
  const absent = spawnSync(program, ['-k', 'nothing']).error !== undefined;
  test(`shown by ${program}`, { skip: absent && `there is no ${program} here` }, (t) => {
    const file = join(temporaryFolder(t), 'tilewright.1');
    writeFileSync(file, manPage('1.2.3'));
    const { status, stdout, stderr } = spawnSync(program, args(file), {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: WIDTH, PAGER: 'cat' },
    });
    assert.equal(status, 0, stderr);
    const text = plain(stdout);
    assert.match(text, /^ ?TILEWRIGHT\(1\) .* NAME tilewright . stages big vector datasets/);
    assert.match(text, /tilewright 1\.2\.3/);
    for (const [name, { usage, options }] of Object.entries(COMMANDS)) {
      for (const line of usage) assert.ok(text.includes(`tilewright ${spaced(line)}`), line);
      for (const { name: option, argument } of options) {
        const spelled = `--${option}${argument === undefined ? '' : ` ${spaced(argument)}`} `;
        assert.ok(text.includes(spelled), `${name}: ${spelled}`);
      }
    }
    for (const key of CONFIG_KEYS) assert.ok(text.includes(` ${key} `), key);
    for (const [code, meaning] of EXIT_CODES) assert.ok(text.includes(`${code} ${meaning}`));
  });
}

function spaced(text: string): string {
  return text.replaceAll('…', ' ...');
}

test('is ASCII, and mandoc finds nothing wrong with it', {
  skip: spawnSync('mandoc', []).error !== undefined && 'there is no mandoc here',
}, (t) => {
  const page = manPage('1.2.3');
  assert.match(page, /^[\n\x20-\x7e]+$/);
  const file = join(temporaryFolder(t), 'tilewright.1');
  writeFileSync(file, page);
  const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', file], {
    encoding: 'utf8',
  });
  // It has no date, so that the same source makes the same page.
  assert.deepEqual(
    stdout.split('\n').filter((line) => !line.includes('missing date')),
    [''],
  );
});
