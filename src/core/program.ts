/** How a program of this package is started in another process. */

/**
 * Program and arguments that run a module in the runtime that runs this one: Node.js, or Deno,
 * whose notebook kernel gives a program no permissions unless they are asked for.
 */
export function programCommand(modulePath: string): string[] {
  if (process.versions['deno'] === undefined) return [process.execPath, modulePath];
  return [process.execPath, 'run', '--allow-all', '--no-check', modulePath];
}
