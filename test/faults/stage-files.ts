/**
 * A process that stages files, one call after the other or all at once, through the library:
 *
 *     stage-files.ts OPTIONS FILE…
 *
 * OPTIONS is JSON: `config` of the stager; `atOnce`, whether the calls overlap; `dieAtMerge`,
 * whether the process kills itself when the first tile is to be written. For each file it prints a
 * line: its path and `ok`, or the code of the error.
 */

import { TilewrightError } from '../../src/core/errors.ts';
import type { RunOptions } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import type { Task } from '../../src/parallel/task.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';

interface Options {
  config: object;
  atOnce?: boolean;
  dieAtMerge?: boolean;
}

class DyingExecutor extends InlineExecutor {
  override run(task: Task, options?: RunOptions): Promise<unknown> {
    if (task.name === 'staging.merge') process.kill(process.pid, 'SIGKILL');
    return super.run(task, options);
  }
}

const [text, ...files] = process.argv.slice(2) as [string, ...string[]];
const { config, atOnce, dieAtMerge } = JSON.parse(text) as Options;
const stager = new TileStager(config);
const options = dieAtMerge ? { executor: new DyingExecutor() } : {};

const stage = async (path: string): Promise<void> => {
  let outcome = 'ok';
  try {
    await stager.stage(path, options);
  } catch (error) {
    outcome = error instanceof TilewrightError ? error.code : 'not one of ours';
    process.stderr.write(`${(error as Error).stack}\n`);
  }
  process.stdout.write(`${path} ${outcome}\n`);
};

if (atOnce) await Promise.all(files.map(stage));
else for (const path of files) await stage(path);
