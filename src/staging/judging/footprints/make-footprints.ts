/** Reads the footprints of all inputs, ranks them and writes what tasks judge features by. */

import { hash } from 'node:crypto';
import { TilewrightError } from '../../../core/errors.ts';
import { parseCrs } from '../../../crs/parse.ts';
import { resolveCrs } from '../../../crs/resolve.ts';
import { createTransform } from '../../../crs/transform.ts';
import type { LayerInfo } from '../../../formats/source.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';
import { ValidityCheck } from '../../../geometry/validity/check.ts';
import { bitOf, INVALID, INVALID_KINDS } from '../../../geometry/validity/kinds.ts';
import { boxPairs } from '../../../overlap/box-pairs.ts';
import {
  boxOf,
  type FootprintIndex,
  FootprintWriter,
} from '../../../overlap/footprints/footprint-file.ts';
import type { FootprintData } from '../../../overlap/footprints/footprint-judge.ts';
import type { Predicate } from '../../../overlap/predicates/predicate.ts';
import type { KeepRule } from '../../configuration/deduplication.ts';
import type { StagedInput } from '../../folder/journal/journal-rows.ts';
import { type CrsOptions, type CrsResolver, crsResolver } from '../../inputs/input-crs.ts';
import {
  type FootprintPlaces,
  findFootprints,
  missingNote,
  withoutFootprint,
} from './find-footprints.ts';
import { type TilesPlace, toTiles, transformed } from './place-footprint.ts';
import { type RankedFootprint, rankFootprints } from './rank.ts';
import { type Footprint, readFootprint, unusable } from './read-footprint.ts';
import { withStraightEdges } from './straight-edges.ts';

/** Invalid footprints that a warning names. */
const NAMED = 10;

export interface FootprintOptions
  extends FootprintPlaces,
    TilesPlace,
    Pick<CrsOptions, 'inputCrs' | 'grids' | 'allowBallpark'> {
  /** Whether what lies in the overlap with a better footprint goes. */
  overlaps: boolean;
  keepRules: readonly KeepRule[];
  /** What features have to be to the footprint of their input; null: that isn't looked at. */
  clip: Predicate | null;
  missingFootprints: 'fail' | 'keep';
}

export interface MadeFootprints {
  data: FootprintData;
  /** By name of the input, what the verdicts on its features depend on: the same, the same verdicts. */
  keys: ReadonlyMap<string, string>;
  warnings: string[];
}

/** What is kept of an input that has a footprint. */
type OwnerInput = Pick<StagedInput, 'name' | 'file' | 'crs' | 'statistics'>;

interface ReadFootprint extends RankedFootprint {
  shape: number;
}

/**
 * Inputs that have one footprint in common, such as layers of a file, are not compared with one another.
 * @param inputs - all of the staged folder
 * @param path - of the file that is written: tasks read it
 * @throws TilewrightError footprint-missing, footprint-unusable, crs-… for a footprint whose CRS is not
 *   known, staged-folder for an input whose CRS the journal does not have, and those of readers
 */
export async function makeFootprints(
  inputs: readonly OwnerInput[],
  path: string,
  options: FootprintOptions,
): Promise<MadeFootprints> {
  const found = findFootprints(inputs, options);
  const missing = withoutFootprint(inputs, found);
  const note = missingNote(missing, options, options.missingFootprints === 'keep');
  const placer = new Placer(path, options);
  const footprints: ReadFootprint[] = [];
  const batch = new FeatureBatch();
  const byLayer = new Map<string, number>();
  const owners: { name: string; footprint: number; clip: number }[] = [];
  try {
    for (const input of inputs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = found.get(input.file);
      if (file == null) continue;
      const columns = options.overlaps ? options.keepRules.map(({ column }) => column) : [];
      const footprint = await readFootprint(file, input, columns, batch);
      const key = JSON.stringify([file, footprint.layer.name]);
      let index = byLayer.get(key);
      if (index === undefined) {
        index = footprints.length;
        byLayer.set(key, index);
        placer.check(footprint);
        const shape = options.overlaps ? placer.place(footprint, key) : -1;
        footprints.push({ path: file, input: input.name, values: footprint.values, shape });
      }
      const isClipped = options.clip !== null && input.statistics.featuresStaged > 0;
      const clip = isClipped ? placer.placeForClip(footprint, key, input) : -1;
      owners.push({ name: input.name, footprint: index, clip });
    }
    return placer.finish(footprints, owners, missing, note);
  } catch (error) {
    placer.abandon();
    throw error;
  }
}

