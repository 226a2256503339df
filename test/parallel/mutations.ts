/** Messages with faults, at random. */

import type { Random } from '../../src/core/random.ts';

const VALUES = [null, -1, 0, 1e9, 1.5, '', 'x', '__proto__', [], {}, true, 2 ** 53, ['\u0000']];

/** The message as JSON with one fault: a value of another type, a key less, a cut, other bytes. */
export function addMutations(message: object, random: Random): string {
  const text = JSON.stringify(message);
  const one = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  const copy = JSON.parse(text) as Record<string, unknown>;
  const key = one(Object.keys(copy));
  switch (random.integer(5)) {
    case 0:
      copy[key] = one(VALUES);
      return JSON.stringify(copy);
    case 1:
      delete copy[key];
      return JSON.stringify(copy);
    case 2:
      return text.slice(0, random.integer(text.length));
    case 3: {
      const at = random.integer(text.length);
      return `${text.slice(0, at)}${one(['"', '{', ']', '9', ' ', '\u001b'])}${text.slice(at + 1)}`;
    }
    default:
      return `{"__proto__":${text}}`;
  }
}
