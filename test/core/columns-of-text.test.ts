/** Text of every script is cut and wrapped to a width, between what readers see as characters. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { cellWidth, clip, clipMiddle, fit, wrap } from '../../src/core/columns-of-text.ts';
import { Random } from '../../src/core/random.ts';

const PARTS = [
  ...[
    'a',
    'Z9',
    '-',
    '/',
    '.',
    ' ',
    '  ',
    '7 %',
    '3 kB',
    '12 min',
    'ß',
    '氷',
    '楔',
    'カ',
    'ｱ',
    '한',
    'ﬁ',
  ],
  ...[
    'e\u0301',
    '\u1112\u1161\u11ab',
    '👩\u200d👩\u200d👧',
    '🇳🇴',
    '👍🏽',
    '🏔\ufe0f',
    '❤',
    'ก็',
    'नी',
  ],
];

const segmenter = new Intl.Segmenter();
const characters = (text: string): string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment);
const isStart = (part: readonly string[], all: readonly string[]): boolean =>
  part.every((each, k) => each === all[k]);

test('what is cut fits, is not shorter than need be, and has whole characters of both ends', () => {
  const random = new Random(3);
  for (let i = 0; i < 800; i++) {
    const text = Array.from(
      { length: random.integer(30) },
      () => PARTS[random.integer(PARTS.length)]!,
    ).join('');
    const columns = random.integer(32);
    const all = characters(text);
    assert.equal(cellWidth(text), stringWidth(text));
    assert.equal(cellWidth(fit(text, columns)), columns);
    for (const [cut, where] of [
      [clip(text, columns), 'end'],
      [clipMiddle(text, columns), 'middle'],
    ] as const) {
      const about = JSON.stringify([text, columns, cut, where]);
      if (stringWidth(text) <= columns) {
        assert.equal(cut, text, about);
        continue;
      }
      const width = stringWidth(cut);
      // A wide character has no room in one column.
      assert.ok(width <= columns && width > columns - (where === 'end' ? 2 : 3), about);
      const [front = '', back = ''] = cut.split('…');
      assert.ok(columns === 0 || cut.includes('…'), about);
      assert.ok(isStart(characters(front), all), about);
      assert.ok(isStart(characters(back).reverse(), all.toReversed()), about);
    }
  }
});

test('what is wrapped fits, and nothing is left out, changed or torn apart', () => {
  const random = new Random(4);
  const squeezed = (text: string): string => text.replaceAll(' ', '');
  for (let i = 0; i < 800; i++) {
    const text = Array.from(
      { length: random.integer(40) },
      () => PARTS[random.integer(PARTS.length)]!,
    ).join('');
    const columns = 1 + random.integer(40);
    const lines = wrap(text, columns, ['', '  ', '    '][random.integer(3)]!);
    const about = JSON.stringify([text, columns, lines]);
    assert.equal(squeezed(lines.join('')), squeezed(text), about);
    const all = new Set(characters(text));
    for (const line of lines) {
      assert.ok(stringWidth(line) <= Math.max(2, columns), about);
      assert.equal(line, line.trimEnd(), about);
      for (const each of characters(line)) assert.ok(each === ' ' || all.has(each), about);
    }
    // A word is broken only if it has no room in a line; a number and its unit are one.
    const glued = (part: string): string =>
      part.replace(/(\d) (%|kB|min)(?![\p{L}\p{N}])/gu, '$1\u00a0$2');
    const words = glued(text).split(' ');
    for (const word of words.filter((each) => stringWidth(each) <= columns - 4)) {
      assert.ok(
        lines.some((line) => glued(line).includes(word)),
        `${word}: ${about}`,
      );
    }
  }
});

test('a number stays with its unit, and lines after the first are indented', () => {
  assert.deepEqual(wrap('one two 3 s four', 8), ['one two', '3 s four']);
  assert.deepEqual(wrap('it took 12 min in all', 10), ['it took', '12 min in', 'all']);
  assert.deepEqual(wrap('row 7 second', 8), ['row 7', 'second']);
  assert.deepEqual(wrap('failed: a b', 7, '  '), ['failed:', '  a b']);
  assert.deepEqual(wrap('', 7), ['']);
});
