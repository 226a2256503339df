/** Apps that run commands. */

import { resolve } from 'node:path';
import type { AppFuture } from '../kernel/app-future.ts';
import type { Arguments } from '../kernel/arguments.ts';
import type { Composed } from '../kernel/data-flow-kernel.ts';
import { dataFlowKernel } from '../kernel/loaded.ts';
import type { RetryPolicy } from '../kernel/retry.ts';
import {
  checkOptions,
  flag,
  listOf,
  type OptionRules,
  oneOf,
  text,
  wholeNumber,
  word,
} from '../options.ts';
import { type FunctionLocation, registry } from '../registry.ts';
import { registerErrorClass } from '../values/error-values.ts';
import { BashExitFailure } from './bash-exit-failure.ts';
import { type Command, checkCommand } from './command.ts';
import { GRACE_MS } from './command-process.ts';
import { registerCommands } from './register-commands.ts';
import type { CapturedOutput, CommandTask } from './run-command.ts';
import {
  autoLogname,
  FILE_OPTIONS,
  type FileOptions,
  type Files,
  withFiles,
} from './task-files.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function can make a command
type CommandMaker = (...args: any[]) => Command | Promise<Command>;

/** How the command of a call is run. */
export interface BashCallOptions extends FileOptions {
  /** Labels of the executors that may run it; default: any that is loaded. */
  executors?: readonly string[];
  /** Whether a call may take the result of an earlier one with the same command. */
  cache?: boolean;
  /**
   * Milliseconds that the command may take. Its processes get SIGTERM then, and SIGKILL three
   * seconds later.
   */
  timeLimitMs?: number;
  /** Overrules the configuration's. */
  retryPolicy?: RetryPolicy;
  /** Variables that are added to the worker's environment; null takes one out of it. */
  env?: Readonly<Record<string, string | null>>;
  /** Folder where the command is run. Default: the worker's. */
  cwd?: string;
  /** Path or name of the shell, which takes a text by `-c`. Default: `bash`, or `sh` without it. */
  shell?: string;
  /** Exit codes that are no failure. Default: `[0]`. */
  successCodes?: readonly number[];
}

/** Options of a bash app. */
export interface BashOptions extends BashCallOptions {
  /**
   * Whether the result is what the command has written, to at most 32 MiB, instead of its exit code
   * alone: as `'text'` (or true), which has to be UTF-8, or as `'bytes'`.
   */
  capture?: boolean | 'text' | 'bytes';
  /** Name of the module where it is registered; default: its file's name without extension. */
  module?: string;
}

const CALL_OPTIONS: OptionRules<BashCallOptions> = {
  ...FILE_OPTIONS,
  executors: listOf('labels', word.holds),
  cache: flag,
  timeLimitMs: { says: 'a number of milliseconds ≥ 0', holds: (value) => (value as number) >= 0 },
  retryPolicy: { says: 'an object', holds: (value) => typeof value === 'object' && value !== null },
  env: {
    says: 'an object whose values are text or null',
    holds: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((one) => one === null || text.holds(one)),
  },
  cwd: word,
  shell: word,
  successCodes: listOf('whole numbers from 0 to 255', wholeNumber(0, 255).holds),
};

const OPTIONS: OptionRules<BashOptions> = {
  ...CALL_OPTIONS,
  capture: oneOf(true, false, 'text', 'bytes'),
  module: word,
};

/** Arguments without the files that come last, which `with` adds. */
type WithoutFiles<A extends unknown[]> = 0 extends 1 & A[number]
  ? A
  : A extends [...infer Rest, Files]
    ? Rest
    : A;

/**
 * An app that runs commands: takes what the command is made of, and returns a future of its exit
 * code, or of what it has written.
 */
export interface BashApp<A extends unknown[], R> {
  (...args: Arguments<A>): AppFuture<R>;
  /**
   * The same app with other options. With `inputs` or `outputs` its function gets {@link Files} as
   * one more argument.
   * @throws TilewrightError config-invalid
   */
  with<O extends BashCallOptions>(
    options: O,
  ): BashApp<
    'inputs' extends keyof O ? WithoutFiles<A> : 'outputs' extends keyof O ? WithoutFiles<A> : A,
    R
  >;
}

type Text = { capture: true | 'text' };
type Bytes = { capture: 'bytes' };

/**
 * Makes an app of a function that makes commands. It is called in this process, when the futures
 * among its arguments are there; the worker gets the command alone. A text is for the shell, where
 * values that are no words of themselves want quotes ({@link sh}); an array is a program and its
 * arguments, without a shell.
 *
 * The result is the exit code. The future rejects with `task-failed`, whose cause is a
 * {@link BashExitFailure}, for any other than `successCodes`; `task-timeout` after `timeLimitMs`.
 * What the command has started ends with it: what it leaves in the background has two seconds.
 * @example
 *   const sort = bashApp((column: number, { inputs, outputs }: Files) =>
 *     sh`sort -k ${column} ${inputs} > ${outputs}`);
 *   const sorted = sort.with({ inputs: [new File('a.txt')], outputs: [new File('b.txt')] })(2);
 *   console.log(await sorted.outputs[0]);
 * @throws TilewrightError config-invalid
 */
