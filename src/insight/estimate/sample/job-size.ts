/** How much there is to do for some inputs, from what was seen of them. Pure. */

import type { Job } from '../model/model.ts';
import type { PoolFor } from '../model/pool.ts';
import { type Rates, type TileRates, tilesSum } from '../model/rates.ts';
import type { Probe } from './probe.ts';
import { countTiles } from './tile-count.ts';

/** What planning tells of an input. */
export interface InputSize {
  format: string;
  bytes: number;
  features: number;
  slices: number;
}

/** Sums over what was staged of an input. */
export interface StagedSums {
  features: number;
  bytes: number;
  rows: number;
  rowBytes: number;
}

/** An input with what it comes to. */
export interface InputFacts extends InputSize {
  rows: number;
  rowBytes: number;
}

/**
 * Rows for each feature and bytes of rows for each byte: those of what was staged of the
 * input itself; or else of its format, or of all.
 * @param staged - by index
 */
export function factsOf(
  inputs: readonly InputSize[],
  staged: ReadonlyMap<number, StagedSums>,
): InputFacts[] {
  const formats = Map.groupBy(staged.keys(), (index) => inputs[index]!.format);
  const sumsOf = (indexes: Iterable<number>) => sumOf([...indexes].map((i) => staged.get(i)!));
  const byFormat = new Map([...formats].map(([format, some]) => [format, sumsOf(some)]));
  const everything = sumsOf(staged.keys());
  return inputs.map((input, index) => {
    const own = staged.get(index);
    const group = byFormat.get(input.format) ?? everything;
    const like = own !== undefined && own.features > 0 ? own : group;
    const rows = (input.features * like.rows) / Math.max(1, like.features);
    const rowBytes = (input.bytes * like.rowBytes) / Math.max(1, like.bytes);
    return { ...input, rows, rowBytes };
  });
}

/** The job that some of the inputs are. */
export function jobOf(
  facts: readonly InputFacts[],
  probes: readonly (Probe | undefined)[],
  {
    tileBytes,
    cached,
    rates,
  }: {
    tileBytes: TileRates;
    cached: number;
    rates: Pick<Rates, 'pack'>;
  },
  pack: number | null,
  poolOf: (rowBytes: number) => PoolFor,
): Job {
  const sum = (of: (fact: InputFacts) => number): number =>
    facts.reduce((total, fact) => total + of(fact), 0);
  const rows = sum((fact) => fact.rows);
  const rowBytes = sum((fact) => fact.rowBytes);
  const tiles = unionOf(facts, probes, rows, 0);
  return {
    files: facts.length,
    tasks: facts.map(({ format, bytes, features, rowBytes, slices }) => {
      const count = Math.max(1, slices);
      const share = { bytes: bytes / count, features: features / count };
      return { format, ...share, rowBytes: rowBytes / count, count };
    }),
    inputBytes: sum((fact) => fact.bytes),
    rowBytes,
    tileBytes: tilesSum({ tiles, rowBytes }, tileBytes),
    rows,
    tiles,
    packs: pack === null ? 0 : unionOf(facts, probes, rows, pack),
    packBytes: rates.pack.bytesPerRow * rows,
    cached,
    pool: poolOf(rowBytes),
  };
}

/** So many files of the same kind, in places of their own: all that there is grows alike. */
export function scaled(job: Job, files: number): Job {
  const factor = files / job.files;
  return {
    files,
    tasks: job.tasks.map((task) => ({ ...task, count: task.count * factor })),
    inputBytes: job.inputBytes * factor,
    rowBytes: job.rowBytes * factor,
    tileBytes: job.tileBytes * factor,
    rows: job.rows * factor,
    tiles: job.tiles * factor,
    packs: job.packs * factor,
    packBytes: job.packBytes * factor,
    // Nobody has read those yet.
    cached: 0,
    pool: (workers) => job.pool(workers, factor),
  };
}

/** Tiles of all inputs together, of which some may be in several of them; or packs of 4^pack tiles. */
function unionOf(
  facts: readonly InputFacts[],
  probes: readonly (Probe | undefined)[],
  rows: number,
  pack: number,
): number {
  const counts = new Map<string, number>();
  const covered = new Set<string>();
  let allCovered = true;
  let seen = 0;
  for (const [i, probe] of probes.entries()) {
    if (probe === undefined) continue;
    seen += facts[i]!.rows;
    for (const [tile, count] of probe.tiles) {
      const name = packedName(tile, pack);
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    if (probe.covered === null) allCovered = false;
    else for (const tile of probe.covered) covered.add(packedName(tile, pack));
  }
  if (seen === 0) return Math.min(1, rows);
  // Of inputs that were not looked into, it is taken that they have tiles of their own.
  return (countTiles(counts.values(), seen, allCovered ? covered.size : undefined) * rows) / seen;
}

/** Of a tile `x/y`, the pack that it is in. */
function packedName(tile: string, pack: number): string {
  if (pack === 0) return tile;
  const [x, y] = tile.split('/').map((text) => Math.floor(Number(text) / 2 ** pack));
  return `${x}/${y}`;
}

function sumOf(all: readonly StagedSums[]): StagedSums {
  const sum = { features: 0, bytes: 0, rows: 0, rowBytes: 0 };
  for (const one of all) {
    for (const key of ['features', 'bytes', 'rows', 'rowBytes'] as const) sum[key] += one[key];
  }
  return sum;
}
