/**
 * Commands that tasks start, and what these start, found again by a variable that they inherit, and
 * by who has started whom. (Other processes can't take part: a task's token is random.)
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { TASK_VARIABLE } from './mark.ts';

/** How long a command may take to end by itself. */
const GRACE_MS = 500;
const LOOK_MS = 25;
/** Processes that start others faster than they are found are killed in more than one round. */
const MAX_ROUNDS = 40;

/**
 * Ends the commands of a task: politely, then not.
 * @param token - of the task, or the beginning of many
 * @param thread - the system's number of the thread that runs it, of this process, if it is known
 */
export async function endCommands(token: string, thread?: number): Promise<void> {
  const found = commandsOf(token, thread);
  if (found.length === 0) return;
  signal(found, 'SIGTERM');
  const until = performance.now() + GRACE_MS;
  while (performance.now() < until) {
    await setTimeout(LOOK_MS);
    if (commandsOf(token, thread).length === 0) return;
  }
  killCommands(token, thread);
}

/** Kills them, and returns when there are none any more. */
export function killCommands(token: string, thread?: number): void {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = commandsOf(token, thread);
    if (found.length === 0) return;
    signal(found, 'SIGKILL');
  }
}

/** Numbers of living processes. */
function commandsOf(token: string, thread?: number): number[] {
  const marked = process.platform === 'linux' ? markedOnLinux(token) : markedElsewhere(token);
  if (thread === undefined) return marked;
  // What was given another environment is found by its parent.
  return [...new Set([...marked, ...descendants(`/proc/self/task/${thread}/children`)])];
}

function markedOnLinux(token: string): number[] {
  const marks = [`\0${TASK_VARIABLE}=${token}`, `${TASK_VARIABLE}=${token}`] as const;
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return markedElsewhere(token);
  }
  return names.flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const environment = read(`/proc/${name}/environ`);
    return environment.includes(marks[0]) || environment.startsWith(marks[1]) ? pid : [];
  });
}

/** Where there is no `/proc`, `ps` shows the environment behind the command. */
function markedElsewhere(token: string): number[] {
  if (process.platform === 'win32') return [];
  const { stdout } = spawnSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const pid = Number.parseInt(line, 10);
    return pid !== process.pid && line.includes(` ${TASK_VARIABLE}=${token}`) ? pid : [];
  });
}

function descendants(list: string): number[] {
  return read(list)
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((pid) => [Number(pid), ...threadsOf(pid).flatMap((path) => descendants(path))]);
}

function threadsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}/children`);
  } catch {
    return [];
  }
}

/** Empty for what is gone, or somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }
}
