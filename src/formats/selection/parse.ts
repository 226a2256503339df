/**
 * Parses a condition, in the notation of SQL's WHERE: comparisons, AND, OR, NOT, IN, LIKE, ILIKE,
 * BETWEEN, IS NULL, numbers, 'texts', TRUE, FALSE, NULL, DATE '…', TIMESTAMP '…', and columns, in
 * "double quotes" where their names aren't words. NOT binds less than a comparison, AND less than NOT, OR
 * least.
 */

import type { Comparison } from './condition.ts';
import { momentOfText } from './moments.ts';
import { type Token, tokensOf, whereError } from './tokens.ts';

export type Value =
  | { readonly is: 'column'; readonly name: string; readonly quoted: boolean; readonly at: number }
  | {
      readonly is: 'literal';
      readonly type: 'number' | 'boolean' | 'text' | 'moment' | 'null';
      /** Of a moment milliseconds since 1970-01-01T00:00:00Z. */
      readonly value: null | number | bigint | string;
      readonly at: number;
    };

/** What a text says, before it is known of which layer: see condition.ts. */
export type Syntax =
  | { readonly is: 'and' | 'or'; readonly of: readonly Syntax[]; readonly at: number }
  | { readonly is: 'not'; readonly of: Syntax; readonly at: number }
  | {
      readonly is: Comparison;
      readonly left: Value;
      readonly right: Value;
      readonly at: number;
    }
  | {
      readonly is: 'in';
      readonly left: Value;
      readonly list: readonly Value[];
      readonly at: number;
    }
  | {
      readonly is: 'like';
      readonly left: Value;
      readonly pattern: string;
      readonly escapedBy: string | null;
      readonly ignoreCase: boolean;
      readonly at: number;
    }
  | { readonly is: 'null'; readonly left: Value; readonly at: number }
  | Value;

/** Parentheses and NOTs within each other. */
const DEEPEST = 100;

const KEYWORDS = new Set([
  'and',
  'or',
  'not',
  'in',
  'like',
  'ilike',
  'escape',
  'between',
  'is',
  'null',
  'true',
  'false',
]);
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ...{ '=': '=', '==': '=', '<>': '<>', '!=': '<>' },
  ...{ '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
};
const INT64 = 2n ** 63n;

/** @throws TilewrightError config-invalid, with the place in the text */
export function parseWhere(where: string): Syntax {
  const parser = new Parser(where);
  return parser.whole();
}

class Parser {
  readonly #where: string;
  readonly #tokens: Token[];
  #next = 0;
  #depth = 0;

  constructor(where: string) {
    this.#where = where;
    this.#tokens = tokensOf(where);
  }

  whole(): Syntax {
    if (this.#token.kind === 'end') throw this.#error('it is empty');
    const syntax = this.#condition(this.#or());
    const rest = this.#tokens[this.#next]!;
    if (rest.kind !== 'end') {
      const isCall = rest.text === '(' && this.#tokens[this.#next - 1]!.kind === 'word';
      throw this.#error(
        isCall ? 'functions are not known here' : 'AND or OR is missing before this',
      );
    }
    return syntax;
  }

