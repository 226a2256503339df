/**
 * Tables of FlatBuffers (https://flatbuffers.dev/internals): little-endian; a table begins with the
 * distance back to its vtable, which says where in the table each field is; vectors, strings and other
 * tables are referred to by the distance forward from where that stands. No offset is believed: all that
 * is read lies within the range that was opened.
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What the bytes are, in words that follow the name of what they are of. */
export class MalformedTable extends Error {}

function outside(what: string): MalformedTable {
  return new MalformedTable(`${what} lies outside of it`);
}

/** Reads the tables in one range of bytes. Positions are offsets into the bytes. */
export class FlatReader {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Elements of the vector that was found last. */
  count = 0;
  #start = 0;
  #end = 0;
  #table = 0;
  #tableBytes = 0;
  #vtable = 0;
  #vtableBytes = 0;

  /** From now on bytes[start, end) are read. */
  open(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.bytes = bytes;
    this.view = view;
    this.#start = start;
    this.#end = end;
  }

  /** Makes the root table the one whose fields are asked for, and returns its position. */
  enterRoot(): number {
    const table = this.#follow(this.#start, 'its root');
    this.enter(table);
    return table;
  }

  /** Makes the table at a position the one whose fields are asked for. */
  enter(table: number): void {
    const { view } = this;
    if (table + 4 > this.#end) throw outside('a table');
    const vtable = table - view.getInt32(table, true);
    if (vtable < this.#start || vtable + 4 > this.#end) throw outside('a vtable');
    const vtableBytes = view.getUint16(vtable, true);
    const tableBytes = view.getUint16(vtable + 2, true);
    if (vtableBytes < 4 || vtable + vtableBytes > this.#end) throw outside('a vtable');
    if (tableBytes < 4 || table + tableBytes > this.#end) throw outside('a table');
    this.#table = table;
    this.#tableBytes = tableBytes;
    this.#vtable = vtable;
    this.#vtableBytes = vtableBytes;
  }

  /** Position of field i of the table, which takes so many bytes; 0 if it has none. */
  field(i: number, bytes: number): number {
    const slot = 4 + 2 * i;
    if (slot + 2 > this.#vtableBytes) return 0;
    const offset = this.view.getUint16(this.#vtable + slot, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + bytes > this.#tableBytes) throw outside('a field');
    return this.#table + offset;
  }

  /** Field i, a table; 0 if there is none. */
  tableOf(i: number): number {
    const at = this.field(i, 4);
    return at === 0 ? 0 : this.#follow(at, 'a table');
  }

  /**
   * Field i, a vector of elements of so many bytes: returns the position of the first and sets `count`.
   * 0 if there is none; then `count` is 0.
   */
  vectorOf(i: number, elementBytes: number): number {
    const at = this.field(i, 4);
    this.count = 0;
    if (at === 0) return 0;
    const vector = this.#follow(at, 'a vector');
    const count = this.view.getUint32(vector, true);
    if (count * elementBytes > this.#end - vector - 4) throw outside('a vector');
    this.count = count;
    return vector + 4;
  }

  /** The table that element i of a vector of tables refers to. @param vector - position of the first */
  element(vector: number, i: number): number {
    return this.#follow(vector + 4 * i, 'a table');
  }

  /** Field i, a text; null if there is none. */
  text(i: number): string | null {
    const at = this.vectorOf(i, 1);
    return at === 0 ? null : decoder.decode(this.bytes.subarray(at, at + this.count));
  }

  uint8(i: number, otherwise: number): number {
    const at = this.field(i, 1);
    return at === 0 ? otherwise : this.bytes[at]!;
  }

  uint16(i: number, otherwise: number): number {
    const at = this.field(i, 2);
    return at === 0 ? otherwise : this.view.getUint16(at, true);
  }

  int32(i: number, otherwise: number): number {
    const at = this.field(i, 4);
    return at === 0 ? otherwise : this.view.getInt32(at, true);
  }

  uint64(i: number): bigint {
    const at = this.field(i, 8);
    return at === 0 ? 0n : this.view.getBigUint64(at, true);
  }

  /** Where what stands at a position refers to; there are at least four bytes. */
  #follow(at: number, what: string): number {
    if (at + 4 > this.#end) throw outside(what);
    const target = at + this.view.getUint32(at, true);
    if (target + 4 > this.#end) throw outside(what);
    return target;
  }
}
