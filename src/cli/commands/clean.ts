/** `tilewright clean`. */

import { createInterface } from 'node:readline/promises';
import { TilewrightError } from '../../core/errors.ts';
import { Config } from '../../staging/configuration/config.ts';
import { TileStager } from '../../staging/tile-stager.ts';
import type { Command } from '../arguments/arguments.ts';

type CleanCommand = Extract<Command, { command: 'clean' }>;

export async function cleanCommand({ folder, yes }: CleanCommand): Promise<number> {
  if (!yes) await confirm(folder);
  const removed = await new TileStager(Config.from({ dirStaged: folder })).clean();
  process.stdout.write(`Removed ${removed} tiles, the summary and the journal of ${folder}\n`);
  return 0;
}

async function confirm(folder: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new TilewrightError('usage', `Nobody is there to confirm: give --yes to clean ${folder}`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const answer = await prompt.question(`Remove all tiles that were staged in ${folder}? [y/N] `);
  prompt.close();
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new TilewrightError('interrupted', 'Nothing was removed');
  }
}
