/** From what a sample has cost to rates. Pure: numbers in, numbers out. */

/** A stage task of the sample; milliseconds without waiting for a core. */
export interface StagePoint {
  /** Thread that did it: each is slow at first. */
  worker: string;
  format: string;
  features: number;
  vertices: number;
  bytes: number;
  shuffleBytes: number;
  reading: number;
  kernels: number;
  writing: number;
  other: number;
}

export interface MergePoint {
  worker: string;
  tiles: number;
  shuffleBytes: number;
  net: number;
}

/** Milliseconds of a worker that has found its pace. */
export interface StageRates {
  readingPerByte: number;
  kernelsPerUnit: number;
  writingPerByte: number;
  perFile: number;
}

export interface Fitted<T> {
  rates: T;
  /** Milliseconds that a worker takes longer, in all, until it has found its pace. */
  warmUp: number;
  /** Standard deviation of the tasks' costs from the fitted ones, relative; and of their mean. */
  spread: number;
  error: number;
}

export interface MergeRates {
  perTile: number;
  perByte: number;
}

/** Work of the kernels that a feature is, in vertices, besides its vertices. */
const FEATURE_UNITS = 10;
/** For so many milliseconds a worker is taken to be slow. */
const SLOW_MS = 400;
/** This part of a worker's tasks, the last ones, counts as steady in any case. */
const STEADY_SHARE = 1 / 3;

export function kernelUnits({ vertices, features }: { vertices: number; features: number }) {
  return vertices + FEATURE_UNITS * features;
}

/** Rates by format; `warmUp`, `spread` and `error` are of all together. */
export function fitStage(points: readonly StagePoint[]): Fitted<Map<string, StageRates>> {
  const { early, steady } = splitBySpeed(points, netOf);
  const rates = new Map<string, StageRates>();
  for (const [format, all] of Map.groupBy(points, (point) => point.format)) {
    const pace = steady.filter((point) => point.format === format);
    const some = pace.length > 0 ? pace : all;
    rates.set(format, {
      readingPerByte: ratio(
        some,
        (p) => p.reading,
        (p) => p.bytes,
      ),
      kernelsPerUnit: ratio(some, (p) => p.kernels, kernelUnits),
      writingPerByte: ratio(
        some,
        (p) => p.writing,
        (p) => p.shuffleBytes,
      ),
      perFile: ratio(
        some,
        (p) => p.other,
        () => 1,
      ),
    });
  }
  const predict = (p: StagePoint): number => stageCostOf(p, ratesOf(rates, p.format));
  return { rates, ...deviations(early, steady, netOf, predict) };
}

/** Rates of a format; for one of which nothing could be staged, those of another one. */
export function ratesOf(rates: ReadonlyMap<string, StageRates>, format: string): StageRates {
  return rates.get(format) ?? [...rates.values()][0]!;
}

/** Milliseconds of one stage task. */
export function stageCostOf(
  size: Pick<StagePoint, 'bytes' | 'shuffleBytes' | 'vertices' | 'features'>,
  rates: StageRates,
): number {
  return (
    rates.readingPerByte * size.bytes +
    rates.kernelsPerUnit * kernelUnits(size) +
    rates.writingPerByte * size.shuffleBytes +
    rates.perFile
  );
}

export function fitMerge(points: readonly MergePoint[]): Fitted<MergeRates> {
  const netOf = (point: MergePoint): number => point.net;
  const { early, steady } = splitBySpeed(points, netOf);
  const { perTile, perByte } = mergeRates(steady);
  const predict = (p: MergePoint): number => perTile * p.tiles + perByte * p.shuffleBytes;
  return { rates: { perTile, perByte }, ...deviations(early, steady, netOf, predict) };
}

/** A tile costs as much as so many bytes of rows: at least, usually and at the most. */
const TILE_AS_BYTES = { least: 50e3, usual: 200e3, most: 600e3 };

