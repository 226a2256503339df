import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type Command, parseArguments } from '../../src/cli/arguments/arguments.ts';
import { COMMANDS, type CommandName, GENERAL_OPTIONS } from '../../src/cli/arguments/commands.ts';
import { EXIT_CODES, helpText } from '../../src/cli/arguments/help.ts';
import { TilewrightError } from '../../src/core/errors.ts';
import { editDistance, nearest } from '../../src/core/nearest.ts';
import { inputExtensions } from '../../src/formats/input-formats.ts';
import { Config } from '../../src/staging/configuration/config.ts';
import { CONFIG_KEYS, configSchema } from '../../src/staging/configuration/config-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-arguments-'));
after(() => rmSync(folder, { recursive: true }));

/** Arguments as a shell would split them, without quotes. */
function parse(line: string): Command {
  return parseArguments(line.split(' ').filter((word) => word !== ''));
}

function stage(line: string) {
  const command = parse(`stage ${line}`);
  assert.equal(command.command, 'stage');
  return command as Extract<Command, { command: 'stage' }>;
}

function configFile(name: string, values: object): string {
  writeFileSync(join(folder, name), JSON.stringify(values));
  return join(folder, name);
}

suite('stage', () => {
  test('has the defaults of the configuration', () => {
    const command = stage('a.gpkg b --out tiles');
    assert.deepEqual(command.inputs, ['a.gpkg', 'b']);
    assert.deepEqual(command.config.values, Config.from({ dirStaged: 'tiles' }).values);
    assert.deepEqual([command.quiet, command.json], [false, false]);
  });

  test('takes a z below 0, which some TileMatrixSets have', () => {
    for (const line of ['a --out b --z -7', 'a --out b --z=-7']) {
      assert.deepEqual(stage(line).config.values.zRange, [-7, -7]);
    }
  });

  test('takes every option', () => {
    const command = stage(
      '--out tiles --tms my.json --z 11 --simplify-tolerance 1e-4 --input-crs EPSG:3413 ' +
        '--override-crs=EPSG:3031 a.gpkg --layer lakes --ext gpkg,.SHP --workers 3 ' +
        '--keep-primary-key --invalid drop --executor inline --force --prune --quiet --json',
    );
    assert.deepEqual(command.inputs, ['a.gpkg']);
    assert.deepEqual([command.quiet, command.json], [true, true]);
    const expected = Config.from({
      dirStaged: 'tiles',
      tmsId: 'my.json',
      zRange: [0, 11],
      simplifyTolerance: 0.0001,
      inputCrs: 'EPSG:3413',
      overrideCrs: 'EPSG:3031',
      layer: 'lakes',
      keepPrimaryKey: true,
      invalid: 'drop',
      extInput: ['.gpkg', '.shp'],
      workers: 3,
      executor: 'inline',
      force: true,
      prune: true,
    });
    assert.deepEqual(command.config.values, expected.values);
  });

  test('takes several extensions, no tolerance, and names that look like options', () => {
    const command = stage(
      '--out=-tiles --ext .shp --ext .gpkg --simplify-tolerance none -- -a.gpkg',
    );
    assert.deepEqual(command.inputs, ['-a.gpkg']);
    assert.equal(command.config.values.dirStaged, '-tiles');
    assert.deepEqual(command.config.extensions, ['.shp', '.gpkg']);
    assert.equal(command.config.values.simplifyTolerance, null);
  });

  test('takes what a configuration file says, unless an option overrules it', () => {
    const path = configFile('all.json', {
      dir_input: 'input',
      dir_staged: 'tiles',
      simplify_tolerance: 0.5,
      z_range: [4, 12],
      prop_tile: 'tile',
      workers: 2,
    });
    const alone = stage(`--config ${path}`);
    assert.deepEqual(alone.inputs, ['input']);
    assert.deepEqual(alone.config.values, Config.fromFile(path).values);
    const both = stage(`--config ${path} a.gpkg --out other --z 7 --simplify-tolerance none`);
    assert.deepEqual(both.inputs, ['a.gpkg']);
    const expected = Config.fromFile(path).merge({
      dirStaged: 'other',
      z: 7,
      simplifyTolerance: null,
    });
    assert.deepEqual(both.config.values, expected.values);
    assert.equal(both.config.values.dirInput, 'input');
    assert.equal(both.config.values.filenameStagingSummary, join('other', 'staging_summary.csv'));
  });

  test('takes its options before its name too', () => {
    const after = stage('a.gpkg b --out stage --z 7 --json --verbose');
    for (const line of [
      '--out stage --z 7 --json --verbose stage a.gpkg b',
      '-o stage -z7 --json stage a.gpkg b --verbose',
      '--json --verbose stage --z 7 --out=stage a.gpkg b',
    ]) {
      const before = parse(line);
      assert.deepEqual(before, after, line);
    }
    assert.deepEqual(parse('--json tms'), parse('tms --json'));
    assert.deepEqual(parse('--json tms show X'), parse('tms show X --json'));
    const detached = parse('--detach --json stage a --out b --executor slurm');
    assert.ok(detached.command === 'stage');
    assert.deepEqual(detached.detach, ['--json', 'a', '--out', 'b', '--executor', 'slurm']);
  });
});

