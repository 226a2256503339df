/** Values of the properties that staging adds to a row, in the order of `propertyColumns`. */

import type { EncodedValues } from '../../formats/encoded-row.ts';
import { writeVarint } from '../../formats/sqlite/varint.ts';
import { copyBytes } from '../../geometry/batch.ts';
import { tileLabel } from '../../tms/tile-path.ts';
import { IDENTIFIER_LENGTH, IdentifierWriter } from './identifier.ts';
import type { ShuffleRow } from './shuffle-row.ts';

/** Serial types of values: a double, the integers 0 and 1, text of no bytes. */
const REAL = 7;
const FALSE = 8;
const TEXT = 13;
/** Of area and centroid. */
const MEASURE_BYTES = 24;
/** Home tiles whose labels are kept. */
const MOST_LABELS = 1 << 12;

const encoder = new TextEncoder();

/** Makes the values of one input's rows in one tile. */
export class PropertyValues implements EncodedValues {
  readonly types = new Uint8Array(64);
  typesLength = 0;
  body = new Uint8Array(0);
  bodyLength = 0;
  #view = new DataView(this.body.buffer);
  readonly #identifiers: IdentifierWriter;
  readonly #z: number;
  readonly #x: number;
  readonly #y: number;
  readonly #label: Uint8Array;
  readonly #homes = new Map<string, Uint8Array>();
  /** Where the identifier is, and the first text of which the length varies. */
  readonly #identifierAt: number;
  readonly #homeAt: number;
  readonly #homeTypeAt: number;

  readonly #labelled: boolean;

  /**
   * @param input - its name, as in `staging_filename`
   * @param labelled - whether there is a label: of a row that nothing is known against
   */
  constructor(input: string, z: number, x: number, y: number, labelled: boolean) {
    this.#labelled = labelled;
    this.#identifiers = new IdentifierWriter(input);
    this.#z = z;
    this.#x = x;
    this.#y = y;
    this.#label = encoder.encode(tileLabel(x, y, z));
    const filename = encoder.encode(input);
    this.#identifierAt = MEASURE_BYTES + filename.length;
    this.#homeAt = this.#identifierAt + IDENTIFIER_LENGTH;
    this.#grow(this.#homeAt + 2 * this.#label.length + 64);
    this.body.set(filename, MEASURE_BYTES);
    this.types.fill(REAL, 0, 3);
    const at = writeVarint(this.types, 3, TEXT + 2 * filename.length);
    this.#homeTypeAt = writeVarint(this.types, at, TEXT + 2 * IDENTIFIER_LENGTH);
  }

  /** Makes those of the row. */
  of(row: ShuffleRow): void {
    const { homeColumn, homeRow } = row;
    const isWithin = homeColumn === this.#x && homeRow === this.#y;
    const label = this.#label;
    const home = isWithin ? label : homeColumn < 0 ? null : this.#labelOf(homeColumn, homeRow);
    const homeLength = home === null ? 0 : home.length;
    const length = this.#homeAt + homeLength + label.length;
    if (length > this.body.length) this.#grow(length);
    const { types, body } = this;
    let at = writeVarint(types, this.#homeTypeAt, home === null ? 0 : TEXT + 2 * homeLength);
    at = writeVarint(types, at, TEXT + 2 * label.length);
    types[at++] = isWithin ? FALSE + 1 : FALSE;
    if (this.#labelled) types[at++] = FALSE;
    this.typesLength = at;
    this.#view.setFloat64(0, row.area);
    this.#view.setFloat64(8, row.centroidX);
    this.#view.setFloat64(16, row.centroidY);
    this.#identifiers.write(row.position, body, this.#identifierAt);
    if (home !== null) copyBytes(home, 0, homeLength, body, this.#homeAt);
    copyBytes(label, 0, label.length, body, this.#homeAt + homeLength);
    this.bodyLength = length;
  }

  #labelOf(column: number, row: number): Uint8Array {
    const key = `${column}/${row}`;
    let label = this.#homes.get(key);
    if (label === undefined) {
      if (this.#homes.size >= MOST_LABELS) this.#homes.clear();
      label = encoder.encode(tileLabel(column, row, this.#z));
      this.#homes.set(key, label);
    }
    return label;
  }

  #grow(length: number): void {
    const grown = new Uint8Array(length);
    grown.set(this.body);
    this.body = grown;
    this.#view = new DataView(grown.buffer);
  }
}
