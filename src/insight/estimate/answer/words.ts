/** Numbers as people read them: two digits, and the unit that fits. */

import type { Range } from '../estimate-types.ts';

/** Two significant digits. */
function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(2));
}

const TIMES: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];
const SIZES: readonly (readonly [bytes: number, name: string])[] = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
];

/** Up to so many of a unit, the next larger one is not used. */
const KEEP = 1.5;

export function duration(seconds: number): string {
  const [size, name] = unitOf(TIMES, seconds, KEEP);
  return `${rounded(seconds / size)} ${name}`;
}

/** `1.8 min (1.5–2.2)`, all in one unit. */
export function aboutRange({ low, about, high }: Range): string {
  const [unit, name] = unitOf(TIMES, about, KEEP);
  const [from, middle, to] = [low, about, high].map((seconds) => rounded(seconds / unit));
  return `${middle} ${name} (${from}–${to})`;
}

export function size(bytes: number): string {
  const [unit, name] = unitOf(SIZES, bytes, 1);
  return `${rounded(bytes / unit)} ${name}`;
}

export function sizeRange({ low, high }: Range): string {
  return rangeText(low, high, unitOf(SIZES, high, 1));
}

export function number(n: number): string {
  return Math.round(n).toLocaleString('en');
}

/** `12,000`: two digits of a count that is not known better. */
export function roughly(n: number): string {
  return rounded(n).toLocaleString('en');
}

function rangeText(low: number, high: number, [unit, name]: readonly [number, string]): string {
  const [from, to] = [rounded(low / unit), rounded(high / unit)];
  return from === to ? `${from} ${name}` : `${from}–${to} ${name}`;
}

function unitOf(
  units: readonly (readonly [number, string])[],
  value: number,
  keep: number,
): readonly [number, string] {
  return units.find(([size]) => value >= size * keep) ?? units.at(-1)!;
}
