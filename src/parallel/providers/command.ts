/** Commands of batch systems: called without a shell, with a time limit, never waited for by the thread. */

import { execFile } from 'node:child_process';
import { TilewrightError } from '../../core/errors.ts';

/** With many jobs, and long reasons. */
const MAX_OUTPUT = 256 * 2 ** 20;

/** What a command has said. */
export interface Answer {
  /** Null if it did not end in time. */
  code: number | null;
  out: string;
  err: string;
}

export interface CommandOptions {
  timeoutMs: number;
  /** Default: that of this process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Text for its standard input. */
  input?: string;
  /** Of the batch system, for messages. */
  system: string;
}

/** @throws TilewrightError scheduler if there is no such command */
export function runCommand(
  command: string,
  args: readonly string[],
  { timeoutMs, env = process.env, input = '', system }: CommandOptions,
): Promise<Answer> {
  const options = {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT,
    env,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, options, (error, out, err) => {
      const code = (error as { code?: unknown } | null)?.code;
      if (code === 'ENOENT' || code === 'EACCES') reject(notInstalled(command, system));
      else if (error === null) resolve({ code: 0, out, err });
      else resolve({ code: typeof code === 'number' ? code : null, out, err });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function notInstalled(command: string, system: string): TilewrightError {
  return new TilewrightError(
    'scheduler',
    `There is no ${command} here: ${system}'s commands have to be in the PATH of the machine that ` +
      'starts the run, which is a login node as a rule',
  );
}
