/**
 * Modules with formats of their own. Each exports a function `registerFormats`, which adds what the
 * module has to the registries of formats of its thread. Tasks carry no more than names of modules
 * that are registered with the engine: it is not for a queue to say which file a worker imports.
 */

import { TilewrightError } from '../../core/errors.ts';
import { findFunction } from '../../parallel/inside/call.ts';
import { type FunctionLocation, registry } from '../../parallel/registry.ts';

const EXPORT = 'registerFormats';
const names = new Set<string>();
/** What modules have registered in this thread, by their URLs: each does it once. */
const loaded = new Map<string, Promise<unknown>>();

/**
 * Makes the formats of a module known in this thread, to tasks that are named by `withFormats`, and to
 * threads that are given `formatLocation`.
 * @internal for now: nothing of it is part of what the package exports yet
 * @param module - its URL
 * @param name - as `Registry.register` takes it
 * @throws TilewrightError usage, task-unknown, task-failed
 */
export async function addFormatModule(module: string | URL, name?: string): Promise<void> {
  const known = registry.register(module, name);
  await loadFormats(registry.locate(`${known}.${EXPORT}`));
  names.add(known);
}

/** A task's name with the modules whose formats it needs: `staging.stage+lines.registerFormats`. */
export function withFormats(task: string): string {
  return [task, ...functions()].join('+');
}

/** Where the modules are found that were added here, one after the other; undefined for none. */
export function formatLocation(): FunctionLocation | undefined {
  return names.size === 0 ? undefined : registry.locate(functions().join('+'));
}

function functions(): string[] {
  return [...names].map((name) => `${name}.${EXPORT}`);
}

/** Makes formats known in this thread; those that are known already to no effect. */
export async function loadFormats(location: FunctionLocation | undefined): Promise<void> {
  for (let at = location; at !== undefined; at = at.next) {
    if (at.exportName !== EXPORT) {
      throw new TilewrightError('task-unknown', `${at.url}: formats come from ${EXPORT} alone`);
    }
    let done = loaded.get(at.url);
    if (done === undefined) {
      done = findFunction(at).then((register) => register());
      loaded.set(at.url, done);
    }
    await done;
  }
}
