/** Rows of a tile that was built by a group, part by part. */

import type { Column } from '../../core/columns.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import type { StagedFile, StagedRows } from '../../formats/staged-format.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { AREA_PROPERTY, PROPERTY_COUNT } from '../configuration/properties.ts';

export class BuiltRows {
  /** Attributes of its rows. */
  readonly attributes: Column[];
  readonly rows: StagedRows;
  readonly #file: StagedFile;
  readonly #values: ValueWalk;
  readonly #counts: readonly number[];
  #part = 0;

  /** @param counts - of the rows of each part, in their order */
  constructor(path: string, format: string, layer: string, counts: readonly number[]) {
    this.#file = stagedFormat(format).open(path, layer);
    this.#counts = counts;
    this.attributes = this.#file.columns.slice(0, -PROPERTY_COUNT);
    this.rows = this.#file.rows();
    this.#values = new ValueWalk(this.attributes.length + AREA_PROPERTY + 1);
  }

  /** Calls `take` with the area of each row of the part, at which `rows` stands; parts come in order. */
  readPart(part: number, take: (area: number) => void): void {
    if (part < this.#part) throw new RangeError(`Part ${part} of ${this.#file.path} was passed`);
    for (; this.#part < part; this.#part++) {
      for (let left = this.#counts[this.#part]!; left > 0; left--) this.#next();
    }
    for (let left = this.#counts[this.#part++]!; left > 0; left--) {
      this.#next();
      take(this.#area());
    }
  }

  #next(): void {
    if (!this.rows.next())
      throw new RangeError(`${this.#file.path} has fewer rows than its record`);
  }

  #area(): number {
    const { types, typesStart, typesEnd, body, bodyStart } = this.rows.row;
    this.#values.walk(types, typesStart, typesEnd, bodyStart);
    return Number(this.#values.value(body, this.attributes.length + AREA_PROPERTY));
  }

  close(): void {
    this.#file.close();
  }
}
