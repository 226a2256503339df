/**
 * Counts features while slices are staged: half of each when it is read, the other half when its rows are
 * in files, which takes about as long. So what is told goes on while the last tiles are written.
 */

import type { BuildStep, SpillStep } from './steps.ts';

export class FeatureCount {
  readonly #tell: (features: number) => void;
  #read = 0;
  /** Of slices that are staged. */
  #features = 0;
  #rows = 0;
  /** Rows in files, and features that these come to. */
  #written = 0;
  #saved = 0;
  #told = 0;

  /** @param tell - gets what has come to it */
  constructor(tell: (features: number) => void) {
    this.#tell = tell;
  }

  /** @param features - negative for what an attempt had read that failed */
  read(features: number): void {
    this.#read += features;
    this.#count();
  }

  /** @param features - of the slice, as many as were read of it */
  staged(features: number, rows: number): void {
    this.#features += features;
    this.#rows += rows;
    this.#count();
  }

  /** Rows that were spilled before count already. */
  written(step: BuildStep | SpillStep): void {
    const its =
      'spill' in step
        ? step.spill
        : step.build.flatMap(({ parts }) => parts.flatMap((p) => ('rows' in p ? p.rows : [])));
    for (const { rows } of its) this.#written += rows;
    this.#count();
  }

  #count(): void {
    const isAll = this.#written >= this.#rows;
    const share = isAll ? 1 : this.#written / this.#rows;
    // Slices have more or fewer rows for each feature: one that comes takes nothing back.
    this.#saved = Math.max(this.#saved, Math.floor(share * this.#features));
    const done = Math.floor((this.#read + this.#saved) / 2);
    if (done !== this.#told) this.#tell(done - this.#told);
    this.#told = done;
  }
}
