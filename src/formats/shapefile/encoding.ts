/**
 * The character encoding of a DBF file. Which one it is, the first of these that is known says:
 *
 * 1. the .cpg file beside it (`UTF-8`, `ANSI 1252`, `88591`, `OEM 866`, `Big5`, `936`, …);
 * 2. the language driver id, byte 29 of the .dbf (dBASE), but for 0 and 0x57, which name none;
 * 3. if something else is declared, it is unknown: text beyond ASCII is refused;
 * 4. otherwise it is undeclared: a value that is valid UTF-8 is UTF-8, any other windows-1252.
 *
 * Declarations are often wrong, above all `UTF-8`: a value that is not valid UTF-8 falls back to
 * what the language driver id says, or windows-1252. Both rules look at one value alone, so that
 * slices of a file agree. Where one had to be used, or a character has no meaning, the value counts as
 * guessed. Declared ISO-8859-1 is read as windows-1252, its superset for text.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

const FALLBACK = 'windows-1252';
/** What a .cpg says that means whatever the system of its writer had. */
const NO_DECLARATION = /^(system|ldid\/(0|87))?$/;
/** The language driver id that says no more than "ANSI". */
const ANSI_DRIVER = 0x57;

export class DbfEncoding {
  /** What was declared; `undeclared` if nothing was. */
  readonly name: string;
  /** Whether a value that is valid UTF-8 is UTF-8. */
  readonly prefersUtf8: boolean;
  /** What was declared that nobody knows, in words; null if nothing was. */
  readonly unknown: string | null;
  /** The first value, until it is taken, whose encoding nothing says or that is not valid in it. */
  #guessed: Uint8Array | null = null;
  readonly #codePage: string;

  /** @param codePage - iconv-lite's name, for values that are not UTF-8 */
  constructor(name: string, prefersUtf8: boolean, codePage: string, unknown: string | null = null) {
    this.name = name;
    this.unknown = unknown;
    this.prefersUtf8 = prefersUtf8;
    this.#codePage = codePage;
  }

  /** Whether the bytes, some beyond ASCII, are UTF-8 already and need no decoding. */
  isUtf8(bytes: Uint8Array): boolean {
    if (!this.prefersUtf8 || !isUtf8(bytes)) return false;
    if (this.name === 'undeclared') this.#guessed ??= bytes;
    return true;
  }

  /** Bytes of the first value since the last call whose encoding had to be guessed; else null. */
  takeGuessed(): Uint8Array | null {
    const guessed = this.#guessed;
    this.#guessed = null;
    return guessed;
  }

  /**
   * @param full - whether the value fills its field: then its last character may be cut, as
   *   writers do that count bytes, and does not tell against UTF-8
   */
  decode(bytes: Uint8Array, full: boolean): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isAscii(bytes)) return buffer.toString('latin1');
    if (this.isUtf8(bytes)) return buffer.toString('utf8');
    const cut = this.prefersUtf8 && full && endsInCutCharacter(bytes);
    const text = cut ? buffer.toString('utf8') : iconv.decode(buffer, this.#codePage);
    if (this.prefersUtf8 || text.includes('\ufffd')) this.#guessed ??= bytes;
    return text;
  }
}

/**
 * Whether these bytes are UTF-8 but for a last character that is cut, with another character
 * beyond ASCII before it: without that one, the bytes are as likely of a code page.
 */
function endsInCutCharacter(bytes: Uint8Array): boolean {
  let cut = bytes.length - 1;
  while (cut > bytes.length - 4 && cut > 0 && (bytes[cut]! & 0xc0) === 0x80) cut--;
  const lead = bytes[cut]!;
  if (cut < 1 || lead < 0xc2 || lead > 0xf4) return false;
  const characterLength = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (bytes.length - cut >= characterLength) return false;
  const whole = bytes.subarray(0, cut);
  return isUtf8(whole) && whole.some((byte) => byte >= 0x80);
}

/**
 * The encoding of a .dbf.
 * @param cpg - text of the .cpg, null if there is none
 * @param languageDriver - byte 29 of the .dbf
 */
export function dbfEncoding(cpg: string | null, languageDriver: number): DbfEncoding {
  const fromDriver = languageDriverEncoding(languageDriver);
  const declared = cpg === null ? null : namedEncoding(cpg);
  if (declared === 'utf8') return new DbfEncoding('utf8', true, fromDriver ?? FALLBACK);
  const codePage = declared ?? fromDriver;
  if (codePage === null) {
    const unknown = unknownDeclaration(cpg, languageDriver);
    const name = unknown === null ? 'undeclared' : 'unknown';
    return new DbfEncoding(name, true, FALLBACK, unknown);
  }
  return new DbfEncoding(codePage, codePage === 'utf8', codePage === 'utf8' ? FALLBACK : codePage);
}

