/** The users' notebook in Deno's kernel, and the library under Deno. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { writeScenes } from '../../bench/scenes.ts';
import {
  cellsOfNotebook,
  cellsOfProgram,
  type Notebook,
  notebookOf,
  printedBy,
} from '../../scripts/notebook/cells.ts';
import { DENO, denoMissing } from '../../scripts/notebook/deno.ts';
import { executeNotebook, nbclientMissing } from '../../scripts/notebook/execute.ts';
import { checkNotebook, smallNotebook } from '../example.ts';
import { listTiles, readTiles, temporaryFolder } from '../staging/support.ts';
import { assertNoneLeft, markedEnvironment } from './engines/processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples');
const NOTEBOOK = join(EXAMPLES, 'staging.ipynb');
const PROGRAM = readFileSync(join(EXAMPLES, 'staging.ts'), 'utf8');
const committed = JSON.parse(readFileSync(NOTEBOOK, 'utf8')) as Notebook;

/** Checks what the cells have put out: no errors, text of every kind, and two pictures. */
function checkOutputs(notebook: Notebook, counts: Parameters<typeof checkNotebook>[1]): void {
  const outputs = notebook.cells.flatMap((cell) => cell.outputs ?? []);
  for (const { output_type: type, ename, evalue } of outputs) {
    assert.notEqual(type, 'error', `${ename}: ${evalue}`);
  }
  const pictures = outputs.flatMap(({ data }) => data?.['image/png'] ?? []);
  assert.equal(pictures.length, 2);
  for (const picture of pictures) {
    assert.match(Buffer.from(picture, 'base64').toString('latin1'), /^.PNG\r\n.*IEND/s);
  }
  checkNotebook(printedBy(notebook), counts);
}

test('the committed notebook has the cells of the program, and answers', () => {
  const cells = cellsOfProgram(PROGRAM);
  assert.ok(cells.length > 20);
  assert.deepEqual(cellsOfNotebook(committed), cells, 'run: npm run notebook -- --write');
  checkOutputs(committed, { files: 35, first: 20_000, all: 700_000 });
  for (const [line, , ratio] of printedBy(committed).matchAll(/\n(time|work): .* ratio (.*)/g)) {
    assert.ok(Math.abs(Number(ratio) - 1) <= 0.25, `${line}: execute it on a quiet machine`);
  }
  // What binds a run of sensible size is not its own start.
  assert.match(printedBy(committed), /\n(CPU|Memory|The disk|The network) bound this run: /);
});

test('the notebook runs in its kernel', { skip: nbclientMissing() || denoMissing() }, async (t) => {
  const { mark, env } = markedEnvironment();
  const notebook = notebookOf(smallNotebook());
  const executed = await executeNotebook(notebook, EXAMPLES, temporaryFolder(t), env);
  assert.equal(executed.failure, null);
  assert.deepEqual(cellsOfNotebook(executed.notebook), cellsOfNotebook(notebook));
  checkOutputs(executed.notebook, { files: 3, first: 2_000, all: 6_000 });
  await assertNoneLeft(mark);
});

test('a cell that fails is named', { skip: nbclientMissing() || denoMissing() }, async (t) => {
  const notebook = notebookOf(
    cellsOfProgram("// %%\nconsole.log('before');\n// %%\nthrow new Error('of the cell');"),
  );
  const { notebook: executed, failure } = await executeNotebook(
    notebook,
    EXAMPLES,
    temporaryFolder(t),
  );
  assert.equal(failure, 'Cell 2 failed: Error: of the cell');
  assert.equal(printedBy(executed), 'before\n');
});

test('what can not be had is said in a sentence', (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['deno.ts', 'package.json', 'package-lock.json']) {
    copyFileSync(join(ROOT, 'scripts/notebook', name), join(folder, name));
  }
  const program = `import { installDeno } from ${JSON.stringify(pathToFileURL(join(folder, 'deno.ts')))};
    try { installDeno(); } catch (error) { console.log(error.message); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: {
      ...process.env,
      npm_config_cache: join(folder, 'cache'),
      npm_config_fetch_retries: '0',
      npm_config_registry: 'http://127.0.0.1:9/',
    },
  });
  assert.equal(
    stderr,
    'Deno, whose kernel runs the notebook, comes from the npm registry: 42 MB, this once\n',
  );
  assert.match(
    stdout,
    /^Deno, .* could not be installed by npm ci --prefix scripts\/notebook: .*127\.0\.0\.1:9.*\n$/,
  );

  const script = join(ROOT, 'scripts/make-notebook.ts');
  const refused = spawnSync(process.execPath, [script, '--wrtie'], { encoding: 'utf8' });
  assert.equal(refused.status, 1);
  assert.equal(refused.stderr, 'npm run notebook [-- --write | --kernel], not --wrtie\n');
});

test('tiles that Deno makes are those that Node.js makes', { skip: denoMissing() }, (t) => {
  const folder = temporaryFolder(t);
  writeScenes(join(folder, 'input'), { seed: 3, count: 2, polygonsEach: 500 });
  const stage = (out: string, command: readonly string[], tms: string, z: number): string => {
    const args = ['stage', 'input', '--out', out, '--tms', tms, '--z', `${z}`, '--quiet'];
    const [program, ...before] = [...command, join(ROOT, 'src/cli/main.ts')];
    const env = { ...process.env, DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1' };
    execFileSync(program!, [...before, ...args], { cwd: folder, env });
    return join(folder, out);
  };
  const node = [process.execPath];
  const deno = [process.execPath, DENO, 'run', '--allow-all', '--no-check'];

  // In the CRS of the inputs, there is nothing but arithmetic that IEEE 754 fixes to the bit.
  const squares = join(EXAMPLES, 'arctic-squares.json');
  const [here, there] = [
    stage('squares', node, squares, 1),
    stage('squares-deno', deno, squares, 1),
  ];
  const tiles = listTiles(here);
  assert.ok(tiles.length > 1);
  assert.deepEqual(listTiles(there), tiles);
  for (const tile of tiles) {
    assert.deepEqual(readFileSync(join(there, tile)), readFileSync(join(here, tile)), tile);
  }

  // Sines and the like may differ by their last bit, as engines compute them in their own ways.
  const rows = readTiles(stage('degrees', node, 'WGS1984Quad', 13));
  const others = readTiles(stage('degrees-deno', deno, 'WGS1984Quad', 13));
  assert.ok(rows.length > 1000);
  assert.equal(others.length, rows.length);
  for (const [i, { values }] of rows.entries()) {
    const other = others[i]!.values;
    assert.equal(other['staging_identifier'], values['staging_identifier']);
    assert.equal(other['staging_tile'], values['staging_tile']);
    for (const column of ['staging_centroid_x', 'staging_centroid_y']) {
      assert.ok(Math.abs(Number(other[column]) - Number(values[column])) < 1e-11, column);
    }
  }
});
