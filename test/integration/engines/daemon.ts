/**
 * A daemon in the foreground as a child of the test, and the guard that ends an engine's processes
 * and removes its files when the test dies without having stopped it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isRunning, waitUntil } from './processes.ts';
import { cleanEnvironment } from './programs.ts';

/** Names the folder of the engine that a daemon belongs to; the guard looks for it. */
export const ENGINE = 'TILEWRIGHT_TEST_ENGINE';

/** Signals after which a process goes on to exist. */
const PASSING = new Set<NodeJS.Signals>(['SIGSTOP', 'SIGTSTP', 'SIGCONT', 'SIGHUP', 'SIGUSR1']);

export class Daemon {
  readonly #command: readonly string[];
  readonly #folder: string;
  readonly #log: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;

  /**
   * @param command - program and arguments; it must stay in the foreground
   * @param folder - the engine's folder
   * @param log - file that its output is added to
   * @param env - variables besides those of this process
   */
  constructor(
    command: readonly string[],
    folder: string,
    log: string,
    env: Record<string, string> = {},
  ) {
    this.#command = command;
    this.#folder = folder;
    this.#log = log;
    this.#env = env;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#command[0]} was not started`);
    return pid;
  }

  get running(): boolean {
    const child = this.#child;
    // An ended process's number may already be another's: ask the child first.
    const ended = child === undefined || child.exitCode !== null || child.signalCode !== null;
    return !ended && child.pid !== undefined && isRunning(child.pid);
  }

  start(): void {
    if (this.running) throw new Error(`${this.#command[0]} runs already`);
    const log = openSync(this.#log, 'a');
    this.#child = spawn(this.#command[0]!, this.#command.slice(1), {
      stdio: ['ignore', log, log],
      env: { ...cleanEnvironment(), ...this.#env, [ENGINE]: this.#folder },
      // Ctrl-C in a terminal must not end the daemons before the tests' own clean-up.
      detached: true,
    });
    // Without a listener a program that is not there would end this process; `running` tells.
    this.#child.on('error', () => this.#child?.unref());
    this.#child.unref();
    closeSync(log);
  }

  /**
   * Waits until it is of use.
   * @throws Error with the end of its log if it ends before that, or takes longer
   */
  async ready(isReady: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
    await waitUntil(
      async () => {
        if (!this.running) {
          const log = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').trim() : '';
          throw new Error(`${this.#command[0]} ended early:\n${log.slice(-2_000)}`);
        }
        return await isReady();
      },
      timeoutMs,
      `${this.#command[0]} to be ready`,
    );
  }

  /** Sends a signal, if it runs; resolves when the process has ended, if the signal is one that ends it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.running) this.#child?.kill(signal);
    if (!PASSING.has(signal)) {
      await waitUntil(() => !this.running, 20_000, `${this.#command[0]} to end`);
    }
  }
}

/**
 * What the guard does when the test's process has gone; `$1` is the folder, `$2` a namespace.
 * Control groups are known by the folder's name. What is mounted in the folder is another's.
 */
const CLEAN_UP = `
trap '' INT TERM HUP
read -r _ && exit 0
for round in 1 2 3 4 5; do
  for file in $(grep -lF -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}
    [ "\${pid%/environ}" = "$$" ] || kill -KILL "\${pid%/environ}" 2>/dev/null
  done
  sleep 0.1
done
cut -d ' ' -f 2 /proc/self/mounts | grep -F -- "$1/" | xargs -r -n 1 umount -l
rm -rf --one-file-system -- "$1"
find /sys/fs/cgroup -depth -type d -name "\${1##*/}-*" -exec rmdir {} ';' 2>/dev/null
[ -z "$2" ] || { ip netns pids "$2" | xargs -r kill -KILL; ip link delete "$2h"; ip netns delete "$2"; }
`;

/**
 * A shell that waits for this process to end, however it ends: the pipe between them closes then.
 * It ends all processes that carry the folder's path in their environment, as do daemons and Slurm
 * jobs, and removes the folder.
 */
export class Guard {
  readonly #child: ChildProcess;
  readonly #folder: string;

  constructor(folder: string, namespace = '') {
    this.#folder = folder;
    this.#child = spawn('/bin/sh', ['-c', CLEAN_UP, 'guard', folder, namespace], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: cleanEnvironment(),
      detached: true,
    });
    this.#child.unref();
    (this.#child.stdin as Writable & { unref(): void }).unref();
  }

  /** Removes the folder and ends the guard: the engine's processes must have ended. */
  async dismiss(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    this.#child.stdin!.end('done\n');
    const child = this.#child;
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await waitUntil(ended, 10_000, 'the guard to end');
  }
}
