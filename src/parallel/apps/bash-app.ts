/** Apps that run commands. */

import { resolve } from 'node:path';
import { type App, type CallOptions, callRules, makeApp } from '../data-flow/app.ts';
import type { AppFuture } from '../data-flow/app-future.ts';
import type { Composed } from '../data-flow/submission.ts';
import {
  checkOptions,
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
import type { CapturedOutput, CommandTask } from './command-task.ts';
import { GRACE_MS } from './command-task.ts';
import { registerCommands } from './register-commands.ts';
import { autoLogname, type Files } from './task-files.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function can make a command
type CommandMaker = (...args: any[]) => Command | Promise<Command>;

/**
 * How the command of a call is run. After `timeLimitMs` all processes of the command get SIGTERM, and
 * SIGKILL three seconds later. `cache` goes by the command, or by the arguments and the function's
 * text if `ignoreForCache` is given.
 */
export interface BashCallOptions extends CallOptions {
  /** Variables that are added to the worker's environment; null takes one out of it. */
  env?: Readonly<Record<string, string | null>>;
  /** Folder where the command is run. Default: the worker's. */
  cwd?: string;
  /** Path or name of the shell, which takes a text by `-c`. Default: `bash`, or `sh` without it. */
  shell?: string;
  /** Exit codes that are no failure. Default: `[0]`. */
  successCodes?: readonly number[];
}

/** Options of a bash app. Which files a call reads and writes is said by `with`. */
export interface BashOptions extends Omit<BashCallOptions, keyof Files> {
  /**
   * Whether the result is what the command has written, to at most 32 MiB, instead of its exit code
   * alone: as `'text'` (or true), which has to be UTF-8, or as `'bytes'`.
   */
  capture?: boolean | 'text' | 'bytes';
  /** Name of the module where it is registered; default: its file's name without extension. */
  module?: string;
}

const CALL_OPTIONS: OptionRules<BashCallOptions> = {
  ...callRules,
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

const { inputs: _inputs, outputs: _outputs, ...appCallOptions } = CALL_OPTIONS;
const OPTIONS: OptionRules<BashOptions> = {
  ...appCallOptions,
  capture: oneOf(true, false, 'text', 'bytes'),
  module: word,
};

/**
 * An app that runs commands: takes what the command is made of, and returns a future of its exit
 * code, or of what it has written.
 */
export type BashApp<A extends unknown[], R> = App<(...args: A) => R, BashCallOptions>;

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

/** Milliseconds that the worker takes at the most to end a command whose time is up. */
const LATE_MS = 2 * GRACE_MS + 5_000;

function makeBashApp(maker: Maker, options: BashOptions): BashApp<never[], unknown> {
  const { capture = false, module: _module, ...rest } = options;
  checkOptions(`the bash app ${maker.name}`, options, OPTIONS);
  const module = registerCommands();
  return makeApp(maker.name, rest, CALL_OPTIONS, (own) => {
    const { env: _env, cwd: _cwd, shell: _shell, successCodes: _codes, timeLimitMs, ...call } = own;
    return {
      ...call,
      // By its name, under which a worker may have it elsewhere.
      name: 'make' in maker ? `${module}.runLine` : `${module}.runMade+${maker.name}`,
      called: maker.name,
      // The worker ends the command by itself; this is for a function that makes it for too long.
      timeLimitMs: timeLimitMs === undefined ? undefined : timeLimitMs + LATE_MS,
      compose: (args, future) =>
        compose(maker, own, capture === true ? 'text' : capture || null, args, future),
    };
  });
}

/** What the worker gets, and what a memo goes by: not a name that is another one each time. */
function compose(
  maker: Maker,
  options: BashCallOptions,
  capture: CommandTask['capture'],
  args: unknown[],
  future: AppFuture<unknown>,
): Composed {
  const { stdout, stderr, outputs } = future.files;
  const task: CommandTask = {
    app: maker.name,
    stdout,
    stderr,
    capture,
    env: options.env ?? {},
    cwd: options.cwd === undefined ? null : resolve(options.cwd),
    shell: options.shell ?? null,
    timeLimitMs: options.timeLimitMs ?? null,
    successCodes: options.successCodes ?? [0],
    outputs: outputs.map(({ filepath }) => filepath),
  };
  // As text, of which no key is ignored.
  const known = JSON.stringify({
    ...task,
    stdout: options.stdout === autoLogname ? null : stdout,
    stderr: options.stderr === autoLogname ? null : stderr,
    timeLimitMs: null,
  });
  if (!('make' in maker)) return { args: [task, args], code: maker, key: [...args, known] };
  const command = checkCommand(maker.name, maker.make(...args));
  const key = options.ignoreForCache === undefined ? [command] : [...args, String(maker.make)];
  return { args: [task, command], key: [...key, known] };
}
