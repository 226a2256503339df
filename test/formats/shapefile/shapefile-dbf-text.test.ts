import assert from 'node:assert/strict';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { dbfEncoding, namedEncoding } from '../../../src/formats/shapefile/encoding.ts';
import { openShapefile } from '../../../src/formats/shapefile/source.ts';
import { readField, readTable } from './dbf-table.ts';
import {
  dbfBytes,
  fails,
  polygonContent,
  shapefileBytes,
  square,
  withFiles,
} from './shapefile-fixture.ts';

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
