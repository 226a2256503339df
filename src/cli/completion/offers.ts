/** What completion offers, for any shell: the declaration of the commands, flattened. */

import { inputExtensions } from '../../formats/input-formats.ts';
import { tileMatrixSetNames } from '../../tms/registry.ts';
import { COMMANDS, GENERAL_OPTIONS } from '../arguments/commands.ts';
import { meaning } from '../arguments/help.ts';
import type { Kind, Option } from '../arguments/option.ts';

/** Words; or files that end so, and folders to find them in; or folders alone. */
export interface Offer {
  words: readonly string[];
  /** Ends of names, with their dots, in lower case; null for any file. */
  files: readonly string[] | null;
  what: 'words' | 'files' | 'folders' | 'words and files' | 'nothing';
}

export interface OfferedOption {
  /** Without the dashes. */
  name: string;
  short: string | undefined;
  /** What stands for its value; undefined for a switch. */
  argument: string | undefined;
  offer: Offer;
  multiple: boolean;
  description: string;
}

export interface OfferedCommand {
  name: string;
  summary: string;
  options: readonly OfferedOption[];
  /** Of each argument; the last one holds for those that follow. */
  takes: readonly Offer[];
}

export const GENERAL: readonly OfferedOption[] = GENERAL_OPTIONS.map(offeredOption);

export function offeredCommands(): OfferedCommand[] {
  const commands = Object.entries(COMMANDS).map(([name, { summary, options, takes }]) => ({
    name,
    summary,
    options: options.map(offeredOption),
    takes: takes.map(offerOf),
  }));
  const help = 'Show help, or that of a command.';
  return [...commands, { name: 'help', summary: help, options: [], takes: [offerOf('command')] }];
}

function offeredOption(option: Option): OfferedOption {
  const { name, short, argument, kind, multiple = false } = option;
  // The first sentence: there is one line for it.
  const description = /^.*?(?=[.;:] |\.?$)/s.exec(meaning(option))![0];
  return { name, short, argument, offer: offerOf(kind), multiple, description };
}

function offerOf(kind: Kind | undefined): Offer {
  switch (kind) {
    case undefined:
      return { words: [], files: null, what: 'nothing' };
    case 'file':
      return { words: [], files: null, what: 'files' };
    case 'folder':
      return { words: [], files: null, what: 'folders' };
    case 'input':
      return { words: [], files: inputExtensions(), what: 'files' };
    case 'tms':
      return { words: tileMatrixSetNames(), files: ['.json'], what: 'words and files' };
    case 'command':
      return { words: Object.keys(COMMANDS), files: null, what: 'words' };
    default:
      return { words: kind, files: null, what: 'words' };
  }
}
