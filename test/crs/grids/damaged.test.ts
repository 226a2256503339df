/** Files with grids that are damaged or made to harm end in an error `crs-grid`, or in no shift. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { stampOf } from '../../../src/crs/grids/grid-file.ts';
import { gridLoop, OutsideGrids } from '../../../src/crs/grids/loop.ts';
import { openGrids } from '../../../src/crs/grids/open-grid.ts';
import { askProj, noProj } from './proj.ts';
import { nadcon, ntv2, sampleFamily, sampleGrid } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-grids-'));
after(() => rmSync(folder, { recursive: true }));

/** Opens a file of these bytes and reads all of its nodes: how many there are. */
function readAll(name: string, bytes: Buffer, longitudes?: Buffer): number {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const source = { path, stamp: stampOf(path) };
  const other = join(folder, 'other.los');
  if (longitudes !== undefined) writeFileSync(other, longitudes);
  const pair = longitudes && { longitudes: { path: other, stamp: stampOf(other) } };
  const set = openGrids({ ...source, ...pair });
  try {
    let count = 0;
    for (const grid of set.grids) {
      for (let row = 0; row < grid.rows; row += 64) {
        for (let column = 0; column < grid.columns; column += 64) {
          const width = Math.min(64, grid.columns - column);
          count += grid.read(column, row, width, Math.min(64, grid.rows - row)).length / 2;
          // Lies may make a grid of some millions of nodes: that it begins well is enough.
          if (count > 50_000) return count;
        }
      }
    }
    return count;
  } finally {
    set.close();
  }
}

function isRefused(message: RegExp) {
  return (error: TilewrightError): boolean => {
    assert.equal(error.code, 'crs-grid', error.stack);
    assert.match(error.message, message);
    return true;
  };
}

/** Wrong bits and bytes, and ends that are missing. */
function damage(
  t: { diagnostic(text: string): void },
  seed: number,
  sound: Buffer,
  read: (bytes: Buffer) => number,
): void {
  const random = new Random(seed);
  let refused = 0;
  const attempts = 200;
  for (let n = 0; n < attempts; n++) {
    let bytes: Buffer = Buffer.from(sound);
    // Headers are at the beginning, and at the end of some files.
    const near = Math.floor(Math.min(sound.length, 600) * random.next());
    const at =
      n % 3 === 0
        ? Math.floor(sound.length * random.next())
        : n % 3 === 1
          ? near
          : sound.length - 1 - near;
    if (n % 4 === 0) bytes = bytes.subarray(0, at);
    else if (n % 4 === 1) bytes[at] = bytes[at]! ^ (1 << (n % 8));
    else if (n % 4 === 2) bytes[at] = Math.floor(256 * random.next());
    else bytes.fill(n % 8 === 3 ? 0xff : 0, at, Math.min(at + 8, bytes.length));
    try {
      read(bytes);
    } catch (error) {
      assert.ok(
        error instanceof TilewrightError && error.code === 'crs-grid',
        String((error as Error).stack),
      );
      refused++;
    }
  }
  t.diagnostic(`${refused} of ${attempts} refused`);
  assert.ok(refused > attempts / 5, `${refused}`);
}

describe('damage', () => {
  const family = sampleFamily();
  for (const isLittle of [true, false]) {
    test(`NTv2, ${isLittle ? 'little' : 'big'}-endian`, (t) => {
      damage(t, 1, ntv2(family, isLittle), (bytes) => readAll('x.gsb', bytes));
    });
  }

  test('NADCON', (t) => {
    const [las, los] = nadcon(sampleGrid(1, [-100, 30], 0.25, [40, 30]), true);
    damage(t, 2, las, (bytes) => readAll('x.las', bytes, los));
    damage(t, 3, los, (bytes) => readAll('x.las', las, bytes));
  });

  test('GeoTIFF, CTable2', { skip: noProj }, async (t) => {
    const path = (name: string): string => join(folder, name);
    const tiled = [
      'TILED=YES',
      'BLOCKXSIZE=16',
      'BLOCKYSIZE=16',
      'COMPRESS=DEFLATE',
      'PREDICTOR=3',
    ];
    await askProj([
      ['geotiff', path('sound.tif'), family, 'float32', tiled, 1, 'arc-second', 1],
      ['geotiff', path('plain.tif'), family, 'int16', [], 1, 'arc-second', 0.001],
      [
        'geotiff',
        path('big.tif'),
        family,
        'float64',
        ['BIGTIFF=YES', 'COMPRESS=DEFLATE'],
        1,
        'degree',
        1,
      ],
      ['ctable2', path('sound'), [family[0]!]],
    ]);
    for (const [n, name] of ['sound.tif', 'plain.tif', 'big.tif', 'sound'].entries()) {
      damage(t, 4 + n, readFileSync(path(name)), (bytes) => readAll('x.tif', bytes));
    }
  });
});

