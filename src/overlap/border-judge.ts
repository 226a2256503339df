/** Judges over all regions what none of them could say by itself, from pairs alone. */

import { TilewrightError } from '../core/errors.ts';
import type { Border } from './region-pairs.ts';
import { GOES, judge, OPEN } from './verdict.ts';

export class BorderJudge {
  /** Index of a feature by its input and position. */
  readonly #indices = new Map<number, Map<number, number>>();
  readonly #input: number[] = [];
  readonly #position: number[] = [];
  readonly #bounds: number[] = [];
  readonly #states: number[] = [];
  readonly #preferred: number[] = [];
  readonly #other: number[] = [];

  /** @param inputs - of each of the region's inputs its index among all */
  add(border: Border, inputs: readonly number[]): void {
    const places = Array.from(border.input, (input, i) => {
      const place = this.#feature(inputs[input]!, border.position[i]!, border.bounds, 4 * i);
      if (border.states[i] === GOES) this.#states[place] = GOES;
      return place;
    });
    for (let k = 0; k < border.preferred.length; k++) {
      this.#preferred.push(places[border.preferred[k]!]!);
      this.#other.push(places[border.other[k]!]!);
    }
  }

  #feature(input: number, position: number, bounds: Float64Array, at: number): number {
    let ofInput = this.#indices.get(input);
    if (ofInput === undefined) {
      ofInput = new Map();
      this.#indices.set(input, ofInput);
    }
    let index = ofInput.get(position);
    if (index === undefined) {
      index = this.#input.length;
      ofInput.set(position, index);
      this.#input.push(input);
      this.#position.push(position);
      for (let k = at; k < at + 4; k++) this.#bounds.push(bounds[k]!);
      this.#states.push(OPEN);
    }
    return index;
  }

  /** Features that go, each once. */
  judge(): { input: Uint32Array; position: Float64Array; bounds: Float64Array } {
    const states = Uint8Array.from(this.#states);
    const edges = {
      preferred: Uint32Array.from(this.#preferred),
      other: Uint32Array.from(this.#other),
    };
    judge(edges, states, new Uint8Array(states.length).fill(1));
    if (states.includes(OPEN)) {
      throw new TilewrightError(
        'staged-folder',
        'Features are preferred in a circle, as no rules say: somebody has changed the files of overlaps',
      );
    }
    const going: number[] = [];
    for (let i = 0; i < states.length; i++) if (states[i] === GOES) going.push(i);
    const bounds = new Float64Array(4 * going.length);
    for (const [k, i] of going.entries()) {
      for (let side = 0; side < 4; side++) bounds[4 * k + side] = this.#bounds[4 * i + side]!;
    }
    return {
      input: Uint32Array.from(going, (i) => this.#input[i]!),
      position: Float64Array.from(going, (i) => this.#position[i]!),
      bounds,
    };
  }
}
