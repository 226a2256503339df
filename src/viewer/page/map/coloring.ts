/**
 * Colours of polygons by what they have in a column: the most frequent values of those in view, or
 * steps of a ramp for numbers that are many.
 */

import type { Cell } from '../../shared/cell-format.ts';
import { count, rounded } from '../format.ts';
import type { Spread } from '../state.ts';

/** Colours of classes, and steps of a ramp. After them come others, and polygons without a value. */
export const CLASSES = 7;
export const OTHERS = CLASSES;
export const NO_VALUE = CLASSES + 1;

/** Values of polygons in view, by how often they are there. */
export class Tally {
  readonly texts = new Map<string, number>();
  readonly numbers = new Map<number, number>();
  /** Of polygons with a value that is not told from others. */
  others = 0;
  without = 0;

  add(value: number, labels: readonly string[] | null): void {
    if (Number.isNaN(value)) this.without++;
    else if (labels === null) this.numbers.set(value, (this.numbers.get(value) ?? 0) + 1);
    else if (value < 0) this.others++;
    else {
      const label = labels[value]!;
      this.texts.set(label, (this.texts.get(label) ?? 0) + 1);
    }
  }
}

export interface LegendItem {
  /** Number in the palette. */
  color: number;
  label: string;
  /** Whether the label is a value of the column. */
  isText: boolean;
  count: number;
}

export interface Legend {
  /** Whether colours are an order. */
  isRamp: boolean;
  items: LegendItem[];
}

export class Coloring {
  legend: Legend = { isRamp: false, items: [] };
  /** Another text where values have other colours. */
  key = '';
  readonly #classes = new Map<string | number, number>();
  /** What values are called that have their colour always. */
  readonly #fixed: ReadonlyMap<string | number, string>;
  /** Where steps end, ascending; null for classes. */
  #breaks: number[] | null = null;

  /** @param fixed - values that keep the first colours, with their names */
  constructor(fixed: readonly (readonly [value: string, name: string])[] = []) {
    this.#fixed = new Map(fixed);
    for (const [color, [value]] of fixed.entries()) this.#classes.set(value, color);
  }

