/** A queue of events, the earliest first; those of one moment in the order in which they came. */

export class EventQueue<T> {
  readonly #heap: { at: number; order: number; event: T }[] = [];
  #order = 0;

  get length(): number {
    return this.#heap.length;
  }

  /** Moment of the earliest event; Infinity if there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  push(at: number, event: T): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order++, event };
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!before(entry, heap[above]!)) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = entry;
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.event;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++;
      if (!before(heap[below]!, last)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = last;
    return first.event;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
