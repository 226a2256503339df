/** What a bash app makes of its arguments: a command. */

import { TilewrightError } from '../../core/errors.ts';

/** A text for the shell, or a program and its arguments, without a shell. */
export type Command = string | readonly string[];

/** @throws TilewrightError task-failed */
export function checkCommand(app: string, command: unknown): Command {
  const words = typeof command === 'string' ? [command] : command;
  const isCommand =
    Array.isArray(words) &&
    words.every((word) => typeof word === 'string' && !word.includes('\0')) &&
    words[0]?.trim() !== '' &&
    words.length > 0;
  if (isCommand) return command as Command;
  throw new TilewrightError(
    'task-failed',
    `${app} gave no command: a bash app returns a text for the shell, or an array of words, not ` +
      (typeof command === 'string' ? JSON.stringify(command) : describe(command)),
  );
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => describe(one)).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}
