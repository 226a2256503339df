/** How much there is to do for some inputs, from what was seen of them. Pure. */

import type { Job, StageSize } from '../model/model.ts';
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
  vertices: number;
  rows: number;
  shuffleBytes: number;
}

/** Of a tile's file: bytes for itself, and for each byte of its rows in shuffle files. */
export interface TileBytes {
  perTile: number;
  perByte: number;
}

/** An input with what it comes to. */
export interface InputFacts extends InputSize {
  vertices: number;
  rows: number;
  shuffleBytes: number;
  tiles: number;
}

const BYTES_PER_VERTEX = 16;
/** A probe's features count as much as so many of what was staged of its format. */
const PRIOR = 200;
/** With so many of its features staged, an input speaks for itself. */
const ENOUGH = 300;

/**
 * @param staged - what was staged of the inputs, by index
 * @param probes - what was seen of them, by index
 */
export function factsOf(
  inputs: readonly InputSize[],
  staged: ReadonlyMap<number, StagedSums>,
  probes: ReadonlyMap<number, Probe>,
): InputFacts[] {
  const groups = new Map<string, StagedSums>();
  for (const [index, sums] of staged) add(groups, inputs[index]!.format, sums);
  const everything = sumOf([...groups.values()]);
  return inputs.map((input, index): InputFacts => {
    const { features } = input;
    const group = groups.get(input.format) ?? everything;
    const own = staged.get(index);
    const probe = probes.get(index);
    const groupVertices = group.vertices / Math.max(1, group.features);
    const perFeature =
      probe === undefined || probe.read === 0 ? groupVertices : probe.vertices / probe.read;
    const bytesPerRow = group.shuffleBytes / Math.max(1, group.rows);
    if (own !== undefined && own.features >= ENOUGH) {
      const rows = (features * own.rows) / own.features;
      return {
        ...input,
        rows,
        vertices: (features * own.vertices) / own.features,
        shuffleBytes: (features * own.shuffleBytes) / own.features,
        tiles: tilesOf(probe, rows),
      };
    }
    const groupRows = group.rows / Math.max(1, group.features);
    const rowsPerFeature = ((probe?.rows ?? 0) + PRIOR * groupRows) / ((probe?.read ?? 0) + PRIOR);
    const rows = features * rowsPerFeature;
    const more = BYTES_PER_VERTEX * (perFeature - groupVertices);
    return {
      ...input,
      rows,
      vertices: features * perFeature,
      shuffleBytes: rows * Math.max(bytesPerRow / 4, bytesPerRow + more),
      tiles: tilesOf(probe, rows),
    };
  });
}

/** The job that some of the inputs are. */
export function jobOf(
  facts: readonly InputFacts[],
  probes: readonly (Probe | undefined)[],
  tileBytes: TileBytes,
  cached: number,
): Job {
  const sum = (of: (fact: InputFacts) => number): number =>
    facts.reduce((total, fact) => total + of(fact), 0);
  const rows = sum((fact) => fact.rows);
  const shuffleBytes = sum((fact) => fact.shuffleBytes);
  const tiles = unionOf(facts, probes, rows);
  return {
    files: facts.length,
    tasks: facts.map(taskOf),
    inputBytes: sum((fact) => fact.bytes),
    shuffleBytes,
    tileBytes: tileBytes.perTile * tiles + tileBytes.perByte * shuffleBytes,
    rows,
    tiles,
    pairs: Math.max(
      tiles,
      sum((fact) => fact.tiles),
    ),
    cached,
  };
}

/** So many files of the same kind, in places of their own: all that there is grows alike. */
export function scaled(job: Job, files: number): Job {
  const factor = files / job.files;
  return {
    files,
    tasks: job.tasks.map((task) => ({ ...task, count: task.count * factor })),
    inputBytes: job.inputBytes * factor,
    shuffleBytes: job.shuffleBytes * factor,
    tileBytes: job.tileBytes * factor,
    rows: job.rows * factor,
    tiles: job.tiles * factor,
    pairs: job.pairs * factor,
    // Nobody has read those yet.
    cached: 0,
  };
}

function taskOf({
  format,
  bytes,
  features,
  vertices,
  shuffleBytes,
  slices,
}: InputFacts): StageSize {
  const count = Math.max(1, slices);
  return {
    format,
    bytes: bytes / count,
    features: features / count,
    vertices: vertices / count,
    shuffleBytes: shuffleBytes / count,
    count,
  };
}

/** Tiles of one input. */
function tilesOf(probe: Probe | undefined, rows: number): number {
  if (probe === undefined || probe.tiles.size === 0) return 0;
  return countTiles(probe.tiles.values(), rows, probe.covered?.size);
}

/** Tiles of all inputs together, of which some may be in several of them. */
function unionOf(
  facts: readonly InputFacts[],
  probes: readonly (Probe | undefined)[],
  rows: number,
): number {
  const counts = new Map<string, number>();
  const covered = new Set<string>();
  let allCovered = true;
  let seen = 0;
  for (const [i, probe] of probes.entries()) {
    if (probe === undefined) continue;
    seen += facts[i]!.rows;
    for (const [tile, count] of probe.tiles) counts.set(tile, (counts.get(tile) ?? 0) + count);
    if (probe.covered === null) allCovered = false;
    else for (const tile of probe.covered) covered.add(tile);
  }
  if (seen === 0) return Math.min(1, rows);
  // Of inputs that were not looked into, it is taken that they have tiles of their own.
  return (countTiles(counts.values(), seen, allCovered ? covered.size : undefined) * rows) / seen;
}

function add(groups: Map<string, StagedSums>, format: string, sums: StagedSums): void {
  const known = groups.get(format);
  groups.set(format, known === undefined ? { ...sums } : sumOf([known, sums]));
}

function sumOf(all: readonly StagedSums[]): StagedSums {
  const sum = { features: 0, vertices: 0, rows: 0, shuffleBytes: 0 };
  for (const one of all) {
    sum.features += one.features;
    sum.vertices += one.vertices;
    sum.rows += one.rows;
    sum.shuffleBytes += one.shuffleBytes;
  }
  return sum;
}
