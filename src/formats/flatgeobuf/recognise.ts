/** FlatGeobuf by its first bytes. */

/** `fgb`, the version, `fgb` once more and the patch, which readers pass over. */
export const MAGIC_BYTES = 8;
const [F, G, B] = [0x66, 0x67, 0x62];

/** Whether a file begins as one of some version of FlatGeobuf does. @param head - its first bytes */
export function isFlatGeobuf(head: Uint8Array): boolean {
  const isMark = (at: number): boolean =>
    head[at] === F && head[at + 1] === G && head[at + 2] === B;
  return head.length >= MAGIC_BYTES && isMark(0) && isMark(4);
}
