/**
 * Which rows are shown, as text that server and page have: a bit for each input, by number, in base64url;
 * then a mark if duplicates are hidden.
 */

const HIDES_DUPLICATES = '!';

export interface RowChoice {
  /** Whether each input is in; null: all. */
  inputs: boolean[] | null;
  hidesDuplicates: boolean;
}

export function formatRowChoice(inputs: readonly boolean[] | null, hidesDuplicates: boolean) {
  return formatInputSet(inputs) + (hidesDuplicates ? HIDES_DUPLICATES : '');
}

/** @returns undefined for a text that stands for no choice among `count` inputs */
export function parseRowChoice(text: string, count: number): RowChoice | undefined {
  const hidesDuplicates = text.endsWith(HIDES_DUPLICATES);
  const inputs = parseInputSet(hidesDuplicates ? text.slice(0, -1) : text, count);
  return inputs === undefined ? undefined : { inputs, hidesDuplicates };
}

/** @param chosen - whether each input is in; null: all of them, which is the empty text */
export function formatInputSet(chosen: readonly boolean[] | null): string {
  if (chosen === null) return '';
  const bytes = new Uint8Array(Math.ceil(chosen.length / 8));
  for (const [i, isIn] of chosen.entries()) if (isIn) bytes[i >> 3]! |= 1 << (i & 7);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') || '-';
}

/** @returns null for all, undefined for a text that stands for no choice among `count` inputs */
export function parseInputSet(text: string, count: number): boolean[] | null | undefined {
  if (text === '') return null;
  if (!/^[\w-]+$/.test(text)) return undefined;
  let bytes: string;
  try {
    bytes = text === '-' ? '' : atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return undefined;
  }
  if (bytes.length !== Math.ceil(count / 8)) return undefined;
  return Array.from({ length: count }, (_, i) => ((bytes.charCodeAt(i >> 3) >> (i & 7)) & 1) === 1);
}