function unknownDeclaration(cpg: string | null, languageDriver: number): string | null {
  const word = cpg === null ? '' : declaredWord(cpg);
  if (!NO_DECLARATION.test(word)) return `its .cpg says "${word.slice(0, 40)}", which is not known`;
  if (languageDriver === 0 || languageDriver === ANSI_DRIVER) return null;
  return `its language driver id is ${languageDriver}, which is not known`;
}

/** The one word of a .cpg, in lower case. */
function declaredWord(text: string): string {
  return text
    .replace(/[\0\ufeff]/g, '')
    .trim()
    .toLowerCase();
}

/** iconv-lite's name of what a .cpg says; null if it is unknown or can't be that of a DBF. */
export function namedEncoding(text: string): string | null {
  const word = declaredWord(text);
  const driver = /^ldid\/(\d{1,3})$/.exec(word);
  if (driver !== null) return languageDriverEncoding(Number(driver[1]));
  if (/^(us-?ascii|ascii|(ansi |cp)?20127)$/.test(word)) return null;
  const compact = word.replace(/^(ansi|oem|cp|ibm|windows|ms)[\s_-]*(?=\d)/, '').replace(/\s/g, '');
  if (/^(utf-?8|65001)$/.test(compact)) return 'utf8';
  const latin = /^(?:iso)?[_-]?8859[_-]?(\d{1,2})$/.exec(compact);
  if (latin !== null) return latin[1] === '1' ? FALLBACK : usable(`iso-8859-${latin[1]}`);
  if (/^\d+$/.test(compact)) return codePageEncoding(Number(compact));
  return usable(compact);
}

/** Encodings of code pages that are not named by their number. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  20866: 'koi8-r',
  20932: 'euc-jp',
  21866: 'koi8-u',
  51932: 'euc-jp',
  51936: 'gbk',
  51949: 'euc-kr',
  54936: 'gb18030',
  10000: 'macroman',
  10006: 'macgreek',
  10007: 'maccyrillic',
  10029: 'maccenteuro',
};

function codePageEncoding(codePage: number): string | null {
  if (codePage === 65001) return 'utf8';
  if (codePage === 28591) return FALLBACK;
  if (codePage > 28591 && codePage <= 28606) return usable(`iso-8859-${codePage - 28590}`);
  return usable(CODE_PAGES[codePage] ?? `cp${codePage}`);
}

const ASCII = Buffer.from(Array.from({ length: 95 }, (_, i) => 32 + i));

/** The name if iconv-lite knows it and it extends ASCII, as readers of ASCII values rely on. */
function usable(name: string): string | null {
  if (!iconv.encodingExists(name)) return null;
  return iconv.decode(ASCII, name) === ASCII.toString('latin1') ? name : null;
}

/** Code pages of dBASE's and FoxPro's language driver ids. */
const LANGUAGE_DRIVERS: Readonly<Record<number, readonly number[]>> = {
  437: [0x01, 0x09, 0x0b, 0x0d, 0x0f, 0x11, 0x15, 0x18, 0x19, 0x1b],
  737: [0x6a, 0x86],
  850: [0x02, 0x0a, 0x0e, 0x10, 0x12, 0x14, 0x16, 0x1a, 0x1d, 0x25, 0x37],
  852: [0x1f, 0x22, 0x23, 0x40, 0x64, 0x87],
  857: [0x6b, 0x88],
  860: [0x24],
  861: [0x67],
  863: [0x1c, 0x6c],
  865: [0x08, 0x17, 0x66],
  866: [0x26, 0x65],
  874: [0x50, 0x7c],
  932: [0x13, 0x7b],
  936: [0x4d, 0x7a],
  949: [0x4e, 0x79],
  950: [0x4f, 0x78],
  1250: [0xc8],
  1251: [0xc9],
  1252: [0x03, 0x58, 0x59],
  1253: [0xcb],
  1254: [0xca],
  1255: [0x7d],
  1256: [0x7e],
  1257: [0xcc],
  10000: [0x04],
  10006: [0x98],
  10007: [0x96],
  10029: [0x97],
};

/** iconv-lite's name of a language driver's code page; null for 0, 0x57 and unknown ids. */
function languageDriverEncoding(id: number): string | null {
  for (const [codePage, ids] of Object.entries(LANGUAGE_DRIVERS)) {
    if (ids.includes(id)) return codePageEncoding(Number(codePage));
  }
  return null;
}
