/** Names of inputs: the file's, and the layer's where a file has several. */

import { relative } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { inputExtensions } from '../../formats/input-formats.ts';
import type { FoundInput } from '../folder/found-input.ts';
import { commonFolder } from './input-paths.ts';

/**
 * The file's name, or `file#layer` if the file has more layers than one. No two inputs have one
 * name: the last `#` begins the layer, since one in the layer's own name is escaped as in a URL, and
 * a layer's part never ends as a file does. Control characters are escaped too.
 * @param file - path below the input folder
 * @param layers - how many layers the file has, sound or not
 */
export function inputName(file: string, layer: string, layers: number): string {
  return layers === 1 ? file : `${file}#${escapeLayer(layer)}`;
}

/** Names without such characters stay as they are, so that they are what people know. */
function escapeLayer(layer: string): string {
  const escaped = layer.replace(/[#\p{Cc}]|%(?=[\dA-F]{2})/giu, percent);
  const lower = escaped.toLowerCase();
  // The shortest: what is left without its point ends in no longer one either.
  const extension = inputExtensions()
    .toSorted((a, b) => a.length - b.length)
    .find((end) => lower.endsWith(end));
  if (extension === undefined) return escaped;
  const dot = escaped.length - extension.length;
  return `${escaped.slice(0, dot)}%2E${escaped.slice(dot + 1)}`;
}

function percent(character: string): string {
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Two inputs that would have one name. */
export function nameTaken(a: FoundInput, b: FoundInput): TilewrightError {
  const folder = commonFolder(a.path, b.path);
  const names = [a, b].map(({ path }) => relative(folder, path).normalize('NFC'));
  // Two spellings of one name in Unicode stay the same, wherever the names start.
  const advice =
    names[0] === names[1]
      ? 'Rename one of them.'
      : `Give their common folder ${folder} instead, so that the names start there.`;
  return new TilewrightError(
    'input-name-taken',
    `Two inputs would have the name ${a.name}: ${a.path} and ${b.path}. ${advice}`,
    { input: a.name },
  );
}
