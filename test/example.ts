/** Runs the examples, as users do. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Cell, cellsOfProgram } from '../scripts/notebook/cells.ts';

export const EXAMPLES = join(import.meta.dirname, '../examples');

/** Runs an example, or any program; it must succeed. Returns what it prints. */
export function runExample(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [resolve(EXAMPLES, name), ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 240_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) done(stdout);
      else reject(new Error(`${name} ended with ${code}\n${stdout}\n${stderr}`));
    });
  });
}

/** Writes an example with fewer polygons into a folder, from which it runs as it does from its own. */
export function smallerExample(
  name: string,
  folder: string,
  [from, to]: [from: string, to: string],
): string {
  const program = readFileSync(join(EXAMPLES, name), 'utf8');
  const small = program.replace(from, to);
  assert.notEqual(small, program);
  const path = join(folder, name.replace(/ts$/, 'mts'));
  const place = pathToFileURL(EXAMPLES).href;
  writeFileSync(path, small.replaceAll(/(['`])(\.\.?\/)/g, `$1${place}/$2`));
  return path;
}

/** The notebook's cells with three scenes of 2,000 polygons for sample data, and so in seconds. */
export function smallNotebook(): Cell[] {
  const program = readFileSync(join(EXAMPLES, 'staging.ts'), 'utf8');
  const small = program.replace('count: 35, polygonsEach: 20_000', 'count: 3, polygonsEach: 2_000');
  assert.notEqual(small, program);
  return cellsOfProgram(small);
}

/** The same with the cell of the sample data left out, and a folder of one's own. */
export function notebookOfOwnFiles(folder: string): Cell[] {
  const cells = smallNotebook();
  const left = cells.filter(({ source }) => !source.includes('writeScenes('));
  assert.equal(left.length, cells.length - 1);
  return left.map((cell) => ({
    ...cell,
    source: cell.source.replace("const input = join(folder, 'input')", () => {
      return `const input = ${JSON.stringify(folder)}`;
    }),
  }));
}

/** Checks what the notebook's cells have printed: an answer to each of its questions. */
export function checkNotebook(
  printed: string,
  counts: { files: number; first: number; all: number },
): void {
  const { files } = counts;
  const [first, all] = [counts.first, counts.all].map((count) => count.toLocaleString('en'));
  assert.match(
    printed,
    new RegExp(`(^|\\n)${files} files, the first is WV02_20190703_\\S+\\.gpkg\\n`),
  );
  assert.match(
    printed,
    new RegExp(`\\n${first} polygons, [\\d,]+ rows, \\d+ tiles\\n[\\d.]+ s\\n`),
  );
  assert.match(printed, /\nWV02_20190703_\S+\.gpkg: unchanged\n/);
  assert.match(printed, /\nthe first time [\d.]+ s, now [\d.]+ s\n/);
  assert.match(printed, new RegExp(`\\n${files} files, [\\d.]+ MB, ${all} features: `));
  assert.match(printed, new RegExp(`\\nthese ${files} files +[\\d.]+ s \\([\\d.–]+\\)`));
  const compared =
    /\n(time|work): estimated ([\d.]+) s, measured ([\d.]+) s, ratio ([\d.]+)(?=\n)/g;
  const answers = [...printed.matchAll(compared)];
  assert.deepEqual(
    answers.map(([, what]) => what),
    ['time', 'work'],
  );
  for (const [line, , ...numbers] of answers) {
    const [estimated, measured, ratio] = numbers.map(Number) as [number, number, number];
    assert.ok(Math.abs(estimated / measured - ratio) < 0.02 + 0.02 * ratio, line);
  }
  assert.match(printed, /\n.* bound this run: .*\n(.+\n)*\nEvidence\n/);
  assert.match(printed, /\nexport async function stageFile\(/);
  assert.match(printed, /\napps\.stageFile, task 1: queued\n.* 1: done\n/);
  assert.match(
    printed,
    new RegExp(`\\n${first} polygons in [\\d.]+ s\\n\\d+ workers, of 32 at the most, `),
  );
  assert.match(printed, new RegExp(`\\n${all} polygons in [\\d.]+ s, in one run [\\d.]+ s\\n`));
  assert.match(printed, new RegExp(`\\bdone: ${files},`));
  assert.match(printed, /\n(\d+) tiles, in one run \1\npermissions 664\n/);
  assert.match(printed, /\nfilename,num_polygons,.*\n\S+\.gpkg,\d+,.*\nThe viewer answers\n/);
  assert.match(printed, /\nhtex_slurm: 256 tasks at a time\n/);
}

/** Runs the course notebook's program on an engine, with so many polygons in each file. */
export async function runCourse(
  folder: string,
  polygons: number,
  engine: string,
  env: Record<string, string> = {},
): Promise<void> {
  const program = smallerExample('notebook.ts', folder, ['30_000', String(polygons)]);
  const printed = await runExample(program, [engine], folder, env);
  const output = [
    '^6 input files\\none file took [\\d.]+ s; .*\\n.*\\n',
    'estimated: these 6 files [\\d.]+ s, 100 such files [\\d.]+ s, 1,000 such files [\\d.]+ s\\n',
    `tiles\\.png: \\d+ tiles, ${polygons.toLocaleString('en')} polygons\\n`,
    'all took [\\d.]+ s\\n.* bound this run: .*\\n\\d+ tiles removed\\n',
    'apps\\.stageFile, task 1: (queued|running)\\napps\\.stageFile, task 1: done\\n',
    `(\\S+\\.gpkg: ${polygons} features\\n){6}6 tasks done\\n\\d+ tiles\\n$`,
  ];
  assert.match(printed, new RegExp(output.join('')));
}
