/** How much memory pages that are open at a time may take. */

import { ParquetFault } from './fault.ts';

const MAX_BYTES = 3 << 28;

/** Of the columns that are read beside each other: a small file can say that its pages are huge. */
export class PageBudget {
  #bytes = 0;

  /** @param change - in bytes. @throws ParquetFault if all together become too many */
  change(change: number): void {
    this.#bytes += change;
    if (this.#bytes <= MAX_BYTES) return;
    throw new ParquetFault(
      `has pages so large that ${MAX_BYTES >> 20} MiB don’t hold those of all columns. Write it anew with ` +
        'row groups of fewer rows',
      'input-format',
    );
  }
}
