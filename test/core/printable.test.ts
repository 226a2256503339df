/** Text from elsewhere: nothing in it is obeyed or unseen, and JSON stays the same JSON. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markupText, printable, printableData, printableLines } from '../../src/core/printable.ts';
import { Random } from '../../src/core/random.ts';

/** From the tables of ECMA-48 and of Unicode's bidirectional algorithm and default ignorables. */
const UNSEEN = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, i) => 0x7f + i),
  ...[0xad, 0x34f, 0x61c, 0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x3164],
  ...[0xfe0f, 0xfeff, 0xfff9, 0xd800, 0xdfff, 0xe0001, 0xe0041, 0xe0100],
];

test('what would be obeyed, or not be seen, is escaped', () => {
  assert.equal(printable('a\x1b[2J\n\x7f\x9b\u202e'), 'a\\u001b[2J\\u000a\\u007f\\u009b\\u202e');
  assert.equal(printable('\u{e0041}'), '\\udb40\\udc41');
  for (const code of UNSEEN) {
    const text = `a${String.fromCodePoint(code)}b`;
    assert.match(printable(text), /^a(\\u[0-9a-f]{4}){1,2}b$/, code.toString(16));
  }
  for (const text of [
    '',
    'a b',
    'Ñandú–氷楔 e\u0301 \u0928\u093f \u{1f9ca} \\ "',
    '\u00a0\ufffd',
  ]) {
    assert.equal(printable(text), text);
  }
  assert.equal(printableLines('a\n\r\n\x07b'), 'a\n\\u000d\n\\u0007b');
});

test('JSON that was made printable says the same', () => {
  const random = new Random(11);
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: 1 + random.integer(12) }, () =>
      random.next() < 0.5
        ? String.fromCodePoint(UNSEEN[random.integer(UNSEEN.length)]!)
        : String.fromCharCode(random.integer(0x10000)),
    ).join('');
    const value = { [text]: [text, { text }], n: round };
    const json = printableLines(JSON.stringify(value, null, 2));
    assert.doesNotMatch(json, /[^\P{C}\n\p{Co}\p{Cn}]/u);
    assert.deepEqual(JSON.parse(json), value);
    const shown = printableData(value);
    assert.deepEqual(Object.keys(shown), [printable(text), 'n']);
    assert.doesNotMatch(markupText(text), /[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
  }
});

test('a name that is a key of all objects stays a key', () => {
  const data = JSON.parse('{"__proto__":{"a":"\\u001b"},"b":[null,1,true]}');
  const shown = printableData(data);
  assert.deepEqual(Object.keys(shown), ['__proto__', 'b']);
  assert.equal(JSON.stringify(shown), '{"__proto__":{"a":"\\\\u001b"},"b":[null,1,true]}');
});
