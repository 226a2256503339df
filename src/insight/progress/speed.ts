/** How fast something that is counted goes, of late and on the whole. */

/** Seconds between two readings that are kept. */
const STEP = 0.25;
/** Seconds that are looked back at the most. */
const MEMORY = 30;
/** Below this a speed is chance. */
const SHORTEST = 0.5;

export class Speed {
  #readings: { at: number; done: number }[] = [];
  #first: { at: number; done: number } | null = null;
  #last: { at: number; done: number } | null = null;

  /**
   * Begins to count.
   * @param at - seconds
   * @param done - what was there before, and says nothing of the speed
   */
  start(at: number, done: number): void {
    this.#first = { at, done };
    this.#last = this.#first;
    this.#readings = [this.#first];
  }

  /** Null until it begins to count. */
  get startedAt(): number | null {
    return this.#first?.at ?? null;
  }

  /** @param done - may be less than before: work that was lost is taken back */
  add(at: number, done: number): void {
    if (this.#first === null) this.start(at, done);
    this.#last = { at, done };
    const newest = this.#readings.at(-1)!;
    if (at - newest.at < STEP) return;
    this.#readings.push(this.#last);
    // The oldest stays, for the whole of the time that is looked back at.
    while (this.#readings.length > 2 && this.#readings[1]!.at <= at - MEMORY) {
      this.#readings.shift();
    }
  }

  /**
   * Counted a second in the last seconds; it falls when nothing comes. Null until there is enough
   * to say.
   */
  recent(at: number, seconds: number): number | null {
    if (this.#last === null) return null;
    const from = this.#readings.findLast((reading) => reading.at <= at - seconds);
    return between(from ?? this.#readings[0]!, { at, done: this.#last.done });
  }

  /** Counted a second since the start. */
  mean(at: number): number | null {
    if (this.#first === null || this.#last === null) return null;
    return between(this.#first, { at, done: this.#last.done });
  }
}

function between(
  from: { at: number; done: number },
  to: { at: number; done: number },
): number | null {
  if (to.at - from.at < SHORTEST) return null;
  return Math.max(0, to.done - from.done) / (to.at - from.at);
}
