/**
 * Lets so many tasks at a time go on to an executor: what an executor keeps of each that waits is
 * heavier than what is kept of it here.
 */

/** Far more than any executor works on at a time, and looks ahead. */
const MOST_HANDED = 10_000;

export class Turnstile {
  #inside = 0;
  #waiting: (() => void)[] = [];
  /** Place of the first that waits. */
  #head = 0;

  /** How many have gone through and not come back. */
  get inside(): number {
    return this.#inside;
  }

  /** Null if one may go on at once. To be followed by `leave`. */
  enter(): Promise<void> | null {
    if (this.#inside < MOST_HANDED) {
      this.#inside++;
      return null;
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Past those that wait. To be followed by `leave`. */
  pass(): null {
    this.#inside++;
    return null;
  }

  leave(): void {
    const next = this.#waiting[this.#head];
    if (next === undefined || this.#inside > MOST_HANDED) {
      this.#inside--;
      return;
    }
    // Its place is handed on.
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    next();
  }
}
