import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import type { Value } from '../../src/core/columns.ts';
import type { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { parseDecimal } from '../../src/formats/shapefile/dbf-values.ts';
import { dbfEncoding, namedEncoding } from '../../src/formats/shapefile/encoding.ts';
import { openShapefile } from '../../src/formats/shapefile/source.ts';
import type { ReadNotes } from '../../src/formats/source.ts';
import { ODD_VALUES } from '../../src/geometry/batch.ts';
import {
  type DbfField,
  dbfBytes,
  fails,
  polygonContent,
  readSource,
  shapefileBytes,
  square,
  withFiles,
} from './shapefile-fixture.ts';

interface Table {
  columns: string[];
  types: string[];
  rows: Value[][];
  odd: boolean[];
  notes: ReadNotes;
  /** What the layer says of what is not read. */
  told: string[];
}

/** Reads the rows of a .dbf beside as many squares. */
function readTable(dbf: Buffer, cpg?: string): Table {
  const contents = Array.from({ length: dbf.readUInt32LE(4) }, () =>
    polygonContent(5, [square(0, 0, 1)]),
  );
  const { shp, shx } = shapefileBytes(5, contents);
  const files: Record<string, Buffer | string> = { 't.shp': shp, 't.shx': shx, 't.dbf': dbf };
  if (cpg !== undefined) files['t.CPG'] = cpg;
  let table: Table | undefined;
  withFiles(files, (path) => {
    const source = openShapefile(path('t.shp'));
    const { columns, notes: told } = source.layers()[0]!;
    const { features, notes } = readSource(source);
    source.close();
    table = {
      columns: columns.map((column) => column.name),
      types: columns.map((column) => column.type),
      rows: features.map((feature) => feature.values),
      odd: features.map((feature) => (feature.flags & ODD_VALUES) !== 0),
      notes,
      told: told!,
    };
  });
  return table!;
}

/** The values of one field, and whether each is flagged as odd. */
function readField(field: Omit<DbfField, 'name'>, values: (string | Buffer)[]) {
  const { rows, odd, types } = readTable(
    dbfBytes(
      [{ name: 'v', ...field }],
      values.map((value) => [value]),
    ),
  );
  return { type: types[0], values: rows.map((row) => row[0]), odd: odd.map(Number) };
}

test('integers', () => {
  const cases: [string, Value, number][] = [
    ['42', 42, 0],
    ['                -7', -7, 0],
    ['+5', 5, 0],
    ['007', 7, 0],
    ['12.00', 12, 0],
    ['1e3', 1000, 0],
    ['9007199254740991', 9007199254740991, 0],
    ['9007199254740993', 9007199254740993n, 0],
    ['-99999999999999999', -99999999999999999n, 0],
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

test('column names: decoded, made unique whatever their case', () => {
  const names = ['Name', 'NAME', 'name', '', 'name_1', 'Größe', 'abcdefghijk'];
  const dbf = dbfBytes(
    names.map((name) => ({ name, type: 'C', width: 2 })),
    [names.map(() => 'v')],
  );
  assert.deepEqual(readTable(dbf).columns, [
    'Name',
    'NAME_1',
    'name_2',
    'field_4',
    'name_1_1',
    'Größe',
    'abcdefghijk',
  ]);
});

test('text wider than 255 bytes, as some writers store its width', () => {
  const dbf = dbfBytes([{ name: 'a', type: 'C', width: 250 }], [['x'.repeat(250)]]);
  const wide = Buffer.concat([dbf.subarray(0, -1), Buffer.alloc(50, 'y'), Buffer.from([0x1a])]);
  wide.writeUInt16LE(301, 10);
  wide[32 + 16] = 300 % 256;
  wide[32 + 17] = 1;
  assert.deepEqual(readTable(wide).rows, [['x'.repeat(250) + 'y'.repeat(50)]]);
});

test('encodings by .cpg, by language driver id, and undeclared', () => {
  const cases: [string, string, string | undefined, number][] = [
    // text, its encoding, .cpg, language driver id
    ['Gletscher € Größe', 'windows-1252', undefined, 0x03],
    ['Gletscher € Größe', 'windows-1252', undefined, 0x57],
    ['Gletscher € Größe', 'windows-1252', 'ISO-8859-1', 0],
    ['Gletscher € Größe', 'windows-1252', 'System', 0],
    ['Gletscher € Größe', 'windows-1252', 'ANSI 1252\r\n', 0x65],
    ['Озеро Байкал', 'cp866', undefined, 0x65],
    ['Озеро Байкал', 'cp866', 'OEM 866', 0],
    ['Озеро Байкал', 'cp866', 'unheard-of', 0x26],
    ['Озеро Байкал', 'windows-1251', '1251', 0],
    ['Озеро Байкал', 'windows-1251', 'LDID/201', 0],
    ['Озеро Байкал', 'iso-8859-5', '88595', 0],
    // Declared as UTF-8, which it is not: the language driver id is next.
    ['Озеро Байкал', 'windows-1251', 'UTF-8', 0xc9],
    ['青海湖', 'gbk', undefined, 0x4d],
    ['青海湖', 'gbk', 'GBK', 0],
    ['青海湖', 'gbk', '936', 0],
    ['日月潭', 'big5', 'Big5', 0],
    ['琵琶湖', 'shift_jis', undefined, 0x13],
    ['호수', 'euc-kr', '949', 0],
    ['Þingvallavatn ž', 'utf8', undefined, 0],
    ['Þingvallavatn ž', 'utf8', undefined, 0x57],
    ['Þingvallavatn ž', 'utf8', 'utf8', 0x03],
    ['Þingvallavatn ž', 'utf8', '\ufeffUTF-8\n', 0x57],
    ['Þingvallavatn ž', 'utf8', '65001', 0],
  ];
  for (const [text, encoding, cpg, languageDriver] of cases) {
    const name = iconv.encode(text.slice(0, 4), encoding);
    const dbf = dbfBytes(
      [
        { name, type: 'C', width: 40 },
        { name: 'ascii', type: 'C', width: 9 },
      ],
      [[iconv.encode(text, encoding), 'ascii']],
      languageDriver,
    );
    const { columns, rows } = readTable(dbf, cpg);
    assert.deepEqual(rows, [[text, 'ascii']], `${encoding} as ${cpg} and ${languageDriver}`);
    assert.deepEqual(columns, [text.slice(0, 4), 'ascii']);
  }
});

test('a last character that the field cut does not tell against UTF-8', () => {
  const cut = Buffer.from('Żółć').subarray(0, 7);
  assert.deepEqual(readField({ type: 'C', width: 7 }, [cut]).values, ['Żół\ufffd']);
  // In a wider field those bytes are no UTF-8, nor is a lone accent at the end.
  const wider = readField({ type: 'C', width: 8 }, [cut]).values;
  assert.deepEqual(wider, [iconv.decode(cut, 'windows-1252')]);
  const cafe = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  assert.deepEqual(readField({ type: 'C', width: 4 }, [cafe]).values, ['café']);
});

test('names of encodings that a DBF can not have are unknown', () => {
  for (const name of ['utf-16', 'UTF-7', 'x', '', '0', 'LDID/0', 'LDID/87', '37', 'iso-8859-99']) {
    assert.equal(namedEncoding(name), null, name);
  }
  assert.equal(dbfEncoding('utf-16', 0).name, 'unknown');
  assert.equal(dbfEncoding('', 0).name, 'undeclared');
  assert.equal(dbfEncoding('20866', 0).name, 'koi8-r');
  assert.equal(dbfEncoding(null, 0x04).name, 'macroman');
});

test('text in an encoding that nobody knows is refused by name, ASCII is not', () => {
  const field = { name: 'a', type: 'C', width: 6 };
  const ascii = dbfBytes([field], [['plain']], 0xee);
  assert.deepEqual(readTable(ascii, 'unheard-of').rows, [['plain']]);
  const text = dbfBytes([field], [['plain'], ['caf\u00e9']], 0xee);
  const asks = (says: RegExp, feature?: number) => (error: unknown) =>
    fails('input-encoding', says)(error) && (error as TilewrightError).feature === feature;
  assert.throws(
    () => readTable(text),
    asks(/t\.dbf has text beyond ASCII, but its language driver id is 238.*into .*t\.cpg/, 2),
  );
  assert.throws(() => readTable(text, 'unheard-of'), asks(/\.cpg says "unheard-of"/, 2));
  const name = dbfBytes([{ ...field, name: '\u00e9' }], [['plain']]);
  assert.throws(() => readTable(name, 'UTF-16'), asks(/\.cpg says "utf-16"/));
  assert.deepEqual(readTable(text, 'UTF-8').rows, [['plain'], ['caf\u00e9']]);
});

test('a table of dBASE 7 is refused', () => {
  const dbf = dbfBytes([{ name: 'a', type: 'C', width: 6 }], [['plain']]);
  dbf[0] = 4;
  assert.deepEqual(readTable(dbf).rows, [['plain']]);
  dbf[32 + 16] = 5;
  assert.throws(() => readTable(dbf), fails('input-format', /t\.dbf is a table of dBASE 7/));
});

test('text whose encoding nothing says, or that is not valid in it, is counted', () => {
  const random = new Random(31);
  const isUtf8 = (bytes: Buffer): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const declared: [string | undefined, (bytes: Buffer) => boolean][] = [
    [undefined, (bytes) => bytes.some((byte) => byte > 0x7f)],
    ['UTF-8', (bytes) => !isUtf8(bytes)],
    // The one byte without a character in Microsoft's table of 1251.
    ['1251', (bytes) => bytes.includes(0x98)],
  ];
  const pieces = ['a', 'é', 'И', '湖', '\ud83c\udf0a'].map((text) => Buffer.from(text));
  for (const [cpg, isGuess] of declared) {
    const value = (): Buffer =>
      Buffer.concat([
        ...Array.from({ length: random.integer(4) }, () => pieces[random.integer(pieces.length)]!),
        ...(random.integer(3) === 0 ? [Buffer.of(0x80 + random.integer(0x80))] : []),
        Buffer.from('z'),
      ]);
    const rows = Array.from({ length: 300 }, () => [value(), value(), '']);
    const fields = ['a', 'b', 'c'].map((name) => ({ name, type: 'C', width: 20 }));
    const expected = rows.flatMap((row, i) => {
      const at = row.findIndex((bytes) => isGuess(Buffer.from(bytes as Buffer)));
      return at < 0 ? [] : [{ feature: i + 1, column: fields[at]!.name }];
    });
    assert.ok(expected.length > 20 && expected.length < 300, `${expected.length} with ${cpg}`);
    const { notes } = readTable(dbfBytes(fields, rows), cpg);
    assert.deepEqual(notes.guessedText, { count: expected.length, ...expected[0] }, cpg);
  }
  const ascii = readTable(dbfBytes([{ name: 'a', type: 'C', width: 5 }], [['plain']]));
  assert.deepEqual([ascii.notes.guessedText, ascii.told], [undefined, []]);
  const named = dbfBytes([{ name: 'Höhe', type: 'C', width: 5 }], [['plain']]);
  assert.match(readTable(named).told.join(), /encoding of its column names had to be guessed/);
  assert.deepEqual(readTable(named, 'UTF-8').told, []);
});

test('memos are left out by name, and all other columns are as they were', () => {
  const text = { type: 'C', width: 4 };
  const fields = [
    { ...text, name: 'a' },
    { name: 'memo', type: 'M', width: 10 },
    { name: 'picture', type: 'B', width: 10 },
    { ...text, name: 'b' },
  ];
  const { columns, rows, told } = readTable(dbfBytes(fields, [['one', '17', '18', 'two']]));
  assert.deepEqual([columns, rows], [['a', 'b'], [['one', 'two']]]);
  assert.deepEqual(told, ['memos are kept in another file and left out: memo, picture']);
});

test('a .dbf that has more rows than shapes, fewer, or is not there says so', () => {
  const { shp, shx } = shapefileBytes(
    5,
    Array.from({ length: 3 }, () => polygonContent(5, [square(0, 0, 1)])),
  );
  const told = (dbf: Buffer | null): string[] => {
    let notes: string[] | undefined;
    withFiles({ 't.shp': shp, 't.shx': shx, ...(dbf !== null && { 't.dbf': dbf }) }, (path) => {
      const source = openShapefile(path('t.shp'));
      notes = source.layers()[0]!.notes;
      source.close();
    });
    return notes!;
  };
  const rows = (count: number): Buffer =>
    dbfBytes([{ name: 'a', type: 'C', width: 2 }], Array(count).fill(['x']));
  assert.deepEqual(told(rows(3)), []);
  assert.match(
    told(rows(2)).join(),
    /says that it has 2 rows for 3 shapes: the last shapes have no/,
  );
  assert.match(told(rows(5)).join(), /says that it has 5 rows for 3 shapes: the last rows have no/);
  assert.match(told(null).join(), /no .dbf beside it/);
});