describe('NTv2', () => {
  const [coarse, fine] = sampleFamily();
  const named = (grid: typeof coarse, name: string, parent: string) => ({ ...grid!, name, parent });
  const cases: [string, Buffer, RegExp][] = [
    [
      'grids in a circle',
      ntv2([coarse!, named(fine, 'A', 'B'), named(fine, 'B', 'A')], true),
      /in a circle/,
    ],
    ['a grid in itself', ntv2([named(fine, 'A', 'A')], true), /in a circle/],
    [
      'a grid in one that is not there',
      ntv2([coarse!, named(fine, 'A', 'GONE')], true),
      /"GONE", which is not there/,
    ],
    [
      'a grid in one of two',
      ntv2([coarse!, coarse!, named(fine, 'A', 'COARSE')], true),
      /"COARSE", which is there 2 times/,
    ],
    ['NTv1', Buffer.concat([Buffer.from('HEADER  '), Buffer.alloc(400)]), /NTv1/],
    ['nothing known', Buffer.from('some other file, longer than 16'), /none of the formats/],
    ['nothing', Buffer.alloc(0), /none of the formats/],
  ];
  for (const [title, bytes, message] of cases) {
    test(title, () => {
      assert.throws(() => readAll('x.gsb', bytes), isRefused(message));
    });
  }

  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = ntv2([coarse!], true);
    change(bytes);
    return bytes;
  };
  const numbers: [string, (bytes: Buffer) => void, RegExp][] = [
    ['a count of grids that is a lie', (b) => b.writeInt32LE(2 ** 30, 40), /1073741824 grids/],
    ['GS_COUNT that is a lie', (b) => b.writeInt32LE(12, 176 + 168), /GS_COUNT is 12/],
    ['a step of 0', (b) => b.writeDoubleLE(0, 176 + 136), /NaN/],
    ['a limit that is NaN', (b) => b.writeDoubleLE(Number.NaN, 176 + 72), /NaN/],
    ['a step that leads past the end', (b) => b.writeDoubleLE(1700, 176 + 136), /NaN/],
    [
      'more nodes than there are bytes',
      (b) => {
        b.writeDoubleLE(1e-3, 176 + 136);
        b.writeInt32LE(0x7fffffff, 176 + 168);
      },
      /nodes/,
    ],
    ['another unit', (b) => void b.write('GRADS   ', 56, 'latin1'), /GS_TYPE is "GRADS"/],
  ];
  for (const [title, change, message] of numbers) {
    test(title, () => {
      assert.throws(() => readAll('x.gsb', changed(change)), isRefused(message));
    });
  }
});

/** A little-endian TIFF of one directory; values of more than four bytes go behind it. */
function tiff(fields: Record<number, number[] | string>, data: Buffer, next = 0): Buffer {
  const entries = Object.entries(fields);
  const head = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  const parts: Buffer[] = [head];
  let end = head.length;
  const put = (bytes: Buffer): number => {
    parts.push(bytes);
    end += bytes.length;
    return end - bytes.length;
  };
  const start = put(data);
  entries.forEach(([tag, value], n) => {
    const at = 10 + n * 12;
    head.writeUInt16LE(Number(tag), at);
    const isText = typeof value === 'string';
    const type = isText ? 2 : Number(tag) > 33000 && Number(tag) !== 34735 ? 12 : 4;
    const values = isText ? [] : value.map((v) => (Number(tag) === 273 ? v + start : v));
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(isText ? value.length : values.length, at + 4);
    const bytes = isText
      ? Buffer.from(value)
      : Buffer.from((type === 12 ? Float64Array.from(values) : Uint32Array.from(values)).buffer);
    if (bytes.length <= 4) bytes.copy(head, at + 8);
    else head.writeUInt32LE(put(bytes), at + 8);
  });
  head.writeUInt32LE(next, head.length - 4);
  return Buffer.concat(parts);
}

