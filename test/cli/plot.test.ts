/** `tilewright plot`: arguments, files, messages and exit codes. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import { decodePng } from '../plot/decode-png.ts';
import { stageScene } from '../plot/scene.ts';
import { runCli, temporaryFolder } from '../staging/support.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');

test('arguments become options', () => {
  assert.deepEqual(parseArguments(['plot', 'staged']), {
    command: 'plot',
    folder: 'staged',
    output: 'tiles.png',
    format: 'png',
    tiles: 92,
    seed: 1,
    color: 'random',
    grid: true,
  });
  const words = 'plot staged -o a.SVG --tiles all --seed=-7 --color area --no-grid'.split(' ');
  assert.deepEqual(parseArguments(words), {
    command: 'plot',
    folder: 'staged',
    output: 'a.SVG',
    format: 'svg',
    tiles: Number.POSITIVE_INFINITY,
    seed: -7,
    color: 'area',
    grid: false,
  });
  assert.deepEqual(parseArguments(['plot', '--help']), { command: 'help', topic: 'plot' });
  for (const [call, message] of [
    ['plot', /^plot needs one DIR\. See tilewright plot --help\.$/],
    ['plot a b', /^plot needs one DIR/],
    [
      'plot a -o b.jpg',
      /^b\.jpg has the extension \.jpg: a map is written as \.png or \.svg\. See/,
    ],
    ['plot a --tiles 0', /^--tiles must be a whole number ≥ 1 or all, not "0"/],
    ['plot a --seed x', /^--seed must be a whole number, not "x"/],
    [
      'plot a --color blue',
      /^--color must be random or count or area or input or duplicated, not "blue"/,
    ],
    ['plot a --colour area', /Did you mean --color\?/],
    ['plot a -o - --format jpg', /^--format must be png or svg, not "jpg"/],
    ['plot a -o a.png --format svg', /^The format svg does not go with a\.png/],
  ] as const) {
    assert.throws(() => parseArguments(call.split(' ')), { code: 'usage', message });
  }
});

suite('tilewright plot', () => {
  const folder = temporaryFolder({ after });
  const staged = join(folder, 'UPSArcticWGS84Quad');
  before(() => stageScene(folder, 'UPSArcticWGS84Quad', 7));

  test('-o - sends the picture, and nothing else, to standard output', async () => {
    const draw = (...args: string[]) =>
      spawnSync(process.execPath, [CLI, 'plot', staged, '-o', '-', ...args], { cwd: folder });
    const before = readdirSync(folder);
    const png = draw();
    assert.equal(png.status, 0, String(png.stderr));
    assert.match(String(png.stderr), /^standard output: \d+ tiles, 63 polygons, /);
    const file = join(folder, 'same.png');
    assert.equal((await runCli(['plot', staged, '-o', file])).code, 0);
    assert.deepEqual(png.stdout, readFileSync(file));
    assert.ok(decodePng(png.stdout).width > 100);
    rmSync(file);
    const svg = String(draw('--format', 'svg').stdout);
    assert.match(svg, /^<svg [\s\S]*<\/svg>\n?$/);
    assert.deepEqual(readdirSync(folder), before);
    const nothing = draw('--format', 'gif');
    assert.deepEqual([nothing.status, nothing.stdout.length], [2, 0]);
  });

  test('draws tiles.png in the current folder', async () => {
    const cwd = join(folder, 'here');
    mkdirSync(cwd);
    const { code, stdout, stderr } = await runCli(['plot', staged], { cwd });
    assert.equal(code, 0, stderr);
    const [, width, height] = /^tiles\.png: \d+ tiles, 63 polygons, (\d+) × (\d+) pixels\n$/
      .exec(stdout)!
      .map(Number);
    assert.deepEqual(readdirSync(cwd), ['tiles.png']);
    const picture = decodePng(readFileSync(join(cwd, 'tiles.png')));
    assert.deepEqual([picture.width, picture.height], [width, height]);
  });

  test('draws a part of the tiles as SVG, the same each time, and says so', async () => {
    const files = ['a.svg', 'b.svg'].map((name) => join(folder, name));
    for (const file of files) {
      const { code, stdout } = await runCli(['plot', staged, '-o', file, '--tiles', '2']);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /: 2 of \d tiles, \d+ polygons, .*\nDraw all of them with --tiles all\.\n$/,
      );
    }
    assert.deepEqual(readFileSync(files[0]!), readFileSync(files[1]!));
    assert.match(readFileSync(files[0]!, 'utf8'), /<title>2 of \d tiles, \d+ polygons<\/title>/);
  });

  test('without tiles, or for another kind of file, it fails and writes nothing', async () => {
    const output = join(folder, 'never.svg');
    const missing = await runCli(['plot', join(folder, 'missing'), '-o', output]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /missing is not there, so there are no tiles to draw/);
    assert.equal(existsSync(output), false);
    const wrong = await runCli(['plot', staged, '-o', join(folder, 'never.pdf')]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /has the extension \.pdf: a map is written as \.png or \.svg/);
  });
});
