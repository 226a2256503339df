import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import { parseDecimal } from '../../../src/formats/shapefile/dbf-values.ts';
import { readField, readTable } from './dbf-table.ts';
import { dbfBytes } from './shapefile-fixture.ts';

test('integers', () => {
  const cases: [string, Value, number][] = [
    ['42', 42, 0],
    ['                -7', -7, 0],
    ['+5', 5, 0],
    ['007', 7, 0],
    ['12.00', 12, 0],
    ['1e3', 1000, 0],
    ['9007199254740991', 9007199254740991, 0],
    ['9007199254740993', 9007199254740993n, 1],
    ['-99999999999999999', -99999999999999999n, 1],
    ['1.5', 1.5, 1],
    ['1e30', 1e30, 1],
    ['', null, 0],
    ['******************', null, 0],
    ['    **  *', null, 0],
    ['*12', '*12', 1],
    ['12\0\0', 12, 0],
    ['n/a', 'n/a', 1],
    ['0x10', '0x10', 1],
    ['1 2', '1 2', 1],
    ['-', '-', 1],
  ];
  const result = readField(
    { type: 'N', width: 18 },
    cases.map(([text]) => text),
  );
  assert.equal(result.type, 'integer');
  assert.deepEqual(
    result.values,
    cases.map(([, value]) => value),
  );
  assert.deepEqual(
    result.odd,
    cases.map(([, , odd]) => odd),
  );
});

test('reals', () => {
  const cases: [string, Value, number][] = [
    ['1.25', 1.25, 0],
    ['5', 5, 0],
    ['-1.65965582000e+002', -165.965582, 0],
    ['.5', 0.5, 0],
    ['1,5', '1,5', 1],
    ['0.1234567890123456789', 0.12345678901234568, 0],
    ['1E-300', 1e-300, 0],
    ['nan', null, 0],
    ['-1.#IND', null, 0],
    ['-inf', Number.NEGATIVE_INFINITY, 0],
    ['1.#INF', Number.POSITIVE_INFINITY, 0],
    ['*', null, 0],
    ['e5', 'e5', 1],
    ['1e', '1e', 1],
  ];
  for (const field of [
    { type: 'N', width: 24, decimals: 15 },
    { type: 'F', width: 24 },
  ]) {
    const result = readField(
      field,
      cases.map(([text]) => text),
    );
    assert.equal(result.type, 'real');
    assert.deepEqual(
      result.values,
      cases.map(([, value]) => value),
    );
    assert.deepEqual(
      result.odd,
      cases.map(([, , odd]) => odd),
    );
  }
});

test('whole numbers that 64 bits may not hold keep their digits', () => {
  const cases: [string, Value][] = [
    ['9007199254740993', '9007199254740993'],
    ['  -9223372036854775808', '-9223372036854775808'],
    ['18446744073709551615', '18446744073709551615'],
    ['7', '7'],
    ['', null],
    ['*********************', null],
  ];
  for (const width of [19, 20, 33]) {
    const fitting = cases.filter(([text]) => text.length <= width || text.startsWith('*'));
    const result = readField(
      { type: 'N', width },
      fitting.map(([text]) => text.padStart(width)),
    );
    const expected = fitting.map(([, value]) => value);
    assert.deepEqual(result, { type: 'text', values: expected, odd: expected.map(() => 0) });
  }
});

test('parseDecimal gives what Number gives, or leaves it to Number', () => {
  const random = new Random(1);
  let parsed = 0;
  for (let i = 0; i < 20_000; i++) {
    const digits = String(random.integer(10 ** (1 + random.integer(15)) * 9));
    const point = random.integer(digits.length + 1);
    const exponent = i % 3 ? '' : `e${random.integer(60) - 30}`;
    const text = `${i % 2 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}${exponent}`;
    const bytes = Buffer.from(text);
    const value = parseDecimal(bytes, 0, bytes.length);
    if (Number.isNaN(value)) continue;
    assert.equal(value, Number(text), text);
    parsed++;
  }
  assert.ok(parsed > 15_000, String(parsed));
  for (const text of ['', '.', '-', '+.', '1.2.3', 'e1', '1e+', '12a', '--1', '1e1.0']) {
    assert.ok(Number.isNaN(parseDecimal(Buffer.from(text), 0, text.length)), text);
  }
});

test('booleans, dates and text', () => {
  assert.deepEqual(readField({ type: 'L', width: 1 }, [...'TtYy1FfNn0? *xé']), {
    type: 'boolean',
    values: [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, null, null, null, 'x', 'Ã'],
    odd: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
  });
  const dates = [
    '20240229',
    '00000000',
    '',
    '0',
    '20241345',
    '2024',
    '12/03/04',
    '\0\0\0\0\0\0\0\0',
    '********',
    '***',
    '20230229',
    '21000229',
    '20000229',
    '20230431',
  ];
  assert.deepEqual(readField({ type: 'D', width: 8 }, dates), {
    type: 'date',
    values: [
      ...['2024-02-29', null, null, null, '20241345', '2024', '12/03/04', null, null, null],
      ...['20230229', '21000229', '2000-02-29', '20230431'],
    ],
    odd: dates.map(() => 0),
  });
  const texts = ['plain', '  led by', '', '\0\0\0', 'cut\0rest', 'end \0  ', '12345678'];
  assert.deepEqual(readField({ type: 'C', width: 8 }, texts), {
    type: 'text',
    values: ['plain', '  led by', null, null, 'cut', 'end', '12345678'],
    odd: [0, 0, 0, 0, 0, 0, 0],
  });
  assert.deepEqual(readField({ type: 'I', width: 4 }, [Buffer.from([0xfe, 255, 255, 255])]), {
    type: 'integer',
    values: [-2],
    odd: [0],
  });
  const foxPro = dbfBytes(
    [
      { name: 'v', type: 'T', width: 8 },
      { name: 'w', type: 'C', width: 2 },
    ],
    [[Buffer.from([1, 0, 255, 32, 0, 0, 0, 0]), 'a']],
  );
  foxPro[0] = 0x30;
  const { types, rows } = readTable(foxPro);
  assert.deepEqual(types, ['blob', 'text']);
  assert.deepEqual(rows, [[new Uint8Array([1, 0, 255, 32, 0, 0, 0, 0]), 'a']]);
});
