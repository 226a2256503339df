/** Rates from what the tasks of a sample have cost. Pure. Milliseconds and bytes. */

/** A task, without the time that it waited for a core. */
export interface TaskCost {
  /** Thread that did it: each is slow at first. */
  worker: string;
  /** Milliseconds that it took, and that it waited for a core besides. */
  net: number;
  queued: number;
}

export interface StageCost extends TaskCost {
  format: string;
  /** Of the input, and of its rows. */
  bytes: number;
  rowBytes: number;
  /** Parts of `net`; the rest is opening and closing. */
  reading: number;
  kernels: number;
}

/** A task that wrote tiles. */
export interface BuildCost extends TaskCost {
  tiles: number;
  /** Of the rows, and of the tiles. */
  rowBytes: number;
  tileBytes: number;
}

/** A task that put tiles in their places. */
export interface MergeCost extends TaskCost {
  tiles: number;
}

/** A task that packed tiles. */
export interface PackCost extends TaskCost {
  rows: number;
  packBytes: number;
}

/** Of a format: for each byte of the input, and for each task. */
export interface StageRates {
  reading: number;
  kernels: number;
  perTask: number;
}

/** For each tile, and for each byte of its rows. */
export interface TileRates {
  perTile: number;
  perByte: number;
}

/** Of workers that have found their pace. */
export interface Rates {
  /** By format. */
  stage: ReadonlyMap<string, StageRates>;
  build: TileRates;
  merge: { perTile: number; perTask: number };
  /** For each row; 0 where tiles are not packed. */
  pack: { perRow: number; bytesPerRow: number };
}

/** How workers do that share a machine. */
export interface Pace {
  /** How many times as long as the rates say tasks take, with what they wait for cores. */
  slowdown: number;
  /** Milliseconds that they take longer, in all, until they have found their pace. */
  warmUp: number;
}

/** Milliseconds of work after which a worker has found its pace: its code is optimized then. */
export const WARM_UP_MS = 400;
/** Writing a tile costs as much as so many bytes of rows: at least, and at the most. */
const TILE_AS_BYTES = [50e3, 600e3] as const;

/** What tasks of one or several workers have cost. */
export interface PassCosts {
  stage: readonly StageCost[];
  build: readonly BuildCost[];
  merge: readonly MergeCost[];
  pack?: readonly PackCost[];
}

export function fitRates({ stage, build, merge, pack = [] }: PassCosts): Rates {
  const steady = steadyOf(stage);
  const formats = Map.groupBy(stage, ({ format }) => format);
  const ratesFor = (all: readonly StageCost[]): StageRates => {
    const own = all.filter((cost) => steady.has(cost));
    const some = own.length > 0 ? own : all;
    const total = (of: (cost: StageCost) => number): number => sum(some, of);
    const bytes = Math.max(
      1,
      total((cost) => cost.bytes),
    );
    const rest = (cost: StageCost): number => cost.net - cost.reading - cost.kernels;
    return {
      reading: total((cost) => cost.reading) / bytes,
      kernels: total((cost) => cost.kernels) / bytes,
      perTask: Math.max(0, total(rest)) / some.length,
    };
  };
  const placed = [...steadyOf(merge)].map((cost) => ({ ...cost, rowBytes: 1 }));
  const placing = fitTiles(placed, ({ net }) => net);
  return {
    stage: new Map([...formats].map(([format, all]) => [format, ratesFor(all)])),
    build: buildRates([...steadyOf(build)]),
    merge: { perTile: placing.perTile, perTask: placing.perByte },
    pack: packRates(pack),
  };
}

/** Tasks are too much alike sometimes, or vary too much, to tell tiles from bytes. */
function buildRates(costs: readonly BuildCost[]): TileRates {
  const fitted = fitTiles(costs, ({ net }) => net);
  const [least, most] = TILE_AS_BYTES;
  const tile = Math.max(least, Math.min(most, fitted.perTile / fitted.perByte || 0));
  const bytes = sum(costs, (cost) => tilesSum(cost, { perTile: tile, perByte: 1 }));
  const perByte = bytes === 0 ? 0 : sum(costs, ({ net }) => net) / bytes;
  return { perTile: tile * perByte, perByte };
}