export function bashApp<F extends (...args: never[]) => Command>(
  make: F,
  options: BashOptions & Text,
): BashApp<Parameters<F>, CapturedOutput>;
export function bashApp<F extends (...args: never[]) => Command>(
  make: F,
  options: BashOptions & Bytes,
): BashApp<Parameters<F>, CapturedOutput<Uint8Array>>;
export function bashApp<F extends (...args: never[]) => Command>(
  make: F,
  options?: BashOptions & { capture?: false },
): BashApp<Parameters<F>, number>;
/**
 * Makes an app of a function that a module exports and that makes commands. It is called by the
 * worker, where the command is run; all else is as above.
 */
export function bashApp<F extends CommandMaker>(
  moduleUrl: string | URL,
  exportName: string,
  options: BashOptions & Text,
): BashApp<Parameters<F>, CapturedOutput>;
export function bashApp<F extends CommandMaker>(
  moduleUrl: string | URL,
  exportName: string,
  options: BashOptions & Bytes,
): BashApp<Parameters<F>, CapturedOutput<Uint8Array>>;
export function bashApp<F extends CommandMaker>(
  moduleUrl: string | URL,
  exportName: string,
  options?: BashOptions & { capture?: false },
): BashApp<Parameters<F>, number>;
export function bashApp(
  from: CommandMaker | string | URL,
  nameOrOptions?: string | BashOptions,
  moreOptions: BashOptions = {},
): unknown {
  const options = (typeof from === 'function' ? nameOrOptions : moreOptions) as BashOptions;
  if (typeof from === 'function') {
    const name = from.name || 'bashApp';
    return makeBashApp({ name, make: from }, options ?? {});
  }
  const exportName = nameOrOptions as string;
  const name = `${registry.register(from, options.module)}.${exportName}`;
  return makeBashApp({ name, url: String(from), exportName }, options);
}

// A failure that comes from a worker is one of this class here as well.
registerErrorClass(BashExitFailure);

/** Who makes the command: a function here, or one of a module. */
type Maker = FunctionLocation | { name: string; make: CommandMaker };

function makeBashApp(maker: Maker, options: BashOptions): BashApp<never[], unknown> {
  const module = registerCommands();
  checkOptions(`the bash app ${maker.name}`, options, OPTIONS);
  const call = (...args: unknown[]): AppFuture<unknown> => {
    const { module: _module, capture: _capture, timeLimitMs, ...rest } = options;
    return dataFlowKernel().submit({
      ...rest,
      name: `${module}.${'make' in maker ? 'runLine' : 'runMade'}`,
      called: maker.name,
      args: withFiles(args, options),
      // The worker ends the command by itself; this is for a function that makes it for too long.
      timeLimitMs: timeLimitMs === undefined ? undefined : timeLimitMs + 2 * GRACE_MS + LATE_MS,
      compose: (resolved, future) => compose(maker, options, resolved, future),
    });
  };
  const withOptions = (more: BashCallOptions): unknown => {
    checkOptions(`the bash app ${maker.name}`, more, CALL_OPTIONS);
    return makeBashApp(maker, { ...options, ...more });
  };
  return Object.assign(call, { with: withOptions }) as BashApp<never[], unknown>;
}

const LATE_MS = 5_000;

/** What the worker gets, and what a memo goes by: not a name that is another one each time. */
function compose(
  maker: Maker,
  options: BashOptions,
  args: unknown[],
  future: AppFuture<unknown>,
): Composed {
  const { stdout, stderr, outputs } = future.files;
  const capture = options.capture ?? false;
  const task: CommandTask = {
    app: maker.name,
    stdout,
    stderr,
    capture: capture === true ? 'text' : capture === false ? null : capture,
    env: options.env ?? {},
    cwd: options.cwd === undefined ? null : resolve(options.cwd),
    shell: options.shell ?? null,
    timeLimitMs: options.timeLimitMs ?? null,
    successCodes: options.successCodes ?? [0],
    outputs: outputs.map(({ filepath }) => filepath),
  };
  const known: CommandTask = {
    ...task,
    stdout: options.stdout === autoLogname ? null : stdout,
    stderr: options.stderr === autoLogname ? null : stderr,
    timeLimitMs: null,
  };
  if ('make' in maker) {
    const command = checkCommand(maker.name, maker.make(...args));
    return { args: [task, command], key: [known, command] };
  }
  return { args: [task, maker, args], code: maker, key: [known, args] };
}
