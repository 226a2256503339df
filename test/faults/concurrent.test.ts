/**
 * Runs that go on at the same time in one staged folder, in one process or several, lose and
 * duplicate nothing.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FileLock } from '../../src/core/files/file-lock.ts';
import type { RunOptions } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import type { Task } from '../../src/parallel/task.ts';
import { folderLock } from '../../src/staging/folder/staged-folder.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { hashFolder, readCsv, readTiles, runCli } from '../staging/support.ts';
import {
  checkNothingElse,
  checkSame,
  checkTiles,
  makeScenes,
  type Running,
  SUMMARY,
  start,
  startCli,
  suiteFolder,
} from './faults.ts';

const STAGE_FILES = join(import.meta.dirname, 'stage-files.ts');
const RUN_FOLDERS = join(import.meta.dirname, 'run-folders.ts');
const Z = 14;

/** Does something of its own around each task. */
class HookedExecutor extends InlineExecutor {
  readonly #before: (task: Task) => Promise<void> | void;
  readonly #after: (task: Task) => Promise<void> | void;

  constructor(hooks: { before?: (task: Task) => unknown; after?: (task: Task) => unknown }) {
    super();
    this.#before = async (task) => void (await hooks.before?.(task));
    this.#after = async (task) => void (await hooks.after?.(task));
  }

  override async run(task: Task, options?: RunOptions): Promise<unknown> {
    await this.#before(task);
    const result = await super.run(task, options);
    await this.#after(task);
    return result;
  }
}

/** A function that works the first time only. */
function once(work: () => unknown): () => unknown {
  let done = false;
  return () => {
    if (done) return undefined;
    done = true;
    return work();
  };
}