/** Rates of the steady tasks; those are too much alike sometimes to tell tiles from bytes. */
function mergeRates(points: readonly MergePoint[]): MergeRates {
  const [a, b] = fitTwo(points.map((p) => [p.tiles, p.shuffleBytes, p.net]));
  const { least, usual, most } = TILE_AS_BYTES;
  const asBytes = b === 0 ? (a === 0 ? usual : most) : Math.min(most, Math.max(least, a / b));
  const perByte = ratio(
    points,
    (p) => p.net,
    (p) => asBytes * p.tiles + p.shuffleBytes,
  );
  return { perTile: asBytes * perByte, perByte };
}

/**
 * Non-negative a and b of y ≈ a · x₁ + b · x₂ by least squares, of which each point counts in
 * inverse proportion to x₂, since larger tasks vary more.
 */
export function fitTwo(points: readonly (readonly [number, number, number])[]): [number, number] {
  let [s11, s12, s22, s1y, s2y] = [0, 0, 0, 0, 0];
  for (const [x1, x2, y] of points) {
    const weight = 1 / Math.max(x2, 1);
    s11 += weight * x1 * x1;
    s12 += weight * x1 * x2;
    s22 += weight * x2 * x2;
    s1y += weight * x1 * y;
    s2y += weight * x2 * y;
  }
  const determinant = s11 * s22 - s12 * s12;
  // Tasks that are all alike do not tell one from the other.
  if (determinant > 1e-6 * s11 * s22) {
    const a = (s1y * s22 - s2y * s12) / determinant;
    const b = (s2y * s11 - s1y * s12) / determinant;
    if (a >= 0 && b >= 0) return [a, b];
    if (b < 0) return [Math.max(0, s1y / s11), 0];
  }
  return [0, s22 === 0 ? 0 : Math.max(0, s2y / s22)];
}

function netOf({ reading, kernels, writing, other }: StagePoint): number {
  return reading + kernels + writing + other;
}

/** Tasks that a worker did while it was slow, and those after that. */
export function splitBySpeed<T extends { worker: string }>(
  points: readonly T[],
  cost: (point: T) => number,
): { early: T[]; steady: T[] } {
  const early: T[] = [];
  const steady: T[] = [];
  for (const own of Map.groupBy(points, (point) => point.worker).values()) {
    const last = own.length - Math.ceil(own.length * STEADY_SHARE);
    let spent = 0;
    for (const [i, point] of own.entries()) {
      if (spent < SLOW_MS && i < last) early.push(point);
      else steady.push(point);
      spent += cost(point);
    }
  }
  return { early, steady };
}

function deviations<T extends { worker: string }>(
  early: readonly T[],
  steady: readonly T[],
  cost: (point: T) => number,
  predict: (point: T) => number,
): Pick<Fitted<unknown>, 'warmUp' | 'spread' | 'error'> {
  const workers = new Set([...early, ...steady].map(({ worker }) => worker)).size;
  const excess = early.reduce((sum, point) => sum + cost(point) - predict(point), 0);
  let [weights, squares, squaredWeights] = [0, 0, 0];
  for (const point of steady) {
    const expected = predict(point);
    if (expected <= 0) continue;
    weights += expected;
    squares += expected * (cost(point) / expected - 1) ** 2;
    squaredWeights += expected ** 2;
  }
  const spread = weights === 0 ? 0 : Math.sqrt(squares / weights);
  // Kish's effective number of points.
  const effective = squaredWeights === 0 ? 1 : weights ** 2 / squaredWeights;
  const error = spread / Math.sqrt(effective);
  return { warmUp: Math.max(0, excess / Math.max(1, workers)), spread, error };
}

function ratio<T>(points: readonly T[], cost: (p: T) => number, size: (p: T) => number): number {
  const sizes = points.reduce((sum, point) => sum + size(point), 0);
  return sizes === 0 ? 0 : points.reduce((sum, point) => sum + cost(point), 0) / sizes;
}
