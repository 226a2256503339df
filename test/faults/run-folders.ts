/**
 * A process that begins and ends runs in a staged folder, and removes those of dead processes, over
 * and over: `run-folders.ts FOLDER TIMES`. It prints the number of times its own folder vanished
 * while it lived.
 */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  beginRun,
  endRun,
  makeStagedFolder,
  removeRun,
  runFolder,
  visitDeadRuns,
} from '../../src/staging/folder/staged-folder.ts';

const [folder, times] = process.argv.slice(2) as [string, string];
makeStagedFolder(folder);
let vanished = 0;
for (let i = 0; i < Number(times); i++) {
  const run = beginRun(folder);
  const shuffle = join(runFolder(folder, run.runId), 'a.shuffle');
  writeFileSync(shuffle, '');
  visitDeadRuns(folder, (dead) => removeRun(folder, dead));
  if (!existsSync(shuffle)) vanished++;
  // Every other time it leaves something, as a run that failed does.
  if (i % 2 === 0) rmSync(shuffle, { force: true });
  endRun(folder, run);
}
process.stdout.write(`${vanished}\n`);
