import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { type FindOptions, type FoundInputs, findInputs } from '../../src/staging/inputs/inputs.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tilewright-inputs-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function files(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

function find(args: string[], options: Partial<FindOptions> = {}): FoundInputs {
  return findInputs(args, { extensions: [], cwd: root, ...options });
}

/** Finds inputs without any missing, and lists `name: path below the root`. */
function names(args: string[], options: Partial<FindOptions> = {}): string[] {
  const { inputs, missing } = find(args, options);
  assert.deepEqual(missing, []);
  return inputs.map(({ name, path }) => `${name}: ${relative(root, path)}`);
}

function assertMissing(found: FoundInputs, code: string, argument: string, ...parts: string[]) {
  const entry = found.missing.find((one) => one.argument === argument);
  assert.ok(entry, `${argument} is not missing: ${JSON.stringify(found.missing)}`);
  assert.equal(entry.error.code, code);
  for (const part of parts) assert.ok(entry.error.message.includes(part), entry.error.message);
}

suite('a file', () => {
  test('has its own name, and its folder as root', () => {
    files('a/b/one.gpkg');
    const path = join(root, 'a/b/one.gpkg');
    const expected = [{ path, name: 'one.gpkg', root: join(root, 'a/b') }];
    assert.deepEqual(find(['a/b/one.gpkg']).inputs, expected);
    assert.deepEqual(find([path]).inputs, expected);
    assert.deepEqual(find(['a/../a/b/one.gpkg', path]).inputs, expected);
  });

  test('may have brackets in its name and any case in its extension', () => {
    files('scene[1].gpkg', 'scene1.gpkg', 'OLD.SHP');
    assert.deepEqual(names(['scene[1].gpkg', 'OLD.SHP']), [
      'OLD.SHP: OLD.SHP',
      'scene[1].gpkg: scene[1].gpkg',
    ]);
  });

  test('needs a known extension, but not one that is searched for', () => {
    files('a.shp', 'a.gml');
    const found = find(['a.shp', 'a.gml'], { extensions: ['.gpkg'] });
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['a.shp'],
    );
    assertMissing(found, 'input-format', 'a.gml', 'not read: GML');
  });

  test('that is part of an input is read along with it', () => {
    files('a.shp', 'a.dbf', 'a.shx', 'a.shp.xml', 'a.gpkg', 'a.gpkg-wal', 'b.dbf', 'b.gpkg');
    const parts = ['a.shp', 'a.dbf', 'a.shx', 'a.shp.xml', 'a.gpkg-wal', 'a.gpkg'];
    assert.deepEqual(names(parts), ['a.gpkg: a.gpkg', 'a.shp: a.shp']);
    files('UPPER.SHP', 'upper.dbf');
    assert.deepEqual(names(['upper.dbf', 'UPPER.SHP']), ['UPPER.SHP: UPPER.SHP']);
    const alone = find(['b.dbf', 'b.gpkg']);
    assertMissing(alone, 'input-format', 'b.dbf', 'give the .shp file');
    assert.equal(alone.missing.length, 1);
  });

  test('that is missing does not keep the others', () => {
    files('here.gpkg');
    const found = find(['gone.gpkg', 'here.gpkg', 'here.gpkg/inside.gpkg', '']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['here.gpkg'],
    );
    assertMissing(found, 'input-missing', 'gone.gpkg', join(root, 'gone.gpkg'));
    assertMissing(found, 'input-missing', 'here.gpkg/inside.gpkg');
    assertMissing(found, 'input-missing', '', '""');
    assert.equal(found.missing.length, 3);
  });
});

suite('a folder', () => {
  test('is searched with all below it, but not in hidden folders', () => {
    files('in/z.gpkg', 'in/a/x.shp', 'in/a/x.dbf', 'in/a/b/y.GPKG', 'in/readme.txt');
    files('in/.hidden/h.gpkg', 'in/._x.shp', 'in/.tilewright/t.gpkg', 'out.gpkg');
    const expected = ['a/b/y.GPKG: in/a/b/y.GPKG', 'a/x.shp: in/a/x.shp', 'z.gpkg: in/z.gpkg'];
    assert.deepEqual(names(['in']), expected);
    assert.deepEqual(names(['in/', './in']), expected);
    assert.deepEqual(names(['in'], { extensions: ['.shp'] }), ['a/x.shp: in/a/x.shp']);
  });

  test('that has been staged into is passed over inside another', () => {
    files('in/a.gpkg', 'in/staged/.tilewright/journal', 'in/staged/WGS1984Quad/13/1/2.gpkg');
    const found = find(['in']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['a.gpkg'],
    );
    assert.deepEqual(found.skipped, [join(root, 'in/staged')]);
    const matched = find(['in/**/*.gpkg']);
    assert.deepEqual(
      matched.inputs.map(({ name }) => name),
      ['a.gpkg'],
    );
    assert.deepEqual(matched.skipped, [join(root, 'in/staged')]);
  });

  test('without inputs is missing, with what was searched for', () => {
    files('in/a.shp', 'staged/x/.tilewright/journal', 'staged/x/1.gpkg');
    const found = find(['in', 'staged'], { extensions: ['.gpkg'] });
    assert.deepEqual(found.inputs, []);
    assertMissing(found, 'input-missing', 'in', join(root, 'in'), '.gpkg');
    assertMissing(found, 'input-missing', 'staged', 'passed over');
    assertMissing(find(['staged']), 'input-missing', 'staged', 'an input that can be read');
  });

  test('may be deep', () => {
    const deep = Array.from({ length: 300 }, (_, i) => `f${i}`).join('/');
    files(`in/${deep}/x.gpkg`);
    assert.deepEqual(names(['in']), [`${deep}/x.gpkg: in/${deep}/x.gpkg`]);
  });
});

