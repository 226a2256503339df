import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeScenes } from '../bench/scenes.ts';
import type { Cell } from '../scripts/notebook/cells.ts';
import {
  checkNotebook,
  EXAMPLES,
  notebookOfOwnFiles,
  runCourse,
  runExample,
  smallerExample,
  smallNotebook,
} from './example.ts';
import { rounds } from './soak/rounds.ts';
import { listTiles, readTiles, temporaryFolder } from './staging/support.ts';

suite('examples', { concurrency: 2 }, () => {
  test('each of them is tested here', () => {
    const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'));
    const tested = [
      'demo.ts',
      'errors.ts',
      'notebook.ts',
      'own-tms.ts',
      'plot-tiles.ts',
      'stage-a-folder.ts',
      'staging.ts',
    ];
    assert.deepEqual(
      files.filter((name) => name !== 'samples.ts'),
      tested,
    );
  });

  // At its full size in the guide to the first run.
  test('demo: stages its polygons, and then has nothing to do', async (t) => {
    const folder = temporaryFolder(t);
    const polygons = rounds(3_000, 30_000);
    const demo = smallerExample('demo.ts', folder, ['30_000', String(polygons)]);
    const count = (4 * polygons).toLocaleString('en');
    const first = await runExample(demo, ['.'], folder);
    assert.match(
      first,
      new RegExp(`^input +4 scenes, ${count} ice-wedge polygons, \\d+ MB, in input: 4 made`),
    );
    assert.match(
      first,
      new RegExp(`\\nstaged +${count} polygons in [\\d.]+ s, [\\d,]+ a second\\n`),
    );
    const tiles = listTiles(join(folder, 'staged'));
    const tile = /info staged\/(\S+)\n$/.exec(first)?.[1];
    assert.ok(tile !== undefined && tiles.includes(tile), first);
    const [, rows, copies] = /([\d,]+) rows, as ([\d,]+) times/
      .exec(first)!
      .map((text) => Number(text.replaceAll(',', ''))) as [number, number, number];
    const written = readTiles(join(folder, 'staged'));
    assert.equal(written.length, rows);
    assert.equal(
      new Set(written.map((row) => row.values['staging_identifier'])).size,
      4 * polygons,
    );
    assert.equal(rows - copies, 4 * polygons);

    const second = await runExample(demo, ['.'], folder);
    assert.match(second, /^input .*: they are there already\nstaged +nothing to do: 4 inputs/);
    assert.ok(second.includes(`${tiles.length} GeoPackages in staged\n`), second);
  });

  test('stage-a-folder: one input, then all, then nothing', async (t) => {
    const lines = (await runExample('stage-a-folder.ts', [], temporaryFolder(t)))
      .trim()
      .split('\n');
    assert.equal(lines[0], '3 inputs');
    assert.match(lines[1]!, /^2000 features, \d+ rows, [\d.]+ s$/);
    assert.match(lines[2]!, /^WV02_20190703_\S+ unchanged/);
    assert.match(lines[3]!, /^WV02_20190704_\S+ staged/);
    assert.match(lines[4]!, /^WV02_20190705_\S+ staged/);
    assert.match(lines[5]!, /^\d+ tiles$/);
    assert.match(lines[6]!, /^staged\S+13\S+\.gpkg \[/);
    assert.ok(lines.some((line) => line.startsWith('filename,num_polygons,area_polygons,')));
    assert.equal(lines.at(-1), '3 unchanged');
  });

  test('notebook: on two local workers, all that the course does', async (t) => {
    await runCourse(temporaryFolder(t), rounds(3_000, 30_000), 'local');
  });

  test("staging: the notebook's cells as a program", async (t) => {
    const text = await runCells(smallNotebook(), temporaryFolder(t));
    assert.match(text, /^3 files made, 5 MB\n/);
    checkNotebook(text, { files: 3, first: 2_000, all: 6_000 });
  });

  test("staging: with the cell of the sample data left out, and a folder of one's own", async (t) => {
    const folder = temporaryFolder(t);
    const own = join(folder, 'my files');
    writeScenes(own, { seed: 2, count: 2, polygonsEach: 1_500 });
    const files = readdirSync(own);
    const text = await runCells(notebookOfOwnFiles(own), folder);
    assert.doesNotMatch(text, /files made/);
    checkNotebook(text, { files: 2, first: 1_500, all: 3_000 });
    assert.deepEqual(readdirSync(own), files, 'they stay, and nothing comes beside them');
  });

  test('own-tms: squares of one kilometre', async (t) => {
    const text = await runExample('own-tms.ts', [], temporaryFolder(t));
    assert.match(text, /^ArcticSquares: 8400 × 8400 tiles of 1000 m × 1000 m\n/);
    assert.match(text, /\n6000 features in \d+ tiles\n/);
    const [west, east] = / covers (-?\d+) … (-?\d+) east/.exec(text)!.slice(1).map(Number);
    assert.equal(east! - west!, 1000);
    assert.ok(west! % 1000 === 0);
  });

  test('plot-tiles: a picture in a file, and one in memory', async (t) => {
    const text = await runExample('plot-tiles.ts', [], temporaryFolder(t));
    assert.match(text, /^\d+ tiles, 6,000 polygons: \d+ × \d+ pixels\n\d+ bytes of svg\n$/);
  });

  test('errors: failures are reported, and the rest is staged', async (t) => {
    const text = await runExample('errors.ts', [], temporaryFolder(t));
    assert.equal(text.match(/_pansh\.gpkg staged 2000 of 2000\n/g)?.length, 3);
    assert.match(text, /\ncut-short\.gpkg input-truncated \S+cut-short\.gpkg is cut short/);
    assert.match(text, /\nnotes\.gpkg input-format /);
    assert.match(text, /\nno-such-file\.gpkg input-missing\n/);
    assert.match(text, /\nstage: input-format \n/);
    assert.match(
      text,
      /simplifyTolerence is not a known option\. Did you mean simplifyTolerance\?/,
    );
  });
});

/** Runs the code of cells as a program, wherever it lies. */
async function runCells(cells: readonly Cell[], folder: string): Promise<string> {
  const code = cells.filter(({ type }) => type === 'code').map(({ source }) => source);
  const program = code.join('\n').replaceAll(/ from '(\..*)'/g, (_, path: string) => {
    return ` from '${pathToFileURL(join(EXAMPLES, path))}'`;
  });
  const path = join(folder, 'notebook.mts');
  writeFileSync(path, program);
  const env = { TMPDIR: join(folder, 'tmp') };
  mkdirSync(env.TMPDIR);
  const text = await runExample(path, [], folder, env);
  // Node.js keeps compiled code there.
  const left = readdirSync(env.TMPDIR).filter((name) => name !== 'node-compile-cache');
  assert.deepEqual(left, [], 'the last cell removes what the others have made');
  return text;
}