describe('GeoTIFF', () => {
  const zeros = deflateSync(Buffer.alloc(4 * 4 * 2 * 4));
  const metadata = (items: string): string => `<GDALMetadata>${items}</GDALMetadata>\0`;
  const sound: Record<number, number[] | string> = {
    256: [4],
    257: [4],
    258: [32, 32],
    259: [8],
    262: [1],
    273: [0],
    277: [2],
    278: [4],
    279: [zeros.length],
    284: [1],
    339: [3, 3],
    33550: [1, 1, 0],
    33922: [0, 0, 0, 10, 50, 0],
    34735: [1, 1, 0, 2, 1024, 0, 1, 2, 1025, 0, 1, 2],
    42112: metadata(''),
  };
  const bomb = deflateSync(Buffer.alloc(1 << 26));

  test('a sound one is read', () => {
    assert.equal(readAll('x.tif', tiff(sound, zeros)), 16);
  });

  const item = (name: string, text: string, more = ''): string =>
    metadata(`<Item name="${name}"${more}>${text}</Item>`);
  const cases: [string, Record<number, number[] | string>, Buffer, RegExp][] = [
    ['a block that unpacks to more', { 279: [bomb.length] }, bomb, /damaged/],
    ['a block that is cut short', { 279: [zeros.length - 8] }, zeros, /damaged/],
    ['a block of nothing', { 279: [0] }, zeros, /left out/],
    ['a block beyond the end', { 273: [1e6] }, zeros, /it ends at byte/],
    [
      'a strip as large as the world',
      { 256: [60000], 257: [60000], 278: [60000] },
      zeros,
      /gdal_translate/,
    ],
    [
      'more columns than blocks',
      { 256: [8], 322: [4], 323: [4], 324: [0], 325: [9] },
      zeros,
      /1 blocks where there should be 2/,
    ],
    ['no columns', { 256: [0] }, zeros, /0 × 4/],
    ['LZW', { 259: [5] }, zeros, /compression 5/],
    ['another predictor', { 317: [7] }, zeros, /predictor 7/],
    ['numbers of 16 bits', { 258: [16, 16] }, zeros, /16 bits, sample format 3/],
    ['one sample', { 277: [1], 258: [32], 339: [3] }, zeros, /1 samples/],
    ['an overview', { 254: [1] }, zeros, /overview/],
    ['a plane', { 34735: [1, 1, 0, 1, 1024, 0, 1, 1] }, zeros, /longitudes and latitudes/],
    ['turned', { 34264: [1, 0.1, 0, 10, 0, -1, 0, 50, 0, 0, 0, 0, 0, 0, 0, 1] }, zeros, /turned/],
    ['placed elsewhere', { 33922: [1, 0, 0, 10, 50, 0] }, zeros, /upper left/],
    ['steps of NaN', { 33550: [Number.NaN, 1, 0] }, zeros, /NaN/],
    [
      'geocentric',
      { 42112: item('TYPE', 'GEOCENTRIC_TRANSLATION') },
      zeros,
      /GEOCENTRIC_TRANSLATION/,
    ],
    [
      'heights',
      { 42112: item('DESCRIPTION', 'geoid_undulation', ' sample="0" role="description"') },
      zeros,
      /geoid_undulation/,
    ],
    [
      'metres',
      {
        42112: metadata(
          '<Item name="UNITTYPE" sample="0">metre</Item><Item name="UNITTYPE" sample="1">metre</Item>',
        ),
      },
      zeros,
      /in metre/,
    ],
    [
      'two units',
      { 42112: item('UNITTYPE', 'degree', ' sample="0"') },
      zeros,
      /in degree and undefined/,
    ],
    ['positive up', { 42112: item('positive_value', 'up', ' sample="1"') }, zeros, /positive up/],
    ['biquadratic', { 42112: item('interpolation_method', 'biquadratic') }, zeros, /biquadratic/],
  ];
  for (const [title, fields, data, message] of cases) {
    test(title, () => {
      assert.throws(
        () => readAll('x.tif', tiff({ ...sound, ...fields }, data)),
        isRefused(message),
      );
    });
  }

  test('directories in a circle', () => {
    assert.throws(() => readAll('x.tif', tiff(sound, zeros, 8)), isRefused(/circle/));
  });

  test('what is no number is no shift', () => {
    const values = Float32Array.from({ length: 32 }, (_, i) =>
      i === 10 ? Number.NaN : i === 21 ? 1e9 : i === 30 ? -99 : 1,
    );
    const data = Buffer.from(values.buffer);
    const path = join(folder, 'nan.tif');
    writeFileSync(path, tiff({ ...sound, 259: [1], 279: [128], 42113: '-99\0' }, data));
    const { grids, close } = openGrids({ path, stamp: stampOf(path) });
    const shifts = grids[0]!.read(0, 0, 4, 4);
    close();
    assert.equal(shifts.filter((shift) => Number.isNaN(shift)).length, 3);
  });
});

test('a file that is another one than planned', () => {
  const path = join(folder, 'changed.gsb');
  writeFileSync(path, ntv2(sampleFamily(), true));
  const source = { path, stamp: stampOf(path) };
  const shift = (): void => {
    const loop = gridLoop(
      { kind: 'grid', files: [source], inverse: false, outside: 'nothing' },
      new OutsideGrids(),
    );
    loop(Float64Array.of(15, 46), 0, 1);
  };
  utimesSync(path, 1e9, 1e9);
  assert.throws(shift, isRefused(/not what it was when the run was planned/));
  rmSync(path);
  assert.throws(shift, isRefused(/can't be opened.*Every machine that stages needs/));
});
