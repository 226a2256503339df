/** Text of JSON, written as bytes. */

import { isUtf8 } from 'node:buffer';
import { grow } from '../../../geometry/batch.ts';
import { BACKSLASH, QUOTE } from '../json-cursor.ts';

const HEX = Buffer.from('0123456789abcdef');
/** By byte: the letter of a short escape, 0 for none. */
const SHORT = Uint8Array.from({ length: 0x20 }, (_, c) => {
  const letter = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r' }[c];
  return letter?.charCodeAt(0) ?? 0;
});

export class JsonText {
  bytes = new Uint8Array(1 << 16);
  length = 0;

  /** Text of ASCII. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let { length } = this;
    for (let i = 0; i < text.length; i++) bytes[length++] = text.charCodeAt(i);
    this.length = length;
  }

  /** source[start … end), as they are. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** A double in as few digits as tell it; infinite ones as numbers that no double holds, which are read so. */
  number(value: number): void {
    if (value === Infinity || value === -Infinity) this.ascii(value > 0 ? '1e999' : '-1e999');
    else this.ascii(Object.is(value, -0) ? '-0' : String(value));
  }

  /** The same, never as an integer is spelt. */
  real(value: number): void {
    this.number(value);
    if (Number.isInteger(value) && Math.abs(value) < 1e21) this.ascii('.0');
  }

  /**
   * UTF-8 source[start … end) as a string, with its quotes.
   * @returns false, with nothing written, if it is not UTF-8
   */
  string(source: Uint8Array, start: number, end: number): boolean {
    this.reserve(6 * (end - start) + 2);
    const { bytes } = this;
    let { length } = this;
    let high = 0;
    bytes[length++] = QUOTE;
    for (let i = start; i < end; i++) {
      const c = source[i]!;
      high |= c;
      if (c >= 0x20) {
        if (c === QUOTE || c === BACKSLASH) bytes[length++] = BACKSLASH;
        bytes[length++] = c;
        continue;
      }
      bytes[length++] = BACKSLASH;
      if (SHORT[c] !== 0) {
        bytes[length++] = SHORT[c]!;
        continue;
      }
      bytes[length++] = 0x75;
      bytes[length++] = 0x30;
      bytes[length++] = 0x30;
      bytes[length++] = HEX[c >> 4]!;
      bytes[length++] = HEX[c & 15]!;
    }
    if (high >= 0x80 && !isUtf8(source.subarray(start, end))) return false;
    bytes[length++] = QUOTE;
    this.length = length;
    return true;
  }

  /** source[start … end) in base64, as a string. */
  base64(source: Uint8Array, start: number, end: number): void {
    const text = Buffer.from(source.buffer, source.byteOffset + start, end - start);
    this.ascii(`"${text.toString('base64')}"`);
  }

  /** Makes room for so many more bytes. */
  reserve(count: number): void {
    if (this.bytes.length < this.length + count) this.bytes = grow(this.bytes, this.length + count);
  }
}
