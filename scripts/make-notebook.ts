/**
 * Executes the notebook: `npm run notebook`. It is made of the cells of `examples/staging.ts`; its
 * executed copy is `examples/staging.executed.ipynb`, which is not tracked.
 * `npm run notebook -- --write` replaces `examples/staging.ipynb`, which is.
 * `npm run notebook -- --kernel` makes Deno's kernel known to the user's Jupyter instead.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { cellsOfProgram, notebookOf, printedBy } from './notebook/cells.ts';
import { DENO, installDeno } from './notebook/deno.ts';
import { executeNotebook, nbclientMissing } from './notebook/execute.ts';

const EXAMPLES = join(import.meta.dirname, '../examples');
const TRACKED = join(EXAMPLES, 'staging.ipynb');
const COPY = join(EXAMPLES, 'staging.executed.ipynb');

const args = process.argv.slice(2);
try {
  if (args.length === 0) await makeNotebook(COPY);
  else if (args.join() === '--write') await makeNotebook(TRACKED);
  else if (args.join() === '--kernel') installKernel();
  else throw new Error(`npm run notebook [-- --write | --kernel], not ${args.join(' ')}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function makeNotebook(path: string): Promise<void> {
  const missing = nbclientMissing();
  if (missing !== false) throw new Error(missing);
  installDeno();
  const notebook = notebookOf(cellsOfProgram(readFileSync(join(EXAMPLES, 'staging.ts'), 'utf8')));
  console.error(
    `Executing ${notebook.cells.length} cells: about a minute, and 3 GB in ${tmpdir()}`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-kernel-'));
  const start = performance.now();
  try {
    const { notebook: executed, failure } = await executeNotebook(notebook, EXAMPLES, folder);
    // The committed one stays whole.
    const target = failure === null ? path : COPY;
    writeFileSync(target, `${JSON.stringify(executed, null, 1)}\n`);
    const name = relative('', target);
    if (failure !== null) throw new Error(`${failure}\nWhat the cells before it put out: ${name}`);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${name}: executed in ${seconds} s`);
    const answers = /^(time|work): estimated .*$|^.* bound this run: (?:.|\n)*?\.$/gm;
    for (const [answer] of printedBy(executed).matchAll(answers)) {
      console.log(`  ${answer.replaceAll('\n', ' ')}`);
    }
    if (target === COPY)
      console.log('The committed examples/staging.ipynb is as it was: -- --write replaces it');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function installKernel(): void {
  installDeno();
  const install = [DENO, 'jupyter', '--install', '--force'];
  const { status } = spawnSync(process.execPath, install, { stdio: 'inherit' });
  if (status !== 0) throw new Error('Deno could not make its kernel known to Jupyter');
  const jupyter = spawnSync('jupyter', ['--version']).status === 0;
  console.log(
    jupyter
      ? 'Open it by: jupyter lab examples/staging.ipynb'
      : 'The kernel is there; Jupyter is not: pip install jupyterlab, then jupyter lab examples/staging.ipynb',
  );
}
