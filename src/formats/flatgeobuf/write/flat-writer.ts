/** Writes tables of FlatBuffers, see flat-table.ts: what a table refers to comes after it. */

/** A field of a table; elements of a vector take `size` bytes each. */
export type Field =
  | { u8: number }
  | { u16: number }
  | { i32: number }
  | { u64: bigint }
  | { text: string }
  | { vector: Uint8Array; size: 1 | 4 | 8 }
  | { table: Table }
  | { tables: readonly Table[] };

/** By number; fields without a value are not written. */
export type Table = Readonly<Record<number, Field | undefined>>;

const SIZES: Readonly<Record<string, number>> = { u8: 1, u16: 2, i32: 4, u64: 8 };

/** A root table behind its length, in multiples of eight bytes. */
export function prefixedTable(root: Table): Buffer {
  return new FlatWriter().prefixed(root);
}

class FlatWriter {
  #bytes = Buffer.alloc(1024);
  #at = 8;

  prefixed(root: Table): Buffer {
    this.#refer(4, () => this.#table(root));
    this.#pad(8, 0);
    this.#bytes.writeUInt32LE(this.#at - 4, 0);
    return this.#bytes.subarray(0, this.#at);
  }

  #table(table: Table): number {
    const fields = Object.entries(table).flatMap(([number, field]) =>
      field === undefined ? [] : { number: Number(number), field },
    );
    const slots = fields.reduce((most, { number }) => Math.max(most, number + 1), 0);
    this.#pad(2, 0);
    const vtable = this.#room(4 + 2 * slots);
    this.#pad(8, 0);
    const start = this.#room(4);
    const places = fields.map(({ number, field }) => {
      const size = SIZES[Object.keys(field)[0]!] ?? 4;
      this.#pad(size, 0);
      const at = this.#room(size);
      this.#bytes.writeUInt16LE(at - start, vtable + 4 + 2 * number);
      return { at, field };
    });
    this.#bytes.writeInt32LE(start - vtable, start);
    this.#bytes.writeUInt16LE(4 + 2 * slots, vtable);
    this.#bytes.writeUInt16LE(this.#at - start, vtable + 2);
    for (const { at, field } of places) this.#value(at, field);
    return start;
  }

  #value(at: number, field: Field): void {
    if ('u8' in field) this.#bytes.writeUInt8(field.u8, at);
    else if ('u16' in field) this.#bytes.writeUInt16LE(field.u16, at);
    else if ('i32' in field) this.#bytes.writeInt32LE(field.i32, at);
    else if ('u64' in field) this.#bytes.writeBigUInt64LE(field.u64, at);
    else if ('table' in field) this.#refer(at, () => this.#table(field.table));
    else if ('vector' in field) this.#refer(at, () => this.#vector(field.vector, field.size, 0));
    else if ('text' in field) {
      // A zero follows, which is not counted.
      this.#refer(at, () => this.#vector(Buffer.from(`${field.text}\0`), 1, -1));
    } else {
      const { tables } = field;
      const refs = Buffer.alloc(4 * tables.length);
      const first = this.#refer(at, () => this.#vector(refs, 4, 0)) + 4;
      for (const [i, table] of tables.entries())
        this.#refer(first + 4 * i, () => this.#table(table));
    }
  }

  #refer(at: number, write: () => number): number {
    const target = write();
    this.#bytes.writeUInt32LE(target - at, at);
    return target;
  }

  /** @param more - added to the count that is written */
  #vector(content: Uint8Array, size: number, more: number): number {
    this.#pad(Math.max(size, 4), 4);
    const at = this.#room(4 + content.length);
    this.#bytes.writeUInt32LE(content.length / size + more, at);
    this.#bytes.set(content, at + 4);
    return at;
  }

  /** Goes on until what is `before` bytes further is at a multiple of `size`. */
  #pad(size: number, before: number): void {
    while ((this.#at + before) % size !== 0) this.#at++;
    this.#room(0);
  }

  #room(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) {
      const grown = Buffer.alloc(2 * this.#at);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}
