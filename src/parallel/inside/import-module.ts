/**
 * Imports modules of tasks in a worker. A module may be the program itself, which loads an engine
 * and goes on from there: in a worker it stops at `load()`, and what it had exported until then is
 * there for tasks.
 */

import * as modules from 'node:module';
import { TilewrightError } from '../../core/errors.ts';
import { workerState } from './worker-state.ts';

type Namespace = Record<string, unknown>;

const PACKAGE = new URL('../..', import.meta.url).href;
/** A module that is imported gives its own namespace away by this, before it does anything else. */
const CAPTURE = Symbol.for('tilewright.capture');

/** Milliseconds that it may take to find out what is wrong with a module. */
const PATIENCE_MS = 5_000;

const imported = new Map<string, Promise<Namespace>>();
const captured = new Map<string, Namespace>();

/** Whether a module is one of this package's own, of which it is known what they do. */
export function isOwnModule(url: string): boolean {
  return url.startsWith(PACKAGE);
}

/** @throws what the module throws, or TilewrightError task-failed with where its text is wrong */
export function importModule(url: string, of: string): Promise<Namespace> {
  let module = imported.get(url);
  if (module === undefined) {
    module = isOwnModule(url) ? import(url) : importUsersModule(url, of);
    imported.set(url, module);
  }
  return module;
}

async function importUsersModule(url: string, of: string): Promise<Namespace> {
  const state = workerState();
  try {
    if (state === undefined) return await import(url);
    captureNamespaces(url);
    const stopped = Promise.withResolvers<Namespace>();
    state.importing = url;
    state.onLoad = () => {
      // It can't wait for load(): its import comes to an end by itself.
      if (commonJs.has(url)) return;
      const namespace = captured.get(url);
      if (namespace !== undefined) stopped.resolve(namespace);
      else stopped.reject(new TilewrightError('usage', ownModuleNeeded(url)));
    };
    return await Promise.race([import(url), stopped.promise]);
  } catch (error) {
    throw importFailure(url, of, error);
  } finally {
    if (state !== undefined) state.importing = null;
  }
}

function ownModuleNeeded(url: string): string {
  return `${url} calls load(), and its functions can't be had from here: put them into a module of their own`;
}

const capturing = new Set<string>();
const commonJs = new Set<string>();

/** The module imports itself, which ECMAScript allows, and hands that over in its first statement. */
function captureNamespaces(url: string): void {
  const { registerHooks } = modules;
  if (registerHooks === undefined || capturing.has(url)) return;
  capturing.add(url);
  if (capturing.size > 1) return;
  (globalThis as { [CAPTURE]?: unknown })[CAPTURE] = (of: string, namespace: Namespace): void => {
    captured.set(of, namespace);
  };
  registerHooks({
    load(loading, context, nextLoad) {
      const loaded = nextLoad(loading, context);
      if (loaded.format?.startsWith('commonjs')) commonJs.add(loading);
      const isModule = loaded.format === 'module' || loaded.format === 'module-typescript';
      if (!isModule || !capturing.has(loading) || loaded.source == null) return loaded;
      return { ...loaded, source: capture(loading, String(asText(loaded.source))) };
    },
  });
}

function asText(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}

/** In the first line but a hashbang, so that all lines keep their numbers. */
function capture(url: string, source: string): string {
  const of = JSON.stringify(url);
  const code = `import * as tilewrightSelf from ${of};globalThis[Symbol.for('tilewright.capture')](${of},tilewrightSelf);`;
  const end = source.startsWith('#!') ? source.indexOf('\n') + 1 : 0;
  return source.slice(0, end) + code + source.slice(end);
}

/** A module that is not as it should be names neither itself nor the app. */
function importFailure(url: string, of: string, error: unknown): unknown {
  if (error instanceof TilewrightError) return error;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const place = placeInStack(error) ?? (error instanceof SyntaxError ? placeOfSyntax(url) : null);
  return new TilewrightError(
    'task-failed',
    `The module of ${of} can't be imported: ${place ?? url}: ${message}`,
    { cause: error },
  );
}

/** Where in the user's code something was thrown. */
function placeInStack(error: unknown): string | null {
  const stack = error instanceof Error ? String(error.stack) : '';
  const places = stack.matchAll(/(?:file|data):[^\s()]*?:\d+/g);
  return [...places].map(([place]) => place).find((place) => !isOwnModule(place)) ?? null;
}

/**
 * Where the text of a module, or of one that it imports, is wrong: Node.js knows, and tells it only as
 * a program's last words. Nothing of the module is run for that.
 */
function placeOfSyntax(url: string): string | null {
  const program = `await import(${JSON.stringify(url)})`;
  const options = process.execArgv.filter(
    (option) => !/^--(input-type|eval|print|test)/.test(option),
  );
  // Workers start faster without.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stderr } = spawnSync(
    process.execPath,
    [...options, '--input-type=module', '--eval', program],
    { encoding: 'utf8', timeout: PATIENCE_MS, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return /^((?:file:|data:|\/|[A-Z]:\\).*:\d+)$/m.exec(stderr ?? '')?.[1] ?? null;
}
