/**
 * The command line for many commands, one after the other: what it imports is loaded once. A command
 * is over when its process would end, which is when it has nothing left to wait for.
 */

import { runProgram } from '../src/cli/program.ts';
import type { WarmCommand } from './warm-cli.ts';

// Before the program guards them.
const writers = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));
const [node, own] = process.argv as [string, string];
/** Of the process itself, which no command may leave more of. */
const listeners = new Map<string | symbol, Set<unknown>>();
let mark: string | null = null;

function eachNewListener(visit: (event: string | symbol, listener: () => void) => void): void {
  for (const event of process.eventNames()) {
    for (const listener of process.rawListeners(event)) {
      if (!listeners.get(event)?.has(listener)) visit(event, listener as () => void);
    }
  }
}

process.on('disconnect', () => process.exit());

process.on('message', async ({ args, cwd, env, end }: WarmCommand) => {
  process.channel!.unref();
  mark = end;
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) {
    if (process.env[name] !== value) process.env[name] = value;
  }
  process.argv = [node, own.replace('test/warm-cli-process', 'src/cli/main'), ...args];
  process.exitCode = undefined;
  process.exitCode = await runProgram(args);
});

process.on('beforeExit', () => {
  if (mark === null) return;
  eachNewListener((event, listener) => {
    if (event === 'exit') listener.call(process);
    process.removeListener(event, listener);
  });
  // Referenced first: from here on there is something to wait for again, the next command.
  process.channel!.ref();
  const end = `${mark}${process.exitCode ?? 0}\n`;
  mark = null;
  for (const write of writers) write(end);
});

for (const event of process.eventNames())
  listeners.set(event, new Set(process.rawListeners(event)));