suite('concurrent runs', () => {
  const folder = suiteFolder();
  let files: string[];
  let reference: Map<string, string>;

  const stageFiles = (
    out: string,
    paths: readonly string[],
    options: { atOnce?: boolean } = {},
  ): Running => {
    const executor = options.atOnce ? 'threads' : 'inline';
    const config = { dirStaged: out, zRange: [0, Z], workers: 1, executor };
    return start([STAGE_FILES, JSON.stringify({ config, ...options }), ...paths]);
  };

  const stagerFor = (out: string, config: object = {}): TileStager =>
    new TileStager({ dirStaged: out, zRange: [0, Z], executor: 'inline', ...config });

  const allOk = async (runs: readonly Running[]): Promise<void> => {
    for (const run of runs) {
      assert.equal(await run.ended, 0, run.stderr());
      assert.doesNotMatch(run.stdout(), / (?!ok$)[a-z-]+$/m, run.stderr());
    }
  };

  before(async () => {
    files = makeScenes(join(folder, 'scenes'), 8, 1000);
    const out = join(folder, 'reference');
    const { code, stderr } = await runCli(['stage', ...files, '--out', out, '--z', String(Z)]);
    assert.equal(code, 0, stderr);
    reference = hashFolder(out, { summary: SUMMARY });
    assert.ok(reference.size > 10, `${reference.size} tiles`);
  });

  test('four processes, each with files of its own', async () => {
    for (const atOnce of [false, true]) {
      const out = join(folder, `four-${atOnce}`);
      const shares = [0, 1, 2, 3].map((k) => files.filter((_, i) => i % 4 === k));
      await allOk(shares.map((share) => stageFiles(out, share, { atOnce })));
      checkSame(out, reference);
      checkNothingElse(out);
    }
  });

  test('four processes, one of which is killed and begun again', async () => {
    const out = join(folder, 'killed');
    const shares = [0, 1, 2, 3].map((k) => files.filter((_, i) => i % 4 === k));
    const runs = shares.map((share) => stageFiles(out, share));
    await setTimeout(400);
    runs[1]!.child.kill('SIGKILL');
    await runs[1]!.ended;
    checkTiles(out);
    await allOk([runs[0]!, stageFiles(out, shares[1]!), runs[2]!, runs[3]!]);
    checkSame(out, reference);
    // What the killed one left is removed by the next run that ends, at the latest.
    await allOk([stageFiles(out, files.slice(0, 1))]);
    checkNothingElse(out);
  });

  test('two processes with the same files', async () => {
    const out = join(folder, 'same');
    await allOk([
      stageFiles(out, files),
      stageFiles(out, files),
      stageFiles(out, files.toReversed()),
    ]);
    checkSame(out, reference);
    checkNothingElse(out);
  });

  test('calls that overlap within one process', async () => {
    const out = join(folder, 'one-process');
    const stager = stagerFor(out, { executor: 'threads', workers: 1 });
    const results = await Promise.all([...files, files[0]!].map((path) => stager.stage(path)));
    assert.equal(results.length, files.length + 1);
    checkSame(out, reference);
    checkNothingElse(out);
  });

  test('the folder of a run that lives is taken for dead by nobody', async () => {
    const out = join(folder, 'run-folders');
    const runs = [0, 1, 2, 3].map(() => start([RUN_FOLDERS, out, '60']));
    for (const run of runs) {
      assert.equal(await run.ended, 0, run.stderr());
      assert.equal(run.stdout(), '0\n');
    }
    const last = start([RUN_FOLDERS, out, '1']);
    assert.equal(await last.ended, 0, last.stderr());
    assert.deepEqual(readdirSync(join(out, '.tilewright/runs')), []);
  });

  test('a process dies with tiles half written between the plan of another and its start', async () => {
    const out = join(folder, 'dies-between');
    const config = { dirStaged: out, zRange: [0, Z], executor: 'inline' };
    const text = JSON.stringify({ config, dieAtMerge: true });
    let deaths = 0;
    await stagerFor(out).stageAll({
      inputs: files,
      // After the plan, before shuffle files are taken over.
      onProgress: (event) => {
        if (event.type !== 'phase-started' || event.phase !== 'stage') return;
        const died = spawnSync(process.execPath, [STAGE_FILES, text, files[2]!]);
        assert.equal(died.signal, 'SIGKILL', String(died.stderr));
        deaths++;
      },
    });
    assert.equal(deaths, 1);
    checkSame(out, reference);
    checkNothingElse(out);
  });

  test('another file of the same name is committed while one is read', async () => {
    const out = join(folder, 'same-name');
    const other = join(folder, 'other', basename(files[0]!));
    mkdirSync(join(folder, 'other'));
    copyFileSync(files[1]!, other);
    const executor = new HookedExecutor({ before: once(() => stagerFor(out).stage(other)) });
    await assert.rejects(stagerFor(out).stage(files[0]!, { executor }), {
      code: 'input-name-taken',
      message: /which is the name of .*other/,
    });
    assert.equal(readTiles(out).length > 0, true);
    const alone = join(folder, 'same-name-alone');
    await stagerFor(alone).stage(other);
    checkSame(out, hashFolder(alone, { summary: SUMMARY }));
  });

  test('the configuration of the folder is changed while an input is read', async () => {
    const out = join(folder, 'settings');
    const coarse = stagerFor(out, { zRange: [0, 12], force: true });
    const executor = new HookedExecutor({ before: once(() => coarse.stage(files[1]!)) });
    await assert.rejects(stagerFor(out).stage(files[0]!, { executor }), {
      code: 'config-differs',
      message: /z: 12 then, 14 now/,
    });
    const alone = join(folder, 'settings-alone');
    await stagerFor(alone, { zRange: [0, 12] }).stage(files[1]!);
    checkSame(out, hashFolder(alone, { summary: SUMMARY }));
  });

  test('an input that changes while it is read is left out, and the next run reads it', async () => {
    const out = join(folder, 'changes');
    const path = join(folder, 'changing', basename(files[0]!));
    mkdirSync(join(folder, 'changing'));
    copyFileSync(files[0]!, path);
    const executor = new HookedExecutor({
      // Trailing bytes belong to no page: what is read stays the same.
      before: once(() => appendFileSync(path, 'x')),
    });
    const result = await stagerFor(out).stageAll({ inputs: [path, files[1]!], executor });
    assert.deepEqual(
      result.inputs.map((input) => [
        input.status,
        input.status === 'failed' ? input.error.message.replace(path, 'it') : '',
      ]),
      [
        [
          'failed',
          'it changed while it was read. Run the same command again when nothing writes to it',
        ],
        ['staged', ''],
      ],
    );
    const again = await stagerFor(out).stageAll({ inputs: [path, files[1]!] });
    assert.deepEqual(
      again.inputs.map((input) => input.status),
      ['staged', 'unchanged'],
    );
    const alone = join(folder, 'changes-alone');
    await stagerFor(alone).stageAll({ inputs: [files[0]!, files[1]!] });
    checkSame(out, hashFolder(alone, { summary: SUMMARY }));
  });

  test('a summary that is gone is written again, and one in a folder that is not there', async () => {
    const out = join(folder, 'summary');
    await stagerFor(out).stage(files[0]!);
    const rows = readCsv(join(out, SUMMARY));
    rmSync(join(out, SUMMARY));
    const again = await stagerFor(out).stage(files[0]!);
    assert.equal(again.inputs[0]!.status, 'unchanged');
    assert.deepEqual(readCsv(join(out, SUMMARY)), rows);
    const elsewhere = join(folder, 'summaries/here/all.csv');
    await stagerFor(out, { filenameStagingSummary: elsewhere }).stage(files[0]!);
    assert.deepEqual(readCsv(elsewhere), rows);
  });

  test('clean refuses while a run is at work', async () => {
    const out = join(folder, 'clean');
    const stager = stagerFor(out);
    const executor = new HookedExecutor({
      before: once(() =>
        assert.rejects(stager.clean(), { code: 'staged-folder', message: /Another process/ }),
      ),
    });
    await stager.stage(files[0]!, { executor });
    assert.equal(readTiles(out).length > 0, true);
    assert.ok((await stager.clean()) > 0);
    assert.equal(existsSync(out), false);
  });

  test('a run that waits for another can be interrupted', async () => {
    const out = join(folder, 'waits');
    cpSync(join(folder, 'reference'), out, { recursive: true });
    const lock = await folderLock(out);
    try {
      const args = ['stage', files[0]!, '--out', out, '--z', String(Z), '--force'];
      const run = startCli([...args, '--json']);
      while (run.child.exitCode === null && !/"phase":"wait"/.test(run.stdout())) {
        await setTimeout(20);
      }
      assert.equal(run.child.exitCode, null, 'it waits');
      run.child.kill('SIGINT');
      assert.equal(await run.ended, 130);
      assert.match(run.stdout(), /"code":"interrupted"/);
    } finally {
      lock.release();
    }
    checkTiles(out);
  });

  test('a lock has one owner, and is free when that is gone', async () => {
    const path = join(folder, 'a.lock');
    assert.equal(FileLock.tryAcquire(path), 'gone');
    assert.equal(existsSync(path), false, 'nothing is made by looking');
    const lock = FileLock.tryAcquire(path, { create: true });
    assert.ok(lock instanceof FileLock);
    assert.equal(FileLock.tryAcquire(path), 'held');
    let waits = 0;
    await assert.rejects(
      FileLock.acquire(
        path,
        () => waits++,
        () => true,
      ),
      { code: 'interrupted' },
    );
    assert.equal(waits, 1);
    lock.release();
    const again = FileLock.tryAcquire(path);
    assert.ok(again instanceof FileLock);
    again.release();
  });
});