suite('links', () => {
  test('in a circle end', () => {
    files('in/a/x.gpkg', 'in/b/y.gpkg');
    link('in/a/self', '.');
    link('in/a/up', '../..');
    link('in/a/b', '../b');
    link('in/b/a', '../a');
    assert.deepEqual(names(['in']), ['a/x.gpkg: in/a/x.gpkg', 'b/y.gpkg: in/b/y.gpkg']);
    assert.deepEqual(names(['in/*']), ['a/x.gpkg: in/a/x.gpkg', 'b/y.gpkg: in/b/y.gpkg']);
  });

  test('to many folders that link to each other are followed in little time', () => {
    for (let i = 0; i < 20; i++) {
      files(`in/${i}/x.gpkg`);
      for (let j = 0; j < 20; j++) link(`in/${i}/to${j}`, `../${j}`);
    }
    assert.equal(names(['in']).length, 20);
  });

  test('lead to files elsewhere, and no file is there twice', () => {
    files('store/x.gpkg', 'store/y.gpkg');
    link('in/deep/store', '../../store');
    link('in/latest.gpkg', '../store/y.gpkg');
    assert.deepEqual(names(['in']), [
      'deep/store/x.gpkg: in/deep/store/x.gpkg',
      'deep/store/y.gpkg: in/deep/store/y.gpkg',
    ]);
    assert.deepEqual(names(['in/latest.gpkg', 'store/y.gpkg']), ['y.gpkg: store/y.gpkg']);
    assert.deepEqual(names(['in/latest.gpkg']), ['latest.gpkg: in/latest.gpkg']);
  });

  test('that lead nowhere are missing', () => {
    files('in/a.gpkg');
    link('in/gone.gpkg', 'nowhere.gpkg');
    link('in/gone.txt', 'nowhere.txt');
    link('in/loop.gpkg', 'loop.gpkg');
    const found = find(['in']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['a.gpkg'],
    );
    assertMissing(found, 'input-missing', join(root, 'in/gone.gpkg'), 'link');
    assert.equal(found.missing.length, 2);
  });
});

suite('a glob', () => {
  test('names files below the folder before its first special character', () => {
    files('in/2023/a.gpkg', 'in/2024/a.gpkg', 'in/2024/b.shp', 'in/2024/b.dbf', 'in/x.gpkg');
    const all = ['2023/a.gpkg', '2024/a.gpkg', '2024/b.shp'].map((name) => `${name}: in/${name}`);
    assert.deepEqual(names(['in/*/*']), all);
    assert.deepEqual(names([join(root, 'in/*/*')]), all);
    assert.deepEqual(names(['in/20{23,24}/?.*']), all);
    assert.deepEqual(names(['in/20*']), all);
    assert.deepEqual(names(['in/**/*.gpkg']), [...all.slice(0, 2), 'x.gpkg: in/x.gpkg']);
    assert.deepEqual(names(['in/2024/[a]*']), ['a.gpkg: in/2024/a.gpkg']);
    assert.deepEqual(names(['*/2024/*.gpkg']), ['in/2024/a.gpkg: in/2024/a.gpkg']);
    assert.deepEqual(names(['in/*/*'], { extensions: ['.shp'] }), all.slice(2));
  });

  test('without matches is missing, with what was searched for', () => {
    files('in/a.txt');
    assertMissing(
      find(['in/*.txt']),
      'input-missing',
      'in/*.txt',
      join(root, 'in'),
      'an input that can be read',
    );
    assertMissing(find(['none/**/*.shp']), 'input-missing', 'none/**/*.shp', join(root, 'none'));
  });
});

