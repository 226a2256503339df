/** Makes what runs the commands of bash apps known. */

import { registry } from '../registry.ts';

// The source runs as it is; the published package is compiled.
export const RUN_COMMAND_URL = new URL(
  import.meta.url.endsWith('.ts') ? './run-command.ts' : './run-command.js',
  import.meta.url,
).href;

/** What it is registered as. */
export const COMMANDS_MODULE = 'bash-app';

/**
 * From now on tasks may run any command here. A worker that takes tasks from a queue does this only
 * if its owner asks for it: whoever can write to the queue could run commands on its machine.
 * @returns the module's name
 */
export function registerCommands(): string {
  return registry.register(RUN_COMMAND_URL, COMMANDS_MODULE);
}
