/**
 * Sees to it that commands of tasks do not outlive this process, however it ends: a shell waits at
 * the other end of a pipe, and when that closes, it kills what carries the process's mark.
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { TASK_VARIABLE } from './mark.ts';

/** What the tokens of all tasks of this process begin with. */
export const processToken = randomBytes(8).toString('hex');

const LINUX = `grep -lazE "^${TASK_VARIABLE}=$1" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3`;
const ELSEWHERE = `ps -A -E -ww -o pid=,command= | grep " ${TASK_VARIABLE}=$1" | grep -v grep | awk '{print $1}'`;
const SCRIPT = `trap "" HUP INT TERM
while read -r line; do :; done
[ -n "$2" ] && kill -9 "-$2" 2>/dev/null
n=0
while [ $n -lt 50 ]; do
  found=$(${process.platform === 'linux' ? LINUX : ELSEWHERE})
  [ -z "$found" ] && exit 0
  kill -9 $found 2>/dev/null
  n=$((n + 1))
  sleep 0.05
done`;

let started = false;
let group = '';

/**
 * To be called by a process that was started as the head of a process group: the group ends with it,
 * also what was given an environment without the token.
 */
export function ownProcessGroup(): void {
  group = String(process.pid);
}

/** Starts it, once. */
export function watchOverCommands(): void {
  if (started || process.platform === 'win32') return;
  started = true;
  const { [TASK_VARIABLE]: _own, ...env } = process.env;
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'tilewright-watcher', processToken, group], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A session of its own: what ends this process by its group must not end who watches it.
    detached: true,
    env,
    cwd: '/',
  });
  watcher.on('error', () => undefined);
  watcher.unref();
  watcher.stdin.on('error', () => undefined);
  (watcher.stdin as unknown as { unref(): void }).unref();
  // To exit is to wait for threads, and so for the commands that these wait for.
  process.once('exit', () => watcher.stdin.destroy());
}
