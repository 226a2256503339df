/** Zipped shapefiles: how archives are made, and how they should not be. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import type { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { inputFormatOf } from '../../src/formats/input-formats.ts';
import { openSource } from '../../src/formats/open.ts';
import { ZIPPED_SHAPEFILES } from '../../src/formats/zip/format.ts';
import { hasProgram, NO_SHARED_DATA, sharedData, temporaryFolder } from '../staging/support.ts';
import { type Described, ENTRIES } from './contract/contract-inputs.ts';
import { type ContractRow, expected, readSlices, withSource } from './contract/contract-reading.ts';
import { square } from './shapefile/shapefile-fixture.ts';
import { unicodeName, type ZipEntry, zipBytes } from './zip-fixture.ts';

type Folder = ReturnType<typeof temporaryFolder>;

const SHAPEFILE = ENTRIES.find(({ format }) => format.name === 'shapefile')!;

function described(count: number, first = 0): Described {
  return {
    columns: [{ name: 'n', type: 'integer' }],
    crs: 3413,
    features: Array.from({ length: count }, (_, i) => {
      const at = first + i;
      return { shape: [[square(at % 100, Math.floor(at / 100), 0.5)]], values: [at] };
    }),
  };
}

/** The files of a shapefile. */
function files(folder: Folder, count: number, first = 0): { end: string; bytes: Buffer }[] {
  const apart = join(folder, `of ${count} from ${first}`);
  spawnSync('mkdir', [apart]);
  SHAPEFILE.write(apart, 'a', described(count, first));
  return readdirSync(apart).map((name) => {
    return { end: name.slice(1), bytes: readFileSync(join(apart, name)) };
  });
}

function entries(stem: string, parts: ReturnType<typeof files>, more: Partial<ZipEntry> = {}) {
  return parts.map(({ end, bytes }): ZipEntry => ({ name: `${stem}${end}`, bytes, ...more }));
}

function write(folder: Folder, bytes: Buffer, name = 'a.zip'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Rows of every layer, by its name. */
async function rowsOf(path: string): Promise<Record<string, ContractRow[]>> {
  const source = await openSource(path);
  try {
    const all: Record<string, ContractRow[]> = {};
    for (const name of source.layerNames()) {
      const single = { ...source, layerNames: () => [name], read: source.read.bind(source) };
      all[name] = (await readSlices(single)).rows;
    }
    return all;
  } finally {
    await source.close();
  }
}

const refused = (code: string, message: RegExp) => (error: TilewrightError) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return true;
};

/** Where Linux tells what files a process has open. */
const OPEN_FILES = '/proc/self/fd';

/** Files of this process into which members were inflated. */
function spilled(): number {
  if (!existsSync(OPEN_FILES)) return 0;
  const files = readdirSync(OPEN_FILES).map((fd) => {
    return attempt(() => readlinkSync(join(OPEN_FILES, fd))) ?? '';
  });
  return files.filter((name) => name.includes('.inflated')).length;
}

