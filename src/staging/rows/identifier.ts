/**
 * Identifiers that survive re-runs: UUIDs of version 8 (RFC 9562, 5.8) made of where a feature
 * comes from.
 *
 *   custom_a, custom_b   48 + 12 bits: the first 60 bits of SHA-256 of the input's name (UTF-8)
 *   custom_c             62 bits: the feature's position in its input
 *
 * So the features of an input share a prefix, sort by position (negative ones last), and never
 * collide within it.
 */

import { createHash } from 'node:crypto';

const HEX = new TextEncoder().encode('0123456789abcdef');
const LOW = 2 ** 48;
export const IDENTIFIER_LENGTH = 36;

/** Makes the identifiers of one input's features, as ASCII bytes. */
export class IdentifierWriter {
  readonly #prefix: Uint8Array;

  /** @param input - the input's name, as in `staging_filename` */
  constructor(input: string) {
    const hash = createHash('sha256').update(input.normalize('NFC')).digest('hex');
    const text = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(12, 15)}-`;
    this.#prefix = new TextEncoder().encode(text);
  }

  /**
   * Writes the 36 bytes of the identifier at target[at].
   * @param position - a whole number with |position| < 2^53
   */
  write(position: number, target: Uint8Array, at: number): void {
    for (let i = 0; i < 19; i++) target[at + i] = this.#prefix[i]!;
    // Two's complement in 62 bits, under the variant bits 10.
    let low = position % LOW;
    let high = Math.trunc(position / LOW);
    if (low < 0) {
      low += LOW;
      high--;
    }
    hex(0x8000 | (high & 0x3fff), 4, target, at + 19);
    target[at + 23] = 0x2d;
    hex(Math.floor(low / 2 ** 24), 6, target, at + 24);
    hex(low % 2 ** 24, 6, target, at + 30);
  }
}

/** The position that the identifier at bytes[at] was made of; NaN if there is none. */
export function positionIn(bytes: Uint8Array, at: number): number {
  const high = (digits(bytes, at + 19, 4) & 0x3fff) * 2 ** 48;
  const position = high + digits(bytes, at + 24, 6) * 2 ** 24 + digits(bytes, at + 30, 6);
  return position < 2 ** 61 ? position : position - 2 ** 62;
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const byte = bytes[i]!;
    const digit = byte >= 0x61 ? byte - 0x57 : byte - 0x30;
    if (!(digit >= 0 && digit < 16)) return Number.NaN;
    value = 16 * value + digit;
  }
  return value;
}

function hex(value: number, digits: number, target: Uint8Array, at: number): void {
  for (let i = at + digits - 1; i >= at; i--) {
    target[i] = HEX[value & 15]!;
    value >>>= 4;
  }
}
