/**
 * The phases `relate`, `judge` and `label`: finds what overlaps, says what goes, and sees to it that tiles
 * say or show so. They go by what is committed, under the folder's lock: whatever a run that died has left
 * is found in the same way.
 */

import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BorderJudge } from '../../overlap/border-judge.ts';
import type { FootprintData } from '../../overlap/footprints/footprint-judge.ts';
import { runAll } from '../../parallel/run-all.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import type { Journal } from '../folder/journal/journal.ts';
import type { DuplicateCounts, GoneReason } from '../folder/journal/journal-rows.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { fingerprintOf } from '../inputs/fingerprint.ts';
import { asksFootprints, placesOf } from '../judging/footprints/asked-footprints.ts';
import { findFootprints } from '../judging/footprints/find-footprints.ts';
import { makeFootprints } from '../judging/footprints/make-footprints.ts';
import { hash, type JudgedFolder, type JudgedRegion, readFolder } from '../judging/judged-tiles.ts';
import {
  OVERLAPS_FOLDER,
  type RegionHead,
  readRegionBorder,
  regionHead,
  regionPath,
  writeGone,
} from '../judging/region-file.ts';
import { REGION_NAME, RegionIndex, regionSubject, TileRanges } from '../judging/regions.ts';
import { WHOLE_FOLDER } from '../judging/whole-tiles.ts';
import { requireLoose } from '../packs/open-tile.ts';
import { withFormats } from '../tasks/format-modules.ts';
import type { LabelArgs, LabelledRegion } from '../tasks/label-task.ts';
import type { RelateArgs } from '../tasks/relate-task.ts';
import type { Subject } from '../telling/run-teller.ts';
import { updateSummary } from './finish.ts';
import type { MendOptions, Resumed } from './finish-dead-run.ts';
import { holdFolder } from './hold-folder.ts';
import { inWorkFolder } from './work-folder.ts';

/** Features that go of each input, and what was done for it. */
export interface Judged {
  /** Null where nothing is judged any more. */
  duplicates: DuplicateCounts | null;
  pairs: number;
  /** Tiles that were written anew. */
  tiles: number;
}

const NOBODY = 'nothing is judged';

/** Whether all tiles are judged by the rules that hold, and the footprints as they are. */
export function isJudged(journal: Journal): boolean {
  const rules = journal.settings()?.deduplication;
  const current = journal.judging.current();
  if (rules === undefined) return current === NOBODY || !journal.judging.isThere();
  if (current === null) return false;
  try {
    return current === keyOf(rules, journal);
  } catch {
    // Whoever judges says what is wrong with the footprints.
    return false;
  }
}

/** Of the rules, and of the files of the footprints that they go by. */
function keyOf(rules: Deduplication, journal: Journal): string {
  if (!asksFootprints(rules)) return JSON.stringify(rules);
  const found = findFootprints(journal.inputs(), placesOf(rules));
  const files = [...found].map(([file, path]) => [file, path === null ? '' : fingerprintOf(path)]);
  return JSON.stringify([rules, hash(JSON.stringify(files))]);
}

/**
 * @returns null where nothing is to be judged, and was not before
 * @throws TilewrightError tile-damaged for a tile that can't be read: what goes is not known then
 */
export async function judgeFolder(
  journal: Journal,
  runId: string,
  options: MendOptions,
): Promise<{ judged: Judged | null; resumed: Resumed[] }> {
  if (isJudged(journal)) {
    const duplicates = journal.judging.duplicates();
    const pairs = duplicates === null ? 0 : await countPairs(options.folder);
    const judged = duplicates && { duplicates, pairs, tiles: 0 };
    return { judged: journal.settings()?.deduplication === undefined ? null : judged, resumed: [] };
  }
  const { lock, resumed } = await holdFolder(journal, options);
  try {
    const work = new JudgingWork(journal, runId, options);
    return { judged: await work.run(), resumed };
  } finally {
    lock.release();
  }
}

/** As the regions' files say. */
async function countPairs(folder: string): Promise<number> {
  let pairs = 0;
  for (const name of await readdir(join(folder, OVERLAPS_FOLDER)).catch(() => [])) {
    if (REGION_NAME.test(name)) pairs += regionHead(folder, name)?.pairs ?? 0;
  }
  return pairs;
}

