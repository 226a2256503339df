/** `tilewright completion`: the script by which a shell completes commands, options and values. */

import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { offeredCommands } from '../completion/offers.ts';
import { zshCompletion } from '../completion/zsh.ts';

export const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** @param shell - one of the keys of SCRIPTS */
export function completionCommand(shell: keyof typeof SCRIPTS): number {
  process.stdout.write(SCRIPTS[shell](offeredCommands()));
  return 0;
}
