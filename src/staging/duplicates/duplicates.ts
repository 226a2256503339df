/** What a judged folder says of its duplicates: which features overlap, by how much, and which stay. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { parseCrs } from '../../crs/parse.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { GOES } from '../../overlap/verdict.ts';
import { parseTileMatrixSet } from '../../tms/parse.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import type { PropertyNames } from '../configuration/properties.ts';
import { Journal } from '../folder/journal/journal.ts';
import {
  type DuplicateCounts,
  type FolderSettings,
  GONE_REASONS,
  type GoneReason,
  type TileInput,
} from '../folder/journal/journal-rows.ts';
import { journalPath } from '../folder/staged-folder.ts';
import { TileRanges } from '../judging/regions.ts';
import { type InputRange, type RowFacts, TileRows } from '../judging/tile-rows.ts';
import { openAllRows } from '../packs/open-tile.ts';
import { type Overlaps, readOverlaps } from './overlaps.ts';
import { distancesOf, overlapsOf } from './summary.ts';

/** One of the two features of a pair. */
export interface PairedFeature {
  /** Name of its input, and its position there. */
  input: string;
  position: number;
  stays: boolean;
  /** Area that both have in common ÷ its own, 0 to 1. */
  overlap: number;
}

/** Two features whose interiors overlap. */
export interface OverlapPair {
  /** Number of the features that duplicates connect to these, from 1; null if the two are not in one. */
  cluster: number | null;
  /** The one that stays if only one of the two does. */
  preferred: PairedFeature;
  other: PairedFeature;
  /** Between the centroids, in `distanceUnit`. */
  distance: number;
  /** Whether it passes the tests of the rules. */
  isDuplicate: boolean;
}

/** A feature that has duplicates, or goes by its footprint. */
export interface JudgedFeature {
  cluster: number | null;
  input: string;
  position: number;
  stays: boolean;
  /** Why it goes; null for one that stays. */
  reason: GoneReason | null;
  /** The pair in which most of it overlaps; null for one that goes by its footprint. */
  pair: OverlapPair | null;
  /** Its geometry, as the only feature, in the CRS of the TileMatrixSet; valid until the next one. */
  batch: FeatureBatch;
}

/** What there is in all, before anything is listed. */
export interface DuplicatesSummary {
  deduplication: Deduplication;
  /** Features of each input that go, by reason. */
  duplicates: DuplicateCounts;
  /** That overlap, and those of them that are duplicates. */
  pairs: number;
  duplicatePairs: number;
  clusters: number;
  /** Pairs of which both overlaps, or one of the two, are above so much of the feature's area. */
  overlaps: { above: number; both: number; one: number }[];
  /** Pairs whose centroids are at most so far apart, in the unit. */
  distances: { within: number; pairs: number }[];
  distanceUnit: 'm' | 'degrees' | 'units';
}

/** A row of a tile: of one of the features that overlap others, or −1 for one that goes by itself. */
interface ListedRow {
  x: number;
  y: number;
  row: number;
  feature: number;
  reason: number;
}

const NO_FACTS: RowFacts = {
  ...{ input: 0, position: 0, area: 0, centroidX: 0, centroidY: 0, values: [] },
};

/** What is asked of a journal; its own type would ask for those of Node.js. */
interface JudgedJournal {
  settings(): FolderSettings | null;
  inputNames(): Map<number, string>;
  allTileInputs(): Iterable<TileInput>;
  judging: {
    duplicates(): DuplicateCounts | null;
    current(): string | null;
    regions(): Map<string, string>;
  };
  products: { looseTiles(): Set<string> };
}

/** The pairs of a staged folder, and what became of their features. */
export class FolderDuplicates {
  readonly summary: DuplicatesSummary;
  /** Names of the inputs, in order. */
  readonly inputs: readonly string[];
  /** Of geometries. */
  readonly crs: Crs;
  readonly #folder: string;
  readonly #settings: FolderSettings;
  readonly #matrix: TileMatrix;
  readonly #overlaps: Overlaps;
  /** By `x/y`, those of which packs have the rows of before. */
  readonly #loose: ReadonlySet<string>;
  /** By `x/y`, the rows of each input in order. */
  readonly #ranges = new Map<string, InputRange[]>();

