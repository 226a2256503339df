/** Writes PNG (W3C, Portable Network Graphics, third edition): RGB, and small palettes with alpha. */

import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const RGB = 2;
const PALETTE = 3;
/** The most that a block of stored bytes holds (RFC 1951, 3.2.4). */
const STORED = 65535;

/**
 * @param rgb - 3 bytes per dot, row by row from the top
 * @param dotsPerMeter - how large it is meant to be
 */
export function encodeRgb(
  rgb: Uint8Array,
  width: number,
  height: number,
  dotsPerMeter: number,
): Uint8Array {
  const size = new DataView(new ArrayBuffer(9));
  size.setUint32(0, dotsPerMeter);
  size.setUint32(4, dotsPerMeter);
  size.setUint8(8, 1);
  // Rows as they are: of colours that lie flat or in fine grains, filters make bigger files.
  const rowBytes = 3 * width;
  const rows = new Uint8Array((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(rgb.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return join([
    SIGNATURE,
    chunk('IHDR', header(width, height, 8, RGB)),
    chunk('pHYs', new Uint8Array(size.buffer)),
    chunk('IDAT', data),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/**
 * One colour at 16 levels of opacity, not compressed: so its bytes are the same with every version
 * of zlib.
 * @param levels - 0 (clear) to 15 (opaque), row by row from the top
 */
export function encodeLevels(
  levels: Uint8Array,
  width: number,
  height: number,
  color: readonly [number, number, number],
): Uint8Array {
  const rowBytes = 1 + Math.ceil(width / 2);
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * rowBytes + 1 + (x >> 1);
      rows[at] = rows[at]! | (levels[y * width + x]! << (x & 1 ? 0 : 4));
    }
  }
  const palette = new Uint8Array(48);
  for (let i = 0; i < 16; i++) palette.set(color, 3 * i);
  return join([
    SIGNATURE,
    chunk('IHDR', header(width, height, 4, PALETTE)),
    chunk('PLTE', palette),
    chunk(
      'tRNS',
      Uint8Array.from({ length: 16 }, (_, i) => 17 * i),
    ),
    chunk('IDAT', storeBytes(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function header(width: number, height: number, bits: number, type: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, bits);
  view.setUint8(9, type);
  return new Uint8Array(view.buffer);
}

/** Length, type, data, CRC of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** A zlib stream (RFC 1950) of stored blocks. */
function storeBytes(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / STORED));
  const out = new Uint8Array(2 + 5 * blocks + bytes.length + 4);
  const view = new DataView(out.buffer);
  out.set([0x78, 0x01]);
  let at = 2;
  for (let k = 0; k < blocks; k++) {
    const part = bytes.subarray(k * STORED, (k + 1) * STORED);
    out[at] = k === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, ~part.length & 0xffff, true);
    out.set(part, at + 5);
    at += 5 + part.length;
  }
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  view.setUint32(at, ((b << 16) | a) >>> 0);
  return out;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
