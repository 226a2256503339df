/** SQLite's varints: big-endian groups of seven bits (https://www.sqlite.org/fileformat2.html#varint). */

/** Bytes of a varint, for −2^53 < value < 2^53. */
export function varintLength(value: number): number {
  if (value < 0) return 9;
  if (value < 0x10000000) return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
  let length = 1;
  while (value >= 128) {
    value = Math.floor(value / 128);
    length++;
  }
  return length;
}

/** Writes −2^53 < value < 2^53 as a big-endian base-128 varint; returns the offset after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value >= 0 && value < 0x4000) {
    bytes[at] = (value >>> 7) | 0x80;
    bytes[at + 1] = value & 0x7f;
    return at + 2;
  }
  if (value >= 0 && value < 0x200000) {
    bytes[at] = (value >>> 14) | 0x80;
    bytes[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = value & 0x7f;
    return at + 3;
  }
  if (value < 0) return writeNegativeVarint(bytes, at, value);
  const end = at + varintLength(value);
  let high = 0;
  for (let i = end - 1; i >= at; i--) {
    bytes[i] = (value % 128) | high;
    value = Math.floor(value / 128);
    high = 0x80;
  }
  return end;
}

/** A negative number is 64 bits of two's complement: eight groups of seven bits and one of eight. */
function writeNegativeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = BigInt.asUintN(64, BigInt(value));
  bytes[at + 8] = Number(rest & 0xffn);
  rest >>= 8n;
  for (let i = at + 7; i >= at; i--) {
    bytes[i] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  return at + 9;
}

/**
 * Reads varints one after the other. `value` is exact up to ±2^53 and rounded beyond: sizes and
 * serial types never get there in a valid file, and callers check their range. Bytes past the end
 * count as zeros.
 */
export class VarintReader {
  value = 0;

  /** Reads the varint at `at` into `value`; returns the offset after it. */
  read(bytes: Uint8Array, at: number): number {
    let byte = bytes[at++]!;
    if (byte < 0x80) {
      this.value = byte;
      return at;
    }
    const start = at - 1;
    let value = byte & 0x7f;
    for (let i = 1; i < 8; i++) {
      byte = bytes[at++]!;
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) {
        this.value = value;
        return at;
      }
    }
    this.value = readNineBytes(bytes, start);
    return at + 1;
  }
}

/** A signed 64-bit number: eight groups of seven bits and one of eight, as two 32-bit halves. */
function readNineBytes(bytes: Uint8Array, at: number): number {
  let high = 0;
  for (let i = 0; i < 4; i++) high = (high << 7) | (bytes[at + i]! & 0x7f);
  let middle = 0;
  for (let i = 4; i < 8; i++) middle = (middle << 7) | (bytes[at + i]! & 0x7f);
  high = (high << 4) | (middle >>> 24);
  return high * 2 ** 32 + (((middle << 8) | bytes[at + 8]!) >>> 0);
}