  /** @see readDuplicates */
  constructor(folder: string, journal: JudgedJournal) {
    const settings = journal.settings();
    const deduplication = settings?.deduplication;
    const duplicates = journal.judging.duplicates();
    if (settings === null || deduplication === undefined) {
      throw new TilewrightError(
        'usage',
        `${folder} is not judged: say by which rules with tilewright deduplicate ${folder}`,
      );
    }
    if (journal.judging.current() === null || duplicates === null) {
      throw new TilewrightError(
        'usage',
        `${folder} is not judged to the end: tilewright deduplicate ${folder} goes on`,
      );
    }
    const tms = parseTileMatrixSet(JSON.parse(settings.tmsDefinition));
    this.#folder = folder;
    this.#settings = settings;
    this.#loose = journal.products.looseTiles();
    this.#matrix = tms.matrix(settings.z);
    this.crs = resolveCrs(tms.crs);
    this.inputs = [...journal.inputNames().values()].sort((a, b) => (a < b ? -1 : 1));
    const places = new Map(this.inputs.map((name, place) => [name, place]));
    for (const { x, y, input, rows } of journal.allTileInputs()) {
      const ranges = this.#ranges.get(`${x}/${y}`) ?? [];
      ranges.push({ input: places.get(input)!, rows });
      this.#ranges.set(`${x}/${y}`, ranges);
    }
    for (const ranges of this.#ranges.values()) ranges.sort((a, b) => a.input - b.input);
    const regions = [...journal.judging.regions().keys()].sort();
    this.#overlaps = readOverlaps(folder, regions, this.inputs, this.#matrix);
    const { pairs, clusters } = this.#overlaps;
    const { distanceCrs } = deduplication;
    const distances = distanceCrs === null ? this.crs : resolveCrs(parseCrs(distanceCrs));
    this.summary = {
      deduplication,
      duplicates,
      pairs: pairs.preferred.length,
      duplicatePairs: pairs.isDuplicate.reduce((sum, each) => sum + each, 0),
      clusters,
      overlaps: overlapsOf(pairs.measures),
      distances: distancesOf(pairs.measures),
      distanceUnit: unitOf(distances),
    };
  }

  /**
   * By cluster, then by input and position of the preferred feature, then of the other.
   * @param all - also those that overlap and are no duplicates; without a cluster they come last
   */
  *pairs(all = false): Generator<OverlapPair> {
    const { isDuplicate } = this.#overlaps.pairs;
    for (let k = 0; k < isDuplicate.length; k++) {
      if (all || isDuplicate[k] === 1) yield this.#pair(k);
    }
  }

  /**
   * Features that have duplicates, and those that go by their footprints, with their geometries: tile by
   * tile, each once.
   * @param all - also those that overlap others without being duplicates
   */
  *features(all = false): Generator<JudgedFeature> {
    const { features } = this.#overlaps;
    const rows = this.#aloneRows();
    for (let i = 0; i < features.input.length; i++) {
      if (!all && features.cluster[i] === 0) continue;
      const [x, y, row] = [features.x[i]!, features.y[i]!, features.row[i]!];
      rows.push({ x, y, row, feature: i, reason: 0 });
    }
    yield* this.#read(rows.sort((a, b) => a.y - b.y || a.x - b.x || a.row - b.row));
  }

  #aloneRows(): ListedRow[] {
    const { x, y, row, reason } = this.#overlaps.alone;
    return Array.from(row, (_, k) => {
      return { x: x[k]!, y: y[k]!, row: row[k]!, feature: -1, reason: reason[k]! };
    });
  }

