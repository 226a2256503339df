/**
 * Walks JSON (RFC 8259) in bytes of a file, a block at a time. What a caller reads of one item lies in the
 * block as a whole: where the block ends within it, UNDERFLOW is thrown, and the caller reads the item again
 * from its first byte once `refill` has brought more.
 */

import { isUtf8 } from 'node:buffer';
import { TilewrightError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { FileWindow } from '../file-window.ts';
import { isInputUrl } from '../remote/input-url.ts';

/** Read at a time. */
const BLOCK_BYTES = 1 << 20;
/** An item that is longer is refused. */
const MOST_BYTES = 2 ** 29;
/** Arrays and objects that may lie in each other. */
const MOST_DEPTH = 1024;

/** Kinds of values, as `value` tells them. */
export const NULL = 0;
export const FALSE = 1;
export const TRUE = 2;
/** A number of digits alone, and of others. */
export const INTEGER = 3;
export const DECIMAL = 4;
/** `NaN`, `Infinity`, `-Infinity`, which are no JSON, but which GDAL and Python write. */
export const NON_FINITE = 5;
/** A string without and with escapes. */
export const STRING = 6;
export const ESCAPED = 7;
/** An array or an object. */
export const NESTED = 8;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const RECORD_SEPARATOR = 0x1e;
const NEWLINE = 0x0a;
const ESCAPES = Uint8Array.from(Buffer.from('"\\/bfnrt'));
const WORDS: readonly [word: string, kind: number][] = [
  ['null', NULL],
  ['false', FALSE],
  ['true', TRUE],
  ['NaN', NON_FINITE],
  ['Infinity', NON_FINITE],
];

/** A command that makes GeoJSON of another encoding UTF-8. @param path - of a URL what it is downloaded to */
export function asUtf8(encoding: string, path: string): string {
  const file = isInputUrl(path) ? path.slice(path.lastIndexOf('/') + 1) : path;
  return `iconv -f ${encoding} -t utf-8 ${shellWord(file)} > other.geojson`;
}

/** Thrown where the block ends within an item, and caught by whoever began it. */
export const UNDERFLOW = new Error('the block ends within an item');

export class JsonCursor {
  readonly path: string;
  /** The file's bytes from `base` on are bytes[0 … end); the byte behind them is 0, which no JSON has. */
  bytes = Buffer.alloc(0);
  at = 0;
  end = 0;
  base = 0;
  /** Number of the feature that is read, for errors. */
  feature = 0;
  /** Of the string that was read last: bytes[textStart … textEnd), with its escapes. */
  textStart = 0;
  textEnd = 0;
  /** Of the value that was read last; of a string without its quotes. */
  valueStart = 0;
  valueEnd = 0;
  readonly #window: FileWindow;
  readonly #blockBytes: number;
  readonly #isObject = new Uint8Array(MOST_DEPTH + 1);

  /** @param blockBytes - read at a time: few where the file is only looked at here and there */
  constructor(window: FileWindow, path: string, blockBytes = BLOCK_BYTES) {
    this.#window = window;
    this.path = path;
    // A byte order mark lies in one.
    this.#blockBytes = Math.max(3, blockBytes);
  }

  /** Byte of the file at which the cursor stands. */
  get offset(): number {
    return this.base + this.at;
  }

  /** Goes to a byte of the file; a byte order mark at its start is passed over. */
  seek(offset: number): void {
    this.base = offset;
    this.at = this.end = 0;
    this.#fill();
    const { bytes } = this;
    if (offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
  }

  /** Brings more bytes into the block, whose bytes from `mark` on stay; the cursor goes to these. */
  refill(mark: number): void {
    this.bytes.copy(this.bytes, 0, mark, this.end);
    this.base += mark;
    this.end -= mark;
    this.at = 0;
    this.#fill();
  }

  #fill(): void {
    const left = this.#window.size - this.base - this.end;
    // As much again as there is: an item is read anew each time.
    const wanted = Math.min(Math.max(this.#blockBytes, this.end), left);
    if (this.end + wanted >= MOST_BYTES) {
      throw new TilewrightError(
        'input-format',
        `${this.path}: what begins at byte ${this.base} has more than ${MOST_BYTES} bytes, and is read as a ` +
          'whole. Divide it into several features',
        this.#details,
      );
    }
    if (this.bytes.length < this.end + wanted + 1) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.end + wanted + 1, 2 * this.end));
      this.bytes.copy(grown, 0, 0, this.end);
      this.bytes = grown;
    }
    this.#window.copy(this.base + this.end, wanted, this.bytes, this.end);
    this.end += wanted;
    this.bytes[this.end] = 0;
  }

  /** Whether the file has no bytes behind the block. */
  get isLast(): boolean {
    return this.base + this.end >= this.#window.size;
  }

  get #details(): { input: string; feature?: number } {
    return { input: this.path, ...(this.feature > 0 && { feature: this.feature }) };
  }

  /** What stands where something else would have to. @returns never; the type is for callers that return it */
  unexpected(wanted: string): never {
    if (this.at >= this.end) {
      if (!this.isLast) throw UNDERFLOW;
      throw new TilewrightError(
        'input-truncated',
        `${this.path} ends at byte ${this.offset}, where ${wanted} has to follow. Copy or download it again`,
        this.#details,
      );
    }
    const found = this.bytes[this.at]!;
    const shown =
      found > 0x20 && found < 0x7f ? `"${String.fromCharCode(found)}"` : `byte ${found}`;
    throw this.damaged(`has ${shown} at byte ${this.offset}, where ${wanted} has to be`);
  }

  damaged(what: string): TilewrightError {
    return new TilewrightError(
      'input-corrupt',
      `${this.path} is damaged: it ${what}. Copy or download it again, or write it anew with ogr2ogr`,
      this.#details,
    );
  }

  /** Passes over white space; returns the byte that follows. */
  space(): number {
    const { bytes } = this;
    let { at } = this;
    let c = bytes[at]!;
    while (c === 0x20 || c === NEWLINE || c === 0x0d || c === 0x09) c = bytes[++at]!;
    this.at = at;
    return c;
  }

  /** The same between texts, with the record separators of RFC 8142. */
  separators(): number {
    while (this.space() === RECORD_SEPARATOR) this.at++;
    return this.bytes[this.at]!;
  }

  /** Passes over the colon behind a key; returns the first byte of the value. */
  colon(): number {
    if (this.space() !== COLON) this.unexpected('a colon');
    this.at++;
    return this.space();
  }

  /** Passes over an opening brace; returns whether members follow, at the first of which the cursor is then. */
  openObject(): boolean {
    this.at++;
    const c = this.space();
    if (c === QUOTE) return true;
    if (c !== CLOSE_BRACE) this.unexpected('a key');
    this.at++;
    return false;
  }

  /** The same behind a member. */
  nextMember(): boolean {
    const c = this.space();
    this.at++;
    if (c === COMMA) {
      if (this.space() !== QUOTE) this.unexpected('a key');
      return true;
    }
    if (c === CLOSE_BRACE) return false;
    this.at--;
    return this.unexpected('"," or "}"');
  }

  /** Reads a string, at whose first quote the cursor is. @returns whether it has escapes */
  string(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    this.textStart = at;
    let escaped = false;
    let high = 0;
    for (let c = bytes[at]!; c !== QUOTE; c = bytes[++at]!) {
      high |= c;
      if (c === BACKSLASH) {
        escaped = true;
        at = this.#escape(at + 1);
      } else if (c < 0x20) {
        this.at = at;
        this.unexpected('the rest of a string');
      }
    }
    if (high >= 0x80 && !isUtf8(bytes.subarray(this.textStart, at))) {
      throw new TilewrightError(
        'input-encoding',
        `${this.path}: the text at byte ${this.base + this.textStart} is not UTF-8, which GeoJSON has to be. ` +
          `If it is Latin-1: ${asUtf8('latin1', this.path)}`,
        this.#details,
      );
    }
    this.textEnd = at;
    this.at = at + 1;
    return escaped;
  }

  /** Checks the escape whose letter is at `at`; returns where its last byte is. */
  #escape(at: number): number {
    const { bytes } = this;
    this.at = at;
    if (ESCAPES.includes(bytes[at]!)) return at;
    if (bytes[at] !== 0x75) this.unexpected('an escape');
    for (let i = 1; i <= 4; i++) {
      this.at = at + i;
      if (!isHex(bytes[at + i]!)) this.unexpected('a hexadecimal digit');
    }
    return at + 4;
  }

  /** Whether the string that was read last is this; of one with escapes it is not. */
  textIs(word: Uint8Array): boolean {
    const { bytes, textStart } = this;
    const { length } = word;
    if (this.textEnd - textStart !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[textStart + i] !== word[i]) return false;
    return true;
  }

  /** Reads a value, at whose first byte the cursor is; checks all of it. @returns its kind */
  value(): number {
    const { at } = this;
    const c = this.bytes[at]!;
    if (c === QUOTE) {
      const escaped = this.string();
      this.valueStart = this.textStart;
      this.valueEnd = this.textEnd;
      return escaped ? ESCAPED : STRING;
    }
    const isNested = c === OPEN_BRACE || c === OPEN_BRACKET;
    const kind = isNested ? this.#nested() : this.#scalar(c);
    this.valueStart = at;
    this.valueEnd = this.at;
    return kind;
  }

  #scalar(first: number): number {
    if (first === MINUS || (first ^ 0x30) <= 9) return this.#number(first);
    return this.#word();
  }

  #word(): number {
    const { bytes, at, end } = this;
    for (const [word, kind] of WORDS) {
      let n = 0;
      while (n < word.length && bytes[at + n] === word.charCodeAt(n)) n++;
      if (n === word.length || (n > 0 && at + n >= end)) {
        this.at = at + n;
        return n === word.length ? kind : this.unexpected('the rest of a word');
      }
    }
    return this.unexpected('a value');
  }

  #number(first: number): number {
    const { bytes } = this;
    if (first === MINUS) {
      if (bytes[++this.at] === 0x49) return this.#word();
    }
    let c = this.#digits();
    let kind = INTEGER;
    if (c === 0x2e) {
      this.at++;
      kind = DECIMAL;
      c = this.#digits(false);
    }
    if ((c | 0x20) === 0x65) {
      c = bytes[++this.at]!;
      if (c === 0x2b || c === MINUS) this.at++;
      this.#digits(false);
      kind = DECIMAL;
    }
    return kind;
  }

  /** Passes over digits, one at least; returns the byte behind them. */
  #digits(isWhole = true): number {
    const { bytes, at } = this;
    let end = at;
    while ((bytes[end]! ^ 0x30) <= 9) end++;
    this.at = end;
    if (end === at) this.unexpected('a digit');
    if (isWhole && bytes[at] === 0x30 && end > at + 1) {
      this.at = at + 1;
      this.unexpected('no other digit');
    }
    return bytes[end]!;
  }

  #nested(): number {
    const isObject = this.#isObject;
    let depth = 0;
    for (;;) {
      const c = this.bytes[this.at]!;
      if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth === MOST_DEPTH) throw this.#tooDeep();
        isObject[++depth] = c === OPEN_BRACE ? 1 : 0;
        this.at++;
        const next = this.space();
        if (next !== c + 2) {
          if (c === OPEN_BRACE) this.#key(next);
          continue;
        }
        depth--;
        this.at++;
      } else if (c === QUOTE) this.string();
      else this.#scalar(c);
      // Behind a value: the ends of what it is the last of, or the next one.
      for (; depth > 0; depth--) {
        const next = this.space();
        if (next === COMMA) break;
        if (next !== (isObject[depth] ? CLOSE_BRACE : CLOSE_BRACKET)) {
          this.unexpected(isObject[depth] ? '"," or "}"' : '"," or "]"');
        }
        this.at++;
      }
      if (depth === 0) return NESTED;
      this.at++;
      const next = this.space();
      if (isObject[depth]) this.#key(next);
    }
  }

  #key(first: number): void {
    if (first !== QUOTE) this.unexpected('a key');
    this.string();
    this.colon();
  }

  #tooDeep(): TilewrightError {
    return new TilewrightError(
      'input-format',
      `${this.path}: at byte ${this.offset} more than ${MOST_DEPTH} arrays and objects lie in each other, ` +
        'which is not read',
      this.#details,
    );
  }
}

function isHex(c: number): boolean {
  return (c ^ 0x30) <= 9 || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
}