class JudgingWork {
  readonly #journal: Journal;
  readonly #runId: string;
  readonly #options: MendOptions;
  readonly #rules: Deduplication | null;
  #folder!: JudgedFolder;
  #footprints: FootprintData | null = null;
  readonly #judged = { duplicates: {} as DuplicateCounts, pairs: 0, tiles: 0 };

  constructor(journal: Journal, runId: string, options: MendOptions) {
    this.#journal = journal;
    this.#runId = runId;
    this.#options = { ...options, settings: journal.settings()! };
    this.#rules = this.#options.settings.deduplication ?? null;
  }

  async run(): Promise<Judged> {
    const { folder, summary } = this.#options;
    requireLoose(this.#journal.products.looseTiles(), folder, this.#options.settings);
    // As they are before they are read.
    const key = this.#rules === null ? NOBODY : keyOf(this.#rules, this.#journal);
    await inWorkFolder(folder, this.#runId, async (work) => {
      const keys = await this.#readFootprints(work);
      const { regionRows } = this.#options;
      this.#folder = readFolder(this.#journal, this.#rules, keys, regionRows);
      this.#tellUnknown();
      const heads = this.#rules === null ? [] : await this.#relate(work);
      const gone = this.#judge(heads, work);
      await this.#label(heads, gone, work);
      await this.#forgetOld();
      updateSummary(this.#journal, summary, work);
    });
    this.#journal.judging.markCurrent(key, this.#judged.duplicates);
    return this.#rules === null ? { ...this.#judged, duplicates: null } : this.#judged;
  }

  /** @returns by input, what its footprint says depends on */
  async #readFootprints(work: string): Promise<ReadonlyMap<string, string>> {
    const rules = this.#rules;
    if (rules === null || !asksFootprints(rules)) return new Map();
    const { settings, teller, inputCrs, grids, allowBallpark } = this.#options;
    const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
    const made = await makeFootprints(this.#journal.inputs(), join(work, 'footprints'), {
      ...placesOf(rules),
      ...{ tms, z: settings.z, inputCrs, grids, allowBallpark },
      overlaps: rules.method === 'footprints',
      keepRules: rules.keepRules,
      clip: rules.clip,
      missingFootprints: rules.missingFootprints,
    });
    for (const message of made.warnings) teller.tell({ type: 'warning', message });
    this.#footprints = made.data;
    return made.keys;
  }

  #tellUnknown(): void {
    const { teller } = this.#options;
    // Those of footprints are no columns of inputs.
    if (this.#rules?.method === 'footprints') return;
    for (const column of this.#folder.unknown) {
      const message = `No input has the column ${column}, so a rule by it prefers nothing`;
      teller.tell({ type: 'warning', message });
    }
  }

  /** Finds the pairs of regions whose tiles are others than before. */
  async #relate(work: string): Promise<RegionHead[]> {
    const { folder, executor, teller, settings } = this.#options;
    const { regions, inputs, types } = this.#folder;
    const heads = regions.map(({ name, state }) => {
      const head = regionHead(folder, name);
      return head?.state === state ? head : null;
    });
    const outdated = regions.filter((_, index) => heads[index] === null);
    if (outdated.length === 0) return heads as RegionHead[];
    const rows = outdated.reduce((sum, region) => sum + region.tiles.reduce(rowsOf, 0), 0);
    const relating = teller.begin('relate', { total: rows, tasks: outdated.length, bytes: 0 });
    const places = new Map(regions.map((region, index) => [region, index]));
    const tasks = outdated
      .toSorted((a, b) => b.rows - a.rows)
      .map((region) => {
        const { local, ranges } = localInputs(region);
        const { level, x, y, state } = region;
        const tiles = region.tiles.map((tile, i) => ({ x: tile.x, y: tile.y, ranges: ranges[i]! }));
        const args: RelateArgs = {
          ...{ folder, work, settings, rules: this.#rules!, types, footprints: this.#footprints },
          region: { level, x, y, state, tiles },
          inputs: local.map((place) => inputs[place]!),
        };
        const task = withFormats('staging.relate');
        return { name: task, args: [args], region, weight: region.rows };
      });
    await runAll(
      executor,
      tasks,
      ({ region }, result, error) => {
        if (error !== undefined) throw error;
        heads[places.get(region)!] = result as RegionHead;
      },
      {
        onProgress: (amount) => relating.advance(amount),
        observe: ({ region }) => relating.observe(this.#subjectOf(region)),
      },
    );
    relating.end();
    return heads as RegionHead[];
  }

  /**
   * Judges over all, and writes for each region what it could not know.
   * @returns a path and a hash of what it says, by index of a region
   */
  #judge(heads: readonly RegionHead[], work: string): Map<number, { path: string; hash: string }> {
    const { folder, settings, teller } = this.#options;
    const { regions, inputs } = this.#folder;
    const found = new Map<number, { path: string; hash: string }>();
    if (this.#rules === null) return found;
    const judging = teller.begin('judge', { total: 0, tasks: 0, bytes: 0 });
    const places = new Map(inputs.map(({ name }, place) => [name, place]));
    const borders = new BorderJudge();
    for (const [index, head] of heads.entries()) {
      const own = head.inputs.map((name) => places.get(name)!);
      for (const [input, reason, features] of head.gone) this.#count(own[input]!, reason, features);
      this.#judged.pairs += head.pairs;
      if (head.pairs > 0) borders.add(readRegionBorder(folder, regions[index]!.name), own);
    }
    const gone = borders.judge();
    const index = new RegionIndex(regions);
    const matrix = tileMatrixSet(JSON.parse(settings.tmsDefinition)).matrix(settings.z);
    const ranges = new TileRanges(matrix);
    const byRegion = new Map<number, number[]>();
    for (let i = 0; i < gone.input.length; i++) {
      this.#count(gone.input[i]!, 'duplicate of another', 1);
      index.visit(ranges.of(gone.bounds, 4 * i), (region) => {
        const those = byRegion.get(region);
        if (those === undefined) byRegion.set(region, [i]);
        else those.push(i);
      });
    }
    for (const [region, features] of byRegion) {
      const path = join(work, `${regions[region]!.name}.gone`);
      const names = [...new Set(features.map((i) => gone.input[i]!))].sort((a, b) => a - b);
      const local = new Map(names.map((place, k) => [place, k]));
      writeGone(path, {
        inputs: names.map((place) => inputs[place]!.name),
        input: Uint32Array.from(features, (i) => local.get(gone.input[i]!)!),
        position: Float64Array.from(features, (i) => gone.position[i]!),
        bounds: Float64Array.from(
          features.flatMap((i) => [...gone.bounds.subarray(4 * i, 4 * i + 4)]),
        ),
      });
      const said = features.map((i) => `${inputs[gone.input[i]!]!.name} ${gone.position[i]}`);
      found.set(region, { path, hash: hash(...said.sort()) });
    }
    judging.end();
    return found;
  }

  #count(input: number, reason: GoneReason, features: number): void {
    const { name } = this.#folder.inputs[input]!;
    const { duplicates } = this.#judged;
    duplicates[name] ??= {};
    duplicates[name][reason] = (duplicates[name][reason] ?? 0) + features;
  }

  async #label(
    heads: readonly RegionHead[],
    gone: ReadonlyMap<number, { path: string; hash: string }>,
    work: string,
  ): Promise<void> {
    const { folder, settings, executor, teller } = this.#options;
    const { regions, inputs, ids } = this.#folder;
    const known = this.#journal.judging.regions();
    const mode = this.#rules === null ? '' : isLabelledFolder(settings) ? 'label' : 'remove';
    const others = regions.flatMap((region, index) => {
      const state = hash(region.state, gone.get(index)?.hash ?? '', mode);
      if (known.get(region.name) === state) return [];
      const head = heads[index];
      const isClean =
        (head === undefined || head.pairs + head.alone === 0) &&
        !gone.has(index) &&
        region.tiles.every(({ key }) => key === null);
      return [{ region, index, state, isClean }];
    });
    const jobs = others.filter(({ isClean }) => !isClean);
    const tiles = jobs.flatMap(({ region }) => region.tiles);
    this.#journal.judging.begin(
      tiles,
      jobs.map(({ region }) => region.name),
    );
    if (jobs.length > 0) {
      const total = tiles.reduce(rowsOf, 0);
      const labelling = teller.begin('label', { total, tasks: jobs.length, bytes: 0 });
      const tasks = jobs
        .toSorted((a, b) => b.region.rows - a.region.rows)
        .map(({ region, index, state }) => {
          const { local, ranges } = localInputs(region);
          const { level, x, y, name } = region;
          const args: LabelArgs = {
            ...{ folder, work, settings },
            region: {
              ...{ level, x, y },
              tiles: region.tiles.map((tile, i) => {
                const { x, y, geometry, key } = tile;
                return { x, y, geometry, key, ranges: ranges[i]! };
              }),
            },
            inputs: local.map((place) => inputs[place]!.name),
            pairs: this.#rules === null ? null : name,
            gone: gone.get(index)?.path ?? null,
          };
          const task = withFormats('staging.label');
          return { name: task, args: [args], region, state, local, weight: region.rows };
        });
      await runAll(
        executor,
        tasks,
        ({ region, state, local }, result, error) => {
          if (error !== undefined) throw error;
          this.#note(region, state, local, result as LabelledRegion, ids);
        },
        {
          onProgress: (amount) => labelling.advance(amount),
          observe: ({ region }) => labelling.observe(this.#subjectOf(region)),
        },
      );
      labelling.end();
    }
    const clean = others.filter(({ isClean }) => isClean);
    this.#journal.judging.setRegions(clean.map(({ region: { name }, state }) => ({ name, state })));
  }

  /** A row stands for a byte: how many of them are read depends on what overlaps. */
  #subjectOf(region: JudgedRegion): Subject {
    const subject = regionSubject(region, this.#options.settings.z);
    return { subject, part: 1, parts: 1, bytes: region.rows, counts: 1 };
  }

  #note(
    region: JudgedRegion,
    state: string,
    local: readonly number[],
    { tiles, written }: LabelledRegion,
    ids: readonly number[],
  ): void {
    const made = new Map(tiles.map((tile) => [`${tile.x}/${tile.y}`, tile]));
    const gone = tiles.flatMap(({ x, y, gone }) =>
      gone.map(([input, rows, area]) => ({ x, y, input: ids[local[input]!]!, rows, area })),
    );
    const { z } = this.#options.settings;
    this.#journal.products.setWritten(
      z,
      tiles.filter(({ isLoose }) => isLoose),
    );
    // What is as it was has its key again.
    const again = region.tiles.filter(({ x, y }) => !made.has(`${x}/${y}`));
    this.#journal.judging.set(tiles, gone, { name: region.name, state }, again);
    this.#judged.tiles += written;
  }

  /** Removes what is of no use: files of regions that are no more, or all. */
  async #forgetOld(): Promise<void> {
    const { folder } = this.#options;
    const { regions } = this.#folder;
    const names = new Set(this.#rules === null ? [] : regions.map(({ name }) => name));
    const there = await readdir(join(folder, OVERLAPS_FOLDER)).catch(() => []);
    for (const name of there) {
      if (REGION_NAME.test(name) && !names.has(name)) rmSync(regionPath(folder, name));
    }
    const known = this.#journal.judging.regions();
    this.#journal.judging.dropRegions([...known.keys()].filter((name) => !names.has(name)));
    if (this.#rules !== null) return;
    for (const below of [OVERLAPS_FOLDER, WHOLE_FOLDER]) {
      rmSync(join(folder, below), { recursive: true, force: true });
    }
  }
}

function rowsOf(sum: number, { rows }: { rows: number }): number {
  return sum + rows;
}

/** A region's inputs by their places among all, and its tiles' ranges by places in that. */
function localInputs({ tiles }: JudgedRegion) {
  const local = [...new Set(tiles.flatMap(({ ranges }) => ranges.map(({ input }) => input)))];
  local.sort((a, b) => a - b);
  const places = new Map(local.map((place, k) => [place, k]));
  const ranges = tiles.map((tile) =>
    tile.ranges.map(({ input, rows }) => ({ input: places.get(input)!, rows })),
  );
  return { local, ranges };
}
