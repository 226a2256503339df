/** Files of a call: what it reads and writes, and where its output goes. */

import { join, resolve } from 'node:path';
import type { AppFuture, DataFuture } from '../data-flow/app-future.ts';
import { listOf, type OptionRule, type OptionRules, word } from '../options.ts';
import type { OutputFile } from './command-task.ts';
import { File } from './file.ts';
import { OutputFuture } from './output-future.ts';

/**
 * As `stdout` or `stderr` of an app: the file has a name of its own, below `runDir`, with the number
 * and the name of the task. The future tells it.
 */
export const autoLogname: unique symbol = Symbol('tilewright.autoLogname');

/**
 * Where output goes: to a file that is appended to, by its path, or begun anew, as a `File` or with
 * `'w'`; to a file with a name of its own, {@link autoLogname}; or `'inherit'`, the way of the
 * worker's output. Folders on the way are made.
 */
export type OutputTarget =
  | string
  | File
  | readonly [path: string | File, mode: 'a' | 'w']
  | typeof autoLogname
  | 'inherit';

/** What the function of an app gets as its last argument when files were given to the app. */
export interface Files {
  inputs: File[];
  outputs: File[];
}

/** Arguments without the files that come last. */
export type WithoutFiles<A extends unknown[]> = 0 extends 1 & A[number]
  ? A
  : A extends [...infer Rest, Files]
    ? Rest
    : A;

/** Options of apps that are about files. */
export interface FileOptions {
  /**
   * Files that are read, or futures of them, which are waited for. With these or `outputs` the
   * function gets one more argument, after those of the call: {@link Files}.
   */
  inputs?: readonly (File | DataFuture)[];
  /** Files that are written: the call's future has futures of them, `outputs`. */
  outputs?: readonly File[];
  /** Where the standard output goes. Default: `inherit`. */
  stdout?: OutputTarget;
  /** Where the standard error goes. Default: `inherit`. */
  stderr?: OutputTarget;
  /** Is added to names that {@link autoLogname} gives. */
  label?: string;
}

const isTarget = (value: unknown): boolean => {
  const [path, mode, ...more] = Array.isArray(value) ? (value as unknown[]) : [value, 'a'];
  if (more.length > 0 || (mode !== 'a' && mode !== 'w')) return false;
  return word.holds(path) || path instanceof File || value === autoLogname;
};

const target: OptionRule = {
  says: "a path, a File, [path, 'a'], [path, 'w'], autoLogname or 'inherit'",
  holds: isTarget,
};

export const FILE_OPTIONS: OptionRules<FileOptions> = {
  inputs: listOf(
    'Files and futures of them',
    (item) => item instanceof File || item instanceof OutputFuture,
  ),
  outputs: listOf('Files', (item) => item instanceof File),
  stdout: target,
  stderr: target,
  label: word,
};

/** The arguments of a call, with the files that were given besides. */
export function withFiles(args: readonly unknown[], options: FileOptions): readonly unknown[] {
  const { inputs, outputs } = options;
  if (inputs === undefined && outputs === undefined) return args;
  return [...args, { inputs: [...(inputs ?? [])], outputs: [...(outputs ?? [])] }];
}

/** Files of a call of which the arguments are {@link withFiles}: also when the caller gave them so. */
function filesOf(args: readonly unknown[], key: keyof Files): (File | DataFuture)[] {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null) return [];
  // Not an instance of a class, such as a future, which has outputs of its own.
  if (Object.getPrototypeOf(last) !== Object.prototype) return [];
  const files: unknown = (last as Partial<Files>)[key];
  if (!Array.isArray(files)) return [];
  return files.filter((file) => file instanceof File || file instanceof OutputFuture);
}

/** What is told of a task's files. */
export interface ToldFiles {
  stdout?: string | undefined;
  stderr?: string | undefined;
  inputs?: string[] | undefined;
  outputs?: string[] | undefined;
}

/**
 * Gives a future the files of its call.
 * @param logFolder - of the run, for {@link autoLogname}
 */
export function attachFiles(
  future: AppFuture<unknown>,
  args: readonly unknown[],
  options: FileOptions,
  logFolder: string,
): ToldFiles {
  const stdout = outputFile(options.stdout, 'stdout', future, options.label, logFolder);
  const stderr = outputFile(options.stderr, 'stderr', future, options.label, logFolder);
  const inputs = filesOf(args, 'inputs');
  const outputs = filesOf(args, 'outputs').filter((file) => file instanceof File);
  if (stdout !== null || stderr !== null || outputs.length > 0) {
    future.attach({
      stdout,
      stderr,
      outputs: outputs.map((file) => new OutputFuture(future, file)),
    });
  }
  return {
    stdout: stdout?.path,
    stderr: stderr?.path,
    ...(inputs.length > 0 && { inputs: inputs.map((file) => file.filepath) }),
    ...(outputs.length > 0 && { outputs: outputs.map((file) => file.path) }),
  };
}

/** Null for the worker's own output. */
function outputFile(
  to: OutputTarget | undefined,
  stream: 'stdout' | 'stderr',
  { taskId, name }: AppFuture<unknown>,
  label: string | undefined,
  logFolder: string,
): OutputFile | null {
  if (to === undefined || to === 'inherit') return null;
  if (to === autoLogname) {
    // As Parsl has them, with at most 10,000 in a folder.
    const folder = String(Math.floor(taskId / 10_000)).padStart(4, '0');
    const parts = ['task', String(taskId).padStart(4, '0'), name, ...(label ? [label] : [])];
    const file = `${parts
      .join('_')
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .slice(0, 200)}.${stream}`;
    // Appended: to what an attempt that failed has said.
    return { path: resolve(join(logFolder, folder, file)), flags: 'a' };
  }
  const [path, flags] = Array.isArray(to) ? to : [to, to instanceof File ? 'w' : 'a'];
  return { path: resolve(String(path)), flags };
}
