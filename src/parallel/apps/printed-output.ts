/** What a task prints, in the files that its call has named. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { toTilewrightError } from '../../core/errors.ts';
import { makeFolder } from '../../core/files/make-folder.ts';
import type { AppFuture } from '../data-flow/app-future.ts';
import type { Executor } from '../executor.ts';
import { type OutputListener, printOutput } from '../output.ts';
import type { OutputFile } from './command-task.ts';

/** The files of a task, open from before its first attempt until after its last. */
export interface PrintedOutput {
  listener: OutputListener;
  close(): void;
}

/**
 * Undefined for a task that names no file. What has none goes where the executor has it go.
 * @throws TilewrightError output-unwritable
 */
export function printedTo(
  future: AppFuture<unknown>,
  executor: Pick<Executor, 'onOutput'>,
): PrintedOutput | undefined {
  const { stdout, stderr } = future.files;
  if (stdout === null && stderr === null) return undefined;
  const open: number[] = [];
  const close = (): void => {
    for (const fd of open.splice(0)) closeSync(fd);
  };
  try {
    const files = {
      stdout: openFile(stdout, open),
      stderr: stderr?.path === stdout?.path ? (open[0] ?? null) : openFile(stderr, open),
    };
    const listener: OutputListener = (output) => {
      const fd = files[output.stream];
      if (fd === null) return (executor.onOutput ?? printOutput)(output);
      // A task that was taken back may still print.
      if (open.length > 0) write(fd, output.text, future);
      return undefined;
    };
    return { listener, close };
  } catch (error) {
    close();
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

function openFile(file: OutputFile | null, open: number[]): number | null {
  if (file === null) return null;
  makeFolder(dirname(file.path));
  const fd = openSync(file.path, file.flags);
  open.push(fd);
  return fd;
}

/** It is called from a worker's events, where nobody would catch what it throws. */
function write(fd: number, text: string, future: AppFuture<unknown>): void {
  try {
    let rest = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    future.abandon(toTilewrightError(error, {}, 'output-unwritable'));
  }
}
