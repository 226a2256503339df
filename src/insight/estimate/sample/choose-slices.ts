/** Chooses the slices that a sample stages: of all formats and sizes, the same for the same seed. */

import { Random } from '../../../core/random.ts';
import type { Slice } from '../../../formats/source.ts';

/** An input to choose from. */
export interface Candidate {
  format: string;
  bytes: number;
  featureCount: number;
  /** Slices of all its positions, in ascending order. */
  slices: readonly Slice[];
}

/** Inputs of one format and of similar size. */
export interface Stratum {
  format: string;
  /** Indexes of candidates, by size. */
  members: number[];
  bytes: number;
}

/** A slice of an input. */
export interface ChosenSlice {
  /** Index of the candidate. */
  index: number;
  format: string;
  stratum: number;
  slice: Slice;
  /** Of the input's file that belong to the slice, roughly. */
  bytes: number;
}

const SIZE_CLASSES = 4;

/** Up to four classes of size for each format, of about the same number of files. */
export function strataOf(candidates: readonly Candidate[]): Stratum[] {
  const strata: Stratum[] = [];
  const indexes = candidates.map((_, i) => i).filter((i) => candidates[i]!.featureCount > 0);
  for (const [format, members] of Map.groupBy(indexes, (i) => candidates[i]!.format)) {
    members.sort((a, b) => candidates[a]!.bytes - candidates[b]!.bytes || a - b);
    const classes = Math.min(SIZE_CLASSES, members.length);
    for (let k = 0; k < classes; k++) {
      const start = Math.floor((members.length * k) / classes);
      const some = members.slice(start, Math.floor((members.length * (k + 1)) / classes));
      const bytes = some.reduce((sum, i) => sum + candidates[i]!.bytes, 0);
      strata.push({ format, members: some, bytes });
    }
  }
  return strata;
}

/**
 * Slices of about `sliceBytes`, at random places, in proportion to the strata's bytes but at least one
 * of each stratum; in random order, so that what changes meanwhile hits all alike. Slices of one input
 * do not overlap.
 * @param bytes - what all slices together should have, roughly
 */
export function chooseSlices(
  candidates: readonly Candidate[],
  { bytes, sliceBytes, seed }: { bytes: number; sliceBytes: number; seed: number },
): ChosenSlice[] {
  const random = new Random(seed);
  const strata = strataOf(candidates);
  const all = strata.reduce((sum, stratum) => sum + stratum.bytes, 0);
  const chosen: ChosenSlice[] = [];
  for (const [stratum, { members, bytes: size }] of strata.entries()) {
    const wanted = Math.max(1, Math.round((bytes * size) / all / sliceBytes));
    const pieces = members.flatMap((index) => piecesOf(candidates[index]!, index, sliceBytes));
    // From each of the files that there are room for, before a second one from any of them.
    const byFile = Map.groupBy(shuffled(pieces, random), ({ index }) => index);
    const files = shuffled([...byFile.keys()], random);
    const own: ChosenSlice[] = [];
    for (let round = 0; own.length < Math.min(wanted, pieces.length); round++) {
      for (const file of files) {
        const piece = byFile.get(file)![round];
        if (piece !== undefined && own.length < wanted) own.push({ ...piece, stratum });
      }
    }
    chosen.push(...own);
  }
  return shuffled(chosen, random);
}

/** The whole input in pieces of about `bytes`. */
function piecesOf(
  { slices, bytes, featureCount, format }: Candidate,
  index: number,
  pieceBytes: number,
): Omit<ChosenSlice, 'stratum'>[] {
  const start = slices[0]?.start ?? 0;
  const end = slices.at(-1)?.end ?? 0;
  // A view, say: there is no telling where its features are, so it is read as a whole.
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    return slices.map((slice) => ({ index, format, slice, bytes: bytes / slices.length }));
  }
  const count = Math.max(1, Math.min(Math.round(bytes / pieceBytes), featureCount, end - start));
  const edge = (k: number): number =>
    k === count ? end : start + Math.floor(((end - start) / count) * k);
  return Array.from({ length: count }, (_, k) => ({
    ...{ index, format },
    slice: { start: edge(k), end: edge(k + 1) },
    bytes: bytes / count,
  }));
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const copy = [...values];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}
