/** What the footprints say of a feature, in the CRS of the tiles. */

import { TilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { Area } from '../predicates/area.ts';
import { haveCommonPoint, holds } from '../predicates/relate.ts';
import { FootprintFile, type FootprintIndex, type ShapeEntry } from './footprint-file.ts';
import { ACROSS, INSIDE, OUTSIDE, PlaceGrid } from './place-grid.ts';

export type FootprintVerdict = 'stays' | 'outside its footprint' | 'overlap of footprints';

/** Goes with a task. */
export interface FootprintData {
  /** File of the footprints: see footprint-file.ts. */
  path: string;
  /** Of all that verdicts depend on: another one, other verdicts. */
  key: string;
}

/** Vertices of footprints that are kept in memory: 64 MB with their indexes. */
const MOST_VERTICES = 2_000_000;

/** A shape that is ready to be asked. */
interface Loaded {
  area: Area;
  grid: PlaceGrid;
}

/** The footprint of an input, and those that are better and meet its box. */
interface OwnFootprint {
  clip: number;
  shape: number;
  better: number[];
}

/** Of all methods: a feature of an input without footprint stays. */
export class FootprintJudge {
  readonly #file: FootprintFile;
  readonly #inputs: ReadonlyMap<string, FootprintIndex['inputs'][number][1]>;
  readonly #own = new Map<string, OwnFootprint | null>();
  /** By number of the shape; the one that was asked for last is the last. */
  readonly #shapes = new Map<number, Loaded>();
  #lastShape = -1;
  #last: Loaded | null = null;
  #vertices = 0;
  readonly #feature = new Area();
  readonly #bounds = new Float64Array(4);

  /** @throws TilewrightError staged-folder for a file that is damaged */
  constructor({ path }: FootprintData) {
    this.#file = new FootprintFile(path);
    this.#inputs = new Map(this.#file.index.inputs);
  }

  /**
   * The verdict on a feature of the input whose geometry lies in this closed box.
   * @returns null where the geometry has to be looked at
   */
  ofBox(
    input: string,
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
  ): FootprintVerdict | null {
    const own = this.#ownOf(input);
    if (own === null) return 'stays';
    const { clip, overlaps } = this.#file.index;
    if (clip !== null) {
      const place = this.#place(own.clip, minX, minY, maxX, maxY);
      if (place === ACROSS) return null;
      const isSo = place === INSIDE && (clip === 'intersects' || clip === 'within');
      if (!isSo) return 'outside its footprint';
    }
    if (!overlaps || own.better.length === 0) return 'stays';
    const place = this.#place(own.shape, minX, minY, maxX, maxY);
    if (place === OUTSIDE) return 'stays';
    let isKnown = true;
    for (const shape of own.better) {
      const other = this.#place(shape, minX, minY, maxX, maxY);
      if (other === OUTSIDE) continue;
      if (place === INSIDE && other === INSIDE) return 'overlap of footprints';
      isKnown = false;
    }
    return isKnown ? 'stays' : null;
  }

  /** The verdict on feature i of a batch in the CRS of the tiles. */
  of(input: string, batch: FeatureBatch, i: number): FootprintVerdict {
    const bounds = this.#bounds;
    featureBounds(batch, i, bounds, 0);
    const [minX, minY, maxX, maxY] = [bounds[0]!, bounds[1]!, bounds[2]!, bounds[3]!];
    const ofBox = this.ofBox(input, minX, minY, maxX, maxY);
    if (ofBox !== null) return ofBox;
    const own = this.#ownOf(input)!;
    const { clip, overlaps } = this.#file.index;
    const feature = this.#feature.fill(batch, i, i + 1);
    if (clip !== null && !holds(clip, feature, this.#area(own.clip))) {
      return 'outside its footprint';
    }
    if (!overlaps) return 'stays';
    const place = this.#place(own.shape, minX, minY, maxX, maxY);
    if (place === OUTSIDE) return 'stays';
    for (const shape of own.better) {
      const other = this.#place(shape, minX, minY, maxX, maxY);
      if (other === OUTSIDE) continue;
      if (place === INSIDE && other === INSIDE) return 'overlap of footprints';
      const area = this.#area(own.shape);
      const better = this.#area(shape);
      const meets =
        place === INSIDE
          ? holds('intersects', feature, better)
          : other === INSIDE
            ? holds('intersects', feature, area)
            : haveCommonPoint(feature, area, better);
      if (meets) return 'overlap of footprints';
    }
    return 'stays';
  }

  #place(shape: number, minX: number, minY: number, maxX: number, maxY: number): number {
    const { box } = this.#file.index.shapes[shape]!;
    if (minX > box[2] || minY > box[3] || maxX < box[0] || maxY < box[1]) return OUTSIDE;
    return this.#load(shape).grid.place(minX, minY, maxX, maxY);
  }

  #ownOf(input: string): OwnFootprint | null {
    let own = this.#own.get(input);
    if (own === undefined) {
      own = this.#findOwn(input);
      this.#own.set(input, own);
    }
    return own;
  }

  #findOwn(input: string): OwnFootprint | null {
    const { footprints, shapes, overlaps } = this.#file.index;
    const entry = this.#inputs.get(input);
    if (entry === undefined) {
      throw new TilewrightError('internal', `The footprints know no input ${input}`, { input });
    }
    if (entry === null) return null;
    if (!overlaps) return { clip: entry.clip, shape: -1, better: [] };
    return {
      clip: entry.clip,
      shape: footprints[entry.footprint]!.shape,
      better: betterShapes(footprints, entry.footprint, shapes),
    };
  }

  #area(shape: number): Area {
    return this.#load(shape).area;
  }

  #load(shape: number): Loaded {
    if (shape === this.#lastShape) return this.#last!;
    let loaded = this.#shapes.get(shape);
    if (loaded === undefined) {
      const area = new Area().fill(this.#file.shape(shape), 0, 1);
      loaded = { area, grid: new PlaceGrid(area) };
      this.#vertices += this.#file.index.shapes[shape]!.vertices;
    }
    this.#shapes.delete(shape);
    this.#shapes.set(shape, loaded);
    for (const old of this.#shapes.keys()) {
      if (this.#vertices <= MOST_VERTICES || old === shape) break;
      this.#shapes.delete(old);
      this.#vertices -= this.#file.index.shapes[old]!.vertices;
    }
    this.#lastShape = shape;
    this.#last = loaded;
    return loaded;
  }
}

/** Shapes of the footprints that are better than this one, and whose boxes meet its box. */
function betterShapes(
  footprints: readonly { shape: number }[],
  footprint: number,
  shapes: readonly ShapeEntry[],
): number[] {
  const own = shapes[footprints[footprint]!.shape]!.box;
  const better: number[] = [];
  for (let k = 0; k < footprint; k++) {
    const { shape } = footprints[k]!;
    const { box } = shapes[shape]!;
    const meet = own[0] <= box[2] && own[1] <= box[3] && own[2] >= box[0] && own[3] >= box[1];
    if (meet) better.push(shape);
  }
  return better;
}
