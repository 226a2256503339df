/** Executes a notebook in Deno's kernel, by Jupyter's nbclient, without touching the user's set-up. */

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinStreams, type Notebook } from './cells.ts';
import { DENO } from './deno.ts';

const EXECUTE = join(import.meta.dirname, 'execute.py');
// A Python of the user's own may come first in the PATH, without the system's packages.
const PYTHONS = ['/usr/bin/python3', 'python3', 'python'];

/** False if Jupyter can execute notebooks here, otherwise a sentence with the command for it. */
export function nbclientMissing(): string | false {
  return (
    python() === undefined &&
    "Jupyter's nbclient, which executes the notebook, is not here: apt-get install python3-nbclient, " +
      'or pip install nbclient nbformat'
  );
}

function python(): string | undefined {
  return PYTHONS.find((program) => {
    try {
      execFileSync(program, ['-c', 'import nbclient, nbformat'], { stdio: 'ignore' });
      return true;
    } catch {
      // It has none, or is not there itself.
      return false;
    }
  });
}

/** What came of a notebook: its cells with what they have put out, and the failure if one failed. */
export interface Execution {
  notebook: Notebook;
  failure: string | null;
}

/**
 * Executes a notebook.
 * @param cwd - the folder that it is executed in: imports are relative to it
 * @param folder - for all that Jupyter, the kernel and the notebook write; removing it is up to the caller
 * @param env - more environment variables for the kernel
 * @throws if there is no kernel
 */
export async function executeNotebook(
  notebook: Notebook,
  cwd: string,
  folder: string,
  env: Record<string, string> = {},
): Promise<Execution> {
  const spec = join(folder, 'jupyter/kernels/deno');
  mkdirSync(spec, { recursive: true });
  writeFileSync(
    join(spec, 'kernel.json'),
    JSON.stringify({
      argv: [process.execPath, DENO, 'jupyter', '--kernel', '--conn', '{connection_file}'],
      display_name: 'Deno',
      language: 'typescript',
    }),
  );
  const [source, output] = [join(folder, 'notebook.ipynb'), join(folder, 'executed.ipynb')];
  writeFileSync(source, JSON.stringify(notebook));
  const failure = await runPython([EXECUTE, source, output, cwd], {
    ...process.env,
    ...env,
    DENO_DIR: join(folder, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    IPYTHONDIR: join(folder, 'ipython'),
    JUPYTER_CONFIG_DIR: join(folder, 'config'),
    JUPYTER_DATA_DIR: join(folder, 'jupyter'),
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    NO_COLOR: '1',
    TMPDIR: folder,
  });
  if (!existsSync(output)) throw new Error(failure ?? 'The notebook was not executed');
  return { notebook: withOutputs(notebook, JSON.parse(readFileSync(output, 'utf8'))), failure };
}

/** What it says where it fails; null if it does not. */
function runPython(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(python() ?? 'python3', args, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const said = stdout.trim() || stderr.trim();
      resolve(error === null ? null : said || error.message);
    });
  });
}

/** Only outputs are taken, so that versions of Jupyter make no difference to the notebook. */
function withOutputs(notebook: Notebook, executed: Notebook): Notebook {
  let count = 0;
  const cells = notebook.cells.map((cell, i) => {
    const { outputs, execution_count: executedAs } = executed.cells[i]!;
    if (outputs === undefined || executedAs === null) return cell;
    count++;
    for (const output of outputs) if ('execution_count' in output) output.execution_count = count;
    return { ...cell, execution_count: count, outputs: joinStreams(outputs) };
  });
  return { ...notebook, cells };
}
