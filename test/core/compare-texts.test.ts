import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTexts } from '../../src/core/compare-texts.ts';
import { Random } from '../../src/core/random.ts';

test('texts are in the order of their code points, which is that of their bytes in UTF-8', () => {
  const random = new Random(4);
  const letters = ['', 'a', 'B', 'é', '\ud7ff', '\ue000', '～', '\uffff', '𐀀', '𝄞', '😀'];
  const word = (): string => [0, 1, 2].map(() => letters[random.integer(letters.length)]).join('');
  let otherwise = 0;
  for (let n = 0; n < 20_000; n++) {
    const [a, b] = [word(), word()];
    const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
    assert.equal(Math.sign(compareTexts(a, b)), expected, `${a} ${b}`);
    if (a < b !== expected < 0) otherwise++;
  }
  assert.ok(otherwise > 1000, `${otherwise}`);
});
