/** Rows of a tile that was built by a group, part by part. */

import type { Column } from '../../core/columns.ts';
import { ValueWalk } from '../../formats/sqlite/record.ts';
import type { StagedFile, StagedRows } from '../../formats/staged-format.ts';
import {
  AREA_PROPERTY,
  attributesOf,
  isLabelled,
  type PropertyNames,
} from '../configuration/properties.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { tileFormat } from '../folder/tile-place.ts';

export class BuiltRows {
  /** Attributes of its rows. */
  readonly attributes: Column[];
  readonly labelled: boolean;
  readonly rows: StagedRows;
  readonly #file: StagedFile;
  readonly #values: ValueWalk;
  readonly #counts: readonly number[];
  #part = 0;

  /** @param counts - of the rows of each part, in their order */
  constructor(path: string, settings: FolderSettings, layer: string, counts: readonly number[]) {
    this.#file = tileFormat(settings).open(path, layer);
    const names = settings.properties as unknown as PropertyNames;
    this.#counts = counts;
    this.attributes = attributesOf(this.#file.columns, names);
    this.labelled = isLabelled(this.#file.columns, names);
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
