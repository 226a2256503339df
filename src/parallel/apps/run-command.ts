/**
 * What a worker does for a bash app: makes the command, runs it, and says how it has ended. Workers'
 * threads load this, so it loads little.
 */

import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { cancelled } from '../executor.ts';
import { currentTask, findFunction, nextFunction } from '../inside/call.ts';
import { type LongTimer, startTimer, timeLimitError } from '../time-limit.ts';
import { BashExitFailure } from './bash-exit-failure.ts';
import { checkCommand } from './command.ts';
import { endOf, startCommand } from './command-process.ts';
import { type CommandStream, openStreams, tooMuch } from './command-streams.ts';
import { type CapturedOutput, type CommandTask, GRACE_MS } from './command-task.ts';
import { endGroup } from './process-group.ts';

/**
 * Runs the command that a function of a module makes of the arguments, here: `runMade+module.export`.
 * @throws TilewrightError task-unknown, and as `runLine`
 */
export async function runMade(
  task: CommandTask,
  args: readonly unknown[],
): Promise<number | CapturedOutput | CapturedOutput<Uint8Array>> {
  const maker = nextFunction();
  if (maker === undefined) {
    throw new TilewrightError(
      'task-unknown',
      'A task runMade names no function that makes commands',
    );
  }
  const make = await findFunction(maker);
  return runLine(task, await make(...args));
}

/**
 * Runs a command.
 * @throws TilewrightError task-failed, with a BashExitFailure as its cause if the command was run;
 *   task-timeout, output-unwritable
 */
export async function runLine(
  task: CommandTask,
  made: unknown,
): Promise<number | CapturedOutput | CapturedOutput<Uint8Array>> {
  const { app, cwd, capture, timeLimitMs, outputs } = task;
  const command = checkCommand(app, made);
  if (cwd !== null && !statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TilewrightError('task-failed', `${app}: its cwd ${cwd} is no folder`);
  }
  /** Why it is stopped. */
  let stopped: TilewrightError | undefined;
  const stop = (reason: TilewrightError): void => {
    stopped ??= reason;
    if (child?.pid !== undefined) void endGroup(child.pid, GRACE_MS);
  };
  const streams = openStreams(task.stdout, task.stderr, capture !== null, () => {
    if (stopped === undefined) stop(tooMuch(app));
  });
  let child: ChildProcess | undefined;
  let timer: LongTimer | undefined;
  const { signal } = currentTask();
  const onAbort = (): void => stop(cancelled({ name: app }));
  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort);
    child = startCommand(task, command, streams);
    if (timeLimitMs !== null) {
      timer = startTimer(() => stop(timeLimitError({ name: app, timeLimitMs })), timeLimitMs);
    }
    const end = await endOf(child);
    if (stopped !== undefined) throw stopped;
    if (end.exitCode === null || !task.successCodes.includes(end.exitCode)) {
      throw failed(new BashExitFailure(app, end, command, streams.stderr.tail()));
    }
    const missing = outputs.filter((path) => !existsSync(path));
    if (missing.length > 0) throw missingOutputs(app, missing);
    if (capture === null) return end.exitCode;
    return captured(app, end.exitCode, capture, streams);
  } finally {
    timer?.clear();
    signal.removeEventListener('abort', onAbort);
    streams.close();
  }
}

function failed(failure: BashExitFailure): TilewrightError {
  return new TilewrightError('task-failed', failure.message, { cause: failure });
}

function missingOutputs(app: string, paths: readonly string[]): TilewrightError {
  return new TilewrightError(
    'task-failed',
    `${app}: its command has ended well, but left no ${paths.join(', ')}, which ` +
      `${paths.length === 1 ? 'is' : 'are'} among its outputs`,
  );
}

function captured(
  app: string,
  exitCode: number,
  capture: 'text' | 'bytes',
  { stdout, stderr }: { stdout: CommandStream; stderr: CommandStream },
): CapturedOutput | CapturedOutput<Uint8Array> {
  if (capture === 'bytes') {
    return { exitCode, stdout: copyOf(stdout.captured()), stderr: copyOf(stderr.captured()) };
  }
  const decode = (stream: CommandStream, what: string): string => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(stream.captured());
    } catch (cause) {
      throw new TilewrightError(
        'task-failed',
        `${app}: what its command wrote to ${what} is no UTF-8. Take it with \`capture: 'bytes'\`, ` +
          'or give it a file',
        { cause },
      );
    }
  };
  return { exitCode, stdout: decode(stdout, 'stdout'), stderr: decode(stderr, 'stderr') };
}

/** No Buffer, whose methods do other things. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
