/** Which rows of a tile go by their footprints, without regard to other features. */

import { FeatureBatch } from '../../../geometry/batch.ts';
import { featureBounds } from '../../../geometry/measure.ts';
import {
  type FootprintData,
  FootprintJudge,
  type FootprintVerdict,
} from '../../../overlap/footprints/footprint-judge.ts';
import type { RegionPairsBuilder } from '../../../overlap/region-pairs.ts';
import { coverFeature } from '../../../tms/cover.ts';
import { TileList } from '../../../tms/tile-list.ts';
import type { TileMatrix } from '../../../tms/tile-matrix.ts';
import { GONE_REASONS, type GoneReason } from '../../folder/journal/journal-rows.ts';
import { TileRanges } from '../regions.ts';
import type { JudgedInput, JudgedTile, RowFacts, TileRows } from '../tile-rows.ts';

export class FootprintRows {
  readonly #judge: FootprintJudge;
  readonly #inputs: readonly JudgedInput[];
  readonly #matrix: TileMatrix;
  readonly #ranges: TileRanges;
  readonly #batch = new FeatureBatch();
  readonly #bounds = new Float64Array(4);
  readonly #tiles = new TileList();
  readonly #facts: RowFacts = {
    ...{ input: 0, position: 0, area: 0, centroidX: 0, centroidY: 0, values: [] },
  };
  readonly #counts = new Map<string, [input: number, reason: GoneReason, features: number]>();

  constructor(data: FootprintData, inputs: readonly JudgedInput[], matrix: TileMatrix) {
    this.#judge = new FootprintJudge(data);
    this.#inputs = inputs;
    this.#matrix = matrix;
    this.#ranges = new TileRanges(matrix);
  }

  /** Features that go, each counted in one of its tiles. */
  get counts(): Iterable<[input: number, reason: GoneReason, features: number]> {
    return this.#counts.values();
  }

  /**
   * @param boxes - of the rows
   * @returns by row, from 0: 1 for one that goes
   */
  judge(
    rows: TileRows,
    boxes: Float64Array,
    tile: JudgedTile,
    index: number,
    builder: RegionPairsBuilder,
  ): Uint8Array {
    const gone = new Uint8Array(rows.count);
    for (let row = 0; row < rows.count; row++) {
      const input = rows.inputOf(row);
      const verdict = this.#verdict(rows, row, input, boxes);
      if (verdict === 'stays') continue;
      gone[row] = 1;
      builder.alone(index, row, GONE_REASONS.indexOf(verdict));
      if (this.#isFirst(rows, row, boxes, tile)) this.#count(input, verdict);
    }
    return gone;
  }

  #verdict(rows: TileRows, row: number, input: number, boxes: Float64Array): FootprintVerdict {
    const at = 4 * row;
    const { name } = this.#inputs[input]!;
    const [minX, minY] = [boxes[at]!, boxes[at + 1]!];
    const [maxX, maxY] = [boxes[at + 2]!, boxes[at + 3]!];
    const ofBox = this.#judge.ofBox(name, minX, minY, maxX, maxY);
    if (ofBox !== null) return ofBox;
    this.#read(rows, row);
    return this.#judge.of(name, this.#batch, 0);
  }

  #read(rows: TileRows, row: number): void {
    this.#batch.clear();
    rows.read(row, this.#facts, this.#batch);
  }

  /** Whether the tile is the first, by row and column, of those that the feature is in. */
  #isFirst(rows: TileRows, row: number, boxes: Float64Array, { x, y }: JudgedTile): boolean {
    const { minColumn, minRow, maxColumn, maxRow } = this.#ranges.of(boxes, 4 * row);
    if (minColumn === maxColumn && minRow === maxRow) return true;
    this.#read(rows, row);
    featureBounds(this.#batch, 0, this.#bounds, 0);
    coverFeature(this.#batch, 0, this.#bounds, this.#matrix, this.#tiles);
    this.#tiles.sort();
    return this.#tiles.columns[0] === x && this.#tiles.rows[0] === y;
  }

  #count(input: number, reason: GoneReason): void {
    const key = `${input} ${reason}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, [input, reason, 1]);
    else known[2]++;
  }
}
