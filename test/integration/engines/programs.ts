/** Other programs: whether they are here, running them to their end, and ports for them. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MARK } from './processes.ts';

/** Debian keeps daemons where only root's search path looks. */
const SEARCH_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Those of the programs that are not on the search path. */
export function missingPrograms(names: readonly string[]): string[] {
  const folders = SEARCH_PATH.split(':').filter((folder) => folder !== '');
  return names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
}

/**
 * This process's environment for a daemon: without what Slurm or a test has set, so that a daemon
 * belongs to no other cluster and never counts as something that a test left running.
 */
export function cleanEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== MARK && !/^(SLURM|SBATCH|REDISCLI)/.test(name)) {
      env[name] = value;
    }
  }
  return { ...env, PATH: SEARCH_PATH, LC_ALL: 'C' };
}

export interface RunOptions {
  env?: Record<string, string>;
  /** What the program reads. */
  input?: string;
  /** It is killed after so long; default: 20 s. */
  timeoutMs?: number;
}

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws Error with its error output, if it can't be started, fails, or takes too long
 */
export function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env = cleanEnvironment(), input = '', timeoutMs = 20_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), {
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program that does not read to the end breaks the pipe; how it ends tells the rest.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else {
        const end = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
        reject(new Error(`${command.join(' ')} ${end}: ${(stderr || stdout).trim()}`));
      }
    });
  });
}

/**
 * Ports that nobody listens on. They lie below those that Linux gives to outgoing connections, so a
 * daemon finds its own port free again when it is restarted. Another process can still be faster:
 * try again with others then.
 */
export async function freePorts(count: number, address = '127.0.0.1'): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (await isFree(port, address)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host: address, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Tries something that may meet a taken port, up to `attempts` times. */
export async function withRetries<T>(attempts: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}
