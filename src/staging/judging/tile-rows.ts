/**
 * A staged tile as judging sees it: its rows by number, whose each is, where they lie, and what is to be
 * known of those that may be duplicates.
 */

import { type Column, type ColumnType, isText, type Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../../geometry/wkb.ts';
import {
  AREA_PROPERTY,
  attributesOf,
  CENTROID_PROPERTY,
  IDENTIFIER_PROPERTY,
  MOST_PROPERTIES,
  type PropertyNames,
} from '../configuration/properties.ts';
import { positionIn } from '../rows/identifier.ts';
import { columnKey, convertValue } from '../rows/schema-union.ts';

/** Rows of one input, which follow each other. */
export interface InputRange {
  /** Its index in the order of names. */
  input: number;
  rows: number;
}

/** A tile with whose rows are in it, in the order of the inputs' names. */
export interface JudgedTile {
  x: number;
  y: number;
  ranges: InputRange[];
}

export interface LabelledTile extends JudgedTile {
  /** GEOMETRY_… bits of all its rows. */
  geometry: number;
  /** What was made of it: null if it is as the merge wrote it, '' if that is not known. */
  key: string | null;
}

/** An input as judging knows it. */
export interface JudgedInput {
  name: string;
  /** Its columns with the types that its values need. */
  columns: readonly Column[];
}

/** A column whose values are asked for, with the type that holds those of all inputs. */
export interface AskedColumn {
  name: string;
  type: ColumnType;
}

/** What is known of one row; reused. */
export interface RowFacts {
  input: number;
  position: number;
  area: number;
  centroidX: number;
  centroidY: number;
  values: Value[];
}

export class TileRows {
  readonly file: StagedFile;
  /** First row, from 0, of each of `ranges`, and the number of all rows. */
  readonly #starts: number[];
  readonly #ranges: readonly InputRange[];
  readonly #inputs: readonly JudgedInput[];
  readonly #attributes: Column[];
  readonly #values: ValueWalk;
  readonly #asked: readonly AskedColumn[];
  /** Places of the asked columns among the tile's; −1 for one that it lacks. */
  readonly #places: number[];
  readonly #types = new Map<number, (ColumnType | null)[]>();

  /**
   * @param file - is closed with this
   * @param ranges - inputs in the order of their names
   * @throws TilewrightError staged-folder if the tile has other rows than these
   */
  constructor(
    file: StagedFile,
    names: PropertyNames,
    ranges: readonly InputRange[],
    inputs: readonly JudgedInput[],
    asked: readonly AskedColumn[],
  ) {
    this.file = file;
    this.#ranges = ranges;
    this.#inputs = inputs;
    this.#asked = asked;
    this.#starts = [0];
    for (const { rows } of ranges) this.#starts.push(this.#starts.at(-1)! + rows);
    this.#attributes = attributesOf(this.file.columns, names);
    const keys = this.#attributes.map(({ name }) => columnKey(name));
    this.#places = asked.map(({ name }) => keys.indexOf(columnKey(name)));
    this.#values = new ValueWalk(this.#attributes.length + MOST_PROPERTIES);
    const { rowCount } = this.file;
    if (rowCount === this.count) return;
    this.file.close();
    throw new TilewrightError(
      'staged-folder',
      `${file.path} has ${rowCount} rows, the journal says ${this.count}: something else changed it. ` +
        'Stage its inputs anew with --force',
    );
  }

  get count(): number {
    return this.#starts.at(-1)!;
  }

  /** Index among `ranges` of the one that row i, from 0, is in. */
  rangeOf(i: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= i) low = middle;
      else high = middle;
    }
    return low;
  }

  inputOf(i: number): number {
    return this.#ranges[this.rangeOf(i)]!.input;
  }

  /** Rows, from 0, of the input; none if it has none here. */
  rowsOf(input: number): { start: number; end: number } {
    const at = this.#ranges.findIndex((range) => range.input === input);
    return at < 0 ? { start: 0, end: 0 } : { start: this.#starts[at]!, end: this.#starts[at + 1]! };
  }

  /** minX, minY, maxX, maxY of each row, perhaps a little larger. */
  boxes(): Float64Array {
    const boxes = new Float64Array(4 * this.count).fill(Number.NaN);
    const { extent } = this.file;
    if (extent === null) return boxes;
    // The tree's boxes are rounded to floats, outwards.
    this.file.search(-Infinity, -Infinity, Infinity, Infinity, (number, minX, minY, maxX, maxY) => {
      boxes.set([minX, minY, maxX, maxY], 4 * (number - 1));
      return true;
    });
    return boxes;
  }

  /**
   * Reads row i, from 0.
   * @param batch - gets its geometry as one more feature
   */
  read(i: number, facts: RowFacts, batch: FeatureBatch | null): void {
    const row = this.file.row(i + 1);
    if (row === null) throw damaged(this.file.path, i);
    const values = this.#values;
    const { types, typesStart, typesEnd, body, bodyStart } = row;
    if (!values.walk(types, typesStart, typesEnd, bodyStart)) throw damaged(this.file.path, i);
    const first = this.#attributes.length;
    const number = (place: number): number => {
      const value = values.value(body, first + place);
      return value === null ? Number.NaN : Number(value);
    };
    facts.input = this.inputOf(i);
    facts.position = positionIn(body, values.bodyAt[first + IDENTIFIER_PROPERTY]!);
    facts.area = number(AREA_PROPERTY);
    facts.centroidX = number(CENTROID_PROPERTY);
    facts.centroidY = number(CENTROID_PROPERTY + 1);
    facts.values = this.#asked.map((column, k) => this.#valueOf(column, k, facts.input, body));
    if (batch === null) return;
    batch.beginFeature(facts.position);
    const code = decodeWkb(batch, row.geometry, row.geometryStart, row.geometryEnd);
    if (code >= FIRST_DROP) throw damaged(this.file.path, i);
    batch.endFeature();
  }

  /** As the input had it, then as the type holds it that is for all inputs: the same in every tile. */
  #valueOf({ type }: AskedColumn, k: number, input: number, body: Uint8Array): Value {
    const place = this.#places[k]!;
    const own = this.#ownTypes(input)[k];
    if (own == null || place < 0) return null;
    const stored = this.#values.value(body, place);
    const value = convertValue(convertValue(stored, this.#attributes[place]!.type, own), own, type);
    return isText(type) && typeof value === 'number' ? String(value) : value;
  }

  /** Types that the input's own columns have; null for one that it lacks. */
  #ownTypes(input: number): (ColumnType | null)[] {
    let types = this.#types.get(input);
    if (types === undefined) {
      const { columns } = this.#inputs[input]!;
      types = this.#asked.map(({ name }) => {
        const key = columnKey(name);
        return columns.find((column) => columnKey(column.name) === key)?.type ?? null;
      });
      this.#types.set(input, types);
    }
    return types;
  }

  close(): void {
    this.file.close();
  }
}

function damaged(path: string, i: number): TilewrightError {
  return new TilewrightError('staged-folder', `The row ${i + 1} of ${path} can't be read`);
}
