/** What the command line says to words of other programs, to names that are no files, and to typing errors. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import { COMMANDS, type CommandName } from '../../src/cli/arguments/commands.ts';
import { FOREIGN_COMMANDS, foreignWordsOf } from '../../src/cli/arguments/foreign-words.ts';
import { remoteAdvice } from '../../src/core/remote-name.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { runCli } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

function messageOf(line: string): string {
  let message = '';
  assert.throws(
    () => parseArguments(line.split(' ')),
    (error: { code?: string; message: string }) => {
      assert.equal(error.code, 'usage', line);
      message = error.message;
      return true;
    },
  );
  return message;
}

suite('words of other programs', () => {
  const cases: [line: string, part: RegExp][] = [
    ['stage a -o b --overwrite', /of stage\. A run replaces .* --force stages all of them again/],
    ['stage a -o b -overwrite', /^-overwrite is not an option/],
    ['stage a -overwrite', /^-overwrite is not an option/],
    ['stage a -o b -t_srs EPSG:3857', /^-t_srs .* Did you mean --tms\? Tiles are in the CRS of/],
    ['stage a -o b --t_srs EPSG:3857', /Did you mean --tms\?/],
    ['stage a -o b -s_srs EPSG:3857', /Did you mean --input-crs\? .* --override-crs/],
    ['stage a -o b -a_srs EPSG:3857', /Did you mean --override-crs\?/],
    ['stage a -o b -where x=1', /^-where .* Did you mean --where\?/],
    ['stage a -o b -spat 1 2 3 4', /Did you mean --bbox\? .* longitudes/],
    ['stage a -o b -sql x', /^-sql .* --where and --bbox/],
    ['stage a -o b -nln x', /^-nln .* The layer of a tile/],
    ['stage a -o b -nlt POLYGON', /^-nlt .* ogr2ogr -nlt/],
    ['stage a -o b -f GPKG', /^-f .* --format\b.* --force/],
    ['stage a -o b --zoom 4', /Did you mean --z\?/],
    ['stage a -o b -Z4', /^-Z .* Did you mean --z\?/],
    ['stage a --output b', /Did you mean --out\?/],
    ['stage a -out b', /^-out .* Did you mean --out\?/],
    ['stage a -o b --jobs 4', /Did you mean --workers\?/],
    ['stage a -o b -j4', /^-j .* Did you mean --workers\?/],
    ['stage a -o b --threads=4', /^--threads .* Did you mean --workers\?/],
    ['stage a -o b --nWorkers 4', /Did you mean --workers\?/],
    ['stage -i a -o b', /^-i .* Inputs are given without an option/],
    ['stage a -o b --walltime 1', /the configuration file's section parallel/],
    ['stage a -o b -n', /^-n .* Did you mean --dry-run\?/],
    ['estimate a --overwrite', /--overwrite is not an option of estimate\. A run replaces/],
    ['plot d --out x.png', /Did you mean --output\?/],
    ['clean d --force', /Did you mean --yes\?/],
    ['report d -o x.html', /^-o .* Did you mean --html\?/],
    ['info -so a', /^-so .* Every layer is described/],
    ['convert a', /Did you mean stage\?/],
    ['ogrinfo a', /Did you mean info\?/],
    ['version', /Did you mean --version\?/],
    // No guess is better than a wrong one.
    ['stage a -o b --tmp x', /of stage\. See/],
    ['stage a -o b --retrys 3', /of stage\. See/],
  ];
  for (const [line, part] of cases) test(line, () => assert.match(messageOf(line), part));

  test('each leads to an option that there is, or says what to do; none hides an option', () => {
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      const options = COMMANDS[name].options.map((option) => option.name);
      const seen = new Set<string>();
      for (const { words, means, says } of foreignWordsOf(name)) {
        if (says === undefined) assert.ok(options.includes(means!) || name === 'estimate', words);
        for (const word of words.split(' ')) {
          assert.match(word, /^([A-Za-z]|[a-z\d-]{2,})$/);
          assert.ok(!seen.has(word), `${name}: ${word} twice`);
          // `files` is one of `estimate` alone.
          const hidden = options.includes(word) && name !== 'estimate';
          assert.ok(!hidden, `${name}: ${word} is an option`);
          seen.add(word);
        }
      }
    }
    for (const [word, command] of Object.entries(FOREIGN_COMMANDS)) {
      assert.ok(!(word in COMMANDS) && command in COMMANDS, word);
    }
  });

  test('values that begin like options are values', () => {
    const command = parseArguments(['stage', 'a', '-ostaged']);
    assert.ok(command.command === 'stage' && command.config.values.dirStaged === 'staged');
    const z = parseArguments(['stage', 'a', '-o', 'b', '-z', '4']);
    assert.ok(z.command === 'stage' && z.config.values.zRange[1] === 4);
  });
});

suite('URLs', () => {
  test('are named as what they are, with what to do', () => {
    const cases: [name: string, part: string | null][] = [
      ['ftp://a.org/b/lakes.gpkg', 'curl -O ftp://a.org/b/lakes.gpkg, or ogr2ogr lakes.gpkg'],
      ['ftp://a.org/x.zip?a=1&b=2', "ogr2ogr x.gpkg '/vsicurl/ftp://a.org/x.zip?a=1&b=2'"],
      ['gs://b/a.fgb', 'ogr2ogr a.gpkg /vsigs/b/a.fgb'],
      ['/vsicurl/https://a.org/b.gpkg', 'ogr2ogr b.gpkg /vsicurl/https://a.org/b.gpkg'],
      ['/vsizip/b.zip', 'GDAL alone reads'],
      ['PG:dbname=x', 'GDAL alone reads'],
      ['file:///data/a/b.gpkg', 'Give its path, /data/a/b.gpkg'],
      ['C:\\data\\a.gpkg', null],
      ['C:/data/a.gpkg', null],
      ['a:b.gpkg', null],
      ['/vsi', null],
    ];
    for (const [name, part] of cases) {
      const advice = remoteAdvice(name);
      assert.ok(part === null ? advice === null : advice?.includes(part), `${name}: ${advice}`);
    }
  });

  test('as inputs fail by name; as folders they are refused, and nothing is made', async (t) => {
    const at = new Workplace(t);
    const url = 'gs://bucket/a.gpkg';
    for (const args of [
      ['info', url],
      ['stage', url, '-o', at.staged],
      ['estimate', url],
    ]) {
      const { code, stderr } = await runCli(args, { cwd: at.base });
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /gs:\/\/bucket\/a\.gpkg is a URL of a kind that is not read: .* gcloud storage cp/,
      );
    }
    const before = readdirSync(at.base);
    for (const args of [
      ['stage', 'a', '-o', 's3://b/c'],
      ['status', url],
      ['plot', url],
    ]) {
      const { code, stderr } = await runCli(args, { cwd: at.base });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /must be a folder of this machine, and [gs]s?3?:.* is a URL/);
    }
    assert.throws(() => new TileStager({ dirStaged: 'gs://a/b' }), { code: 'usage' });
    assert.deepEqual(readdirSync(at.base), before);
    assert.ok(!existsSync(join(at.base, 's3:')));
  });
});

test('info takes files, folders and globs, and names what is not read', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  mkdirSync(join(at.input, 'deep'));
  at.write('deep/b.gpkg', layerAt([1]));
  writeFileSync(join(at.input, 'notes.txt'), '');
  const pathsOf = async (...args: string[]): Promise<[number | null, string[]]> => {
    const { code, stdout } = await runCli(['info', ...args, '--json'], { cwd: at.base });
    return [code, JSON.parse(stdout).map(({ path }: { path: string }) => path)];
  };
  assert.deepEqual(await pathsOf('input/a.gpkg'), [0, ['input/a.gpkg']]);
  assert.deepEqual(await pathsOf('input'), [0, ['input/a.gpkg', 'input/deep/b.gpkg']]);
  assert.deepEqual(await pathsOf('input/**/*.gpkg'), [0, ['input/a.gpkg', 'input/deep/b.gpkg']]);
  assert.deepEqual(await pathsOf(join(at.input, 'deep')), [0, [join(at.input, 'deep/b.gpkg')]]);
  assert.deepEqual(await pathsOf('input/a.gpkg', 'input/notes.txt', 'none'), [
    1,
    ['input/a.gpkg', 'input/notes.txt', 'none'],
  ]);
  const { stdout, stderr } = await runCli(['info', 'input', 'none'], { cwd: at.base });
  assert.match(stdout, /^input\/a\.gpkg {2}\(GeoPackage, 1 layer\)\n/);
  assert.match(stderr, /There is no file or folder .*none\./);
});
