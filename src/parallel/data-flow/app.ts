/** Apps: functions whose calls run on the loaded executors. */

import { TilewrightError } from '../../core/errors.ts';
import {
  FILE_OPTIONS,
  type FileOptions,
  type Files,
  type WithoutFiles,
  withFiles,
} from '../apps/task-files.ts';
import {
  aFunction,
  checkOptions,
  finite,
  flag,
  listOf,
  milliseconds,
  type OptionRules,
  positive,
  table,
  wholeNumber,
  word,
} from '../options.ts';
import { registry } from '../registry.ts';
import type { TaskResources } from '../task.ts';
import type { AppFuture } from './app-future.ts';
import type { Argument, Arguments, Joined } from './arguments.ts';
import { dataFlowKernel } from './loaded.ts';
import { MapFuture, type MapOptions, mapRules } from './map.ts';
import { type RetryPolicy, retryPolicyRule } from './retry.ts';
import type { Submission } from './submission.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function can be an app
type AnyFunction = (...args: any[]) => unknown;

/** An app: takes the function's arguments, or futures of them, and returns a future. */
export interface App<F extends AnyFunction, O extends CallOptions = CallOptions> {
  (...args: Arguments<Parameters<F>>): AppFuture<Awaited<ReturnType<F>>>;
  /**
   * The same app with other options. With `inputs` or `outputs` its function gets {@link Files}
   * after the arguments of the call.
   * @throws TilewrightError config-invalid
   */
  with(
    options: O & (Required<Pick<FileOptions, 'inputs'>> | Required<Pick<FileOptions, 'outputs'>>),
  ): App<(...args: WithoutFiles<Parameters<F>>) => ReturnType<F>, O>;
  with(options: O): App<F, O>;
  /**
   * Calls the app with each item of an iterable, which is only asked for the next one when there is
   * room for it. What it returns is awaited for the array of all results, or iterated over by
   * `for await` for one after the other; both are in the order of the items.
   * @throws TilewrightError config-invalid
   */
  map(
    items: Items<Parameters<F>[0]>,
    options: MapOptions & { settle: true },
  ): MapFuture<PromiseSettledResult<Awaited<ReturnType<F>>>>;
  map(items: Items<Parameters<F>[0]>, options?: MapOptions): MapFuture<Awaited<ReturnType<F>>>;
}

type Items<T> = Iterable<Argument<T>> | AsyncIterable<Argument<T>>;

/** How the calls of an app are run. */
export interface CallOptions extends FileOptions {
  /** Labels of the executors that may run it; default: any that is loaded. */
  executors?: readonly string[];
  /**
   * Whether a call may take the result of an earlier one with the same arguments and the same code.
   * Equal calls of which none has ended yet are all made.
   */
  cache?: boolean;
  /** What of the arguments does not count for `cache`: positions, from 0, and keys of objects. */
  ignoreForCache?: readonly (number | string)[];
  /** Milliseconds that one attempt may take. */
  timeLimitMs?: number;
  /** How often it is tried again, whatever the function throws. See {@link RetryPolicy}. */
  retries?: number;
  /** Overrules the configuration's. */
  retryPolicy?: RetryPolicy;
  /**
   * Of calls that wait for a worker, those with a higher one begin first. A queue on Redis rounds it
   * to a whole number, of at most a million on either side. Default: 0.
   */
  priority?: number;
  /** What a call occupies while it runs. */
  resources?: TaskResources;
}

/** Options of an app. Which files a call reads and writes is said by `with`. */
export interface AppOptions extends Omit<CallOptions, keyof Files> {
  /** Name of the module where it is registered; default: its file's name without extension. */
  module?: string;
}

export const callRules: OptionRules<CallOptions> = {
  ...FILE_OPTIONS,
  executors: listOf('labels of executors', word.holds),
  cache: flag,
  ignoreForCache: listOf(
    'positions of arguments and names of keys',
    (item) => wholeNumber(0).holds(item) || typeof item === 'string',
  ),
  timeLimitMs: milliseconds('above 0'),
  retries: wholeNumber(0),
  retryPolicy: retryPolicyRule,
  priority: finite,
  resources: table<TaskResources>('resources', { cores: wholeNumber(1), memory: positive('MB') }),
};

const { inputs: _inputs, outputs: _outputs, ...appCallRules } = callRules;
const appRules: OptionRules<AppOptions> = { ...appCallRules, module: word };

