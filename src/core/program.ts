/** How a program of this package is started in another process. */

/**
 * Program and arguments that run a module in the runtime that runs this one: Node.js, or Deno,
 * whose notebook kernel gives a program no permissions unless they are asked for.
 * @param flags - options of Node.js, before the module
 */
export function programCommand(modulePath: string, flags: readonly string[] = []): string[] {
  if (process.versions['deno'] === undefined) return [process.execPath, ...flags, modulePath];
  return [process.execPath, 'run', '--allow-all', '--no-check', modulePath];
}

/** What says which program this process runs, or is about this one process: not for others. */
const OWN_FLAGS = new RegExp(
  '^(-(e|p|pe|c|i|v|h)|--(eval|print|check|interactive|input-type|version|help|run|title|test(-.*)?|' +
    'experimental-test-.*|inspect(-.*)?|debug(-.*)?|watch(-.*)?|env-file(-.*)?|(cpu|heap)-prof(-.*)?|' +
    'prof|build-.*|snapshot-blob|experimental-sea-config))(=|$)',
);

/**
 * The flags of Node.js that this process was started with and that its workers want as well, such
 * as `--import`, `--conditions` or `--max-old-space-size`: without them a module may not load there
 * that loads here.
 */
export function inheritedFlags(execArgv: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  let keep = true;
  for (const item of execArgv) {
    // A value goes where its flag goes.
    if (item.startsWith('-')) keep = !OWN_FLAGS.test(item);
    if (keep) kept.push(item);
  }
  return kept;
}
