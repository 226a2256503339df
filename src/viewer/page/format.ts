/** Numbers as people read them. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function count(n: number): string {
  return whole.format(n);
}

/** With its noun: `1 tile`, `2 tiles`. */
export function counted(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** Three digits, or all of a large whole number. */
export function rounded(n: number): string {
  return Math.abs(n) >= 1000 ? whole.format(n) : short.format(n);
}

export function area(squareMeters: number): string {
  return squareMeters >= 1e5 ? `${rounded(squareMeters / 1e6)} km²` : `${rounded(squareMeters)} m²`;
}

/** A coordinate to `step` units of the CRS, a pixel or so. */
export function coordinate(value: number, step: number): string {
  const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(step))));
  return value.toFixed(digits).replace('-', '−');
}

/** `70.31250° N, 153.12744° W` */
export function lonLat([longitude, latitude]: readonly number[]): string {
  const part = (value: number, signs: string): string =>
    `${Math.abs(value).toFixed(5)}° ${signs[value < 0 ? 1 : 0]}`;
  return `${part(latitude!, 'NS')}, ${part(longitude!, 'EW')}`;
}

/** Enough of an identifier to tell it from others. */
export function shortId(identifier: string): string {
  return identifier.length > 12 ? `${identifier.slice(0, 8)}…` : identifier;
}