  /** @param rows - tile by tile */
  *#read(rows: readonly ListedRow[]): Generator<JudgedFeature> {
    const { features } = this.#overlaps;
    const pairs = this.#pairOfEach();
    const reaching = new Set<string>();
    const batch = new FeatureBatch();
    const facts = { ...NO_FACTS };
    let tile: TileRows | null = null;
    try {
      for (const [n, { x, y, row, feature, reason }] of rows.entries()) {
        if (n === 0 || rows[n - 1]!.x !== x || rows[n - 1]!.y !== y) {
          tile?.close();
          tile = this.#open(x, y);
        }
        batch.clear();
        tile!.read(row, facts, batch);
        const { position } = facts;
        const input = this.inputs[facts.input]!;
        if (feature < 0) {
          if (this.#isKnown(`${facts.input} ${position}`, batch, reaching)) continue;
          const own = { cluster: null, stays: false, reason: GONE_REASONS[reason] ?? null };
          yield { ...own, input, position, pair: null, batch };
          continue;
        }
        const stays = features.states[feature] !== GOES;
        const cluster = features.cluster[feature]! || null;
        const why = stays ? null : GONE_REASONS[0];
        const pair = this.#pair(pairs[feature]!);
        yield { cluster, input, position, stays, reason: why, pair, batch };
      }
    } finally {
      tile?.close();
    }
  }

  /** Features that go by their footprints, whatever others they overlap. */
  *alone(): Generator<JudgedFeature> {
    yield* this.#read(this.#aloneRows());
  }

  /** Whether a feature was met before; only one that may be in several tiles can be. */
  #isKnown(name: string, batch: FeatureBatch, reaching: Set<string>): boolean {
    const bounds = new Float64Array(4);
    featureBounds(batch, 0, bounds, 0);
    const range = new TileRanges(this.#matrix).of(bounds, 0);
    if (range.minColumn === range.maxColumn && range.minRow === range.maxRow) return false;
    return reaching.size === reaching.add(name).size;
  }

  /** Of each feature the pair in which most of it overlaps, duplicates first. */
  #pairOfEach(): Uint32Array {
    const { features, pairs } = this.#overlaps;
    const best = new Uint32Array(features.input.length);
    const most = new Float64Array(features.input.length).fill(-1);
    for (let k = 0; k < pairs.preferred.length; k++) {
      for (const side of [0, 1]) {
        const i = (side === 0 ? pairs.preferred : pairs.other)[k]!;
        const rank = pairs.measures[3 * k + side]! + 2 * pairs.isDuplicate[k]!;
        if (rank <= most[i]!) continue;
        most[i] = rank;
        best[i] = k;
      }
    }
    return best;
  }

  #pair(k: number): OverlapPair {
    const { pairs } = this.#overlaps;
    const [overlapPreferred, overlapOther, distance] = pairs.measures.subarray(3 * k, 3 * k + 3);
    return {
      cluster: pairs.cluster[k]! || null,
      preferred: this.#feature(pairs.preferred[k]!, overlapPreferred!),
      other: this.#feature(pairs.other[k]!, overlapOther!),
      distance: distance!,
      isDuplicate: pairs.isDuplicate[k] === 1,
    };
  }

  #feature(i: number, overlap: number): PairedFeature {
    const { input, position, states } = this.#overlaps.features;
    const stays = states[i] !== GOES;
    return { input: this.inputs[input[i]!]!, position: position[i]!, stays, overlap };
  }

  #open(x: number, y: number): TileRows {
    const names = this.#settings.properties as unknown as PropertyNames;
    const file = openAllRows(this.#folder, this.#settings, x, y, this.#loose.has(`${x}/${y}`));
    const inputs = this.inputs.map((name) => ({ name, columns: [] }));
    return new TileRows(file, names, this.#ranges.get(`${x}/${y}`) ?? [], inputs, []);
  }
}

function unitOf({ geographic, metersPerUnit }: Crs): DuplicatesSummary['distanceUnit'] {
  if (geographic) return 'degrees';
  return metersPerUnit === 1 ? 'm' : 'units';
}

/**
 * What a staged folder says of its duplicates, as it was judged last. All pairs are in memory, 50 bytes
 * of each; geometries are read as they are asked for.
 * @throws TilewrightError `staged-folder` if it is none or damaged, `usage` if nothing is judged there
 */
export function readDuplicates(dirStaged: string): FolderDuplicates {
  const folder = resolve(dirStaged);
  if (!existsSync(journalPath(folder))) {
    throw new TilewrightError('staged-folder', `${folder} is not a staged folder`);
  }
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    return new FolderDuplicates(folder, journal);
  } finally {
    journal.close();
  }
}