/** Brings footprints to the CRS of the tiles and writes them. */
class Placer {
  readonly #path: string;
  readonly #options: FootprintOptions;
  readonly #writer: FootprintWriter;
  readonly #toTiles: CrsResolver;
  readonly #toInput = new Map<string, CrsResolver>();
  /** Shapes by footprint, and by CRS of the input for those that features are clipped to. */
  readonly #shapes = new Map<string, number>();
  readonly #notes = new Set<string>();
  readonly #validity = new ValidityCheck();
  readonly #invalid: string[] = [];
  readonly #drawn = new FeatureBatch();
  readonly #straight = new FeatureBatch();
  readonly #placed = [new FeatureBatch(), new FeatureBatch()] as const;

  constructor(path: string, options: FootprintOptions) {
    this.#path = path;
    this.#options = options;
    this.#toTiles = this.#resolver(options.tms.crs);
    this.#writer = new FootprintWriter(path);
  }

  #resolver(tilesCrs: CrsOptions['tilesCrs']): CrsResolver {
    const { inputCrs, grids, allowBallpark } = this.#options;
    return crsResolver({ inputCrs, overrideCrs: null, grids, allowBallpark, tilesCrs });
  }

  /** Notes what of it is not as its polygons are meant to be. */
  check({ batch, path }: Footprint): void {
    let bits = 0;
    for (let i = 0; i < batch.featureCount; i++) bits |= this.#validity.of(batch, i) & INVALID;
    if (bits === 0) return;
    const kinds = INVALID_KINDS.filter((kind) => (bits & bitOf(kind)) !== 0);
    this.#invalid.push(`${path} (${kinds.join(', ')})`);
  }

  /** Vertex by vertex. */
  place(footprint: Footprint, key: string): number {
    return this.#once(key, () =>
      this.#toTilesFrom(footprint.batch, footprint.layer, footprint.path),
    );
  }

  /** With edges that are straight in the CRS of the input, as its features were drawn. */
  placeForClip(footprint: Footprint, key: string, input: OwnerInput): number {
    const { crs } = input;
    if (crs === undefined) throw withoutCrs(input.name);
    const { batch, layer, path } = footprint;
    return this.#once(JSON.stringify([key, crs]), () => {
      let toInput = this.#toInput.get(crs);
      toInput ??= this.#resolver(parseCrs(crs));
      this.#toInput.set(crs, toInput);
      const own = resolveCrs(parseCrs(crs));
      const { crs: from, operation } = toInput({ ...layer, extent: extentOf(batch) }, path);
      const drawn = transformed(batch, createTransform(from, own, operation), this.#drawn);
      if (drawn === null) throw unusable(path, `reaches beyond what ${own.name} can show`);
      return this.#toTilesFrom(drawn, { ...layer, crs: parseCrs(crs) }, path, input);
    });
  }

  /** @param input - in whose CRS the edges of the batch are straight; left out: only its vertices count */
  #toTilesFrom(batch: FeatureBatch, layer: LayerInfo, path: string, input?: OwnerInput): number {
    const placing = this.#toTiles({ ...layer, extent: extentOf(batch) }, path);
    const { crs, operation, note } = placing;
    if (note !== null) this.#notes.add(note);
    const staged = input?.statistics.operation;
    if (staged !== undefined && staged.id !== operation.id) {
      this.#notes.add(
        `The features of ${input!.name} were led to the datum of the tiles by ${staged.name}, its ` +
          `footprint by ${operation.name}, as it says another extent`,
      );
    }
    const target = resolveCrs(this.#options.tms.crs);
    const transform = createTransform(crs, target, operation);
    const straight =
      input === undefined ? batch : withStraightEdges(batch, transform, target, this.#straight);
    const placed = toTiles(straight, transform, this.#options, this.#placed);
    if (placed === null) throw unusable(path, `reaches beyond what ${target.name} can show`);
    return this.#writer.add(placed);
  }

  #once(key: string, make: () => number): number {
    let shape = this.#shapes.get(key);
    shape ??= make();
    this.#shapes.set(key, shape);
    return shape;
  }

  finish(
    footprints: readonly ReadFootprint[],
    owners: readonly { name: string; footprint: number; clip: number }[],
    missing: readonly string[],
    note: string | null,
  ): MadeFootprints {
    const { clip, overlaps, keepRules } = this.#options;
    const order = rankFootprints(footprints, overlaps ? keepRules : []);
    const ranks = new Map(order.map((footprint, rank) => [footprint, rank]));
    const ranked = order.map((k) => ({ shape: footprints[k]!.shape }));
    const inputs: FootprintIndex['inputs'] = owners.map((own) => [
      own.name,
      { footprint: ranks.get(own.footprint)!, clip: own.clip },
    ]);
    inputs.push(...missing.map((name): [string, null] => [name, null]));
    this.#writer.finish({ clip, overlaps, footprints: ranked, inputs });
    const { shapes } = this.#writer;
    const sumOf = (shape: number): string => shapes[shape]?.sha256 ?? '';
    const better = overlaps ? betterFootprints(ranked.map(({ shape }) => shapes[shape]!.box)) : [];
    const keys = new Map(
      inputs.map(([name, own]) => {
        if (own === null) return [name, ''];
        const { shape } = ranked[own.footprint]!;
        const sums = (better[own.footprint] ?? []).map((k) => sumOf(ranked[k]!.shape));
        const parts = [clip ?? '', sumOf(own.clip), sumOf(shape), ...sums];
        return [name, hash('sha256', parts.join(' '))];
      }),
    );
    const key = hash('sha256', JSON.stringify([...keys].sort(([a], [b]) => (a < b ? -1 : 1))));
    const warnings = [
      ...(note === null ? [] : [note]),
      ...this.#notes,
      ...invalidNote(this.#invalid),
    ];
    return { data: { path: this.#path, key }, keys, warnings };
  }

  abandon(): void {
    this.#writer.abandon();
  }
}

/** @param invalid - paths with what is wrong */
function invalidNote(invalid: readonly string[]): string[] {
  if (invalid.length === 0) return [];
  const some = invalid.slice(0, NAMED).join('; ');
  const rest = invalid.length > NAMED ? ` and ${invalid.length - NAMED} more` : '';
  return [`Footprints that are not valid count even–odd, polygon by polygon: ${some}${rest}`];
}

/** Of each footprint, by rank, the better ones whose boxes touch its box, the best first. */
function betterFootprints(boxes: readonly (readonly number[])[]): number[][] {
  const better = boxes.map((): number[] => []);
  boxPairs(Float64Array.from(boxes.flat()), new Uint32Array(boxes.length), true, (i, j) => {
    better[Math.max(i, j)]!.push(Math.min(i, j));
  });
  return better.map((ranks) => ranks.sort((a, b) => a - b));
}

function extentOf({ xy, vertexCount }: FeatureBatch): [number, number, number, number] {
  return boxOf(xy.subarray(0, 2 * vertexCount));
}

function withoutCrs(name: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `The journal does not say the CRS of ${name}, which clipping to footprints needs: an earlier version ` +
      'staged it. Stage it again with --force',
    { input: name },
  );
}
