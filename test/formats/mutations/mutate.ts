/**
 * Other bytes than those of a sound file: what disks, transfers and editors do, and what somebody does who knows
 * where a format keeps its numbers.
 */

import type { Random } from '../../../src/core/random.ts';

/** An unsigned number of the format: a length, a count, an offset, a type. */
export interface Place {
  at: number;
  bytes: 1 | 2 | 4 | 8;
  /** Big-endian. */
  big?: boolean;
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.integer(from.length)]!;

/** A few numbers of the format or bytes that are others, and now and then some that are gone, or more. */
export function mutate(random: Random, sound: Buffer, places: readonly Place[]): Buffer {
  let bytes: Buffer = Buffer.from(sound);
  if (bytes.length === 0) return Buffer.from([random.integer(256)]);
  const byPlace = places.length > 0 && random.integer(2) === 0;
  const moves = random.integer(byPlace ? 8 : 3) === 0;
  const steps = byPlace || !moves ? 1 + random.integer(random.integer(3) === 0 ? 4 : 1) : 0;
  for (let n = 0; n < steps; n++) {
    if (byPlace) otherNumber(random, bytes, places);
    else otherBytes(random, bytes);
  }
  if (moves) bytes = moved(random, bytes);
  return bytes;
}

/** Numbers at the ends of ranges, beside the one that is there, and such as the file itself has. */
function otherNumber(random: Random, bytes: Buffer, places: readonly Place[]): void {
  const place = pick(random, places);
  const { at, bytes: width, big = false } = place;
  if (at + width > bytes.length) return;
  const read = (of: Place): bigint => {
    const copy = Buffer.alloc(8);
    const own = bytes.subarray(of.at, of.at + of.bytes);
    if (of.big === true) own.copy(copy, 8 - own.length);
    else own.copy(copy);
    return of.big === true ? copy.readBigUInt64BE() : copy.readBigUInt64LE();
  };
  const old = read(place);
  const most = 1n << BigInt(8 * width);
  const size = BigInt(bytes.length);
  const value = pick(random, [
    ...[0n, 1n, 2n, most - 1n, most - 2n, most / 2n, most / 2n - 1n, most / 4n],
    ...[
      old + 1n,
      old - 1n,
      2n * old,
      old / 2n,
      most - old,
      old ^ (1n << BigInt(random.integer(8 * width))),
    ],
    ...[
      size,
      size - 1n,
      size / 2n,
      size - BigInt(at),
      BigInt(at),
      BigInt(random.integer(bytes.length)),
    ],
    read(pick(random, places)),
  ]);
  const written = Buffer.alloc(8);
  if (big) written.writeBigUInt64BE(BigInt.asUintN(8 * width, value));
  else written.writeBigUInt64LE(BigInt.asUintN(8 * width, value));
  written.copy(bytes, at, big ? 8 - width : 0, big ? 8 : width);
}

/** Lengths and counts of seven bits a byte, to their limits and past them. */
const VARINTS = [
  '00',
  '7f',
  'ff7f',
  'ffffffff07',
  'ffffffff0f',
  '8080808008',
  'ffffffffffffffff7f',
  'ffffffffffffffffff01',
].map((hex) => Buffer.from(hex, 'hex'));

function otherBytes(random: Random, bytes: Buffer): void {
  const at = random.integer(bytes.length);
  const length = Math.min(1 + random.integer(random.integer(4) === 0 ? 64 : 8), bytes.length - at);
  switch (random.integer(9)) {
    case 0:
      bytes[at] = random.integer(256);
      break;
    case 1:
      bytes.fill(pick(random, [0, 0, 255]), at, at + length);
      break;
    case 2:
      bytes.copyWithin(at, random.integer(bytes.length), random.integer(bytes.length));
      break;
    case 3:
      bytes.copyWithin(at, random.integer(bytes.length), at + length);
      break;
    case 4:
      pick(random, VARINTS).copy(bytes, at);
      break;
    case 5: {
      // A number that no table knows of.
      const width = pick(random, [1, 2, 4, 8] as const);
      otherNumber(random, bytes, [{ at, bytes: width, big: random.integer(2) === 0 }]);
      break;
    }
    case 6:
      bytes[at]! += pick(random, [1, 255]);
      break;
    default:
      bytes[at]! ^= 1 << random.integer(8);
  }
}

/** Cut, put in, left out, or there twice. */
function moved(random: Random, bytes: Buffer): Buffer {
  const at = random.integer(bytes.length);
  const end = Math.min(bytes.length, at + 1 + random.integer(random.integer(3) === 0 ? 200 : 8));
  const [before, own, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  switch (random.integer(4)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, own, own, after]);
    default: {
      const more = Buffer.alloc(end - at);
      for (let i = 0; i < more.length; i++) more[i] = pick(random, [0, 255, random.integer(256)]);
      return Buffer.concat([before, more, own, after]);
    }
  }
}
