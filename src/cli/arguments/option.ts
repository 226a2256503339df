/** How commands and their options are described. */

import type { ConfigKey } from '../../staging/configuration/config-schema.ts';

/**
 * What a text can be, for completion and for refusing URLs: a file or folder of this machine, the
 * name of a TileMatrixSet or a file with one, the name of a command, or one of these words.
 */
export type Kind = 'file' | 'folder' | 'input' | 'tms' | 'command' | readonly string[];

export interface Option {
  /** Without the dashes. */
  name: string;
  short?: string;
  /** What stands for its value in the help; a switch has none. */
  argument?: string;
  kind?: Kind;
  /** How the value's text is read, or those of all values of a `multiple` option. */
  read?: (...texts: string[]) => unknown;
  /** What the text has to be, where the schema's words don't fit. */
  expects?: string;
  /** May be given several times. */
  multiple?: boolean;
  /** The configuration's key that it sets: its meaning and default are in the schema. */
  key?: ConfigKey;
  /** Replaces the schema's description, or stands where there is no key. */
  description?: string;
  /** Replaces the schema's default in the help. */
  default?: string;
}

export interface CommandDescription {
  /** One for each way to call it, without the program's name. */
  usage: readonly string[];
  summary: string;
  /** What each argument can be; the last one stands for those that follow. */
  takes: readonly Kind[];
  options: readonly Option[];
}
