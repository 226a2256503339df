/** Reads PNGs as other software may write them: 8-bit RGB and RGBA, palettes of up to 8 bits. */

import assert from 'node:assert/strict';
import { crc32, inflateSync } from 'node:zlib';

export interface Picture {
  width: number;
  height: number;
  /** 4 bytes per dot, row by row from the top. */
  rgba: Uint8Array;
  /** Dots per metre, if the file says so. */
  dotsPerMeter: number | null;
}

export function decodePng(bytes: Uint8Array): Picture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert.equal(file.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + length);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(file.subarray(at + 4, at + 8 + length)));
    chunks.set(type, Buffer.concat([chunks.get(type) ?? Buffer.alloc(0), data]));
    at += 12 + length;
  }
  assert.ok(chunks.has('IEND'));
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bits = header[8]!;
  const type = header[9]!;
  const channels = { 2: 3, 3: 1, 6: 4 }[type]!;
  assert.deepEqual([...header.subarray(10)], [0, 0, 0], 'not interlaced');
  const rowBytes = Math.ceil((width * channels * bits) / 8);
  const rows = unfilter(inflateSync(chunks.get('IDAT')!), rowBytes, height, (channels * bits) >> 3);
  const rgba = new Uint8Array(4 * width * height);
  const palette = chunks.get('PLTE');
  const alpha = chunks.get('tRNS');
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = 4 * (y * width + x);
      if (type === 3) {
        const bit = x * bits;
        const byte = rows[y * rowBytes + (bit >> 3)]!;
        const index = (byte >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        rgba.set(palette!.subarray(3 * index, 3 * index + 3), to);
        rgba[to + 3] = alpha?.[index] ?? 255;
      } else {
        const from = y * rowBytes + channels * x;
        rgba.set(rows.subarray(from, from + channels), to);
        if (channels === 3) rgba[to + 3] = 255;
      }
    }
  }
  return { width, height, rgba, dotsPerMeter: chunks.get('pHYs')?.readUInt32BE(0) ?? null };
}

/** Undoes the five filters of the standard (section 9). */
function unfilter(data: Buffer, rowBytes: number, height: number, stepBits: number): Uint8Array {
  assert.equal(data.length, (rowBytes + 1) * height);
  const step = Math.max(1, stepBits);
  const out = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)]!;
    for (let i = 0; i < rowBytes; i++) {
      const a = i < step ? 0 : out[y * rowBytes + i - step]!;
      const b = y === 0 ? 0 : out[(y - 1) * rowBytes + i]!;
      const c = i < step || y === 0 ? 0 : out[(y - 1) * rowBytes + i - step]!;
      const near = [a, b, c].map((value) => Math.abs(a + b - c - value)) as [
        number,
        number,
        number,
      ];
      const paeth = near[0] <= near[1] && near[0] <= near[2] ? a : near[1] <= near[2] ? b : c;
      const guess = [0, a, b, (a + b) >> 1, paeth][filter]!;
      out[y * rowBytes + i] = data[y * (rowBytes + 1) + 1 + i]! + guess;
    }
  }
  return out;
}
