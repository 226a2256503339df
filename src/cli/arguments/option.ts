/** How commands and their options are described. */

import type { z } from 'zod';

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
  /** The schema's key that it sets, and its field: its meaning and default are there. */
  key?: string;
  field?: z.ZodType;
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

type Words = Partial<Omit<Option, 'key' | 'field'>>;

/**
 * Options that set keys of a schema.
 * @param words - for each of them what its field does not say: numbers, switches and choices need none
 */
export function optionsOf<S extends z.ZodObject>(
  schema: S,
  words: { readonly [K in keyof S['shape']]?: Words },
): Option[] {
  return Object.entries<Words>(words as Record<string, Words>).map(([key, own]) => {
    const field = schema.shape[key]!;
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return { name, key, field, ...wordsOf(field as z.ZodType), ...own };
  });
}

function wordsOf(field: z.ZodType): Words {
  const { def } = field as unknown as { def: z.core.$ZodTypeDef & { innerType?: z.ZodType } };
  if (def.innerType !== undefined) return wordsOf(def.innerType);
  if (def.type === 'number') return { argument: 'N', read: readNumber };
  if (def.type !== 'enum') return {};
  const { options } = field as z.ZodEnum<Record<string, string>>;
  return { argument: options.join('|'), kind: options };
}

/** NaN for what is not written as a decimal number. */
export function readNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
