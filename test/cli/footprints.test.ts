import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { FootprintJudge } from '../../src/overlap/footprints/footprint-judge.ts';
import { makeFootprints } from '../../src/staging/judging/footprints/make-footprints.ts';
import {
  box,
  featuresIn,
  OPTIONS,
  stagedInput,
  verdictOf,
  writeFootprint,
} from '../staging/footprints/fixture.ts';
import { readRows, runCli, temporaryFolder } from '../staging/support.ts';

interface Told {
  input: string;
  state: string;
  footprint: string | null;
  features?: number;
  error?: { code: string; message: string };
}

/** A square, where the ice-wedge polygons of the golden scenes are. */
function boxAt(x: number, y: number, size: number): [number, number][] {
  const [left, bottom] = [-2_150_000 + x, -100_000 + y];
  return box(left, bottom, left + size, bottom + size);
}

/** Two inputs, in a folder and below it, of boxes in EPSG:3413. */
function inputsIn(folder: string): string {
  const input = join(folder, 'input');
  mkdirSync(input);
  const rows = [0, 1, 2, 5].map((k) => ({ parts: [[boxAt(10 * k, 0, 6)]] }));
  writeFootprint(input, 'a.gpkg', rows);
  writeFootprint(input, 'north/b.gpkg', [{ parts: [[boxAt(0, 0, 5)]] }]);
  return input;
}

async function told(...args: string[]): Promise<{ code: number | null; lines: Told[] }> {
  const { code, stdout } = await runCli(['footprints', ...args, '--json']);
  return { code, lines: JSON.parse(stdout) as Told[] };
}