  /**
   * Chooses colours anew. Classes that stay among the most frequent keep theirs.
   * @param drawn - polygons that are counted
   * @param shaded - those that only stand for what is too small to be drawn
   */
  choose(drawn: Tally, shaded: Tally, spread: Spread): void {
    const numbers = sum(drawn.numbers, shaded.numbers);
    const texts = sum(drawn.texts, shaded.texts);
    const isFew = numbers.size <= CLASSES && [...numbers.keys()].every(Number.isInteger);
    const isRamp = numbers.size > 0 && texts.size === 0 && !isFew;
    this.#breaks = isRamp ? breaksOf(numbers, spread) : null;
    const items = isRamp
      ? this.#steps(drawn.numbers, numbers)
      : this.#chooseClasses(new Map<string | number, number>([...texts, ...numbers]), drawn);
    const { without } = drawn;
    if (without + shaded.without > 0)
      items.push({ color: NO_VALUE, label: 'no value', isText: false, count: without });
    this.legend = { isRamp, items };
    this.key = JSON.stringify(this.#breaks ?? [...this.#classes]);
  }

  /** Numbers in the palette of a cell's values. */
  colorsOf({ values, labels }: Cell): Uint8Array {
    const out = new Uint8Array(values.length);
    const byLabel = labels?.map((label) => this.#classes.get(label) ?? OTHERS);
    for (let k = 0; k < values.length; k++) {
      const value = values[k]!;
      if (Number.isNaN(value)) out[k] = NO_VALUE;
      else if (byLabel !== undefined) out[k] = byLabel[value] ?? OTHERS;
      else if (this.#breaks === null) out[k] = this.#classes.get(value) ?? OTHERS;
      else out[k] = this.#stepOf(value);
    }
    return out;
  }

  #stepOf(value: number): number {
    const breaks = this.#breaks!;
    let step = 0;
    while (step < breaks.length - 1 && value > breaks[step]!) step++;
    return colorOfStep(step, breaks.length);
  }

  #steps(drawn: Map<number, number>, all: Map<number, number>): LegendItem[] {
    const breaks = this.#breaks!;
    const least = all.keys().reduce((a, b) => Math.min(a, b));
    const counts = new Map<number, number>();
    for (const [value, times] of drawn) {
      const step = this.#stepOf(value);
      counts.set(step, (counts.get(step) ?? 0) + times);
    }
    return breaks.map((end, step) => {
      const color = colorOfStep(step, breaks.length);
      const label = `${number(breaks[step - 1] ?? least)} – ${number(end)}`;
      return { color, label, isText: false, count: counts.get(color) ?? 0 };
    });
  }

  #chooseClasses(all: Map<string | number, number>, drawn: Tally): LegendItem[] {
    const sorted = [...all].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const chosen = new Set(sorted.slice(0, CLASSES).map(([value]) => value));
    for (const value of this.#classes.keys()) {
      if (!chosen.has(value) && !this.#fixed.has(value)) this.#classes.delete(value);
    }
    const taken = new Set(this.#classes.values());
    const free = Array.from({ length: CLASSES }, (_, k) => k).filter((k) => !taken.has(k));
    for (const value of chosen) {
      if (!this.#classes.has(value)) this.#classes.set(value, free.shift()!);
    }
    const times = (value: string | number): number =>
      drawn.texts.get(value as string) ?? drawn.numbers.get(value as number) ?? 0;
    const items: LegendItem[] = [...chosen].map((value) => ({
      color: this.#classes.get(value)!,
      label: this.#fixed.get(value) ?? (String(value) === '' ? '(empty)' : String(value)),
      isText: typeof value === 'string',
      count: times(value),
    }));
    const rest = sorted.slice(CLASSES);
    const others = rest.reduce((n, [value]) => n + times(value), drawn.others);
    if (rest.length > 0 || drawn.others > 0) {
      const label = rest.length > 0 ? `others (${count(rest.length)} values)` : 'others';
      items.push({ color: OTHERS, label, isText: false, count: others });
    }
    return items;
  }
}

function sum<K>(a: Map<K, number>, b: Map<K, number>): Map<K, number> {
  const all = new Map(a);
  for (const [key, times] of b) all.set(key, (all.get(key) ?? 0) + times);
  return all;
}

/** Ends of at most as many steps as there are colours; each value is in the first that it is not past. */
function breaksOf(numbers: Map<number, number>, spread: Spread): number[] {
  const sorted = [...numbers].sort(([a], [b]) => a - b);
  if (spread === 'linear') {
    // What is infinite is in the first or the last step.
    const finite = sorted.map(([value]) => value).filter(Number.isFinite);
    const [low = 0, high = 0] = [finite[0], finite.at(-1)];
    // Halves first: the width itself may be too large for a number.
    return Array.from({ length: CLASSES }, (_, k) =>
      k === CLASSES - 1 ? high : low * (1 - (k + 1) / CLASSES) + high * ((k + 1) / CLASSES),
    ).filter((end, k, ends) => k === 0 || end > ends[k - 1]!);
  }
  const high = sorted.at(-1)![0];
  const total = sorted.reduce((n, [, times]) => n + times, 0);
  const ends: number[] = [];
  let passed = 0;
  for (const [value, times] of sorted) {
    passed += times;
    if (passed >= ((ends.length + 1) * total) / CLASSES) ends.push(value);
  }
  if (ends.at(-1) !== high) ends.push(high);
  return ends;
}

/** Few steps are as far apart in the ramp as they can be. */
function colorOfStep(step: number, steps: number): number {
  return steps === 1 ? CLASSES >> 1 : Math.round((step * (CLASSES - 1)) / (steps - 1));
}

function number(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2);
  return (Number.isInteger(value) && size < 1e4 ? String(value) : rounded(value)).replace('-', '−');
}
