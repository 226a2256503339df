/**
 * Makes `examples/staging.ipynb` of `examples/staging.ts`, and executes it: `npm run notebook`.
 * `npm run notebook -- --kernel` makes Deno's kernel known to the user's Jupyter instead.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOfProgram, joinStreams, notebookOf } from './notebook/cells.ts';
import { executeNotebook, notebookMissing } from './notebook/execute.ts';

const ROOT = join(import.meta.dirname, '..');
const NOTEBOOK = join(ROOT, 'examples/staging.ipynb');

if (process.argv[2] === '--kernel') {
  const deno = join(ROOT, 'node_modules/deno/bin.cjs');
  execFileSync(process.execPath, [deno, 'jupyter', '--install', '--force'], { stdio: 'inherit' });
} else {
  await makeNotebook();
}

async function makeNotebook(): Promise<void> {
  const missing = notebookMissing();
  if (missing !== false) throw new Error(`To execute the notebook, install ${missing}`);
  const cells = cellsOfProgram(readFileSync(join(ROOT, 'examples/staging.ts'), 'utf8'));
  const notebook = notebookOf(cells);
  const write = (): void => writeFileSync(NOTEBOOK, `${JSON.stringify(notebook, null, 1)}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-kernel-'));
  try {
    write();
    const executed = await executeNotebook(NOTEBOOK, folder);
    // What was executed is taken from here, so that versions of Jupyter make no difference to it.
    let count = 0;
    for (const [i, cell] of notebook.cells.entries()) {
      const { outputs } = executed.cells[i]!;
      if (outputs === undefined) continue;
      cell.execution_count = ++count;
      cell.outputs = joinStreams(outputs);
      for (const output of outputs) if ('execution_count' in output) output.execution_count = count;
    }
    write();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
