/** Errors of the command line, with what was probably meant. */

import { existsSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { didYouMean, nearest } from '../../core/nearest.ts';
import { COMMANDS, type CommandName, type Topic } from './commands.ts';
import { FOREIGN_COMMANDS, foreignOption } from './foreign-words.ts';
import type { Option } from './option.ts';

const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

export function usage(message: string, command: Topic): TilewrightError {
  const call = command === null ? 'tilewright --help' : `tilewright ${command} --help`;
  return new TilewrightError('usage', `${message} See ${call}.`);
}

/** @throws TilewrightError `usage` for a word that is no command */
export function commandName(word: string): CommandName {
  const name = COMMAND_NAMES.find((known) => known === word);
  if (name !== undefined) return name;
  throw usage(`"${word}" is not a command.${commandMeant(word)}`, null);
}

function commandMeant(word: string): string {
  const foreign = Object.hasOwn(FOREIGN_COMMANDS, word) ? FOREIGN_COMMANDS[word]! : null;
  if (foreign !== null) return ` Did you mean ${foreign}?`;
  const near = didYouMean(word, [...COMMAND_NAMES, 'help']);
  if (near !== '') return near;
  if (word === 'version') return ' Did you mean --version?';
  return existsSync(word) ? ` To stage it: tilewright stage ${word} --out DIR.` : '';
}

/**
 * @param word - without dashes and value
 * @param written - as it was given
 */
export function unknownOption(
  word: string,
  written: string,
  options: readonly Option[],
  command: Topic,
): TilewrightError {
  const where = command === null ? '' : ` of ${command}`;
  return usage(
    `${written} is not an option${where}.${optionMeant(word, options, command)}`,
    command,
  );
}

/** Begins with a space; empty where nobody knows. */
function optionMeant(word: string, options: readonly Option[], command: Topic): string {
  const own = options.find(({ name }) => name === word);
  if (own !== undefined) return ` Did you mean --${own.name}?`;
  const foreign = foreignOption(word, command);
  if (foreign !== null) {
    const { means, says } = foreign;
    const known = means !== undefined && options.some(({ name }) => name === means);
    if (known || says !== undefined) {
      return `${known ? ` Did you mean --${means}?` : ''}${says === undefined ? '' : ` ${says}`}`;
    }
  }
  // Configuration keys are near to the options that set them: --dir-staged means --out.
  const words = new Map<string, string>();
  for (const option of options) {
    words.set(option.name, option.name);
    if (option.key !== undefined) words.set(option.key, option.name);
  }
  const near = nearest(word, words.keys());
  return near === null ? '' : ` Did you mean --${words.get(near)}?`;
}

/**
 * Whether a word after a single dash is an option of several letters, as GDAL's are: `-overwrite`,
 * `-out`, and not the option `-o` with the value `verwrite`.
 */
export function isWordOption(word: string, options: readonly Option[], command: Topic): boolean {
  if (word.length < 2) return false;
  if (options.some(({ name }) => name.length > 1 && word.startsWith(name))) return true;
  return foreignOption(word, command) !== null;
}
