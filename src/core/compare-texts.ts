/**
 * Below 0 where `a` comes before `b`, by their code points, as in SQLite, Python and other programs: the
 * units of UTF-16, by which `<` goes, are in another order past U+D7FF.
 */
export function compareTexts(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let k = 0; k < end; k++) {
    const [x, y] = [a.charCodeAt(k), b.charCodeAt(k)];
    if (x !== y) return placeOf(x) - placeOf(y);
  }
  return a.length - b.length;
}

/** Units of pairs, for code points past U+FFFF, come last. */
function placeOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
