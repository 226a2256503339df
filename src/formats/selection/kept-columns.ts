/** Columns that are kept of a layer, and rows without the others. */

import { type Column, PLAIN_CLASSES } from '../../core/columns.ts';
import { copyBytes, type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import { classOfEncoded, ValueWalk } from '../sqlite/record.ts';
import { findColumn } from './column-names.ts';
import type { Selection } from './selection.ts';

/**
 * Ascending indexes of the columns of a layer that are kept; null for all. Names that it has not are passed
 * over: other inputs may have them.
 */
export function keptColumns(columns: readonly Column[], selection: Selection): number[] | null {
  const { columns: kept, dropColumns: dropped = [] } = selection;
  if (kept === undefined && dropped.length === 0) return null;
  const indexesOf = (names: readonly string[]): Set<number> =>
    new Set(names.map((name) => findColumn(columns, name)));
  const wanted = kept === undefined ? null : indexesOf(kept);
  const unwanted = indexesOf(dropped);
  const indexes = columns.keys().filter((i) => wanted?.has(i) !== false && !unwanted.has(i));
  return [...indexes];
}

/** Takes the other columns out of the rows of batches. */
export class ColumnRemover {
  readonly #walk: ValueWalk;
  /** Runs of kept columns that lie side by side: first, and one after the last. */
  readonly #runs: { start: number; end: number }[] = [];
  readonly #kept: readonly number[];
  /** By kept column: classes that its values should not have. */
  readonly #oddClasses: Uint8Array;

  /** @param kept - ascending indexes into `columns` */
  constructor(columns: readonly Column[], kept: readonly number[]) {
    this.#walk = new ValueWalk(columns.length);
    this.#kept = kept;
    this.#oddClasses = Uint8Array.from(kept, (i) => ~PLAIN_CLASSES[columns[i]!.type]);
    for (const i of kept) {
      const run = this.#runs.at(-1);
      if (run?.end === i) run.end++;
      else this.#runs.push({ start: i, end: i + 1 });
    }
  }

  remove(batch: FeatureBatch): void {
    const { types, typeOffsets, body, bodyOffsets, flags } = batch;
    const { typeAt, bodyAt, types: serialTypes } = this.#walk;
    const kept = this.#kept;
    let typesTo = 0;
    let bodyTo = 0;
    let typesStart = 0;
    let bodyStart = 0;
    for (let i = 0; i < batch.featureCount; i++) {
      const typesEnd = typeOffsets[i + 1]!;
      const bodyEnd = bodyOffsets[i + 1]!;
      this.#walk.walk(types, typesStart, typesEnd, bodyStart);
      if (flags[i]! & ODD_VALUES) {
        let isOdd = false;
        for (let k = 0; k < kept.length; k++) {
          const c = kept[k]!;
          const found = classOfEncoded(serialTypes[c]!, body, bodyAt[c]!);
          if (found & this.#oddClasses[k]!) isOdd = true;
        }
        if (!isOdd) flags[i]! &= ~ODD_VALUES;
      }
      for (const { start, end } of this.#runs) {
        // Never past what is still to be read, as rows only become shorter.
        copyBytes(types, typeAt[start]!, typeAt[end]!, types, typesTo);
        copyBytes(body, bodyAt[start]!, bodyAt[end]!, body, bodyTo);
        typesTo += typeAt[end]! - typeAt[start]!;
        bodyTo += bodyAt[end]! - bodyAt[start]!;
      }
      typeOffsets[i + 1] = typesTo;
      bodyOffsets[i + 1] = bodyTo;
      typesStart = typesEnd;
      bodyStart = bodyEnd;
    }
  }
}
