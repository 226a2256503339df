import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { IDENTIFIER_LENGTH, IdentifierWriter } from '../../src/staging/rows/identifier.ts';

function identifier(writer: IdentifierWriter, position: number): string {
  const bytes = new Uint8Array(IDENTIFIER_LENGTH + 4).fill(0x2a);
  writer.write(position, bytes, 2);
  const text = Buffer.from(bytes).toString('latin1');
  assert.match(text, /^\*\*[^*]{36}\*\*$/);
  return text.slice(2, 38);
}

/** RFC 9562, 5.8, put together from 128 bits as one number. */
function expected(input: string, position: number): string {
  const hash = createHash('sha256').update(Buffer.from(input, 'utf8')).digest();
  const prefix = BigInt(`0x${hash.toString('hex')}`) >> 196n;
  const value =
    ((prefix >> 12n) << 80n) |
    (8n << 76n) |
    ((prefix & 0xfffn) << 64n) |
    (2n << 62n) |
    BigInt.asUintN(62, BigInt(position));
  return value
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const POSITIONS = [
  0,
  1,
  2,
  15,
  16,
  255,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 31,
  2 ** 32,
  2 ** 47,
  2 ** 48 - 1,
]
  .concat([2 ** 48, 2 ** 48 + 1, 2 ** 49, 2 ** 52, 2 ** 53 - 2, Number.MAX_SAFE_INTEGER])
  .flatMap((position) => [position, -position]);

test('the bits are those of RFC 9562, for positions of either sign up to 2^53', () => {
  const random = new Random(3);
  const names = ['a.gpkg', '', 'sub/b.gpkg#layer', 'Grünland ☃.shp', 'x'.repeat(5000)];
  for (const name of names) {
    const writer = new IdentifierWriter(name);
    const positions = [...POSITIONS];
    for (let i = 0; i < 500; i++) {
      positions.push(Math.floor((2 * random.next() - 1) * 2 ** random.integer(54)));
    }
    for (const position of positions) {
      const text = identifier(writer, position);
      assert.equal(text, expected(name, position), `${name} ${position}`);
      assert.match(text, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
  }
});

test('a known value stays what it is', () => {
  // printf scenes/a.gpkg | sha256sum → 7a8f2d9a6f1e436a…
  const writer = new IdentifierWriter('scenes/a.gpkg');
  assert.equal(identifier(writer, 1), '7a8f2d9a-6f1e-8436-8000-000000000001');
  assert.equal(identifier(writer, -1), '7a8f2d9a-6f1e-8436-bfff-ffffffffffff');
});

test('no two positions of an input, and no two inputs, share an identifier', () => {
  const seen = new Set<string>();
  let count = 0;
  for (const name of ['a', 'b', 'a#b', 'A']) {
    const writer = new IdentifierWriter(name);
    const positions = new Set(POSITIONS.map((position) => position + 0));
    for (let i = -3000; i < 3000; i++)
      positions
        .add(i)
        .add(i * 2 ** 40)
        .add(2 ** 53 - 5000 + i);
    for (const position of positions) {
      seen.add(identifier(writer, position));
      count++;
    }
  }
  assert.equal(seen.size, count);
});

test('identifiers of an input sort by position, negative ones last', () => {
  const writer = new IdentifierWriter('a');
  const ascending = POSITIONS.filter((position) => position > 0).sort((a, b) => a - b);
  const ids = ascending.map((position) => identifier(writer, position));
  assert.deepEqual(ids.toSorted(), ids);
  assert.ok(identifier(writer, -1) > ids.at(-1)!);
});

test('a name is the same in either Unicode form', () => {
  assert.equal(
    identifier(new IdentifierWriter('Gr\u00fcn'), 5),
    identifier(new IdentifierWriter('Gru\u0308n'), 5),
  );
});