suite('tilewright footprints', () => {
  test('tells which inputs lack theirs, and which have one that is of no use', async (t) => {
    const folder = temporaryFolder(t);
    const input = inputsIn(folder);
    const footprints = join(folder, 'footprints');
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[boxAt(0, 0, 9)]] }]);
    const one = await told(input, '--footprints', footprints);
    assert.equal(one.code, 1);
    assert.deepEqual(
      one.lines.map(({ input, state }) => [input, state]),
      [
        ['a.gpkg', 'there'],
        ['north/b.gpkg', 'missing'],
      ],
    );
    const { code, stdout } = await runCli(['footprints', input, '--footprints', footprints]);
    assert.equal(code, 1);
    assert.match(stdout, /^there +a\.gpkg .*\nmissing +north\/b\.gpkg\n1 of 2 inputs have/);
    writeFootprint(footprints, 'north/b.gpkg', [{ parts: [] }]);
    const empty = await told(input, '--footprints', footprints);
    assert.equal(empty.code, 1);
    assert.match(empty.lines[1]!.error!.message, /is empty/);
    const ranked = await told(input, '--footprints', footprints, '--keep', 'Date:larger');
    assert.match(ranked.lines[0]!.error!.message, /no column Date/);
  });

  test('exits with 0 where all have one, as a configuration says', async (t) => {
    const folder = temporaryFolder(t);
    const dirInput = inputsIn(folder);
    const dirFootprints = join(folder, 'footprints');
    writeFootprint(dirFootprints, 'a.gpkg', [{ parts: [[boxAt(0, 0, 9)]] }]);
    writeFootprint(dirFootprints, 'north/b.gpkg', [{ parts: [[boxAt(0, 0, 9)]] }]);
    const config = join(folder, 'config.json');
    const rules = { deduplicateMethod: 'neighbor', deduplicateKeepRules: [['Score', 'larger']] };
    writeFileSync(config, JSON.stringify({ dirInput, dirFootprints, ...rules }));
    const { code, lines } = await told('--config', config);
    assert.equal(code, 0, JSON.stringify(lines));
    assert.equal(lines.length, 2);
  });

  for (const make of ['hull', 'cells']) {
    test(`makes them: ${make}, in which all features lie`, async (t) => {
      const folder = temporaryFolder(t);
      const input = inputsIn(folder);
      const footprints = join(folder, 'new', 'footprints');
      const args = [input, '--footprints', footprints, '--make', make];
      const { code, lines } = await told(
        ...args,
        ...(make === 'cells' ? ['--cell-size', '4'] : []),
      );
      assert.equal(code, 0);
      assert.deepEqual(
        lines.map(({ state, features }) => [state, features]),
        [
          ['made', 4],
          ['made', 1],
        ],
      );
      const [row] = readRows(join(footprints, 'north', 'b.gpkg'));
      assert.deepEqual(
        {
          input: row!.values['input'],
          features: row!.values['features'],
          shape: row!.values['shape'],
        },
        { input: 'north/b.gpkg', features: 1, shape: make },
      );
      const names = ['a.gpkg', 'north/b.gpkg'];
      const made = await makeFootprints(
        names.map((name) => stagedInput(name)),
        join(folder, 'made'),
        { ...OPTIONS, footprints, clip: 'intersects', overlaps: false },
      );
      const judge = new FootprintJudge(made.data);
      for (const name of names) {
        const batch = await featuresIn(join(input, name));
        for (let i = 0; i < batch.featureCount; i++) {
          assert.equal(verdictOf(judge, name, batch, i), 'stays');
        }
      }
      // Those of cells leave out what is between.
      const between = await featuresIn(
        writeFootprint(folder, 'between.gpkg', [{ parts: [[boxAt(41, 1, 2)]] }]),
      );
      const verdict = verdictOf(judge, 'a.gpkg', between, 0);
      assert.equal(verdict, make === 'hull' ? 'stays' : 'outside its footprint');
    });
  }

  test('replaces nothing unless it is told to', async (t) => {
    const folder = temporaryFolder(t);
    const input = inputsIn(folder);
    const footprints = join(folder, 'footprints');
    const own = writeFootprint(footprints, 'a.gpkg', [{ parts: [[boxAt(0, 0, 9)]] }]);
    const before = readFileSync(own);
    const args = [input, '--footprints', footprints, '--make', 'cells'];
    const first = await told(...args);
    assert.deepEqual(
      first.lines.map(({ state }) => state),
      ['there', 'made'],
    );
    assert.deepEqual(readFileSync(own), before);
    const again = await told(...args, '--overwrite');
    assert.deepEqual(
      again.lines.map(({ state }) => state),
      ['made', 'made'],
    );
    assert.notDeepEqual(readFileSync(own), before);
    const north = readdirSync(join(footprints, 'north'));
    assert.deepEqual(north, ['b.gpkg'], 'no temporary file is left');
  });

  test('needs a folder, and options that go together', async (t) => {
    const folder = temporaryFolder(t);
    const input = inputsIn(folder);
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await runCli(['footprints', ...args]);
      assert.equal(code, 2);
      return stderr;
    };
    assert.match(await refused(input), /--footprints/);
    const footprints = join(folder, 'footprints');
    assert.match(await refused(input, '--footprints', footprints, '--overwrite'), /--make/);
    assert.match(
      await refused(input, '--footprints', footprints, '--make', 'cells', '--cell-size', '0'),
      /--cell-size must be a number > 0/,
    );
    assert.equal(statSync(footprints, { throwIfNoEntry: false }), undefined);
  });

  test('inputs of which none can be made are named', async (t) => {
    const folder = temporaryFolder(t);
    const input = join(folder, 'input');
    writeFootprint(input, 'a.gpkg', []);
    copyFileSync(
      writeFootprint(folder, 'b.gpkg', [{ parts: [[boxAt(0, 0, 9)]] }]),
      join(input, 'b.gpkg'),
    );
    const footprints = join(folder, 'footprints');
    const args = [input, '--footprints', footprints, '--make', 'cells', '--cell-size', '1e-6'];
    const { code, lines } = await told(...args);
    assert.equal(code, 1);
    assert.match(lines[0]!.error!.message, /a\.gpkg: it has no/);
    assert.match(lines[1]!.error!.message, /more than 1,000,000 cells/);
  });
});
