import assert from 'node:assert/strict';
import fs, { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { identityOf } from '../../src/core/files/file-sum.ts';
import { alignedBytes, OutputFile, WritePace } from '../../src/core/files/output-file.ts';
import { Random } from '../../src/core/random.ts';
import { fletcherOf } from './fletcher.ts';

const { O_DIRECT } = fs.constants;
const real = { openSync: fs.openSync, writeSync: fs.writeSync };
const BLOCK = 4096;
/** Pieces of at least this many bytes may be written directly. */
const LARGE = 1 << 19;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What a system does with direct writing. */
interface System {
  /** Whether a file can be opened so. */
  opens: boolean;
  /** Direct writes that it takes; after these it refuses. */
  takes: number;
  /** The most bytes that it takes of the one before it refuses. */
  short: number;
}

/** Counts direct writes until the test ends; they are buffered ones here, so all systems will do. */
function pretend(t: TestContext, system: System): { direct: number; refused: number } {
  const seen = { direct: 0, refused: 0 };
  const directs = new Set<number>();
  const refuse = (): never => {
    seen.refused++;
    throw Object.assign(new Error('EINVAL: invalid argument'), { code: 'EINVAL' });
  };
  fs.openSync = ((path: string, flags: number | string, mode?: number) => {
    if (typeof flags !== 'number' || (flags & O_DIRECT) === 0) {
      return real.openSync(path, flags, mode);
    }
    if (!system.opens) refuse();
    const fd = real.openSync(path, flags & ~O_DIRECT);
    directs.add(fd);
    return fd;
  }) as typeof fs.openSync;
  fs.writeSync = ((fd: number, bytes: Uint8Array, at: number, length: number, to: number) => {
    if (!directs.has(fd)) return real.writeSync(fd, bytes, at, length, to);
    for (const offset of [bytes.byteOffset + at, length, to]) assert.equal(offset % BLOCK, 0);
    seen.direct++;
    if (seen.direct > system.takes) refuse();
    const most = seen.direct === system.takes ? system.short : length;
    return real.writeSync(fd, bytes, at, Math.min(length, most), to);
  }) as typeof fs.writeSync;
  syncBuiltinESMExports();
  t.after(() => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  });
  return seen;
}

/** Writes a file piece by piece, from aligned memory or not, and compares it with what it should be. */
function writePieces(path: string, random: Random, direct: boolean): OutputFile {
  const memory = alignedBytes(6 * LARGE);
  for (let i = 0; i < memory.length; i++) memory[i] = random.integer(256);
  const expected = new Uint8Array(80 * LARGE);
  const file = OutputFile.create(path, { direct, pace: new WritePace() });
  let size = 0;
  for (let n = 0; n < 12; n++) {
    // The first piece can be written directly.
    const isAligned = n === 0 || random.next() < 0.9;
    const bytes = memory.subarray(isAligned ? BLOCK * random.integer(8) : random.integer(BLOCK));
    let length = LARGE + random.integer(bytes.length - LARGE);
    if (isAligned) length -= length % BLOCK;
    // Mostly at the end, sometimes over what is there, or beyond a gap.
    const place = n === 0 ? 0 : random.next();
    const to = place < 0.7 ? size : random.integer(size + (place < 0.8 ? LARGE : 1));
    file.write(bytes, length, to);
    expected.set(bytes.subarray(0, length), to);
    size = Math.max(size, to + length);
    assert.equal(file.size, size);
  }
  file.close();
  file.close();
  assert.ok(readFileSync(path).equals(expected.subarray(0, size)));
  return file;
}

