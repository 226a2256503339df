/** Files in which Linux tells about itself; elsewhere, and where one may not look, there are none. */

import { readFileSync } from 'node:fs';

/** Null if it can't be read. */
export function readSystemFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Numbers of lines such as `MemTotal:  24 kB` or `workingset_refault_file 12`, by their names. */
export function keyedNumbers(text: string | null): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [, name, value] of (text ?? '').matchAll(/^(\S+?):?\s+(\d+)\b/gm)) {
    numbers.set(name!, Number(value));
  }
  return numbers;
}

/** A file that holds one number; null for others, such as `max`. */
export function readNumberFile(path: string): number | null {
  const text = readSystemFile(path)?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
