/** Random rows and conditions, each condition in the notation of `where` and in that of SQLite. */

import type { Column, Value } from '../../../src/core/columns.ts';
import type { Random } from '../../../src/core/random.ts';

export const COLUMNS: Column[] = [
  { name: 'i', type: 'integer' },
  { name: 'j', type: 'integer' },
  { name: 'r', type: 'real' },
  { name: 't', type: 'text' },
  { name: 'a "b"', type: 'text' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
];

const INTEGERS: (number | bigint)[] = [
  ...[0, 1, -1, 2, 7, -128, 127, 128, 255, -32768, 32767, 65536, 8388607, -8388608, 2147483647],
  ...[-2147483648, 2147483648, 140737488355327, -140737488355328, 140737488355328],
  ...[2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)],
];
const REALS = [0, -0, 0.5, 1, -1.5, 2, 7, 1e300, -1e300, 1e-300, 2 ** 53, 2 ** 63, 3.25, 127.5];
const TEXTS = [
  ...[
    '',
    'a',
    'A',
    'ab',
    'aB',
    'abc',
    'b',
    '%',
    '_',
    'a%b',
    'a_b',
    '\\',
    "it's",
    'ä',
    'Ä',
    'äb',
    'z',
  ],
  ...['漢字', '漢', '😀', 'a😀b', 'été', 'e\u0301', 'a\nb', 'NULL', '10', '9', 'aaab', 'abab'],
];
const DAYS = ['2020-01-01', '2020-02-29', '2019-12-31', '1969-07-20', '0001-01-01', '9999-12-31'];
const PATTERNS = [
  ...[
    '%',
    '_',
    '',
    'a%',
    '%b',
    '%a%',
    'a_b',
    '__',
    '_b%',
    '%_%',
    'a\\%b',
    '%\\_%',
    '\\\\',
    'A%',
    'ä%',
  ],
  ...['%😀%', '_😀_', '漢_', '%ab%ab', 'a%a%b', '%%b', 'e_', '___', "it's", '%\n%'],
];

export function randomRow(random: Random): Value[] {
  const pick = <T extends Value>(values: readonly T[]): Value =>
    random.integer(6) === 0 ? null : values[random.integer(values.length)]!;
  return [
    ...[pick(INTEGERS), pick(INTEGERS), pick(REALS), pick(TEXTS), pick(TEXTS)],
    ...[pick([0, 1]), pick(DAYS)],
  ];
}

/** As `where` has it, and as SQLite has it where case matters to LIKE. */
type Both = readonly [ours: string, sqlite: string];

export function randomWhere(random: Random, depth = 3): Both {
  const kind = depth === 0 ? 3 : random.integer(8);
  if (kind < 2) {
    const word = kind === 0 ? ' and ' : ' OR ';
    const parts = Array.from({ length: 2 + random.integer(2) }, () =>
      randomWhere(random, depth - 1),
    );
    // Mostly without parentheses: what binds more is part of the test.
    const isOpen = random.integer(3) > 0;
    return joined(parts, word, isOpen);
  }
  if (kind === 2) {
    const [ours, sqlite] = randomWhere(random, depth - 1);
    return random.integer(2) === 0
      ? [`not ${ours}`, `not ${sqlite}`]
      : [`NOT (${ours})`, `NOT (${sqlite})`];
  }
  return leaf(random);
}

function joined(parts: readonly Both[], word: string, isOpen: boolean): Both {
  const side = (k: 0 | 1): string => {
    const text = parts.map((part) => part[k]).join(word);
    return isOpen ? text : `(${text})`;
  };
  return [side(0), side(1)];
}

function leaf(random: Random): Both {
  const any = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;
  const kind = any(['number', 'text', 'date'] as const);
  const columns = {
    number: ['i', 'j', 'r', 'flag', 'I'],
    text: ['t', '"a ""b"""'],
    date: ['day', '"day"'],
  }[kind];
  const column = any(columns);
  const literal = (): string => {
    if (random.integer(12) === 0) return 'NULL';
    if (kind === 'number' && random.integer(8) === 0) return any(['TRUE', 'false']);
    if (kind === 'number') {
      const value = any([...INTEGERS, ...REALS]);
      return Object.is(value, -0) ? '-0.0' : String(value);
    }
    return quoted(any(kind === 'date' ? DAYS : TEXTS));
  };
  const both = (text: string): Both => [text, text];
  const not = any(['', '', 'not ']);
  switch (random.integer(8)) {
    case 0:
      return both(`${column} is ${not}null`);
    case 1: {
      // SQLite rounds what is in a list to doubles for a column of reals.
      const of = column === 'r' ? 'j' : column;
      return both(
        `${of} ${not}in (${Array.from({ length: 1 + random.integer(4) }, literal).join(', ')})`,
      );
    }
    case 2:
      return both(
        `${column} ${not}between ${literal()} and ${random.integer(3) === 0 ? any(columns) : literal()}`,
      );
    case 3: {
      if (kind === 'number') return both(any(['flag', 'TRUE', 'not flag', 'null']));
      const pattern = quoted(any(PATTERNS));
      const escaped = pattern.includes('\\') && !pattern.includes("\\'") ? " escape '\\'" : '';
      if (random.integer(2) === 0) return both(`${column} ${not}like ${pattern}${escaped}`);
      return [
        `${column} ${not}ilike ${pattern}${escaped}`,
        `lower(${column}) ${not}like lower(${pattern})${escaped}`,
      ];
    }
    default: {
      const sign = any(['=', '==', '<>', '!=', '<', '<=', '>', '>=']);
      const sides = [column, random.integer(4) === 0 ? any(columns) : literal()];
      if (random.integer(4) === 0) sides.reverse();
      if (random.integer(12) === 0) sides[0] = literal();
      return both(sides.join(` ${sign} `));
    }
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