/** The file by which a folder is read is gone when that is done. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

suite('archives as programs make them', () => {
  const rows = expected(described(50)).rows;
  const kinds: Record<string, [Partial<ZipEntry>, Parameters<typeof zipBytes>[1]?]> = {
    deflated: [{}],
    stored: [{ stored: true }],
    'with descriptors after the bytes': [{ descriptor: true }],
    'of 64 bits': [{ wide: true }, { wide: true }],
    'with a comment': [{}, { comment: 'PK\x05\x06 is how an end begins'.repeat(20) }],
    'with a program before it': [{}, { before: Buffer.alloc(12_345, 'MZ') }],
    'of 64 bits, with a program before it': [{}, { before: Buffer.alloc(9_999), wide: true }],
  };
  for (const [kind, [more, options]] of Object.entries(kinds)) {
    test(kind, async (t) => {
      const folder = temporaryFolder(t);
      const path = write(folder, zipBytes(entries('a', files(folder, 50), more), options), 'x.shz');
      assert.deepEqual(await rowsOf(path), { a: rows });
    });
  }

  test('each .shp is a layer, by its name, or its path where two have one', async (t) => {
    const folder = temporaryFolder(t);
    const parts = [files(folder, 3), files(folder, 4), files(folder, 5), files(folder, 6)] as const;
    const upper = parts[3].map(({ end, bytes }) => ({ end: end.toUpperCase(), bytes }));
    const path = write(
      folder,
      zipBytes([
        { name: 'in/', bytes: Buffer.alloc(0), stored: true },
        ...entries('in/deep/roads', parts[0]),
        ...entries('old\\lakes', parts[1]),
        ...entries('new/lakes', parts[2]),
        ...entries('GRÜN', upper),
        ...entries('__MACOSX/in/deep/._roads', parts[0]),
        ...entries('in/._roads', parts[0]),
        { name: 'alone.dbf', bytes: parts[0].find(({ end }) => end === '.dbf')!.bytes },
        { name: 'readme.txt', bytes: Buffer.from('words') },
      ]),
    );
    const found = await rowsOf(path);
    assert.deepEqual(
      Object.entries(found).map(([name, { length }]) => [name, length]),
      [
        ['roads', 3],
        ['old/lakes', 4],
        ['new/lakes', 5],
        ['GRÜN', 6],
      ],
    );
    await withSource(path, async (source, { crs }) => {
      assert.notEqual(crs, null);
      assert.throws(
        () => source.layer('lakes'),
        refused('input-layer' as string, /roads, old\/lakes/),
      );
    });
  });

  test('where nothing can be inflated, the place and what it is for are told', async (t) => {
    const folder = temporaryFolder(t);
    const [shp] = files(folder, 1).filter(({ end }) => end === '.shp');
    const bytes = Buffer.concat([shp!.bytes, randomBytes(9 << 20)]);
    const path = write(folder, zipBytes([{ name: 'a.shp', bytes }]));
    const { TMPDIR } = process.env;
    t.after(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });
    process.env['TMPDIR'] = join(folder, 'none');
    const said =
      /a\.zip\/a\.shp has \d[\d,]+ bytes, .* file in \S+none: There is no such file.* Set TMPDIR/;
    await assert.rejects(rowsOf(path), refused('output-unwritable', said));
  });

  test('names are UTF-8, said or not, or of code page 437', async (t) => {
    const folder = temporaryFolder(t);
    const parts = files(folder, 2);
    // ä and é in code page 437.
    const dos = Buffer.from([0x84, 0x82]);
    const named = (name: Buffer, more: Partial<ZipEntry> = {}) =>
      parts.map(({ end, bytes }): ZipEntry => {
        return { name: Buffer.concat([name, Buffer.from(end)]), bytes, flags: 0, ...more };
      });
    const own = parts.map(({ end, bytes }): ZipEntry => {
      const name = Buffer.concat([dos, Buffer.from(`2${end}`)]);
      return { name, bytes, flags: 0, extra: unicodeName(name, `湖${end}`) };
    });
    const all = [
      ...named(dos),
      ...named(Buffer.from('ö')),
      ...named(Buffer.from('ñ'), { flags: 0x800 }),
    ];
    const path = write(folder, zipBytes([...all, ...own]));
    assert.deepEqual(Object.keys(await rowsOf(path)), ['äé', 'ö', 'ñ', '湖']);
  });

  test('any slices of what is deflated give its rows, each once', async (t) => {
    const folder = temporaryFolder(t);
    const path = write(folder, zipBytes(entries('a', files(folder, 400))));
    const { rows: all } = expected(described(400));
    await withSource(path, async (source) => {
      const random = new Random(3);
      assert.deepEqual(await source.slices('a', 1), [{ start: 1, end: 401 }]);
      for (let n = 0; n < 20; n++) {
        const at = Array.from({ length: 4 }, () => 1 + random.integer(401)).sort((a, b) => a - b);
        const edges = [-Infinity, ...at, Infinity];
        const slices = edges.slice(1).map((end, i) => ({ start: edges[i]!, end }));
        assert.deepEqual((await readSlices(source, slices)).rows, all);
      }
    });
  });

  test('what does not fit into memory goes through a file, of which nothing is left', async (t) => {
    const folder = temporaryFolder(t);
    const count = 120_000;
    const path = write(folder, zipBytes(entries('a', files(folder, count))));
    await withSource(path, async (source, layer) => {
      assert.equal(layer.featureCount, count);
      // Heads alone were looked at.
      assert.equal(spilled(), 0);
      const { rows } = await readSlices(source);
      if (existsSync(OPEN_FILES)) assert.ok(spilled() > 0);
      assert.equal(rows.length, count);
      assert.deepEqual(
        rows.at(-1),
        expected(described(1, count - 1)).rows.map((row) => ({ ...row, position: count }))[0],
      );
    });
    assert.deepEqual(
      readdirSync(process.env['TMPDIR'] ?? '/tmp').filter((name) => name.endsWith('.inflated')),
      [],
    );
  });
});

suite('archives as they should not be', () => {
  const cases: Record<string, [Partial<ZipEntry>, string, RegExp]> = {
    'an encrypted member': [
      { flags: 1 },
      'input-format',
      /a\.shp is encrypted: unpack the archive/,
    ],
    'an encrypted directory': [{ flags: 1 << 13 }, 'input-format', /whose directory is encrypted/],
    'a method that is not read': [{ method: 93 }, 'input-format', /compressed by Zstandard, which/],
    'a method that nobody knows': [{ method: 77 }, 'input-format', /compressed by method 77/],
    'a wrong sum': [{ crc: 1 }, 'input-corrupt', /a\.\w{3} is damaged: its bytes don't have/],
    'a wrong sum of what is stored': [{ crc: 1, stored: true }, 'input-corrupt', /is damaged: its/],
    'a size that no deflating gives': [
      { size: 1e9 },
      'input-corrupt',
      /can't have 1000000000 bytes/,
    ],
    'a size that is too small': [{ size: 90 }, 'input-corrupt', /longer than it says|damaged/],
    'a size that is too large': [{ size: 3000 }, 'input-corrupt', /ends early|damaged/],
    'a size of 64 bits that lies': [{ size: 2 ** 60, wide: true }, 'input-corrupt', /can't have/],
    'bytes beyond the archive': [{ compressedSize: 1e8 }, 'input-corrupt', /does not lie in it/],
    'a place that is none': [{ at: 7 }, 'input-corrupt', /is not where|lie over each other/],
    'text for deflated bytes': [{ stored: true, method: 8 }, 'input-corrupt', /damaged/],
  };
  for (const [what, [more, code, message]] of Object.entries(cases)) {
    test(what, async (t) => {
      const folder = temporaryFolder(t);
      const path = write(folder, zipBytes(entries('a', files(folder, 20), more)));
      await assert.rejects(rowsOf(path), refused(code, message));
    });
  }

  test('a member that would fill the disk', async (t) => {
    const folder = temporaryFolder(t);
    const size = 2 ** 31;
    const bytes = Buffer.alloc(2 ** 22);
    const path = write(
      folder,
      zipBytes([{ name: 'a.shp', bytes, size, compressedSize: 2 ** 22, stored: true, method: 8 }]),
    );
    await assert.rejects(rowsOf(path), refused('input-format', /would grow from 4194304 bytes to/));
  });

  test('members that lie over each other, or have one name', async (t) => {
    const folder = temporaryFolder(t);
    const parts = files(folder, 20);
    const over = zipBytes([
      ...entries('a', parts, { stored: true }),
      ...entries('b', parts, { at: 0 }),
    ]);
    await assert.rejects(
      rowsOf(write(folder, over)),
      refused('input-corrupt', /lie over each other/),
    );
    const twice = zipBytes([...entries('a', parts), ...entries('a', parts)]);
    await assert.rejects(
      rowsOf(write(folder, twice)),
      refused('input-format', /two members a\.\w{3}: unpack it/),
    );
  });

  test('names that lead elsewhere are names, and nothing is written', async (t) => {
    const folder = temporaryFolder(t);
    const parts = files(folder, 1);
    const names = ['../../up', '/etc/absolute', 'C:\\drive', 'a/../b'];
    const path = write(folder, zipBytes(names.flatMap((name) => entries(name, parts))));
    assert.deepEqual(Object.keys(await rowsOf(path)), ['up', 'absolute', 'drive', 'b']);
    assert.deepEqual(readdirSync(folder), ['a.zip', 'of 1 from 0']);
  });

  test('one that is cut short is refused; one without shapefiles is none', async (t) => {
    const folder = temporaryFolder(t);
    const bytes = zipBytes(entries('a', files(folder, 20)));
    for (const length of [bytes.length - 1, bytes.length >> 1, 40, 4]) {
      const path = write(folder, bytes.subarray(0, length));
      await assert.rejects(
        rowsOf(path),
        refused('input-truncated', /cut short: it has no directory/),
      );
    }
    const gml = write(folder, zipBytes([{ name: 'in/a b.gml', bytes: Buffer.from('<') }]));
    assert.equal(inputFormatOf(gml), undefined);
    await assert.rejects(
      openSource(gml),
      refused(
        'input-format',
        /ogr2ogr -f GPKG \S+a\.zip\.gpkg '\/vsizip\/\S+a\.zip\/in\/a b\.gml' -forceNullable$/,
      ),
    );
  });
});

suite('archives of others', () => {
  test("Python's, of files of the world, have the rows of the files", async (t) => {
    const shared = sharedData('real');
    if (shared === null) return t.skip(NO_SHARED_DATA);
    if (!hasProgram('python3')) return t.skip('python3 is not there');
    const folder = temporaryFolder(t);
    for (const file of [
      'natural-earth/ne_50m_land',
      'taxi-zones/taxi_zones',
      'natural-earth/ne_10m_lakes',
    ]) {
      const stem = join(shared, file);
      const plain = await rowsOf(`${stem}.shp`);
      for (const method of ['ZIP_STORED', 'ZIP_DEFLATED']) {
        const path = join(folder, `${method}.zip`);
        const script = `
import glob, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.${method}) as z:
    for f in sorted(glob.glob(sys.argv[2] + '.*')):
        with z.open('x/' + f.split('/')[-1], 'w', force_zip64=True) as m: m.write(open(f, 'rb').read())`;
        assert.equal(spawnSync('python3', ['-c', script, path, stem]).status, 0);
        assert.equal(inputFormatOf(path), ZIPPED_SHAPEFILES);
        assert.deepEqual(await rowsOf(path), plain, `${method} of ${basename(file)}`);
      }
    }
  });
});
