import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ColumnType, Value } from '../../src/core/columns.ts';
import {
  CLASS_BIG_INTEGER,
  CLASS_BLOB,
  CLASS_INTEGER,
  CLASS_REAL,
  CLASS_TEXT,
} from '../../src/core/columns.ts';
import {
  convertValue,
  stagedColumn,
  uniteColumns,
  widen,
} from '../../src/staging/rows/schema-union.ts';

describe('schema union', () => {
  test('every value survives the way to a wider type and back', () => {
    const samples: Record<ColumnType, Value[]> = {
      boolean: [0, 1, 5, null],
      integer: [0, 1, -5, 2 ** 52, 2n ** 63n - 1n, -(2n ** 63n), null],
      real: [0, 1, 1.5, -0.1, 1e21, 1e-7, Infinity, -Infinity, 2 ** 60, null],
      text: ['', 's', 'true', '1', null],
      date: ['2020-02-29', null],
      datetime: ['2020-02-29T00:00:00.000Z', null],
      blob: [new Uint8Array(0), Uint8Array.of(0, 1, 254), null],
    };
    const types = Object.keys(samples) as ColumnType[];
    let checked = 0;
    for (const from of types) {
      for (const to of new Set(types.map((other) => widen(from, other)))) {
        for (const value of samples[from]) {
          // Big integers are kept from reals by uniteColumns.
          if (to === 'real' && typeof value === 'bigint') continue;
          const back = convertValue(convertValue(value, from, to), to, from);
          const expected = value instanceof Uint8Array ? Buffer.from(value) : value;
          assert.deepEqual(back instanceof Uint8Array ? Buffer.from(back) : back, expected);
          checked++;
        }
      }
    }
    assert.ok(checked > 50, `${checked} values`);
  });

  test('types needed by classes of values', () => {
    const needed = (type: ColumnType, classes: number) =>
      stagedColumn({ name: 'c', type }, classes);
    const all = CLASS_INTEGER | CLASS_REAL | CLASS_TEXT;
    assert.deepEqual(needed('integer', all), { name: 'c', type: 'text' });
    assert.deepEqual(needed('integer', CLASS_INTEGER | CLASS_REAL), { name: 'c', type: 'real' });
    assert.deepEqual(needed('integer', CLASS_BIG_INTEGER), {
      name: 'c',
      type: 'integer',
      big: true,
    });
    assert.deepEqual(needed('integer', CLASS_BIG_INTEGER | CLASS_REAL), {
      name: 'c',
      type: 'text',
    });
    assert.deepEqual(needed('real', CLASS_INTEGER), { name: 'c', type: 'real' });
    assert.deepEqual(needed('real', CLASS_BIG_INTEGER), { name: 'c', type: 'text' });
    assert.deepEqual(needed('boolean', CLASS_INTEGER), { name: 'c', type: 'boolean' });
    assert.deepEqual(needed('boolean', CLASS_BIG_INTEGER), {
      name: 'c',
      type: 'integer',
      big: true,
    });
    assert.deepEqual(needed('date', CLASS_TEXT), { name: 'c', type: 'date' });
    assert.deepEqual(needed('date', CLASS_INTEGER), { name: 'c', type: 'text' });
    assert.deepEqual(needed('blob', CLASS_BLOB), { name: 'c', type: 'blob' });
    assert.deepEqual(needed('blob', CLASS_TEXT), { name: 'c', type: 'text' });
    assert.deepEqual(needed('text', all | CLASS_BLOB), { name: 'c', type: 'text' });
  });

  test('big integers beside reals make text, in any order', () => {
    const big = { name: 'n', type: 'integer', big: true } as const;
    const small = { name: 'N', type: 'integer' } as const;
    const real = { name: 'n', type: 'real' } as const;
    const typeOf = (...columns: (typeof big | typeof small | typeof real)[]) =>
      uniteColumns(columns.map((column) => [column]))[0]!.type;
    assert.equal(typeOf(big, small), 'integer');
    assert.equal(typeOf(small, real), 'real');
    assert.equal(typeOf(big, real), 'text');
    assert.equal(typeOf(real, small, big), 'text');
    assert.deepEqual(uniteColumns([[big]]), [{ name: 'n', type: 'integer' }]);
  });
});
