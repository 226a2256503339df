/** The process of a command. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TilewrightError } from '../../core/errors.ts';
import { type CommandEnd, shortened } from './bash-exit-failure.ts';
import type { Command } from './command.ts';
import type { CommandStream } from './command-streams.ts';
import { type CommandSurroundings, GRACE_MS } from './command-task.ts';
import { endGroup, groupEnds } from './process-group.ts';

/** Milliseconds that what a command has left in the background may go on. */
const LINGER_MS = 2_000;
/** Milliseconds for the rest of the output after that. */
const LAST_OUTPUT_MS = 1_000;
/** Linux takes no longer word than that, with its end, as an argument. */
const LONGEST_WORD = 128 * 1024 - 1;

/** In a group of its own, so that it can be ended with all that it has started. */
export function startCommand(
  { app, env, cwd, shell }: CommandSurroundings,
  command: Command,
  { stdout, stderr }: { stdout: CommandStream; stderr: CommandStream },
): ChildProcess {
  const words = typeof command === 'string' ? [shell ?? defaultShell(), '-c', command] : command;
  const all: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(env)) {
    if (value === null) delete all[name];
    else all[name] = value;
  }
  // By this a task's processes are found; see what the worker does when the task is stopped.
  const token = process.env['TILEWRIGHT_TASK'];
  if (token !== undefined) all['TILEWRIGHT_TASK'] = token;
  let child: ChildProcess;
  try {
    child = spawn(words[0]!, words.slice(1), {
      cwd: cwd ?? undefined,
      env: all,
      detached: true,
      stdio: ['ignore', stdout.fd ?? 'pipe', stderr.fd ?? 'pipe'],
    });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'E2BIG' ? tooLong(app, command) : error;
  }
  if (child.stdout !== null) stdout.follow?.(child.stdout);
  if (child.stderr !== null) stderr.follow?.(child.stderr);
  return child;
}

/** When it has ended, and all of its group and its output with it. */
export async function endOf(child: ChildProcess): Promise<CommandEnd> {
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const end = await new Promise<CommandEnd>((done, reject) => {
    child.once('exit', (exitCode, signal) => done({ exitCode, signal }));
    child.once('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      // As a shell says it.
      if (code === 'ENOENT') done({ exitCode: 127, signal: null });
      else if (code === 'EACCES') done({ exitCode: 126, signal: null });
      else reject(error);
    });
  });
  if (child.pid === undefined) return end;
  if (!(await groupEnds(child.pid, LINGER_MS))) await endGroup(child.pid, GRACE_MS);
  // What has left the group may hold the pipes open for as long as it likes.
  const late = new AbortController();
  const wait = sleep(LAST_OUTPUT_MS, undefined, { signal: late.signal }).catch(() => undefined);
  await Promise.race([closed, wait]);
  late.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  return end;
}

function tooLong(app: string, command: Command): TilewrightError {
  const longest = Math.max(...[command].flat().map((word) => Buffer.byteLength(word)));
  const what = longest > LONGEST_WORD ? 'a word of it' : 'with its environment it';
  return new TilewrightError(
    'task-failed',
    `${app}: its command ${shortened(command)} is too long for the system: ${what} takes more than ` +
      'it gives to a program. Write it to a file, or what it is to work on, and pass the path',
  );
}

let found: string | undefined;

/** bash, where there is one. */
function defaultShell(): string {
  if (found !== undefined) return found;
  const folders = ['/bin', ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean)];
  found = folders.map((folder) => resolve(join(folder, 'bash'))).find(isExecutable) ?? '/bin/sh';
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
