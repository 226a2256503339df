#!/usr/bin/env node
/** The command `tilewright`. */

import { writeSync } from 'node:fs';
import * as modules from 'node:module';

const OLDEST_NODE = 24;

/** What could not be printed, for want of room; null while all could. */
let unprinted: string | null = null;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Someone who reads only the first lines closes the pipe, or the terminal is closed: that is no
    // error, and no reason to stop. Nor is a full disk, but what was printed is not whole then.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') unprinted ??= error.message;
  });
}

process.on('exit', () => {
  if (unprinted === null) return;
  process.exitCode ||= 1;
  try {
    writeSync(
      2,
      `tilewright: What it printed is not whole, as it could not be written: ${unprinted}\n`,
    );
  } catch {
    // There is nowhere left to say it.
  }
});

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(
    `tilewright: Node.js ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}\n`,
  );
  process.exitCode = 2;
} else {
  // Compiled once for all runs on this machine: importing takes a quarter of the time then.
  modules.enableCompileCache?.();
  // Only now: what it imports does not load on older versions.
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
}
