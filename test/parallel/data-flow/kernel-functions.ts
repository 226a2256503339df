/** Functions with all kinds of arguments and results, for tests of apps. */

export const add = (a: number, b: number): number => a + b;

export const echo = (...args: unknown[]): unknown => args;

export const table = (): Map<string, number[]> =>
  new Map([
    ['a', [1, 2]],
    ['b', [3]],
  ]);

export const when = (): Date => new Date(0);

export const total = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

export const area = (place: {
  at: { x: number; y: number };
  names: Map<string, number>;
  on: Date;
}): { centre: { x: number; y: number } } => ({ centre: place.at });

export const fail = (text: string): never => {
  throw new RangeError(text);
};

export const double = (n: number): number => 2 * n;

/** Fails for these numbers. */
export const unless = (n: number, ...not: number[]): number => {
  if (not.includes(n) || n === 13) throw new RangeError(`not ${n}`);
  return n;
};
