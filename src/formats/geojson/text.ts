/** Strings of JSON as UTF-8, and values without white space. */

import { grow } from '../../geometry/batch.ts';
import { BACKSLASH, QUOTE } from './json-cursor.ts';

const LETTERS: Readonly<Record<number, number>> = {
  98: 0x08, // b
  102: 0x0c, // f
  110: 0x0a, // n
  114: 0x0d, // r
  116: 0x09, // t
};

/** Bytes of a text; it is used again and again. */
export class TextBuffer {
  bytes = new Uint8Array(256);
  length = 0;

  /**
   * Takes the string source[start … end), whose escapes are checked. Half of a surrogate pair becomes U+FFFD: UTF-8
   * has no other room for it.
   */
  unescape(source: Uint8Array, start: number, end: number): void {
    this.#clear(end - start);
    for (let at = start; at < end; at++) {
      const c = source[at]!;
      if (c !== BACKSLASH) {
        this.bytes[this.length++] = c;
        continue;
      }
      const letter = source[++at]!;
      if (letter !== 0x75) {
        this.bytes[this.length++] = LETTERS[letter] ?? letter;
        continue;
      }
      let code = hexadecimal(source, at + 1);
      at += 4;
      if (code >= 0xd800 && code < 0xe000) {
        const low =
          code < 0xdc00 && source[at + 1] === BACKSLASH && source[at + 2] === 0x75
            ? hexadecimal(source, at + 3)
            : 0;
        const isPair = low >= 0xdc00 && low < 0xe000;
        code = isPair ? 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00) : 0xfffd;
        if (isPair) at += 6;
      }
      this.#append(code);
    }
  }

  /** Takes the value source[start … end), without the white space between its tokens. */
  compact(source: Uint8Array, start: number, end: number): void {
    this.#clear(end - start);
    let isText = false;
    for (let at = start; at < end; at++) {
      const c = source[at]!;
      if (isText && c === BACKSLASH) this.bytes[this.length++] = source[at++]!;
      else if (c === QUOTE) isText = !isText;
      else if (!isText && c <= 0x20) continue;
      this.bytes[this.length++] = source[at]!;
    }
  }

  #clear(most: number): void {
    if (this.bytes.length < most) this.bytes = grow(this.bytes, most);
    this.length = 0;
  }

  /** Never more bytes than its escapes have. */
  #append(code: number): void {
    const { bytes } = this;
    if (code < 0x80) bytes[this.length++] = code;
    else if (code < 0x800) {
      bytes[this.length++] = 0xc0 | (code >> 6);
      bytes[this.length++] = 0x80 | (code & 63);
    } else {
      if (code < 0x10000) bytes[this.length++] = 0xe0 | (code >> 12);
      else {
        bytes[this.length++] = 0xf0 | (code >> 18);
        bytes[this.length++] = 0x80 | ((code >> 12) & 63);
      }
      bytes[this.length++] = 0x80 | ((code >> 6) & 63);
      bytes[this.length++] = 0x80 | (code & 63);
    }
  }
}

function hexadecimal(source: Uint8Array, at: number): number {
  let code = 0;
  for (let i = at; i < at + 4; i++) {
    const c = source[i]!;
    code = code * 16 + (c <= 0x39 ? c - 0x30 : (c | 0x20) - 0x61 + 10);
  }
  return code;
}
