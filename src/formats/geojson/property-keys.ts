/** Which column a property is, by its key: properties mostly come in one order, which is learnt. */

export class PropertyKeys {
  readonly #names: Uint8Array[] = [];
  readonly #byName = new Map<string, number>();
  /** The column that came behind column i − 1 last. */
  readonly #successors: number[] = [0];
  #last = -1;

  get count(): number {
    return this.#names.length;
  }

  /** Of column i, as it stands in the file. */
  name(i: number): string {
    return Buffer.from(this.#names[i]!).toString();
  }

  /** The properties of another feature begin. */
  restart(): void {
    this.#last = -1;
  }

  /** The column of the key bytes[start … end), in UTF-8; −1 for one that is not known. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const { length } = this.#names;
    let i = this.#successors[this.#last + 1]!;
    if (i >= length || !isSame(this.#names[i]!, bytes, start, end)) {
      const known = this.#byName.get(textOf(bytes, start, end));
      if (known === undefined) return -1;
      i = known;
      this.#successors[this.#last + 1] = i;
    }
    this.#last = i;
    return i;
  }

  /** Adds a column, which is found next. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const i = this.#names.length;
    // A copy: `slice` of a Buffer is none.
    this.#names.push(new Uint8Array(bytes.subarray(start, end)));
    this.#byName.set(textOf(bytes, start, end), i);
    this.#successors.push(i + 1);
    this.#successors[this.#last + 1] = i;
    this.#last = i;
    return i;
  }
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = name;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

/** Another text for other bytes. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
