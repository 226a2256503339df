/** The slices of a plan, and how they are put into groups. */

import { createHash } from 'node:crypto';
import type { Slice } from '../../formats/source.ts';
import type { FolderSettings } from '../folder/journal.ts';
import type { PlannedInput } from '../planning/plan.ts';
import type { GroupArgs } from '../tasks/group-task.ts';
import type { StageArgs, StageInput } from '../tasks/stage-task.ts';

/** A slice that is to be staged. */
export interface SliceToStage {
  input: PlannedInput;
  /** Hash of all that its rows depend on. */
  key: string;
  slice: Slice;
  /** Which one of its input it is, from 1. */
  part: number;
  /** Keys of tiles that it may touch; null if nothing is known. */
  tiles: Float64Array | null;
  /** Bytes of the input that it reads, roughly. */
  weight: number;
}

export function sliceKey(input: PlannedInput, slice: Slice, settings: FolderSettings): string {
  const { name, fingerprint, placing, layer } = input;
  if (placing === null) throw new Error(`${name} is to be read without a CRS`);
  const { crs, operation } = placing;
  const identity = [name, fingerprint, crs, operation, layer.name, layer.columns, slice, settings];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

export function stageInput({ path, name, fingerprint, layer, placing }: PlannedInput): StageInput {
  const { crs, operation } = placing!;
  return { path, name, fingerprint, layer, crs, operation };
}

/** As JSON has it: null for a layer that is read whole. */
export function finite(slice: Slice): Slice | null {
  return Number.isFinite(slice.start) && Number.isFinite(slice.end) ? slice : null;
}

export function stageArgs(
  { input, slice }: SliceToStage,
  { z, simplifyTolerance }: FolderSettings,
  tms: unknown,
): StageArgs {
  return { input: stageInput(input), slice: finite(slice), tms, z, simplifyTolerance };
}

/** Of the arguments of one group: they go to its worker as text. */
const MOST_SLICES = 256;
const MOST_KEYS = 100_000;
/** Groups for each worker, so that none waits long for the last one. */
const GROUPS_PER_WORKER = 4;

/** Neighbouring slices, as many groups as keep the workers busy. */
export function cutIntoGroups(
  slices: readonly SliceToStage[],
  workers: number,
  sliceBytes: number,
): SliceToStage[][] {
  const all = slices.reduce((sum, { weight }) => sum + weight, 0);
  const most = Math.max(sliceBytes, all / (GROUPS_PER_WORKER * workers));
  const groups: SliceToStage[][] = [];
  let weight = 0;
  let keys = 0;
  for (const slice of slices) {
    const more = slice.tiles?.length ?? 0;
    const isFull = weight + slice.weight / 2 > most || keys + more > MOST_KEYS;
    if (groups.length === 0 || isFull || groups.at(-1)!.length === MOST_SLICES) {
      groups.push([]);
      weight = keys = 0;
    }
    groups.at(-1)!.push(slice);
    weight += slice.weight;
    keys += more;
  }
  return groups;
}

/** Keys that more than one of the groups may touch; null if a slice may touch any tile. */
export function sharedTiles(groups: readonly (readonly SliceToStage[])[]): Set<number> | null {
  const owner = new Map<number, number>();
  const shared = new Set<number>();
  for (const [g, group] of groups.entries()) {
    for (const { tiles } of group) {
      if (tiles === null && groups.length > 1) return null;
      for (const key of tiles ?? []) {
        const own = owner.get(key);
        if (own === undefined) owner.set(key, g);
        else if (own !== g) shared.add(key);
      }
    }
  }
  return shared;
}

/** What a group's task gets, but for where it writes. */
export function groupArgs(
  slices: readonly SliceToStage[],
  { elsewhere, kept }: { elsewhere: (key: number) => boolean; kept: (key: number) => boolean },
): Pick<GroupArgs, 'inputs' | 'slices' | 'elsewhere' | 'kept' | 'record'> {
  const inputs = [...new Set(slices.map(({ input }) => input))];
  const places = new Map(inputs.map((input, i) => [input, i]));
  const keys = new Set(slices.flatMap(({ tiles }) => [...(tiles ?? [])]));
  const hash = createHash('sha256').update(slices.map(({ key }) => key).join());
  return {
    inputs: inputs.map(stageInput),
    slices: slices.map(({ key, input, slice, tiles }) => {
      return { key, input: places.get(input)!, slice: finite(slice), tiles: tiles && [...tiles] };
    }),
    elsewhere: [...keys].filter(elsewhere),
    kept: [...keys].filter(kept),
    record: `${hash.digest('hex').slice(0, 32)}.record`,
  };
}
