import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FileWindow } from '../../src/formats/file-window.ts';
import { fails, withFiles } from './shapefile/shapefile-fixture.ts';

const BLOCK = 1 << 20;

function randomBytes(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = random.integer(256);
  return bytes;
}

test('numbers and copies from anywhere are those of the whole file', () => {
  const random = new Random(21);
  const whole = randomBytes(random, 5 * BLOCK + 13);
  const lengths = [0, 1, 8, 63, 64, 65, 500, 70_000, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK];
  withFiles({ 'a.bin': whole }, (path) => {
    for (let round = 0; round < 3; round++) {
      const window = new FileWindow(path('a.bin'), path('a.bin'));
      assert.equal(window.size, whole.length);
      let at = 0;
      for (let i = 0; i < 3000; i++) {
        // Forward in small steps, as readers go, and now and then elsewhere.
        at = random.next() < 0.8 ? at + random.integer(3000) : random.integer(whole.length);
        if (at + 8 > whole.length) at = random.integer(1000);
        assert.equal(window.uint8(at), whole[at]);
        assert.equal(window.uint16LE(at), whole.readUInt16LE(at));
        assert.equal(window.int32LE(at + 4), whole.readInt32LE(at + 4));
        assert.equal(window.uint32LE(at), whole.readUInt32LE(at));
        assert.equal(window.uint32BE(at + 3), whole.readUInt32BE(at + 3));
        assert.ok(Object.is(window.float64LE(at), whole.readDoubleLE(at)));
        if (i % 20 > 0) continue;
        const length = Math.min(lengths[random.integer(lengths.length)]!, whole.length - at);
        const target = Buffer.alloc(length + 9, 7);
        window.copy(at, length, target, 5);
        const expected = Buffer.alloc(length + 9, 7);
        whole.copy(expected, 5, at, at + length);
        assert.ok(target.equals(expected), `${length} bytes at ${at}`);
      }
      window.close();
    }
  });
});

test('no range outside the file is read, nor one that is gone', () => {
  withFiles({ 'a.bin': Buffer.alloc(200_000, 1) }, (path) => {
    const window = new FileWindow(path('a.bin'), 'input');
    const target = Buffer.alloc(2 * BLOCK);
    const outside = fails('input-corrupt', /a\.bin is damaged: it refers to .* has 200000/);
    assert.throws(() => window.uint8(200_000), outside);
    assert.throws(() => window.uint8(-1), outside);
    assert.throws(() => window.uint32BE(199_997), outside);
    assert.throws(() => window.uint8(Number.NaN), outside);
    assert.throws(() => window.copy(0, BLOCK, target, 0), outside);
    assert.throws(() => window.copy(199_999, 40, target, 0), outside);
    assert.equal(window.uint8(199_999), 1);
    truncateSync(path('a.bin'), 100_000);
    const gone = fails('input-truncated', /a\.bin became shorter while it was read/);
    assert.throws(() => window.uint8(150_000), gone);
    // A read that failed leaves nothing behind that could be taken for the file.
    assert.throws(() => window.uint8(150_000), gone);
    assert.equal(window.uint8(1000), 1);
    window.close();
    assert.throws(() => window.uint8(150_000), fails('input-unreadable', /was closed/));
    window.close();
    assert.throws(() => new FileWindow(path('b.bin'), 'input'), fails('input-missing', /b\.bin/));
    assert.throws(() => new FileWindow(path('.'), 'input'), fails('input-format', /not a file/));
  });
});
