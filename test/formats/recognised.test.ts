/** Files whose names don't say what they are: content decides, for all who ask. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { suite, test } from 'node:test';
import { filesOfInput, inputFormatOf } from '../../src/formats/input-formats.ts';
import { fingerprintOf } from '../../src/staging/inputs/fingerprint.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type Described, ENTRIES } from './contract/contract-inputs.ts';
import { expected, readSlices, withSource } from './contract/contract-reading.ts';
import { registerFormats } from './json-lines.ts';
import { square } from './shapefile/shapefile-fixture.ts';

registerFormats();

const INPUT: Described = {
  columns: [{ name: 'n', type: 'integer' }],
  crs: 4326,
  features: Array.from({ length: 9 }, (_, i) => ({ shape: [[square(i, i, 0.5)]], values: [i] })),
};
/** Extensions of all formats, and of none. */
const ENDS = [...new Set(ENTRIES.flatMap(({ format }) => [...format.extensions])), '.txt', '.dat'];

for (const { format, write } of ENTRIES) {
  suite(`a ${format.name} with another name`, () => {
    test('is read by its content, whatever its extension, with its sidecars', async (t) => {
      for (const end of ENDS) {
        if (format.extensions.includes(end)) continue;
        const folder = temporaryFolder(t);
        const own = write(folder, 'a', INPUT);
        const sound = filesOfInput(own).map(({ path }) => (path === null ? null : basename(path)));
        const path = join(folder, `a${end}`);
        renameSync(own, path);
        assert.equal(inputFormatOf(path), format, path);
        const files = filesOfInput(path).map((file) => file.path && basename(file.path));
        assert.deepEqual(files.slice(1), sound.slice(1), path);
        const { rows } = await withSource(path, (source) => readSlices(source));
        assert.deepEqual(rows, expected(INPUT).rows, path);
        const { inputs, missing } = findInputs([path], { extensions: [] });
        assert.deepEqual([missing, inputs.map(({ name }) => name)], [[], [basename(path)]]);
      }
    });

    test('shows a change of what it is in its fingerprint', (t) => {
      const folder = temporaryFolder(t);
      const path = join(folder, 'a.dat');
      renameSync(write(folder, 'a', INPUT), path);
      const before = fingerprintOf(path);
      assert.equal(fingerprintOf(path), before);
      writeFileSync(path, 'words');
      assert.notEqual(fingerprintOf(path), before);
    });

    test('is staged from a folder where its extension is one of another format, once', async (t) => {
      const [end] = ENDS.filter((one) => !format.extensions.includes(one));
      const folder = temporaryFolder(t);
      mkdirSync(join(folder, 'in'));
      renameSync(write(join(folder, 'in'), 'a', INPUT), join(folder, 'in', `a${end}`));
      const stage = (): ReturnType<TileStager['stageAll']> =>
        new TileStager({
          ...{ dirInput: join(folder, 'in'), dirStaged: join(folder, 'out') },
          executor: 'inline',
        }).stageAll();
      const first = await stage();
      assert.equal(first.featuresRead, INPUT.features.length);
      assert.deepEqual(
        (await stage()).inputs.map(({ name, status }) => [name, status]),
        [[`a${end}`, 'unchanged']],
      );
    });
  });
}

test('an extension of many formats counts in folders where the content tells it, else where named', (t) => {
  const folder = temporaryFolder(t);
  for (const { format, write } of ENTRIES) {
    for (const end of format.ambiguous ?? []) {
      const own = write(folder, `own${end}`, INPUT);
      copyFileSync(own, join(folder, `yes${end}`));
      for (const name of readdirSync(folder)) {
        if (name.startsWith('own')) renameSync(join(folder, name), join(folder, `.${name}`));
      }
      writeFileSync(join(folder, `no${end}`), 'words');
      writeFileSync(join(folder, `empty${end}`), '');
      const { inputs, unread, missing } = findInputs([folder], { extensions: [] });
      const found = inputs.map(({ name }) => name).filter((name) => extname(name) === end);
      assert.deepEqual(found, [`yes${end}`]);
      assert.deepEqual(missing, []);
      assert.ok(unread.some((kind) => kind.extension === end && kind.count === 2));
    }
  }
});

test('parts of a shapefile are no inputs of their own', (t) => {
  const folder = temporaryFolder(t);
  const { write } = ENTRIES.find(({ format }) => format.name === 'shapefile')!;
  write(folder, 'a', INPUT);
  for (const end of ['.shx', '.dbf', '.prj', '.cpg']) {
    assert.ok(statSync(join(folder, `a${end}`)).isFile());
    const { missing, inputs } = findInputs([join(folder, `a${end}`)], { extensions: [] });
    assert.deepEqual(inputs, []);
    assert.match(missing[0]!.error.message, /belongs to a \.shp input/);
  }
  copyFileSync(join(folder, 'a.shx'), join(folder, 'a.dat'));
  assert.equal(inputFormatOf(join(folder, 'a.dat')), undefined);
});
