/** Whether features are valid, and what is wrong with them: see kinds.ts for what is looked for. */

import type { FeatureBatch } from '../batch.ts';
import { EdgeRuns } from './apart.ts';
import {
  Findings,
  HOLE_OUTSIDE,
  NESTED_HOLES,
  NESTED_SHELLS,
  WRONG_ORIENTATION,
} from './findings.ts';
import type { InvalidKind } from './kinds.ts';
import { RingPlaces, UNSURE } from './places.ts';
import { Rings } from './rings.ts';
import { starDirection } from './star.ts';
import { NO_RING, Sweep } from './sweep.ts';

export interface InvalidPlace {
  kind: InvalidKind;
  x: number;
  y: number;
}

/** Checks feature by feature; keeps its buffers, which grow with the largest one. */
export class ValidityCheck {
  readonly #findings = new Findings();
  readonly #rings = new Rings();
  readonly #runs = new EdgeRuns();
  readonly #places = new RingPlaces();
  readonly #sweep = new Sweep();

  /**
   * The kinds of what is wrong with feature i, as bits: 1 << index in INVALID_KINDS. It is valid
   * as JTS and GEOS have it if none of the mask INVALID is set; an empty one is.
   */
  of(batch: FeatureBatch, i: number): number {
    const { featureOffsets, polygonOffsets, ringOffsets } = batch;
    const polygon = featureOffsets[i]!;
    const ring = polygonOffsets[polygon]!;
    if (featureOffsets[i + 1] === polygon + 1 && polygonOffsets[polygon + 1] === ring + 1) {
      const direction = starDirection(batch.xy, ringOffsets[ring]!, ringOffsets[ring + 1]!);
      if (direction !== 0) return direction > 0 ? 0 : WRONG_ORIENTATION;
    }
    this.#load(batch, i);
    const findings = this.#findings;
    if (findings.bits !== 0) return findings.bits;
    if (this.#runs.areApart(this.#rings)) {
      const bits = this.#places.judge(this.#rings, this.#runs);
      if (bits !== UNSURE) return bits;
    }
    this.#examine();
    return findings.bits;
  }

  /** The first thing that is wrong with feature i, and where; null if nothing is. */
  explain(batch: FeatureBatch, i: number): InvalidPlace | null {
    this.#load(batch, i);
    if (this.#findings.bits === 0) this.#examine();
    const { kind, x, y } = this.#findings;
    return kind === null ? null : { kind, x, y };
  }

  #load(batch: FeatureBatch, i: number): void {
    this.#findings.clear();
    this.#rings.load(batch, i, this.#findings);
  }

  #examine(): void {
    if (this.#sweep.run(this.#rings, this.#findings)) this.#judgeNesting();
  }

  #judgeNesting(): void {
    const { xy, shell, starts, ringCount } = this.#rings;
    const { around, direction } = this.#sweep;
    for (let r = 0; r < ringCount; r++) {
      const outer = around[r]!;
      const own = shell[r]!;
      const x = xy[2 * starts[r]!]!;
      const y = xy[2 * starts[r]! + 1]!;
      if (own === r) {
        // In a hole of another polygon it is outside of that.
        if (outer !== NO_RING && shell[outer] === outer) this.#findings.add(NESTED_SHELLS, x, y);
      } else if (outer !== own) {
        this.#findings.add(this.#misplacement(own, outer), x, y);
      }
      if (direction[r]! > 0 !== (own === r)) this.#findings.add(WRONG_ORIENTATION, x, y);
    }
  }

  /** What is wrong with a hole that is directly in another ring than its own shell. */
  #misplacement(own: number, outer: number): number {
    const { shell } = this.#rings;
    const { around } = this.#sweep;
    let kind = NESTED_SHELLS;
    for (let r = outer; r !== own; r = around[r]!) {
      if (r === NO_RING) return HOLE_OUTSIDE;
      if (shell[r] === own) kind = NESTED_HOLES;
    }
    return kind;
  }
}
