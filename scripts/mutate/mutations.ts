/** The small mistakes that a test should notice: guards taken out, comparisons and constants off by one. */

import { stripTypeScriptTypes } from 'node:module';
import jsTokens, { type Token } from 'js-tokens';

export interface Mutation {
  /** Offsets of the text that is replaced, [start, end). */
  start: number;
  end: number;
  text: string;
  /** Guards go before constants. */
  isGuard: boolean;
}

/** Operators, as they stand between spaces. */
const OPERATORS: Record<string, string> = {
  ...{ '<': '<=', '<=': '<', '>': '>=', '>=': '>', '===': '!==', '!==': '===' },
  ...{ '&&': '||', '||': '&&', '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' },
  ...{ '<<': '>>', '>>': '<<', '>>>': '<<', '&': '|', '|': '&', '^': '&' },
  ...{ '+=': '-=', '-=': '+=', '&&=': '||=', '??=': '=', '|=': '&=', '&=': '|=' },
};
const GUARDS = /^(?:[!=]==|&&|\|\|)$/;
const WORDS: Record<string, string> = {
  ...{ true: 'false', false: 'true', max: 'min', min: 'max', every: 'some', some: 'every' },
  ...{ floor: 'ceil', ceil: 'floor', continue: '', break: '' },
};

/** All mutations of a source text that change what it does, as far as types don't tell. */
export function mutationsOf(source: string): Mutation[] {
  const tokens: (Token & { at: number })[] = [];
  let at = 0;
  for (const token of jsTokens(source)) {
    if (!/^(?:WhiteSpace|LineTerminator|.*Comment)/.test(token.type)) tokens.push({ ...token, at });
    at += token.value.length;
  }
  const found: Mutation[] = [];
  const replace = (start: number, end: number, text: string, isGuard: boolean): void => {
    found.push({ start, end, text, isGuard });
  };
  /** Index of the token that closes what token i opens. */
  const closing = (i: number): number => {
    let depth = 0;
    for (; i < tokens.length; i++) {
      if (/^[([{]$/.test(tokens[i]!.value)) depth++;
      else if (/^[)\]}]$/.test(tokens[i]!.value) && --depth === 0) break;
    }
    return i;
  };
  tokens.forEach(({ value, type, at }, i) => {
    const end = at + value.length;
    const next = tokens[i + 1];
    const isApart = source[at - 1] === ' ' && /\s/.test(source[end] ?? '');
    if (/^(?:if|while)$/.test(value) && next?.value === '(') {
      const last = tokens[closing(i + 1)]!.at;
      const body = source.slice(last + 1, last + 40);
      // What leaves early is taken out, other branches are turned round.
      const isExit = /^\s*\{?\s*(?:return|throw|continue|break)\b/.test(body);
      const condition = source.slice(next.at + 1, last);
      replace(next.at + 1, last, isExit ? `false && (${condition})` : `!(${condition})`, true);
    } else if (
      /^(?:throw|return)$/.test(value) &&
      source.lastIndexOf('\n', at) + 1 === lineOf(at)
    ) {
      // Alone on its line, so that what is after it follows.
      if (value === 'throw') replace(at, end, 'void', true);
    } else if (value === '??' && next !== undefined) {
      const after = tokens[i + 2]?.value ?? '';
      const isShort = /^(?:[;,)\]}]|\?|===)$/.test(after) && !/^[([{]$/.test(next.value);
      if (isShort) replace(at, next.at + next.value.length, '', true);
    } else if (type === 'Punctuator' && isApart && Object.hasOwn(OPERATORS, value)) {
      replace(at, end, OPERATORS[value]!, GUARDS.test(value));
    } else if (value === '!' && tokens[i - 1]!.at + tokens[i - 1]!.value.length < at) {
      replace(at, end, '', true);
    } else if (type === 'NumericLiteral') {
      replace(at, end, value.endsWith('n') ? `(${value} + 1n)` : `(${value} + 1)`, false);
    } else if (type === 'IdentifierName' && Object.hasOwn(WORDS, value)) {
      replace(at, end, WORDS[value]!, value === 'continue' || value === 'break');
    } else if (type === 'IdentifierName' || type === 'PrivateIdentifier') {
      // A call that is a statement of its own on one line.
      const line = source.slice(at, source.indexOf('\n', at));
      const isStatement = /^\s*$/.test(source.slice(lineOf(at), at));
      const isCall =
        /^(?:await |void )?[\w.#!?]+\(.*\);$/.test(line) && !/^(?:return|super)\b/.test(line);
      if (isStatement && isCall) replace(at, at + line.length, ';', true);
    }
  });
  const stripped = strip(source);
  return found.filter((mutation) => {
    const text = strip(mutate(source, mutation));
    return text !== null && text !== stripped;
  });

  function lineOf(offset: number): number {
    return source.lastIndexOf('\n', offset) + 1;
  }
}

export function mutate(source: string, { start, end, text }: Mutation): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** Null for what is no TypeScript any more. */
function strip(source: string): string | null {
  try {
    // Blanks take the place of types.
    return stripTypeScriptTypes(source).replaceAll(/\s+/g, ' ');
  } catch {
    return null;
  }
}
