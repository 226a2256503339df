/** Programs that are written to a folder and run as a user would run them. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const PARALLEL = new URL('../../../src/parallel.ts', import.meta.url).href;

/** What begins every program: everything of the engine, and an executor by the name of the first argument. */
const HEAD = `import * as tilewright from ${JSON.stringify(PARALLEL)};
const { app, apps, bashApp, Config, currentTask, HighThroughputExecutor, load, ThreadPoolExecutor } = tilewright;
export const executor = (options = {}) => process.argv[2] === 'threads'
  ? new ThreadPoolExecutor({ maxThreads: 2, ...options })
  : new HighThroughputExecutor({ maxWorkers: 2, ...(process.argv[2]?.startsWith('redis') && { queue: process.argv[2] }), ...options });
`;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  pid: number;
}

export interface Folder {
  path: string;
  /** Writes a module; a \`HEAD\` in it stands for what begins every program. */
  write(name: string, text: string): string;
  /** Runs a program that is there to its end; \`kill\` gets it as soon as it has printed something. */
  run(
    name: string,
    args?: readonly string[],
    options?: { env?: NodeJS.ProcessEnv; onOutput?: (pid: number, text: string) => void },
  ): Promise<Ended>;
}

/** How long a program may take. */
const LIMIT_MS = 60_000;

export function folderFor(t: Pick<TestContext, 'after'>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tilewright-programs-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, text) {
      writeFileSync(join(path, name), text.replace('HEAD\n', HEAD));
      return join(path, name);
    },
    run(name, args = [], { env = {}, onOutput } = {}) {
      return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(path, name), ...args], {
          cwd: path,
          env: { ...process.env, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
          timeout: LIMIT_MS,
          killSignal: 'SIGKILL',
        });
        const pid = child.pid!;
        let [stdout, stderr] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
          onOutput?.(pid, text);
        });
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        child.on('error', reject);
        child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr, pid }));
      });
    },
  };
}
