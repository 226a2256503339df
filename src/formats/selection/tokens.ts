/** The words of a condition: names, texts, numbers and signs, each with its place in the text. */

import { TilewrightError } from '../../core/errors.ts';

export interface Token {
  /** A `word` is a name or a keyword; a `name` one in double quotes, which is no keyword. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end';
  /** As it was meant: without quotes. */
  readonly text: string;
  /** Index of its first character. */
  readonly at: number;
}

/** Characters of a condition. */
const LONGEST = 100_000;
/** Characters of the text that an error quotes. */
const QUOTED = 24;

const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /<>|!=|<=|>=|==|[=<>(),+-]/y;
const BLANK = /\s+/y;

/** An error about the place `at` of a condition. */
export function whereError(where: string, at: number, problem: string): TilewrightError {
  const rest = where.slice(at, at + QUOTED).trimEnd();
  const cut = at + QUOTED < where.length ? '…' : '';
  const place = rest === '' ? 'at its end' : `at character ${at + 1}, "${rest}${cut}"`;
  return new TilewrightError('config-invalid', `where is not understood ${place}: ${problem}`);
}

/** @throws TilewrightError config-invalid */
export function tokensOf(where: string): Token[] {
  if (where.length > LONGEST) {
    const said = `${where.length.toLocaleString('en')} characters, ${LONGEST.toLocaleString('en')} at the most`;
    throw new TilewrightError('config-invalid', `where is too long: it has ${said}`);
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(where)?.[0] ?? null;
  };
  while (at < where.length) {
    const blank = match(BLANK);
    if (blank !== null) {
      at += blank.length;
      continue;
    }
    const first = where[at]!;
    if (first === "'" || first === '"') {
      const end = endOfQuotes(where, at);
      const text = where.slice(at + 1, end).replaceAll(first + first, first);
      tokens.push({ kind: first === "'" ? 'text' : 'name', text, at });
      at = end + 1;
      continue;
    }
    const word = match(WORD);
    const number = word === null ? match(NUMBER) : null;
    const text = word ?? number ?? match(SIGN);
    if (text === null) throw whereError(where, at, 'that is no part of a condition');
    const kind = word !== null ? 'word' : number !== null ? 'number' : 'sign';
    tokens.push({ kind, text, at });
    at += text.length;
    if (kind === 'number' && match(WORD) !== null) {
      throw whereError(where, at - text.length, 'a number goes over into a word');
    }
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

/** Index of the quote that ends what begins with the one at `at`; doubled ones stand for one. */
function endOfQuotes(where: string, at: number): number {
  const quote = where[at]!;
  for (let from = at + 1; ; ) {
    const end = where.indexOf(quote, from);
    if (end < 0) throw whereError(where, at, `the ${quote} is not closed`);
    if (where[end + 1] !== quote) return end;
    from = end + 2;
  }
}
