/** The slices of a plan, and how they are put into groups. */

import { createHash } from 'node:crypto';
import type { Slice } from '../../formats/source.ts';
import type { TileKey } from '../../tms/tile-keys.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
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
  /** Its share of the input's features, before any selection. */
  features: number;
}

export function sliceKey(input: PlannedInput, slice: Slice, settings: FolderSettings): string {
  const { name, fingerprint, placing, layer } = input;
  if (placing === null) throw new Error(`${name} is to be read without a CRS`);
  const { crs, operation } = placing;
  const identity = [name, fingerprint, crs, operation, layer.name, layer.columns, slice, settings];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

function stageInput(input: PlannedInput): StageInput {
  const { path, name, fingerprint, layer, columns } = input;
  const { crs, operation } = input.placing!;
  return { path, name, fingerprint, layer, columns, crs, operation };
}

/** As JSON has it: null for a layer that is read whole. */
function finite(slice: Slice): Slice | null {
  return Number.isFinite(slice.start) && Number.isFinite(slice.end) ? slice : null;
}

export function stageArgs(
  { input, slice, features }: SliceToStage,
  { z, simplifyTolerance, invalid = 'keep', selection }: FolderSettings,
  tms: unknown,
): StageArgs {
  const how = { z, simplifyTolerance, invalid, selection: selection ?? null };
  return { input: stageInput(input), slice: finite(slice), features, tms, ...how };
}

/**
 * Of a group, in characters of the arguments of its task, which go to the worker as text: less than the
 * 8 MiB that a task may have, as the estimate is rough.
 */
const MOST_TEXT = 6 << 20;
/** Of a slice besides its tiles, and how often a key may be told. */
const SLICE_TEXT = 160;
const KEY_TOLD = 3;
/** Of a group: about a minute of work, which is lost with a worker or a run that is killed. */
const MOST_BYTES = 6e9;
/**
 * Shares of what is left, and of everything, for each worker: the first groups are big, so that few tiles
 * lie in several of them, and the last ones small, so that all workers end at about the same time.
 */
const SHARE_OF_LEFT = 1 / 2;
const LEAST_SHARE = 1 / 16;

/**
 * Neighbouring slices, as groups that keep so many workers busy; see
 * docs/decisions/2026-11-28-groups.md. Slices that may touch any tile are in groups of their own.
 */
export function cutIntoGroups(
  slices: readonly SliceToStage[],
  workers: number,
  sliceBytes: number,
): SliceToStage[][] {
  let left = slices.reduce((sum, { weight }) => sum + weight, 0);
  const least = Math.max(sliceBytes, (LEAST_SHARE * left) / workers);
  const groups: SliceToStage[][] = [];
  const inputs = new Set<PlannedInput>();
  let isKnownBefore = true;
  let most = 0;
  let weight = 0;
  let text = 0;
  for (const slice of slices) {
    const keysText = SLICE_TEXT + KEY_TOLD * keyText(slice.tiles);
    let more = keysText + (inputs.has(slice.input) ? 0 : inputText(slice.input));
    const isKnown = slice.tiles !== null;
    const isFull = weight + slice.weight / 2 > most || text + more > MOST_TEXT;
    if (groups.length === 0 || isFull || isKnown !== isKnownBefore) {
      left -= weight;
      most = Math.min(MOST_BYTES, Math.max(least, (SHARE_OF_LEFT * left) / workers));
      groups.push([]);
      inputs.clear();
      weight = text = 0;
      more = keysText + inputText(slice.input);
    }
    groups.at(-1)!.push(slice);
    inputs.add(slice.input);
    isKnownBefore = isKnown;
    weight += slice.weight;
    text += more;
  }
  return groups;
}

/** Of keys in ascending order: the last one is the longest. */
function keyText(keys: Float64Array | null): number {
  return keys === null ? 0 : keys.length * `${keys.at(-1)},`.length;
}

function inputText(input: PlannedInput): number {
  return JSON.stringify(stageInput(input)).length;
}

/**
 * Keys that more than one of the groups may touch, as far as that is known: a tile that gets rows of other
 * slices after all is merged with these.
 */
export function sharedTiles(groups: readonly (readonly SliceToStage[])[]): Set<TileKey> {
  const owner = new Map<number, number>();
  const shared = new Set<TileKey>();
  for (const [g, group] of groups.entries()) {
    for (const { tiles } of group) {
      for (const key of tiles ?? []) {
        const own = owner.get(key);
        if (own === undefined) owner.set(key, g);
        else if (own !== g) shared.add(key);
      }
    }
  }
  return shared;
}

/**
 * What a group's task gets of its slices.
 * @param elsewhere - tiles that are not to be built there; null for all
 */
export function groupArgs(
  slices: readonly SliceToStage[],
  {
    elsewhere,
    kept,
  }: { elsewhere: ((key: TileKey) => boolean) | null; kept: (key: TileKey) => boolean },
): Pick<GroupArgs, 'inputs' | 'slices' | 'elsewhere' | 'kept'> {
  const inputs = [...new Set(slices.map(({ input }) => input))];
  const places = new Map(inputs.map((input, i) => [input, i]));
  const keys = new Set(slices.flatMap(({ tiles }) => [...(tiles ?? [])]));
  return {
    inputs: inputs.map(stageInput),
    slices: slices.map(({ key, input, slice, features, tiles }) => {
      const its = { key, input: places.get(input)!, slice: finite(slice), features };
      return { ...its, tiles: tiles && [...tiles] };
    }),
    elsewhere: elsewhere && [...keys].filter(elsewhere),
    kept: [...keys].filter(kept),
  };
}