/**
 * Makes an app of a function that a module exports. The module is imported by the workers.
 * @example
 *   const area = app<typeof import('./apps.ts').area>(new URL('./apps.ts', import.meta.url), 'area');
 *   console.log(await area('lakes.gpkg'));
 * @throws TilewrightError config-invalid; usage, if the module has no name that others have not
 */
export function app<F extends AnyFunction>(
  moduleUrl: string | URL,
  exportName: string,
  options: AppOptions = {},
): App<F> {
  checkOptions(`the app ${String(exportName)}`, options, appRules);
  const { module, ...rest } = options;
  const name = registry.register(moduleUrl, module);
  if (!word.holds(exportName)) {
    throw new TilewrightError(
      'usage',
      "app() takes the URL of a module and the name of a function that it exports: app(url, 'area')",
    );
  }
  return plainApp(`${name}.${exportName}`, rest);
}

function plainApp<F extends AnyFunction>(name: string, options: CallOptions): App<F> {
  return makeApp(name, options, callRules, (own) => ({ name, ...own }));
}

/** @internal What becomes of the options of an app when it is called. */
export type CallOf<O> = (options: O) => Omit<Submission, 'args'>;

/** @internal */
export function makeApp<F extends AnyFunction, O extends CallOptions>(
  name: string,
  options: O,
  rules: OptionRules<O>,
  callOf: CallOf<O>,
): App<F, O> {
  const start = (args: readonly unknown[], more?: Partial<Submission>): AppFuture<never> => {
    const own = (list: unknown): readonly unknown[] =>
      withFiles(list as readonly unknown[], options);
    const taken = more?.each === true ? args.map(own) : own(args);
    return dataFlowKernel().submit({ ...callOf(options), ...more, args: taken });
  };
  const call = (...args: unknown[]): AppFuture<unknown> => start(args);
  return Object.assign(call, {
    with(more: O): App<F, O> {
      checkOptions(`the app ${name}`, more, rules);
      return makeApp(name, { ...options, ...more }, rules, callOf);
    },
    map(items: Items<unknown>, mapOptions: MapOptions = {}): MapFuture<never> {
      checkOptions(`the map of ${name}`, mapOptions, mapRules);
      return new MapFuture(name, items, mapOptions, {
        start,
        timeLimitMs: callOf(options).timeLimitMs,
        slots: () => dataFlowKernel().slots(options.executors),
      });
    },
  }) as unknown as App<F, O>;
}

type FunctionNames<M> = {
  [K in keyof M]: M[K] extends AnyFunction ? (K extends 'then' ? never : K) : never;
}[keyof M] &
  string;

/** An app for each function that a module exports. */
export type Apps<M> = {
  readonly [K in FunctionNames<M>]: M[K] extends AnyFunction ? App<M[K]> : never;
};

/**
 * Makes apps of all functions that a module exports. In TypeScript, a name that it does not export
 * does not compile; else its call fails with `task-unknown`.
 * @example
 *   const { area, total } = apps<typeof import('./apps.ts')>(new URL('./apps.ts', import.meta.url));
 *   console.log(await total([area('a.gpkg'), area('b.gpkg')]));
 * @throws TilewrightError config-invalid; usage, if the module has no name that others have not
 */
export function apps<M extends object>(moduleUrl: string | URL, options: AppOptions = {}): Apps<M> {
  checkOptions('apps', options, appRules);
  const { module, ...rest } = options;
  const moduleName = registry.register(moduleUrl, module);
  const made = new Map<string, App<AnyFunction>>();
  return new Proxy({} as Apps<M>, {
    get(_target, key) {
      // With a `then`, who awaits the object would call it.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      let one = made.get(key);
      if (one === undefined) {
        one = plainApp(`${moduleName}.${key}`, rest);
        made.set(key, one);
      }
      return one;
    },
    set: () => false,
  });
}

/**
 * Makes an app of a function that calls other apps and returns their futures, in any structure. The
 * function runs in this process; its future has what it returns, with results in place of futures.
 */
export function joinApp<F extends AnyFunction>(
  call: F,
): (...args: Arguments<Parameters<F>>) => AppFuture<Joined<ReturnType<F>>> {
  if (!aFunction.holds(call)) {
    throw new TilewrightError('usage', 'joinApp takes the function that calls other apps');
  }
  return (...args) => dataFlowKernel().join(call.name || 'joinApp', call, args);
}
