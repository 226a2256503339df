/** Polygons of well-known binary, plainly: of any byte order and dimension, with the codes of ISO and of EWKB. */

import { canonical } from '../contract/contract-reading.ts';

/** Rings as `canonical` has them; null for what is no polygon, or not whole. */
export function polygonsOfWkb(bytes: Uint8Array): string[][] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const uint32 = (little: boolean): number => {
    at += 4;
    return view.getUint32(at - 4, little);
  };
  const geometry = (): string[][] => {
    const little = view.getUint8(at++) === 1;
    const code = uint32(little);
    if ((code & 0x20000000) !== 0) at += 4;
    const type = (code & 0x1fffffff) % 1000;
    const iso = Math.floor((code & 0x1fffffff) / 1000);
    const hasZ = (code & 0x80000000) !== 0 || iso === 1 || iso === 3;
    const hasM = (code & 0x40000000) !== 0 || iso === 2 || iso === 3;
    const count = uint32(little);
    const parts: string[][] = [];
    if (type === 6) {
      for (let k = 0; k < count; k++) parts.push(...geometry());
      return parts;
    }
    if (type !== 3) throw new RangeError('no polygon');
    const rings: string[] = [];
    for (let k = 0; k < count; k++) {
      const ring: number[][] = [];
      for (let left = uint32(little); left > 0; left--) {
        ring.push([view.getFloat64(at, little), view.getFloat64(at + 8, little)]);
        at += 16 + 8 * (Number(hasZ) + Number(hasM));
      }
      // Empty ones are passed over.
      if (ring.length > 0) rings.push(canonical(ring));
    }
    return rings.length > 0 ? [rings] : [];
  };
  try {
    return geometry();
  } catch {
    return null;
  }
}
