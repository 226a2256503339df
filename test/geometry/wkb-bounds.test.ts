import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { polygonBounds } from '../../src/geometry/wkb-bounds.ts';

interface Written {
  bytes: Buffer;
  /** Where the vertices of the first ring begin, and how long one is. */
  at: number;
  stride: number;
  ring: number[][];
}

type Dialect = 'plain' | 'iso' | 'ewkb' | 'ewkb with srid';

/** Well-known binary by its own words, in either byte order: a polygon, or a multipolygon of two. */
function write(random: Random, little: boolean, multi: boolean, dialect: Dialect): Written {
  const [z, m] = dialect === 'plain' ? [0, 0] : [random.integer(2), random.integer(2)];
  const parts: Buffer[] = [];
  const uint32 = (value: number): void => {
    const part = Buffer.alloc(4);
    if (little) part.writeUInt32LE(value);
    else part.writeUInt32BE(value);
    parts.push(part);
  };
  const header = (kind: number): void => {
    parts.push(Buffer.from([little ? 1 : 0]));
    const srid = dialect === 'ewkb with srid' ? 0x20000000 : 0;
    const flags = dialect === 'iso' ? 1000 * (z + 2 * m) : z * 0x80000000 + m * 0x40000000 + srid;
    uint32(kind + flags);
    if (srid > 0) uint32(4326);
  };
  if (multi) {
    header(6);
    uint32(2);
  }
  header(3);
  uint32(1);
  const ring = Array.from({ length: 4 + random.integer(20) }, () =>
    Array.from({ length: 2 + z + m }, () => 1000 * random.next() - 500),
  );
  uint32(ring.length);
  const at = Buffer.concat(parts).length;
  for (const value of ring.flat()) {
    const part = Buffer.alloc(8);
    if (little) part.writeDoubleLE(value);
    else part.writeDoubleBE(value);
    parts.push(part);
  }
  return { bytes: Buffer.concat(parts), at, stride: 8 * (2 + z + m), ring };
}

const viewOf = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test('the box of as many vertices of the first ring as are there', () => {
  const random = new Random(1);
  const box = new Float64Array(4);
  for (let n = 0; n < 400; n++) {
    const dialect = (['plain', 'iso', 'ewkb', 'ewkb with srid'] as const)[n % 4]!;
    const { bytes, at, stride, ring } = write(random, n % 3 > 0, random.integer(2) > 0, dialect);
    const end = n % 5 === 0 ? bytes.length : random.integer(bytes.length + 1);
    const whole = Math.floor((end - at) / stride) + ((end - at) % stride >= 16 ? 1 : 0);
    const seen = end < at ? [] : ring.slice(0, whole);
    assert.equal(polygonBounds(viewOf(bytes), 0, end, box), seen.length > 0);
    if (seen.length === 0) continue;
    const [xs, ys] = [seen.map(([x]) => x!), seen.map(([, y]) => y!)];
    assert.deepEqual(
      [...box],
      [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    );
  }
});

test('what is no polygon has no box, and nothing is read past the end', () => {
  const random = new Random(2);
  const box = new Float64Array(4);
  const { bytes } = write(random, true, false, 'plain');
  for (const kind of [1, 2, 4, 5, 7, 10, 15, 17, 4003, 0x1fffffff]) {
    const other = Buffer.from(bytes);
    other.writeUInt32LE(kind, 1);
    assert.equal(polygonBounds(viewOf(other), 0, other.length, box), false, `${kind}`);
  }
  // A collection that holds itself, over and over.
  const nested = Buffer.concat(
    Array.from({ length: 50 }, () => Buffer.from([1, 6, 0, 0, 0, 1, 0, 0, 0])),
  );
  assert.equal(polygonBounds(viewOf(nested), 0, nested.length, box), false);
  const lacking = Buffer.from(bytes);
  for (let at = 13; at < lacking.length; at += 8) lacking.writeDoubleLE(Number.NaN, at);
  assert.equal(polygonBounds(viewOf(lacking), 0, lacking.length, box), false);
  for (let n = 0; n < 2000; n++) {
    const noise = Buffer.from(bytes);
    for (let k = 0; k < 4; k++) noise[random.integer(20)] = random.integer(256);
    polygonBounds(viewOf(noise), 0, random.integer(noise.length + 1), box);
  }
});
