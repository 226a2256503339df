import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { openBytes } from '../../../src/formats/remote/open-bytes.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { fails } from '../shapefile/shapefile-fixture.ts';
import { type Nginx, nginxMissing, startNginx } from './nginx.ts';

const MIB = 1 << 20;

function randomBytes(seed: number, length: number): Buffer {
  const random = new Random(seed);
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => random.integer(2 ** 32));
  return Buffer.from(words.buffer, 0, length);
}

suite('files behind an nginx', { skip: nginxMissing() }, () => {
  const folder = temporaryFolder({ after });
  let nginx: Nginx;
  before(async () => {
    nginx = await startNginx(folder);
  });
  after(() => nginx.stop());

  test('reads from anywhere give the bytes of the file', () => {
    for (const [seed, size] of [
      ...[1, 65_535, 65_536, 65_537, 3 * MIB + 7].map((size, i) => [i, size] as const),
      [9, 40 * MIB + 13] as const,
    ]) {
      const whole = randomBytes(seed, size);
      writeFileSync(join(folder, `${seed}.bin`), whole);
      const random = new Random(100 + seed);
      const file = openBytes(`${nginx.url}/${seed}.bin`);
      assert.equal(file.size, size);
      const lengths = [1, 100, 4096, 65_536, 262_144, MIB, 2 * MIB + 1, 9 * MIB];
      let at = 0;
      for (let i = 0; i < 400; i++) {
        const length = lengths[random.integer(i % 9 === 0 ? lengths.length : 5)]!;
        if (at >= size || random.next() < 0.3) at = random.integer(size);
        const target = Buffer.alloc(length + 8, 7);
        const read = file.read(target, 5, length, at);
        const expected = Buffer.alloc(length + 8, 7);
        whole.copy(expected, 5, at, at + length);
        assert.equal(read, Math.min(length, size - at));
        assert.ok(target.equals(expected), `${length} bytes at ${at} of ${size}`);
        at += read;
      }
      assert.equal(file.read(Buffer.alloc(9), 0, 9, size), 0);
      file.close();
      assert.throws(() => file.read(Buffer.alloc(9), 0, 9, 0), fails('input-unreadable', /closed/));
    }
  });

  test('files that are opened one after the other, as slices are, use memory again', (t) => {
    const whole = randomBytes(21, 12 * MIB);
    writeFileSync(join(folder, 'slices.bin'), whole);
    let allocated = 0;
    const Shared = SharedArrayBuffer;
    t.after(() => {
      globalThis.SharedArrayBuffer = Shared;
    });
    globalThis.SharedArrayBuffer = class extends Shared {
      constructor(bytes: number) {
        super(bytes);
        allocated += bytes;
      }
    } as typeof SharedArrayBuffer;
    for (let i = 0; i < 12; i++) {
      const file = openBytes(`${nginx.url}/slices.bin`);
      const target = Buffer.alloc(whole.length);
      for (let at = 0; at < whole.length; at += MIB) file.read(target, at, MIB, at);
      file.close();
      assert.ok(target.equals(whole));
    }
    assert.ok(allocated < 40 * MIB, `${allocated / MIB}`);
  });

  test('what is read from its beginning to its end comes in few requests, each byte once', () => {
    const whole = randomBytes(20, 64 * MIB);
    writeFileSync(join(folder, 'long.bin'), whole);
    const start = readFileSync(nginx.log, 'utf8').length;
    const window = new FileWindow(`${nginx.url}/long.bin`, 'long.bin');
    const target = Buffer.alloc(100_000);
    for (let at = 0; at < whole.length; at += target.length) {
      const length = Math.min(target.length, whole.length - at);
      window.copy(at, length, target, 0);
      assert.ok(target.subarray(0, length).equals(whole.subarray(at, at + length)));
    }
    window.close();
    const lines = readFileSync(nginx.log, 'utf8').slice(start).trim().split('\n');
    const ranges = lines.flatMap((line) => {
      const range = /bytes=(\d+)-(\d+)/.exec(line);
      return range === null ? [] : [[Number(range[1]), Number(range[2]) + 1] as const];
    });
    assert.ok(ranges.length < 60, `${ranges.length} requests`);
    let end = 0;
    for (const [from, to] of ranges.sort(([a], [b]) => a - b)) {
      assert.equal(from, end);
      end = to;
    }
    assert.equal(end, whole.length);
  });

  test('a file that is replaced while it is read is noticed, and then read as it is', () => {
    const url = `${nginx.url}/changes.bin`;
    const path = join(folder, 'changes.bin');
    writeFileSync(path, randomBytes(30, 8 * MIB));
    const file = openBytes(url);
    file.read(Buffer.alloc(100), 0, 100, 0);
    const other = randomBytes(31, 8 * MIB + 1);
    writeFileSync(`${path}~`, other);
    renameSync(`${path}~`, path);
    const changed = fails('input-unreadable', /changes\.bin can't be read: it was changed/);
    assert.throws(() => file.read(Buffer.alloc(100), 0, 100, 5 * MIB), changed);
    file.close();
    const again = openBytes(url);
    const target = Buffer.alloc(other.length);
    assert.equal(again.read(target, 0, target.length, 0), other.length);
    assert.ok(target.equals(other));
    again.close();
  });

  test('what is not there is missing', () => {
    assert.throws(() => openBytes(`${nginx.url}/none.bin`), fails('input-missing', /none\.bin/));
    writeFileSync(join(folder, 'empty.bin'), '');
    const file = openBytes(`${nginx.url}/empty.bin`);
    assert.equal(file.size, 0);
    assert.equal(file.read(Buffer.alloc(9), 0, 9, 0), 0);
    file.close();
  });
});