  #or(): Syntax {
    return this.#chain('or', () => this.#chain('and', () => this.#not()));
  }

  /** One after the other, not within each other: chains may be as long as they like. */
  #chain(word: 'and' | 'or', part: () => Syntax): Syntax {
    const { at } = this.#token;
    const first = part();
    if (!this.#isWord(word)) return first;
    const of = [this.#condition(first)];
    while (this.#takeWord(word)) of.push(this.#condition(part()));
    return { is: word, of, at };
  }

  #not(): Syntax {
    const { at } = this.#token;
    if (!this.#takeWord('not')) return this.#comparison();
    return { is: 'not', of: this.#within(() => this.#condition(this.#not())), at };
  }

  #comparison(): Syntax {
    const { at } = this.#token;
    const left = this.#primary();
    const sign = this.#token.kind === 'sign' ? COMPARISONS[this.#token.text] : undefined;
    if (sign !== undefined) {
      const value = this.#value(left);
      this.#next++;
      const right = this.#value(this.#primary());
      if (this.#token.kind === 'sign' && COMPARISONS[this.#token.text] !== undefined) {
        throw this.#error('comparisons are not chained: join two of them with AND');
      }
      return { is: sign, left: value, right, at };
    }
    if (this.#takeWord('is')) {
      const negated = this.#takeWord('not');
      if (!this.#takeWord('null')) throw this.#error('after IS comes NULL or NOT NULL');
      return this.#perhapsNot(negated, { is: 'null', left: this.#value(left), at });
    }
    const negated = this.#isWord('not') && this.#takeWord('not');
    if (this.#takeWord('in')) return this.#perhapsNot(negated, this.#in(this.#value(left), at));
    if (this.#takeWord('between')) {
      const value = this.#value(left);
      const low = this.#value(this.#primary());
      if (!this.#takeWord('and')) throw this.#error('BETWEEN has an AND between its two values');
      const high = this.#value(this.#primary());
      const of: Syntax[] = [
        { is: '>=', left: value, right: low, at },
        { is: '<=', left: value, right: high, at },
      ];
      return this.#perhapsNot(negated, { is: 'and', of, at });
    }
    for (const word of ['like', 'ilike']) {
      if (!this.#takeWord(word)) continue;
      const value = this.#value(left);
      return this.#perhapsNot(negated, this.#like(value, word === 'ilike', at));
    }
    if (negated) throw this.#error('after NOT comes IN, LIKE, ILIKE or BETWEEN here');
    return left;
  }

  #perhapsNot(negated: boolean, of: Syntax): Syntax {
    return negated ? { is: 'not', of, at: of.at } : of;
  }

  #in(left: Value, at: number): Syntax {
    if (!this.#takeSign('(')) throw this.#error('IN has its values in parentheses');
    const list: Value[] = [];
    do {
      const place = this.#token.at;
      const value = this.#value(this.#primary());
      if (value.is === 'column') throw this.#error('IN has values, no columns', place);
      list.push(value);
    } while (this.#takeSign(','));
    if (!this.#takeSign(')')) throw this.#error('a comma or ) is missing');
    return { is: 'in', left, list, at };
  }

  #like(left: Value, ignoreCase: boolean, at: number): Syntax {
    const pattern = this.#text('LIKE has a pattern in single quotes');
    const { at: escapeAt } = this.#token;
    const escapedBy = this.#takeWord('escape')
      ? this.#text('ESCAPE has one character in quotes')
      : null;
    if (escapedBy !== null && [...escapedBy].length !== 1) {
      throw this.#error('ESCAPE has one character in quotes', escapeAt);
    }
    if (escapedBy !== null && endsEscaped(pattern, escapedBy)) {
      throw this.#error('the pattern ends with the character of ESCAPE', at);
    }
    return { is: 'like', left, pattern, escapedBy, ignoreCase, at };
  }

  #text(wanted: string): string {
    if (this.#token.kind !== 'text') throw this.#error(wanted);
    return this.#tokens[this.#next++]!.text;
  }

  #primary(): Syntax {
    const { kind, text, at } = this.#token;
    if (this.#takeSign('(')) {
      const inner = this.#within(() => this.#or());
      if (!this.#takeSign(')')) throw this.#error(') is missing');
      return inner;
    }
    if (kind === 'text') {
      this.#next++;
      return { is: 'literal', type: 'text', value: text, at };
    }
    if (kind === 'name') {
      this.#next++;
      return { is: 'column', name: text, quoted: true, at };
    }
    if (kind === 'number' || text === '-' || text === '+') return this.#number();
    if (kind !== 'word') throw this.#error('a value or a column is missing here');
    return this.#word();
  }

  #word(): Syntax {
    const { text, at } = this.#token;
    const word = text.toLowerCase();
    const moment = this.#tokens[this.#next + 1]!;
    if ((word === 'date' || word === 'timestamp') && moment.kind === 'text') {
      this.#next += 2;
      const value = momentOfText(moment.text);
      const isDay = moment.text.length === 10;
      if (Number.isNaN(value) || (word === 'date' && !isDay)) {
        const form = word === 'date' ? '2024-12-31' : '2024-12-31T23:59:59Z';
        throw this.#error(`that is no ${word} such as '${form}'`, at);
      }
      return { is: 'literal', type: 'moment', value, at };
    }
    if (word === 'null' || word === 'true' || word === 'false') {
      this.#next++;
      if (word === 'null') return { is: 'literal', type: 'null', value: null, at };
      return { is: 'literal', type: 'boolean', value: word === 'true' ? 1 : 0, at };
    }
    if (KEYWORDS.has(word)) {
      throw this.#error(
        'a value or a column is missing here; a column of this name goes in double quotes',
      );
    }
    this.#next++;
    return { is: 'column', name: text, quoted: false, at };
  }

  #number(): Syntax {
    const { at } = this.#token;
    const minus = this.#token.text === '-';
    if (minus || this.#token.text === '+') this.#next++;
    const { kind, text } = this.#token;
    if (kind !== 'number') throw this.#error('a number is missing after the sign');
    this.#next++;
    let value: number | bigint = Number(minus ? `-${text}` : text);
    if (/^\d+$/.test(text)) {
      const exact = minus ? -BigInt(text) : BigInt(text);
      if (!Number.isSafeInteger(value) && exact >= -INT64 && exact < INT64) value = exact;
    }
    // Not −0, which SQLite does not know of integers.
    return { is: 'literal', type: 'number', value: value === 0 ? 0 : value, at };
  }

  /** @throws if it is no value but a condition */
  #value(syntax: Syntax): Value {
    if (syntax.is === 'column' || syntax.is === 'literal') return syntax;
    throw whereError(this.#where, syntax.at, 'a column or a value is wanted here, not a condition');
  }

  /** @throws if it is a value that is neither true nor false by itself */
  #condition(syntax: Syntax): Syntax {
    if (syntax.is !== 'literal' || syntax.type === 'boolean' || syntax.type === 'null')
      return syntax;
    throw whereError(this.#where, syntax.at, 'a value alone is no condition: compare it');
  }

  #within<T>(work: () => T): T {
    if (++this.#depth > DEEPEST) throw this.#error(`more than ${DEEPEST} levels of parentheses`);
    const result = work();
    this.#depth--;
    return result;
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #isWord(word: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toLowerCase() === word;
  }

  #takeWord(word: string): boolean {
    const isThere = this.#isWord(word);
    if (isThere) this.#next++;
    return isThere;
  }

  #takeSign(sign: string): boolean {
    const isThere = this.#token.kind === 'sign' && this.#token.text === sign;
    if (isThere) this.#next++;
    return isThere;
  }

  #error(problem: string, at = this.#token.at): Error {
    return whereError(this.#where, at, problem);
  }
}

/** Whether the last character of a pattern would take the meaning of one that is not there. */
function endsEscaped(pattern: string, escapedBy: string): boolean {
  let escaped = false;
  for (const character of pattern) escaped = !escaped && character === escapedBy;
  return escaped;
}
