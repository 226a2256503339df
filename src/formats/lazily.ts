/** Modules that are loaded when they are first needed, while the caller waits: a run needs one format or two. */

import { createRequire } from 'node:module';
import { extname } from 'node:path';

/**
 * A function that gives the module of this name, without extension, beside the file that calls.
 * @param from - that file's `import.meta.url`
 */
export function lazily<T>(from: string, name: string): () => T {
  let module: T | undefined;
  return () => {
    module ??= createRequire(from)(`./${name}${extname(from)}`) as T;
    return module;
  };
}