test('the other commands', () => {
  assert.deepEqual(parse('info a b'), { command: 'info', inputs: ['a', 'b'], json: false });
  assert.deepEqual(parse('info a --json'), { command: 'info', inputs: ['a'], json: true });
  assert.deepEqual(parse('tms'), { command: 'tms-list', json: false });
  assert.deepEqual(parse('tms list --json'), { command: 'tms-list', json: true });
  assert.deepEqual(parse('tms show X'), { command: 'tms-show', tms: 'X', json: false });
  assert.deepEqual(parse('clean out'), { command: 'clean', folder: 'out', yes: false });
  assert.deepEqual(parse('clean --yes out'), { command: 'clean', folder: 'out', yes: true });
  for (const line of ['--version', '-v', '-V'])
    assert.deepEqual(parse(line), { command: 'version' });
});

test('ways to ask for help', () => {
  for (const line of ['', 'help', '--help', '-h', 'help help']) {
    assert.deepEqual(parse(line), { command: 'help', topic: null }, line);
  }
  // Help counts even where the rest is wrong.
  for (const line of ['help stage', '--help stage', 'stage -h', 'stage --nope x --help']) {
    assert.deepEqual(parse(line), { command: 'help', topic: 'stage' }, line);
  }
  assert.deepEqual(parse('tms show --help'), { command: 'help', topic: 'tms' });
});

