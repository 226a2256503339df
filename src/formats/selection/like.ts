/** LIKE on UTF-8: % stands for any text, _ for one character. */

const ANY_TEXT = -1;
const ANY_CHARACTER = -2;

/** Whether the text bytes[start, end) is like the pattern. */
export type LikeTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/** @param ignoreCase - of A to Z; other letters differ from their capitals */
export function likeTest(pattern: string, escapedBy: string | null, ignoreCase: boolean): LikeTest {
  const parts = partsOf(pattern, escapedBy, ignoreCase);
  const count = parts.length;
  return (bytes, start, end) => {
    let at = start;
    let part = 0;
    // Where the last % was, and how far the text is that it stands for: no other need be longer.
    let resumePart = -1;
    let resumeAt = start;
    while (at < end || part < count) {
      const wanted = part < count ? parts[part]! : Number.NaN;
      if (wanted === ANY_TEXT) {
        resumePart = ++part;
        resumeAt = at;
        continue;
      }
      if (at < end) {
        const byte = bytes[at]!;
        if (wanted === ANY_CHARACTER) {
          at = afterCharacter(bytes, at, end);
          part++;
          continue;
        }
        if (wanted === (ignoreCase ? lower(byte) : byte)) {
          at++;
          part++;
          continue;
        }
      }
      if (resumePart < 0 || resumeAt >= end) return false;
      resumeAt = afterCharacter(bytes, resumeAt, end);
      at = resumeAt;
      part = resumePart;
    }
    return true;
  };
}

/** Bytes of the pattern, and what stands for others. */
function partsOf(pattern: string, escapedBy: string | null, ignoreCase: boolean): Int16Array {
  const parts: number[] = [];
  const encoder = new TextEncoder();
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === escapedBy) escaped = true;
    else {
      if (!escaped && character === '%') parts.push(ANY_TEXT);
      else if (!escaped && character === '_') parts.push(ANY_CHARACTER);
      else {
        for (const byte of encoder.encode(character)) parts.push(ignoreCase ? lower(byte) : byte);
      }
      escaped = false;
    }
  }
  return Int16Array.from(parts);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function afterCharacter(bytes: Uint8Array, at: number, end: number): number {
  at++;
  while (at < end && (bytes[at]! & 0xc0) === 0x80) at++;
  return at;
}