suite('names', () => {
  test('are in order, whatever the order of arguments', () => {
    files('in/b.gpkg', 'in/a/c.gpkg', 'in/Z.gpkg', 'in/é.gpkg');
    const expected = find(['in']);
    assert.deepEqual(
      expected.inputs.map(({ name }) => name),
      ['Z.gpkg', 'a/c.gpkg', 'b.gpkg', 'é.gpkg'],
    );
    // The folder gives a/c.gpkg its longer name.
    assert.deepEqual(find(['in/a/c.gpkg', 'in/*.gpkg', 'in']), expected);
    assert.deepEqual(find(['in', 'in/*.gpkg', 'in/a/c.gpkg']), expected);
  });

  test('are in NFC', () => {
    files('in/e\u0301t\u00e9.gpkg');
    const { inputs } = find(['in']);
    assert.equal(inputs[0]?.name, '\u00e9t\u00e9.gpkg');
    assert.equal(inputs[0]?.path, join(root, 'in/e\u0301t\u00e9.gpkg'));
  });

  test('start at the base folder for files below it', () => {
    files('data/2024/a.gpkg', 'data/b.gpkg', 'else/c.gpkg');
    const baseFolder = join(root, 'data');
    assert.deepEqual(names(['data/2024', 'data/*.gpkg', 'else'], { baseFolder }), [
      '2024/a.gpkg: data/2024/a.gpkg',
      'b.gpkg: data/b.gpkg',
      'c.gpkg: else/c.gpkg',
    ]);
    const { inputs } = find(['data/2024/a.gpkg', 'else/c.gpkg'], { baseFolder: 'data' });
    assert.deepEqual(
      inputs.map(({ root }) => root),
      [baseFolder, join(root, 'else')],
    );
    link('linked', 'data');
    const linked = names(['data/2024/a.gpkg'], { baseFolder: 'linked' });
    assert.deepEqual(linked, ['2024/a.gpkg: data/2024/a.gpkg']);
    assert.deepEqual(names(['data/b.gpkg'], { baseFolder: 'absent' }), ['b.gpkg: data/b.gpkg']);
  });

  test('that are taken keep both files out, and no other; the way out is told', () => {
    files('in/2023/a.gpkg', 'in/2024/a.gpkg', 'in/2024/b.gpkg');
    const found = find(['in/2023', 'in/2024']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['b.gpkg'],
    );
    const [one, two] = ['in/2023/a.gpkg', 'in/2024/a.gpkg'].map((path) => join(root, path));
    const advice = `common folder ${join(root, 'in')} instead`;
    assertMissing(found, 'input-name-taken', one!, ` ${one} `, ` ${two}.`, advice);
    assertMissing(found, 'input-name-taken', two!, ` ${one}.`, ` ${two} `, advice);
    assert.equal(found.missing.length, 2);
    rmSync(join(root, 'in/2024/b.gpkg'));
    assert.deepEqual(
      names(['in']),
      ['2023/a.gpkg', '2024/a.gpkg'].map((name) => `${name}: in/${name}`),
    );
    assert.equal(find(['in/2023', 'in/2024'], { baseFolder: 'in' }).inputs.length, 2);
  });

  test('that are one in Unicode need another name', () => {
    files('in/\u00e9.gpkg', 'in/e\u0301.gpkg');
    const { inputs, missing } = find(['in']);
    assert.deepEqual(inputs, []);
    assert.deepEqual(
      missing.map(({ error }) => error.code),
      ['input-name-taken', 'input-name-taken'],
    );
    for (const { error } of missing) assert.match(error.message, /Rename one of them/);
  });

  test('that are not UTF-8 are refused, with their bytes; no other file goes with them', () => {
    const inFolder = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/in/`), name]);
    // Node makes one and the same text of all of them, and of the last, which is UTF-8 itself.
    const odd = ['a\xe9.gpkg', 'a\xe8.gpkg'].map((name) => Buffer.from(name, 'latin1'));
    files('in/b.gpkg', 'in/a\ufffd.gpkg');
    for (const name of odd) writeFileSync(inFolder(name), '');
    writeFileSync(inFolder(Buffer.from('n\xf6te.txt', 'latin1')), '');
    mkdirSync(inFolder(Buffer.from('d\xff', 'latin1')));
    writeFileSync(inFolder(Buffer.from('d\xff/inside.gpkg', 'latin1')), '');
    const escaped = ['a\\xe9.gpkg', 'a\\xe8.gpkg', 'd\\xff'].map((name) => join(root, 'in', name));
    const expected = ['a\ufffd.gpkg', 'b.gpkg'];
    const found = find(['in']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      expected.toSorted(),
    );
    for (const path of escaped) assertMissing(found, 'input-name', path, path, 'UTF-8: rename it');
    assert.equal(found.missing.length, 3);
    // As an argument Node has it with the bytes gone, so that it can only be told that they are.
    assertMissing(find(['in/gone\ufffd.gpkg']), 'input-name', join(root, 'in/gone\ufffd.gpkg'));
  });

  test('that have control characters are refused, and shown escaped', () => {
    files('in/a\nb.gpkg', 'in/\u001b[31mred.gpkg', 'in/c1\u009b.shp', 'in/ok#=1,2.gpkg');
    const found = find(['in', 'in/a\nb.gpkg']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['ok#=1,2.gpkg'],
    );
    for (const name of ['a\\x0ab.gpkg', '\\x1b[31mred.gpkg', 'c1\\x9b.shp']) {
      assertMissing(found, 'input-name', join(root, 'in', name), 'control characters: rename it');
    }
    for (const { error } of found.missing) assert.doesNotMatch(error.message, /\p{Cc}/u);
  });
});