suite('usage errors', () => {
  const noOut = configFile('no-out.json', { dirInput: 'input' });
  const noInput = configFile('no-input.json', { dirStaged: 'out' });
  const cases: [line: string, part: string][] = [
    ['stage a --out b --tollerance 5', 'Did you mean --simplify-tolerance?'],
    ['stage a --out b --simplify-tolerence 5', 'Did you mean --simplify-tolerance?'],
    ['stage a --output b', 'Did you mean --out?'],
    ['stage a --dir_staged b', 'Did you mean --out?'],
    ['stage a --out b --tmsId X', 'Did you mean --tms?'],
    ['stage a --out b --xyzzy', '--xyzzy is not an option of stage. See tilewright stage --help.'],
    ['stage a --out b -x', '-x is not an option of stage'],
    ['stage a', 'stage needs --out DIR'],
    [`stage a --config ${noOut}`, 'stage needs --out DIR'],
    ['stage --out b', 'at least one INPUT'],
    [`stage --config ${noInput}`, 'at least one INPUT'],
    ['stage a --out', '--out needs a value: --out DIR'],
    ['stage a --out=', '--out needs a value: --out DIR'],
    ['stage a --out --force', '"--force" looks like an option'],
    ['stage a --out b --simplify-tolerance -1', 'a number ≥ 0 or none, not "-1"'],
    ['stage a --out b --z -.5', '--z must be a whole number, not "-.5"'],
    ['stage a --out b --workers -2', '--workers must be a whole number ≥ 1, not "-2"'],
    ['stage a --out -1', '"-1" looks like an option'],
    ['plot a --tiles -3', 'not "-3"'],
    ['report a --run -1', 'not "-1"'],
    ['stage a --out b --force=yes', '--force takes no value'],
    ['stage a --out b --out c', '--out is given more than once'],
    ['stage a --out b --z x', '--z must be a whole number, not "x"'],
    ['stage a --out b --z 1.5', '--z must be a whole number, not "1.5"'],
    ['stage a --out b --z 0x10', '--z must be a whole number'],
    ['stage a --out b --simplify-tolerance few', 'a number ≥ 0 or none, not "few"'],
    ['stage a --out b --simplify-tolerance 1e999', 'a number ≥ 0 or none, not "1e999"'],
    ['stage a --out b --workers 0', '--workers must be a whole number ≥ 1, not "0"'],
    ['stage a --out b --executor cloud', '--executor must be "threads", "local", "slurm", "redis"'],
    [
      'stage a --out b --ext .shp --ext .kml',
      `--ext must be ${inputExtensions().join(' or ')}, not ".shp .kml"`,
    ],
    ['stag a', 'Did you mean stage?'],
    ['hlep', 'Did you mean help?'],
    ['input.gpkg', '"input.gpkg" is not a command. See tilewright --help.'],
    ['--verson', 'Did you mean --version?'],
    ['--json stage', 'stage needs --out DIR'],
    ['--out stage', '--out is not an option. See tilewright --help.'],
    ['--force plot a', '--force is not an option of plot'],
    ['--version stage', 'The command comes first'],
    ['-v stage a --out b', 'The command comes first'],
    ['--', 'The command comes first'],
    ['help tsm', 'Did you mean tms?'],
    ['help tms show', 'one COMMAND'],
    ['info', 'at least one INPUT'],
    ['info a --jason', 'Did you mean --json?'],
    ['clean', 'one DIR'],
    ['clean a b', 'one DIR'],
    ['tms shwo X', 'Did you mean tms show?'],
    ['tms show', 'one ID or FILE'],
    ['tms show X Y', 'one ID or FILE'],
    ['tms list X', 'tms list takes no X'],
  ];
  for (const [line, part] of cases) {
    test(line.replace(folder, ''), () => {
      assert.throws(
        () => parse(line),
        (error) => {
          assert.ok(error instanceof TilewrightError, String(error));
          assert.equal(error.code, 'usage');
          assert.ok(error.message.includes(part), error.message);
          return true;
        },
      );
    });
  }

  test('a wrong configuration file is not one of them', () => {
    const fails = (file: string, message: RegExp) =>
      assert.throws(() => parse(`stage a --config ${file}`), { code: 'config-invalid', message });
    fails(join(folder, 'no.json'), /^There is no configuration file .*no\.json$/);
    fails(folder, /^The configuration file .* can't be read as JSON: It is a folder, not a file$/);
    const path = configFile('wrong.json', { dir_staged: 'out', tile_size: [256, 256] });
    assert.throws(() => parse(`stage a --config ${path}`), {
      code: 'config-invalid',
      message: /wrong\.json.*tile_size .* Python pipeline/,
    });
  });
});

suite('help', () => {
  const names = Object.keys(COMMANDS) as CommandName[];
  const flat = (text: string) => text.replaceAll(/\s+/g, ' ');

  test('fits into 100 columns', () => {
    for (const topic of [null, ...names]) {
      const lines = helpText(topic).split('\n');
      assert.equal(lines.at(-1), '');
      for (const line of lines) {
        assert.ok(line.length <= 100, `${line.length} columns: ${line}`);
        assert.equal(line, line.trimEnd());
      }
    }
  });

  test('has the commands, examples that parse, and exit codes', () => {
    const text = helpText(null);
    for (const name of names) {
      for (const usage of COMMANDS[name].usage) assert.ok(text.includes(`  ${usage}`), usage);
      assert.ok(flat(text).includes(COMMANDS[name].summary), name);
    }
    for (const { name } of GENERAL_OPTIONS) assert.ok(text.includes(`--${name}`), name);
    const examples = [...text.matchAll(/^ {2}tilewright (.*)$/gm)].map((match) => match[1]!);
    assert.equal(examples.length, 7);
    configFile('staging.json', { dirInput: 'input', dirStaged: 'staged' });
    for (const example of examples) {
      const line = example
        .replaceAll('"', '')
        .replace('staging.json', join(folder, 'staging.json'));
      assert.notEqual(parse(line).command, 'help', example);
    }
    assert.deepEqual(
      EXIT_CODES.map(([code]) => code),
      [0, 1, 2, 130],
    );
    for (const [code, meaning] of EXIT_CODES) {
      assert.match(flat(text), new RegExp(` ${code} ${meaning}`));
      assert.ok(flat(helpText('stage')).includes(` ${code} ${meaning}`));
    }
  });

  test("has each option with the schema's words and default, each key once", () => {
    const text = flat(helpText('stage'));
    for (const { name, argument, field, description } of COMMANDS.stage.options) {
      assert.ok(text.includes(` --${name}${argument === undefined ? '' : ` ${argument}`} `), name);
      const meaning = description ?? field!.description!;
      assert.ok(text.includes(`${meaning} `), name);
    }
    assert.match(text, /--tms ID\|FILE [^-]* Default: WGS1984Quad\./);
    assert.match(text, /--z N [^-]* Default: 13\./);
    assert.match(text, /--workers N [^-]* Default: one for each core\./);
    assert.match(text, /--simplify-tolerance N\|none [^-]* Default: no simplification\./);
    assert.match(text, /sliceBytes [^-]* Default: 25165824\./);
    assert.match(text, / identifier staging_identifier/);
    const options = new Set(COMMANDS.stage.options.flatMap(({ key }) => key ?? []));
    const listed = CONFIG_KEYS.filter((key) =>
      text.includes(` ${key} ${configSchema.shape[key].description}`),
    );
    assert.deepEqual(
      listed,
      CONFIG_KEYS.filter((key) => !options.has(key)),
    );
    assert.equal(listed.length + options.size, CONFIG_KEYS.length);
  });

  test('of each command has its options', () => {
    for (const name of names) {
      for (const option of COMMANDS[name].options) {
        assert.ok(helpText(name).includes(`--${option.name}`), `${name} --${option.name}`);
      }
    }
  });
});

suite('the nearest word', () => {
  test('is found by typing errors, parts, beginnings and other cases', () => {
    const words = [
      'simplify-tolerance',
      'input-crs',
      'override-crs',
      'workers',
      'out',
      'tms',
      'dirStaged',
      'shouldRetry',
      'retries',
    ];
    assert.equal(nearest('retrys', ['shouldRetry', 'label']), null);
    const found: [word: string, nearest: string | null][] = [
      ['tollerance', 'simplify-tolerance'],
      ['simplifyTolerance', 'simplify-tolerance'],
      ['SIMPLIFY_TOLERANCE', 'simplify-tolerance'],
      ['wrokers', 'workers'],
      ['crs', 'input-crs'],
      ['overide', 'override-crs'],
      ['output', 'out'],
      ['tsm', 'tms'],
      ['dir_stagd', 'dirStaged'],
      // A part that is not the word and less than half of what is meant is no likely guess.
      ['retrys', 'retries'],
      ['retry', 'retries'],
      ['tmp', null],
      ['outrageously', null],
      ['elephant', null],
      ['x', null],
      ['', null],
      ['a'.repeat(100_000), null],
    ];
    for (const [word, expected] of found) assert.equal(nearest(word, words), expected, word);
  });

  test('is measured by edits', () => {
    // The definition itself, as a recursion over the ends of the words.
    const slow = (a: string, b: string): number => {
      if (a === '' || b === '') return a.length + b.length;
      const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
      const swapped =
        a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
      return Math.min(
        slow(x, b) + 1,
        slow(a, y) + 1,
        slow(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1),
        swapped ? slow(a.slice(0, -2), b.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
      );
    };
    let seed = 1;
    const word = (): string => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed % 729).toString(3);
    };
    for (let i = 0; i < 300; i++) {
      const [a, b] = [word(), word()];
      assert.equal(editDistance(a, b), slow(a, b), `${a} ${b}`);
    }
  });
});
