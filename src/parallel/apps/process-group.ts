/** Processes that were started together, by the id of their group: whether they run, their end. */

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of the group runs. */
function groupRuns(id: number): boolean {
  if (!signalGroup(id, 0)) return false;
  // One that has ended, and whose parent does not ask for that, still takes signals.
  if (process.platform !== 'linux') return true;
  let pids: string[];
  try {
    pids = readdirSync('/proc');
  } catch {
    return true;
  }
  return pids.some((pid) => /^\d+$/.test(pid) && runsInGroup(pid, id));
}

function runsInGroup(pid: string, group: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return false;
  }
  // The name, in parentheses, may itself hold spaces and parentheses.
  const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(of) === group && state !== 'Z' && state !== 'X';
}

/** @returns whether it has ended within so many milliseconds */
export async function groupEnds(id: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  for (let pause = 2; groupRuns(id); pause = Math.min(2 * pause, 100)) {
    if (performance.now() >= end) return false;
    await sleep(pause);
  }
  return true;
}

/** Asks all processes of the group to end, and ends those that have not after `graceMs`. */
export async function endGroup(id: number, graceMs: number): Promise<void> {
  signalGroup(id, 'SIGTERM');
  // One that was stopped would get to know of it only when it goes on.
  signalGroup(id, 'SIGCONT');
  if (!(await groupEnds(id, graceMs))) signalGroup(id, 'SIGKILL');
}

/** @returns whether there was anybody to get it */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch (error) {
    // Those that belong to somebody else (a program with the set-user-ID bit) can't be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
