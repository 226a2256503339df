/** What the tests of staging on engines share: runs of the command line on each of them. */

import assert from 'node:assert/strict';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../src/insight/analyse.ts';
import { readRecordLines, readRecords } from '../../src/staging/recording/record-file.ts';
import type { RunLine } from '../../src/staging/recording/record-lines.ts';
import {
  checkNothingElse,
  checkSame,
  makeScenes,
  type Running,
  SUMMARY,
  startCli,
} from '../faults/faults.ts';
import { hashFolder, runCli } from '../staging/support.ts';
import {
  assertNoneLeft,
  type FoundProcess,
  type MarkedEnvironment,
  markedEnvironment,
  markedProcesses,
  waitUntil,
} from './engines/processes.ts';

export interface RunSettings {
  executor: string;
  parallel?: object;
  workers?: number;
  env?: Record<string, string>;
}

/** A run of the command line that is looked at, and perhaps harmed, while it goes on. */
export interface StagingRun extends Running {
  out: string;
  mark: string;
  /** Resolves when shuffle files are there, so that the run is in its middle. */
  untilStaging(): Promise<void>;
  /** Resolves when tiles are written. */
  untilMerging(): Promise<void>;
  /** Processes that it has caused, it apart. */
  children(): FoundProcess[];
}

/** Inputs, and the tiles that every executor has to make of them. */
export class StagingBench {
  readonly folder: string;
  #scenes: string[] = [];
  #reference = new Map<string, string>();
  #next = 1;

  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    this.#scenes = makeScenes(join(this.folder, 'scenes'), 4, 5_000);
    const out = await this.finish({ executor: 'threads', workers: 2 });
    this.#reference = hashFolder(out, { summary: SUMMARY });
    assert.ok(this.#reference.size > 100, `${this.#reference.size} files`);
  }

  /** A command into a folder of its own, or one that was begun. */
  #command(
    { executor, parallel = {}, workers, env }: RunSettings,
    begun?: StagingRun,
  ): { out: string; args: string[]; mark: string; env: Record<string, string> } {
    const out = begun?.out ?? join(this.folder, `staged-${this.#next++}`);
    const config = `${out}.json`;
    writeFileSync(config, JSON.stringify({ executor, parallel, sliceBytes: 400_000 }));
    const marked: MarkedEnvironment = markedEnvironment();
    const args = ['stage', ...this.#scenes, '--out', out, '--z', '15', '--config', config];
    if (workers !== undefined) args.push('--workers', String(workers));
    return { out, args, mark: marked.mark, env: { ...env, ...marked.env } };
  }

  /** Starts a run into a folder of its own, or one that was begun. */
  start(settings: RunSettings, begun?: StagingRun): StagingRun {
    const { out, args, mark, env } = this.#command(settings, begun);
    const running = startCli(args, env);
    const appears = (pattern: string, what: string): Promise<unknown> =>
      waitUntil(
        () => running.child.exitCode !== null || globSync(pattern, { cwd: out }).length > 1,
        60_000,
        what,
      );
    return {
      ...running,
      out,
      mark,
      untilStaging: async () =>
        void (await appears('.tilewright/runs/*/*.shuffle', 'shuffle files')),
      untilMerging: async () => void (await appears('WGS1984Quad/15/*/*.gpkg', 'tiles')),
      children: () => markedProcesses(mark).filter(({ pid }) => pid !== running.child.pid),
    };
  }

  /** Runs to the end; returns the folder. */
  async finish(settings: RunSettings, begun?: StagingRun): Promise<string> {
    const { out, args, mark, env } = this.#command(settings, begun);
    const { code, stderr } = await runCli(args, { env });
    assert.equal(code, 0, stderr);
    await assertNoneLeft(mark);
    return out;
  }

  /** The run's tiles are those of any other executor, and nothing else is there. */
  check(out: string): void {
    checkSame(out, this.#reference);
    checkNothingElse(out);
    assert.equal(existsSync(join(out, '.tilewright/parallel')), false);
    checkRecord(out);
  }

  /** Waits for the end of a run that was harmed: it must have got over it. */
  async survives(run: StagingRun): Promise<void> {
    assert.equal(await run.ended, 0, run.stderr());
    await assertNoneLeft(run.mark);
    this.check(run.out);
  }
}

/** Whoever has done them, all tasks of the last run are told of, with their workers and costs. */
function checkRecord(out: string): void {
  const lines = readRecordLines(readRecords(out)[0]!.path);
  const [run] = lines as [RunLine];
  let measured = 0;
  for (const line of lines) {
    if (line.type !== 'task-ended' || line.error !== null) continue;
    measured++;
    assert.match(line.worker!, /^[^/]+\/\d+\/\d+$/);
    assert.ok(line.usage!.wallMs > 0 && line.usage!.notes['rows']! > 0);
    assert.ok(line.startedAt !== null && line.startedAt <= line.at);
  }
  assert.ok(measured > 0);
  const { workers, time, end } = analyse(lines);
  assert.equal(end?.state, 'finished', run.executor);
  assert.ok(Math.abs(time.reduce((sum, { share }) => sum + share, 0) - 1) < 0.05);
  assert.ok(workers.every(({ tasks, busy }) => tasks > 0 && busy > 0));
}
