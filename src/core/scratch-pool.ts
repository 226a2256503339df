/** Memory that a task works in, kept by its thread from one task to the next. */

/**
 * Tasks of one thread may take turns wherever one of them waits, so each has what it works in for
 * itself until it ends. One is kept while nobody has it: a worker mostly has one task at a time.
 */
export class ScratchPool<T> {
  readonly #make: () => T;
  #idle: T | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  /** What `use` gets is its own until it has ended, also with an error. */
  async lend<R>(use: (scratch: T) => R | Promise<R>): Promise<R> {
    const scratch = this.#idle ?? this.#make();
    this.#idle = undefined;
    try {
      return await use(scratch);
    } finally {
      this.#idle = scratch;
    }
  }
}
