/** Numbers of GeoJSON against JSON.parse, in as many spellings as there are. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { JsonCursor } from '../../../src/formats/geojson/json-cursor.ts';
import { readNumber } from '../../../src/formats/geojson/number.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { temporaryFolder } from '../../staging/support.ts';

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.integer(10)).join('');
const bits = new DataView(new ArrayBuffer(8));

/** Any double, as far as it is finite. */
function anyDouble(random: Random): number {
  bits.setUint32(0, random.integer(2 ** 32));
  bits.setUint32(4, random.integer(2 ** 32));
  const value = bits.getFloat64(0);
  return Number.isFinite(value) ? value : 0;
}

/** Exactly in the middle between a double and the next one, as a decimal that ends there, or a little off it. */
function middle(random: Random): string {
  const scale = 10n ** BigInt(random.integer(8));
  const whole = BigInt(2 ** 53) + 2n * BigInt(random.integer(2 ** 31)) + 1n;
  const text = String(whole * scale + BigInt(random.integer(3) - 1));
  const point = 1 + random.integer(text.length - 1);
  return `${text.slice(0, point)}.${text.slice(point)}`;
}

function spelling(random: Random): string {
  const sign = random.integer(2) === 0 ? '-' : '';
  const degrees = (random.next() - 0.5) * 360;
  switch (random.integer(12)) {
    case 0:
      return String(degrees);
    case 1:
      return degrees.toFixed(random.integer(21));
    case 2:
      return String((random.next() - 0.5) * 1e7);
    case 3:
      return ((random.next() - 0.5) * 2e7).toFixed(random.integer(15));
    case 4:
      return String(anyDouble(random));
    case 5:
      return anyDouble(random).toExponential(random.integer(20));
    case 6:
      return sign + (1 + random.integer(9)) + digits(random, random.integer(24));
    case 7:
      return `${sign}0.${digits(random, 1 + random.integer(30))}`;
    case 8:
      return `${sign}0.${'0'.repeat(random.integer(25))}${digits(random, 1 + random.integer(20))}`;
    case 9:
      return `${sign}${random.integer(1000)}.${digits(random, 1 + random.integer(20))}`;
    case 10:
      return `${sign}${random.integer(1000)}${random.integer(2) === 0 ? 'e' : 'E'}${['', '+', '-'][random.integer(3)]}${random.integer(330)}`;
    default:
      return sign + middle(random);
  }
}

test('numbers are the doubles that JSON.parse reads', (t) => {
  const count = rounds(300_000, 3_000_000);
  const random = new Random(seedOf(1));
  const special = [
    '0',
    '-0',
    '0.0',
    '-0.0e5',
    '1e400',
    '-1e400',
    '5e-324',
    '2e-324',
    '9007199254740993',
  ];
  const path = join(temporaryFolder(t), 'numbers');
  for (let block = 0; block < count; block += 100_000) {
    const texts = [...special, ...Array.from({ length: 100_000 }, () => spelling(random))];
    writeFileSync(path, texts.join(','));
    const window = new FileWindow(path, path);
    const cursor = new JsonCursor(window, path, 1 << 24);
    cursor.seek(0);
    const value = new Float64Array(1);
    for (const text of texts) {
      assert.ok(readNumber(cursor, value, 0), text);
      if (!Object.is(value[0], JSON.parse(text))) assert.fail(`${text}: ${value[0]}`);
      assert.ok(cursor.space() === 0x2c || cursor.at === cursor.end, text);
      cursor.at++;
    }
    window.close();
  }
});

test('what is no number of JSON is refused, but for three words', (t) => {
  const path = join(temporaryFolder(t), 'number');
  const outcome = (text: string): number | string => {
    writeFileSync(path, text);
    const window = new FileWindow(path, path);
    try {
      const cursor = new JsonCursor(window, path);
      cursor.seek(0);
      const value = new Float64Array(1);
      if (!readNumber(cursor, value, 0)) return 'none';
      return cursor.at === cursor.end ? value[0]! : 'more';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      window.close();
    }
  };
  for (const [text, expected] of Object.entries({
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    '-Infinity': Number.NEGATIVE_INFINITY,
    'nan ': 'none',
    'Nan ': 'input-corrupt',
    '-NaN ': 'input-corrupt',
    '"1"': 'none',
    '+1': 'none',
    '.5': 'none',
    '01': 'input-corrupt',
    '-01': 'input-corrupt',
    '1. ': 'input-corrupt',
    '1.': 'input-truncated',
    '-': 'input-truncated',
    '1e': 'input-truncated',
    '1e+ ': 'input-corrupt',
    '1e5x': 'more',
    '0x10': 'more',
  })) {
    assert.equal(outcome(text), expected, text);
  }
});
