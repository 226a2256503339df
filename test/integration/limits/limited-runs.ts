/** Runs of `tilewright stage` that are held to limits, on sample scenes; nothing of them is left. */

import { spawn } from 'node:child_process';
import { globSync, linkSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeScenes } from '../../../bench/scenes.ts';
import { ENGINE, Guard } from '../engines/daemon.ts';
import { assertNoneLeft, markedEnvironment } from '../engines/processes.ts';
import { ControlGroup, type Limits } from './control-group.ts';
import { dropPages, fetchPages } from './disk.ts';

export const CLI = join(import.meta.dirname, '../../../src/cli/main.ts');

export interface LimitedRunOptions {
  /** A folder of scenes. */
  inputs: string;
  /** Whether the inputs are in the page cache when it starts; left as they are if undefined. */
  cached?: boolean;
  /** Default: a folder of its own. */
  out?: string;
  limits?: Limits;
  /** The configuration file. */
  config?: object;
  args?: readonly string[];
  /** Default: 2. */
  workers?: number;
  env?: Record<string, string>;
  /** Killed after so long; default: 60 s. */
  timeoutMs?: number;
}

export interface LimitedRun {
  out: string;
  /** The exit code, or the signal that ended it. */
  ended: number | string;
  stderr: string;
  seconds: number;
  /** Milliseconds in which some process of the run waited; null if the kernel does not count them. */
  pressure: { cpu: number | null; io: number | null; memory: number | null };
  /** Periods in which the quota of cores was used up. */
  throttled: number;
  /** Pages of files that were thrown out of memory and were needed again soon. */
  refaults: number;
  /** Most bytes besides the page cache that its processes had; 0 without a limit of memory. */
  peakMemory: number;
}

export class LimitedRuns {
  /** Below it is all that the runs read and write, and all that has to be unmounted. */
  readonly folder: string;
  readonly #guard: Guard;
  #next = 1;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'tilewright-limits-'));
    this.#guard = new Guard(this.folder);
  }

  /** Removes everything; what uses the folder must have ended. */
  close(): Promise<void> {
    return this.#guard.dismiss();
  }

  /** Makes a folder of scenes; returns its path. */
  scenes(name: string, count: number, polygonsEach: number): string {
    const folder = join(this.folder, name);
    writeScenes(folder, { seed: 7 + this.#next++, count, polygonsEach });
    return folder;
  }

  /** Makes a folder with the first scenes of another; returns its path. */
  first(count: number, folder: string): string {
    const part = join(this.folder, `${basename(folder)}-${count}`);
    mkdirSync(part);
    for (const file of scenesIn(folder).slice(0, count)) linkSync(file, join(part, basename(file)));
    return part;
  }

  async stage(options: LimitedRunOptions): Promise<LimitedRun> {
    const { inputs, cached, limits = {}, config = {}, args = [], timeoutMs = 60_000 } = options;
    const name = `${basename(this.folder)}-${this.#next++}`;
    const out = options.out ?? join(this.folder, name);
    const file = join(this.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(config));
    if (cached === true) fetchPages(scenesIn(inputs));
    if (cached === false) await dropPages(scenesIn(inputs));

    const group = new ControlGroup(name, { ...limits, first: true });
    const marked = markedEnvironment();
    try {
      const command = [...group.run, process.execPath, CLI, 'stage', inputs, '--out', out];
      command.push('--workers', String(options.workers ?? 2), '--config', file, ...args);
      const start = performance.now();
      const child = spawn(command[0]!, command.slice(1), {
        env: { ...process.env, ...options.env, ...marked.env, [ENGINE]: this.folder },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      let peakMemory = 0;
      const watch = setInterval(() => {
        const { rss, anon } = group.numbers('memory', 'memory.stat');
        peakMemory = Math.max(peakMemory, rss ?? anon ?? 0);
      }, 20);
      const ended = await new Promise<number | string>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code, signal) => resolve(code ?? signal!));
      }).finally(() => clearInterval(watch));
      const seconds = (performance.now() - start) / 1000;
      await assertNoneLeft(marked.mark);
      const memory = group.numbers('memory', 'memory.stat');
      return {
        out,
        ended,
        stderr,
        seconds,
        pressure: {
          cpu: group.pressure('cpu'),
          io: group.pressure('io'),
          memory: group.pressure('memory'),
        },
        throttled: group.numbers('cpu', 'cpu.stat')['nr_throttled'] ?? 0,
        refaults: memory['workingset_refault_file'] ?? 0,
        peakMemory,
      };
    } finally {
      await group.remove();
    }
  }
}

/** Paths of the scenes in a folder. */
export function scenesIn(folder: string): string[] {
  return globSync('*.gpkg', { cwd: folder })
    .sort()
    .map((name) => join(folder, name));
}

export function bytesOf(folder: string): number {
  return scenesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
}
