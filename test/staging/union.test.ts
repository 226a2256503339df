/** Inputs whose columns differ, in one tile: nothing is lost, and the order of events is not seen. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { OneTile, type Table } from './one-tile.ts';
import { hashFolder, runCli } from './support.ts';

describe('inputs whose columns differ', () => {
  test('are united by name, missing values are NULL, and the run says so', async (t) => {
    const at = new OneTile(t);
    at.write('a', {
      columns: { Class: 'INTEGER', Sensor: 'TEXT' },
      rows: [
        [1, 'x'],
        [2, null],
      ],
    });
    at.write('b', { columns: { CLASS: 'INTEGER', Length: 'REAL' }, rows: [[3, 2.5]] });
    at.write('c', { columns: { Day: 'DATE' }, rows: [['2020-02-29']] });
    const { warnings } = await at.stage();
    assert.deepEqual(at.columns(), {
      Class: 'INTEGER',
      Sensor: 'TEXT',
      Length: 'REAL',
      Day: 'DATE',
    });
    assert.deepEqual(at.values('a'), [
      [1, 'x', null, null],
      [2, null, null, null],
    ]);
    assert.deepEqual(at.values('b'), [[3, null, 2.5, null]]);
    assert.deepEqual(at.values('c'), [[null, null, null, '2020-02-29']]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /do not have the same columns.*Class \(integer\).*Day \(date\)/);

    const again = join(at.base, 'again');
    const { stdout, code } = await runCli(['stage', at.input, '--out', again]);
    assert.equal(code, 0);
    assert.match(stdout, /^note +The inputs do not have the same columns/m);
  });

  test('are named as far as a line has room', async (t) => {
    const at = new OneTile(t);
    const many = Array.from({ length: 30 }, (_, i) => [`c${i}`, 'INTEGER']);
    at.write('a', { columns: Object.fromEntries(many), rows: [many.map((_, i) => i)] });
    at.write('b', { columns: { other: 'TEXT' }, rows: [['x']] });
    const { warnings } = await at.stage();
    assert.match(warnings[0]!, /c9 \(integer\) and 21 more$/);
  });

  test('integers stay integers beside NULLs; with reals they become reals', async (t) => {
    const at = new OneTile(t);
    at.write('a', {
      columns: { n: 'INTEGER', m: 'MEDIUMINT' },
      rows: [
        [7, 2 ** 52],
        [null, -3],
      ],
    });
    at.write('b', {
      columns: { n: 'INT', m: 'DOUBLE' },
      rows: [
        [null, 0.5],
        [2 ** 40, null],
      ],
    });
    await at.stage();
    assert.deepEqual(at.columns(), { n: 'INTEGER', m: 'REAL' });
    assert.deepEqual(at.values('a'), [
      [7, 2 ** 52],
      [null, -3],
    ]);
    assert.deepEqual(at.values('b'), [
      [null, 0.5],
      [2 ** 40, null],
    ]);
    await at.assertAsFromScratch();
  });

  test('all else becomes text, which still tells every value', async (t) => {
    const at = new OneTile(t);
    const types = {
      int: 'INTEGER',
      real: 'REAL',
      bool: 'BOOLEAN',
      day: 'DATE',
      time: 'DATETIME',
      blob: 'BLOB',
    };
    const big = 2n ** 63n - 1n;
    const rows: Value[][] = [
      [1, 1, 1, '2020-02-29', '2020-02-29T12:00:00.000Z', Uint8Array.of(0, 171, 255)],
      [big, 1.5, 0, '2020-03-01', '2020-03-01T00:00:00.000Z', new Uint8Array(0)],
      [-(2n ** 63n), -1e300, 1, null, null, null],
      [2 ** 52, 0.1, null, null, null, Uint8Array.from({ length: 999 }, (_, i) => i)],
    ];
    at.write('a', { columns: types, rows });
    const texts = Object.fromEntries(Object.keys(types).map((name) => [name, 'TEXT']));
    at.write('b', { columns: texts, rows: [['s', 's', 's', 's', 's', 's']] });
    await at.stage();
    assert.deepEqual(at.columns(), texts);
    assert.deepEqual(at.values('b'), [['s', 's', 's', 's', 's', 's']]);
    const hex = Buffer.from(rows[3]![5] as Uint8Array)
      .toString('hex')
      .toUpperCase();
    assert.deepEqual(at.values('a'), [
      ['1', '1.0', 'true', '2020-02-29', '2020-02-29T12:00:00.000Z', '00ABFF'],
      ['9223372036854775807', '1.5', 'false', '2020-03-01', '2020-03-01T00:00:00.000Z', ''],
      ['-9223372036854775808', '-1e+300', 'true', null, null, null],
      ['4503599627370496', '0.1', null, null, null, hex],
    ]);
    // And back, when there is no text any more.
    at.remove('b');
    await at.stage();
    assert.deepEqual(at.columns(), types);
    assert.deepEqual(
      at.values('a').map((row) => row.map((v) => (v instanceof Uint8Array ? [...v] : v))),
      rows.map((row) => row.map((v) => (v instanceof Uint8Array ? [...v] : v))),
    );
    await at.assertAsFromScratch();
  });

  test('integers beyond 2^53 are not put among reals', async (t) => {
    const at = new OneTile(t);
    const big = 2n ** 53n + 1n;
    at.write('a', { columns: { n: 'INTEGER' }, rows: [[big], [5]] });
    await at.stage();
    assert.deepEqual(at.columns(), { n: 'INTEGER' });
    assert.deepEqual(at.values('a'), [[big], [5]]);
    at.write('b', { columns: { n: 'REAL' }, rows: [[0.25], [3]] });
    const { warnings } = await at.stage();
    assert.deepEqual(at.columns(), { n: 'TEXT' });
    assert.deepEqual(at.values('a'), [['9007199254740993'], ['5']]);
    assert.deepEqual(at.values('b'), [['0.25'], ['3.0']]);
    assert.match(warnings.join('\n'), /n \(text\)/);
    await at.assertAsFromScratch();
    at.remove('b');
    await at.stage();
    assert.deepEqual(at.values('a'), [[big], [5]]);
    await at.assertAsFromScratch();
  });
});

describe('values that are not what their column declares', () => {
  test('widen its type; the run says so', async (t) => {
    const at = new OneTile(t);
    // Without declared type, SQLite keeps what it is given.
    const rows: Value[][] = [
      [1, 1, 'x', 2 ** 60, Uint8Array.of(65)],
      [1.5, 1.5, 2, 0.5, 'A'],
      ['s', 4, 0.5, null, null],
    ];
    const columns = { n: 'INTEGER', r: 'INTEGER', t: 'REAL', big: 'DOUBLE', b: 'BLOB' };
    at.write('a', { columns, rows });
    const { warnings } = await at.stage();
    assert.deepEqual(at.columns(), { n: 'TEXT', r: 'REAL', t: 'TEXT', big: 'REAL', b: 'TEXT' });
    assert.deepEqual(at.values('a'), [
      ['1', 1, 'x', 2 ** 60, '41'],
      ['1.5', 1.5, '2.0', 0.5, 'A'],
      ['s', 4, '0.5', null, null],
    ]);
    assert.match(warnings.join('\n'), /column n is declared integer .* staged as text/);
    assert.match(warnings.join('\n'), /column r is declared integer .* staged as real/);
    assert.equal(warnings.length, 4);
  });

  test('leave the types of the columns beside them alone', async (t) => {
    const at = new OneTile(t);
    const columns = { odd: 'INTEGER', yes: 'BOOLEAN', day: 'DATE', at: 'DATETIME', b: 'BLOB' };
    const rows: Value[][] = [
      [1, 1, '2020-02-29', '2020-02-29T12:00:00.000Z', Uint8Array.of(1)],
      ['s', 0, '2020-03-01', '2020-03-01T12:00:00.000Z', Uint8Array.of(2)],
    ];
    at.write('a', { columns, rows });
    const { warnings } = await at.stage();
    assert.deepEqual(at.columns(), { ...columns, odd: 'TEXT' });
    assert.equal(warnings.length, 1);
    assert.deepEqual(
      at.values('a').map((row) => row.slice(0, 4)),
      [
        ['1', 1, '2020-02-29', '2020-02-29T12:00:00.000Z'],
        ['s', 0, '2020-03-01', '2020-03-01T12:00:00.000Z'],
      ],
    );
  });

  test('in a text column stay as they are, through every merge', async (t) => {
    const at = new OneTile(t);
    const rows: Value[][] = [[1], [1.5], ['s'], [Uint8Array.of(7)], ['﻿bom'], [2n ** 60n + 1n]];
    // An empty type name has no affinity, so that SQLite does not convert what it is given.
    at.write('a', { columns: { v: '' }, rows });
    const expected = [[1], [1.5], ['s'], [Uint8Array.of(7)], ['﻿bom'], [2n ** 60n + 1n]];
    const plain = (values: Value[][]): unknown =>
      values.map((row) => row.map((v) => (v instanceof Uint8Array ? [...v] : v)));
    await at.stage();
    assert.deepEqual(at.columns(), { v: 'TEXT' });
    assert.deepEqual(plain(at.values('a')), plain(expected));
    at.write('b', { columns: { w: 'INTEGER', v: 'REAL' }, rows: [[1, 2]] });
    await at.stage();
    assert.deepEqual(plain(at.values('a')), plain(expected.map((row) => [...row, null])));
    assert.deepEqual(at.values('b'), [['2.0', 1]]);
    await at.assertAsFromScratch();
    at.remove('b');
    await at.stage();
    await at.assertAsFromScratch();
  });
});

describe('more columns than a table can have', () => {
  const table = (prefix: string, count: number): Table => {
    const names = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
    return {
      columns: Object.fromEntries(names.map((name) => [name, 'INTEGER'])),
      rows: [names.map((_, i) => i)],
    };
  };

  test('leave out the input that has no room; it goes in when there is', async (t) => {
    const at = new OneTile(t);
    at.write('a', table('a', 995));
    at.write('b', table('b', 994));
    await at.stage();
    assert.equal(Object.keys(at.columns()).length, 1989);
    const before = hashFolder(at.staged);
    at.write('c', table('c', 1));
    const { inputs } = await at.stage();
    const failed = inputs.find((input) => input.name === 'c.gpkg');
    assert.ok(failed?.status === 'failed');
    assert.equal(failed.error.code, 'input-columns');
    assert.match(failed.error.message, /1990 .* room for 1989/);
    assert.deepEqual(hashFolder(at.staged), before);
    at.remove('b');
    await at.stage();
    assert.equal(Object.keys(at.columns()).length, 996);
    await at.assertAsFromScratch();
  });
});

describe('the order of events', () => {
  const STEPS = rounds(20, 200);
  const random = new Random(seedOf(2024));
  const TYPES = [
    'INTEGER',
    'REAL',
    'TEXT',
    'BOOLEAN',
    'DATE',
    'DATETIME',
    'BLOB',
    'DECIMAL(9,2)',
    '',
  ];

  function randomValue(type: string): Value {
    if (random.next() < 0.15) return null;
    const odd = random.next() < 0.06;
    switch (odd ? TYPES[random.integer(TYPES.length)]! : type) {
      case 'INTEGER':
        return [0, 1, -7, 300, 2 ** 40, 2 ** 52, 2n ** 62n, -(2n ** 63n)][random.integer(8)]!;
      case 'REAL':
        return [0, 1, 1.5, -2, 1e21, 2 ** 50, 5e-324, Infinity, 123.25][random.integer(9)]!;
      case 'BOOLEAN':
        return [0, 1, 1, 5][random.integer(4)]!;
      case 'DATE':
        return '2021-07-04';
      case 'DATETIME':
        return '2021-07-04T01:02:03.000Z';
      case 'BLOB':
        return [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(0x41)][random.integer(3)]!;
      case 'DECIMAL(9,2)':
        return [19.25, 4, 0][random.integer(3)]!;
      default:
        return ['', 's', 'true', '1', '1.0', '0041', 'ünï'][random.integer(7)]!;
    }
  }

  function randomTable(): Table {
    const names = ['v', 'W', 'x', 'Y', 'fid', 'geom'].filter(() => random.next() < 0.6);
    const types = names.map(() => TYPES[random.integer(TYPES.length)]!);
    const count = 1 + random.integer(12);
    return {
      columns: Object.fromEntries(names.map((name, i) => [name, types[i]!])),
      rows: Array.from({ length: count }, () => types.map(randomValue)),
      key: 'key',
      geometry: 'shape',
    };
  }

  test(`of ${STEPS} random additions, changes and removals is not seen in the tiles`, async (t) => {
    const at = new OneTile(t);
    const present = new Set<string>();
    for (let step = 0; step < STEPS; step++) {
      const name = 'abcde'[random.integer(5)]!;
      if (present.has(name) && present.size > 1 && random.next() < 0.4) {
        at.remove(name);
        present.delete(name);
      } else {
        at.write(name, randomTable());
        present.add(name);
      }
      await at.stage();
      await at.assertAsFromScratch();
    }
  });
});
