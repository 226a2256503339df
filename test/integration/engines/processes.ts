/**
 * Proves that nothing is left running: a mark in the environment is inherited by every child, child
 * of a child and Slurm job, so all processes that a test caused can be found in `/proc` (Linux).
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The variable that carries the mark. */
export const MARK = 'TILEWRIGHT_TEST_MARK';

export interface MarkedEnvironment {
  /** The value of the variable; for {@link markedProcesses}. */
  mark: string;
  /** To merge into the environment of a child. */
  env: Record<string, string>;
}

export interface FoundProcess {
  pid: number;
  /** Its arguments, joined by spaces. */
  command: string;
}

/** A new mark that no other test has. */
export function markedEnvironment(): MarkedEnvironment {
  const mark = randomUUID();
  return { mark, env: { [MARK]: mark } };
}

/** Live processes that carry the mark; not zombies, not this process. */
export function markedProcesses(mark: string): FoundProcess[] {
  return processesWith((variables) => variables.includes(`${MARK}=${mark}`));
}

/**
 * Live processes whose environment, as it was when they were started, is as `accepts` says.
 * Zombies have no environment any more, so they never count; nor does this process.
 * @param accepts - takes the variables as `NAME=value`
 */
export function processesWith(accepts: (variables: string[]) => boolean): FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = readProcess(pid, 'environ');
    if (environment !== '' && accepts(environment.split('\0'))) {
      found.push({ pid, command: readProcess(pid, 'cmdline').split('\0').join(' ').trim() });
    }
  }
  return found;
}

/** A file below `/proc/PID`; empty when the process has ended or belongs to somebody else. */
export function readProcess(pid: number, file: 'environ' | 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Whether a process runs: it exists and is no zombie. */
export function isRunning(pid: number): boolean {
  const stat = readProcess(pid, 'stat');
  // The name, in parentheses, may itself hold spaces and parentheses.
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/**
 * Fails if processes with the mark are still there after so long. They are ended then, so that a
 * failing test leaves nothing behind either.
 * @param withinMs - how long they may take to end, in milliseconds
 */
export async function assertNoneLeft(mark: string, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  let left = markedProcesses(mark);
  for (
    let pause = 20;
    left.length > 0 && performance.now() < end;
    pause = Math.min(2 * pause, 200)
  ) {
    await sleep(pause);
    left = markedProcesses(mark);
  }
  for (const { pid } of left) killIfThere(pid, 'SIGKILL');
  assert.deepEqual(left, [], `these processes are still there after ${withinMs} ms`);
}

/** Sends a signal to a process that may have ended. */
export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Waits until the predicate gives something other than false, null or undefined, and returns that.
 * @param what - ends the sentence “waited … for”
 * @throws Error after `timeoutMs`; what the predicate throws is thrown at once
 */
export async function waitUntil<T>(
  predicate: () => T | Promise<T>,
  timeoutMs: number,
  what: string,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    const value = await predicate();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(pause);
  }
}