/** All of them: a sample has few packs. */
function packRates(costs: readonly PackCost[]): Rates['pack'] {
  const rows = Math.max(
    1,
    sum(costs, (cost) => cost.rows),
  );
  return {
    perRow: sum(costs, ({ net }) => net) / rows,
    bytesPerRow: sum(costs, ({ packBytes }) => packBytes) / rows,
  };
}

/** Milliseconds of one stage task. */
export function stageMs(
  { format, bytes }: { format: string; bytes: number },
  rates: ReadonlyMap<string, StageRates>,
): number {
  const { reading, kernels, perTask } = ratesOf(rates, format);
  return (reading + kernels) * bytes + perTask;
}

/** Rates of a format; for one of which nothing could be staged, those of another one. */
export function ratesOf(rates: ReadonlyMap<string, StageRates>, format: string): StageRates {
  return rates.get(format) ?? [...rates.values()][0]!;
}

/** What some tiles come to. */
export function tilesSum(
  { tiles, rowBytes }: { tiles: number; rowBytes: number },
  { perTile, perByte }: TileRates,
): number {
  return perTile * tiles + perByte * rowBytes;
}

/**
 * Non-negative a and b of y ≈ a · tiles + b · bytes by least squares, in which a task counts in
 * inverse proportion to its bytes, since larger ones vary more.
 */
export function fitTiles<T extends { tiles: number; rowBytes: number }>(
  tasks: readonly T[],
  y: (task: T) => number,
): TileRates {
  let [s11, s12, s22, s1y, s2y] = [0, 0, 0, 0, 0];
  for (const task of tasks) {
    const { tiles: x1, rowBytes: x2 } = task;
    const weight = 1 / Math.max(x2, 1);
    s11 += weight * x1 * x1;
    s12 += weight * x1 * x2;
    s22 += weight * x2 * x2;
    s1y += weight * x1 * y(task);
    s2y += weight * x2 * y(task);
  }
  const determinant = s11 * s22 - s12 * s12;
  // Tasks that are all alike do not tell one from the other.
  if (determinant > 1e-6 * s11 * s22) {
    const perTile = (s1y * s22 - s2y * s12) / determinant;
    const perByte = (s2y * s11 - s1y * s12) / determinant;
    if (perTile >= 0 && perByte >= 0) return { perTile, perByte };
    if (perByte < 0) return { perTile: Math.max(0, s1y / s11), perByte: 0 };
  }
  return { perTile: 0, perByte: s22 === 0 ? 0 : Math.max(0, s2y / s22) };
}

/**
 * @param workers - that the tasks are of
 * @param ms - in which they did them, from when the first of the workers had started
 * @param slowdown - if it is known better than from the steady ones of the tasks
 */
export function paceOf(
  pass: PassCosts,
  { stage, build, merge }: Rates,
  { workers, ms, slowdown }: { workers: number; ms: number; slowdown?: number },
): Pace {
  const expected = (some: PassCosts): number =>
    sum(some.stage, (cost) => stageMs(cost, stage)) +
    sum(some.build, (cost) => tilesSum(cost, build)) +
    sum(some.merge, ({ tiles }) => merge.perTile * tiles + merge.perTask);
  const steady: PassCosts = {
    stage: [...steadyOf(pass.stage)],
    build: [...steadyOf(pass.build)],
    merge: [...steadyOf(pass.merge)],
  };
  const tasks: TaskCost[] = [...steady.stage, ...steady.build, ...steady.merge];
  const took = sum(tasks, ({ net, queued }) => net + queued);
  const known = slowdown ?? Math.max(1, took / expected(steady) || 1);
  return { slowdown: known, warmUp: Math.max(0, ms - (known * expected(pass)) / workers) };
}

/** Part of the time that a task had to wait for a core: others use the machine. */
export function busyShare(costs: readonly TaskCost[]): number {
  const queued = sum(costs, (cost) => cost.queued);
  return queued === 0 ? 0 : queued / (queued + sum(costs, ({ net }) => net));
}

/** Tasks after those in which a worker was slow; the last third of its tasks in any case. */
function steadyOf<T extends TaskCost>(costs: readonly T[]): Set<T> {
  const steady = new Set<T>();
  for (const own of Map.groupBy(costs, ({ worker }) => worker).values()) {
    let spent = 0;
    for (const [i, cost] of own.entries()) {
      if (spent >= WARM_UP_MS || i >= Math.floor((own.length * 2) / 3)) steady.add(cost);
      spent += cost.net;
    }
  }
  return steady;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