suite('output file', () => {
  for (const direct of [false, true]) {
    test(`pieces of all lengths and places, ${direct ? 'directly' : 'buffered'}`, (t) => {
      const folder = folderOf(t);
      for (let seed = 0; seed < 12; seed++) {
        writePieces(join(folder, `${seed}`), new Random(seed), direct);
      }
    });
  }

  test('a system that refuses direct writing, at any moment', (t) => {
    const folder = folderOf(t);
    const system: System = { opens: true, takes: 0, short: 0 };
    const seen = pretend(t, system);
    let files = 0;
    for (const takes of [0, 1, 2, 3, 5, 1000]) {
      for (const short of [1, 5000, BLOCK, 5 * BLOCK, 64 * LARGE]) {
        for (const opens of takes === 0 ? [true, false] : [true]) {
          Object.assign(system, { opens, takes, short });
          Object.assign(seen, { direct: 0, refused: 0 });
          const file = writePieces(join(folder, `${files++}`), new Random(files), true);
          assert.ok(opens ? seen.direct > 0 : seen.direct === 0);
          assert.ok(seen.refused <= 1, 'it is not asked again');
          assert.equal(file.direct, seen.refused === 0);
        }
      }
    }
    assert.equal(files, 35);
  });

  test('only large pieces from aligned memory at aligned places are written directly', (t) => {
    const folder = folderOf(t);
    const seen = pretend(t, { opens: true, takes: 1000, short: 0 });
    const memory = alignedBytes(LARGE + BLOCK);
    let pace = new WritePace();
    const write = (bytes: Uint8Array, length: number, position: number, direct = true): number => {
      const file = OutputFile.create(join(folder, 'file'), { direct, pace });
      const before = seen.direct;
      file.write(bytes, length, position);
      file.close();
      rmSync(file.path);
      return seen.direct - before;
    };
    if (O_DIRECT === undefined) t.skip('this system has no O_DIRECT');
    else {
      assert.equal(write(memory, LARGE, 0), 1);
      assert.equal(write(memory, LARGE + 1, 3 * 2 ** 31), 1);
      assert.equal(write(memory, LARGE - BLOCK, 0), 0);
      assert.equal(write(memory, LARGE, 512), 0);
      assert.equal(write(memory.subarray(512), LARGE, 0), 0);
      assert.equal(write(memory, LARGE, 0, false), 0);
      pace = new WritePace();
      pace.note(1e9, 1e9);
      assert.equal(write(memory, LARGE, 0), 0);
    }
  });

  test('a disk is slow if it takes less than 200 MB/s, of late', () => {
    const pace = new WritePace();
    const write = (bytes: number, perSecond: number) =>
      pace.note(bytes, (1000 * bytes) / perSecond);
    write(50e6, 1e6);
    assert.ok(pace.suits(), 'too little to judge by');
    write(50e6, 1e6);
    assert.equal(pace.suits(), false);
    for (let n = 0; n < 100; n++) write(50e6, 400e6);
    assert.ok(pace.suits());
    for (let n = 0; n < 100; n++) write(50e6, 150e6);
    const suited = Array.from({ length: 640 }, () => pace.suits());
    assert.equal(suited.filter(Boolean).length, 10, 'one is tried now and then');
  });

  test('what lies there is left alone', (t) => {
    const folder = folderOf(t);
    const [path, link] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(path, 'mine');
    symlinkSync(join(folder, 'c'), link);
    for (const there of [path, link]) {
      assert.throws(() => OutputFile.create(there, { direct: true }), { code: 'EEXIST' });
    }
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    assert.deepEqual(fs.readdirSync(folder), ['a', 'b']);
  });

  test('its checksum is that of the whole file, in whatever pieces it was written', (t) => {
    const folder = folderOf(t);
    const memory = alignedBytes(1 << 20);
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed);
      const path = join(folder, `${seed}`);
      const file = OutputFile.create(path, { summed: true });
      // Pieces of any lengths, from memory that can be summed in place or not, in any order.
      const pieces: { bytes: Uint8Array; length: number; position: number }[] = [];
      const step = [1, 8, 32, BLOCK][seed % 4]!;
      let size = 0;
      for (let n = random.integer(8); n >= 0; n--) {
        const length = step * (1 + random.integer(Math.min(600_000, 2 ** (4 + 2 * n)) / step));
        const some = Uint8Array.from({ length }, () => random.integer(256));
        pieces.push({ bytes: some, length, position: size });
        size += length + (random.next() < 0.2 ? step * random.integer(50) : 0);
      }
      // As SQLite's first page: zeros, until everything is known.
      const first = pieces[0]!;
      file.write(new Uint8Array(first.length), first.length, 0);
      while (pieces.length > 0) {
        const [{ bytes, length, position }] = pieces.splice(random.integer(pieces.length), 1) as [
          (typeof pieces)[number],
        ];
        const isHere = random.next() < 0.7;
        if (isHere) memory.set(bytes);
        file.write(isHere ? memory : bytes, length, position);
      }
      file.close();
      const bytes = readFileSync(path);
      const expected = { bytes: bytes.length, sum: fletcherOf(bytes) };
      assert.deepEqual(file.identity, expected, `seed ${seed}`);
      assert.deepEqual(identityOf(path), expected, `seed ${seed}`);
    }
    const plain = OutputFile.create(join(folder, 'not summed'));
    plain.close();
    assert.equal(plain.identity, null);
  });
});
